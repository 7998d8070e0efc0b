//! Whether an indicator is shown, contradicted or unknown in a scope.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{AssetKind, Family, RequirementEvidence};
use vauban_knowledge::Indicator;
use vauban_knowledge::lint::cites;

use super::scope::Scope;
use super::selector::{controlled, covered, described_by, looked, measured};
use super::{Basis, fact};

/// Characters of a text that is cited.
const CHARACTERS: usize = 200;

/// Where an indicator stands. The order is the one in which selectors outweigh each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Evidence says that it is not so.
    Against,
    /// It is so but for something small, or for something that the owner lives with.
    Blemished,
    /// Evidence says that it is so.
    Shown,
    /// It is so in some places, and unknown in others.
    InPlaces,
    /// A person says so, nothing else does.
    Claimed,
    /// Nobody looked, or the look failed.
    Unknown,
    /// There is nothing that it could be said of.
    Absent,
}

/// How an indicator stands in a scope, and what on.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) standing: Standing,
    /// Why, as a short phrase.
    pub(super) note: String,
    pub(super) evidence: Vec<RequirementEvidence>,
}

impl Point {
    pub(super) fn new(standing: Standing, note: impl Into<String>) -> Self {
        Self { standing, note: note.into(), evidence: Vec::new() }
    }

    pub(super) fn with(mut self, evidence: Vec<RequirementEvidence>) -> Self {
        self.evidence = evidence;
        self
    }
}

/// Indicators of every scope, each worked out once.
pub(super) struct Indicators<'a> {
    basis: &'a Basis<'a>,
    scopes: &'a [Scope<'a>],
    /// Rules that an indicator selects, by its id.
    rules: BTreeMap<&'a str, BTreeSet<&'a str>>,
    known: BTreeMap<(usize, &'a str), Point>,
}

impl<'a> Indicators<'a> {
    pub(super) fn new(basis: &'a Basis<'a>, scopes: &'a [Scope<'a>]) -> Self {
        let rules = basis
            .knowledge
            .requirements
            .indicators
            .values()
            .map(|indicator| (indicator.id.as_str(), selected(basis, indicator)))
            .collect();
        Self { basis, scopes, rules, known: BTreeMap::new() }
    }

    /// What the indicator says and how it stands in the scope at `at`; `None` when there is no such indicator or scope.
    pub(super) fn point(&mut self, at: usize, id: &str) -> Option<(&'a str, Point)> {
        let indicator = self.basis.knowledge.requirements.indicators.get(id)?;
        let scope = self.scopes.get(at)?;
        let rules = self.rules.get(id)?;
        let basis = self.basis;
        let point = self
            .known
            .entry((at, indicator.id.as_str()))
            .or_insert_with(|| stands(basis, scope, indicator, rules));
        Some((&indicator.what, point.clone()))
    }
}

fn selected<'a>(basis: &Basis<'a>, indicator: &'a Indicator) -> BTreeSet<&'a str> {
    let by_property = basis.facts.rules.iter().filter(|rule| {
        let family = rule.family != Family::Detection
            && indicator.families.iter().any(|family| family == rule.family.as_str());
        family || indicator.owasp.iter().any(|reference| cites(basis.knowledge, rule, reference))
    });
    let by_name = indicator.rules.iter().map(String::as_str);
    by_property.map(|rule| rule.id.as_ref()).chain(by_name).collect()
}

fn stands(basis: &Basis<'_>, scope: &Scope<'_>, indicator: &Indicator, rules: &BTreeSet<&str>) -> Point {
    if !indicator.about.is_empty() && !indicator.about.iter().any(|kind| scope.kinds.contains(kind)) {
        return Point::new(Standing::Absent, format!("no {} is here", either(&indicator.about)));
    }
    let now = basis.facts.now;
    let mut points = Vec::new();
    if !rules.is_empty() {
        points.push(looked(scope, rules, now));
    }
    if let Some(coverage) = &indicator.coverage {
        points.push(covered(basis, scope, coverage));
    }
    if !indicator.controls.is_empty() {
        points.push(controlled(scope, &indicator.controls));
    }
    if !indicator.metrics.is_empty() {
        points.push(measured(scope, &indicator.metrics, now));
    }
    if let Some(described) = &indicator.described {
        points.push(described_by(scope, described, now));
    }
    points.extend(indicator.facts.iter().map(|fact| fact::stands(*fact, scope, basis)));
    // The first in the order of standings says it; what the others found is evidence all the same.
    points.sort_by_key(|point| point.standing);
    let mut points = points.into_iter();
    let Some(mut best) = points.next() else {
        return Point::new(Standing::Absent, "it selects nothing");
    };
    best.evidence.extend(points.flat_map(|point| point.evidence));
    best
}

/// `agent, tool or model`.
pub(super) fn either(kinds: &[AssetKind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
        None => String::new(),
    }
}

/// The noun, with an s unless there is one.
pub(super) fn noun(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// The beginning of a text, on one line.
pub(super) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
