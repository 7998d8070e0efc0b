//! Two reviews side by side: what is new, gone, better and worse, part by part.
//!
//! Both come as documents, stored or saved, of any two subjects and editions. A part that one of them lacks cannot be
//! compared, and is named as such: no difference is never what nobody could see.

mod coverage;
mod finding;
mod plan;
mod requirement;
mod risk;
#[cfg(test)]
mod tests;
mod threat;
mod vendor;

use std::collections::BTreeSet;

use serde::Serialize;

pub use coverage::{CoverageDiff, PairChange, ScoreChange};
pub use finding::{DiffFinding, FindingsDiff};
pub use plan::{PlanChange, PlanDiff};
pub use requirement::RequirementChange;
pub use risk::{Amount, RiskDiff, ScenarioChange};
pub use threat::{LEAST_CHANGE, ThreatChange, ThreatsDiff};
pub use vendor::VendorChange;

use crate::summary::bare;
use crate::v1::{Document, RequirementStatus};

/// What is different from one review to another. Parts that one of the two lacks are `None`, and in `not_compared`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewDiff {
    /// Id of the earlier review.
    pub before: String,
    /// Id of the later review.
    pub after: String,
    /// What makes the comparison weaker than it looks: other subjects, versions, seeds, or the wrong order.
    pub cautions: Vec<String>,
    /// Parts that could not be compared.
    pub not_compared: Vec<NotCompared>,
    /// Findings and their assets.
    #[serde(flatten)]
    pub findings: Option<FindingsDiff>,
    /// Ids of assets in the later one only.
    pub assets_added: Option<Vec<String>>,
    /// Ids of assets in the earlier one only.
    pub assets_removed: Option<Vec<String>>,
    /// Ids of assets in both with other bytes.
    pub assets_changed: Option<Vec<String>>,
    /// Techniques that the later one scores and the earlier one's edition of ATLAS did not have, sorted; none when both
    /// know the same edition.
    pub techniques_new: Option<Vec<String>>,
    /// Scores.
    pub coverage: Option<CoverageDiff>,
    /// Threat instances.
    pub threats: Option<ThreatsDiff>,
    /// Money at risk.
    pub risk: Option<RiskDiff>,
    /// Controls to put in place.
    pub plan: Option<PlanDiff>,
    /// Requirements whose status is another, by framework, requirement, system.
    pub requirements: Option<Vec<RequirementChange>>,
    /// Third parties that came, went or stand otherwise, by name.
    pub vendors: Option<Vec<VendorChange>>,
}

/// A part that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotCompared {
    /// Key of the part.
    pub part: &'static str,
    /// Why not.
    pub why: String,
}

/// Compares an earlier with a later document.
pub fn review_diff(before: &Document, after: &Document) -> ReviewDiff {
    let mut parts = Parts { before: &before.review.id, after: &after.review.id, missing: Vec::new() };
    let assets =
        parts.both("assets", &before.assets, &after.assets).map(|(old, new)| finding::assets(old, new));
    let findings = parts
        .both("findings", &before.findings, &after.findings)
        .map(|(old, new)| finding::findings(before, after, old, new));
    let scores = parts.both("coverage", &before.coverage, &after.coverage);
    let techniques_new = scores.map(|(old, new)| {
        if before.review.atlas_edition == after.review.atlas_edition {
            return Vec::new();
        }
        let known: BTreeSet<&str> = old.iter().map(|row| bare(&row.technique)).collect();
        let new: BTreeSet<&str> = new.iter().map(|row| bare(&row.technique)).collect();
        new.difference(&known).map(|id| (*id).to_owned()).collect()
    });
    let coverage = scores.map(|(old, new)| coverage::coverage(old, new));
    let threats =
        parts.both("threats", &before.threats, &after.threats).map(|(old, new)| threat::threats(old, new));
    let risk = match parts.both("risk", &before.risk, &after.risk) {
        Some((old, new)) if old.currency != new.currency => {
            let why = format!("one is in {} and the other in {}", old.currency, new.currency);
            parts.missing.push(NotCompared { part: "risk", why });
            None
        }
        other => other.map(|(old, new)| risk::risk(old, new)),
    };
    let plan = parts
        .both("plan", &before.plan, &after.plan)
        .map(|(old, new)| plan::plan(old, new, after.coverage.as_deref()));
    let requirements = parts
        .both("compliance", &before.compliance, &after.compliance)
        .map(|(old, new)| requirement::requirements(old, new));
    let vendors =
        parts.both("vendors", &before.vendors, &after.vendors).map(|(old, new)| vendor::vendors(old, new));
    let [added, removed, changed] = match assets {
        Some(lists) => lists.map(Some),
        None => [None, None, None],
    };
    ReviewDiff {
        before: before.review.id.clone(),
        after: after.review.id.clone(),
        cautions: cautions(before, after),
        not_compared: parts.missing,
        findings,
        assets_added: added,
        assets_removed: removed,
        assets_changed: changed,
        techniques_new,
        coverage,
        threats,
        risk,
        plan,
        requirements,
        vendors,
    }
}

/// Collects the parts that cannot be compared.
struct Parts<'a> {
    before: &'a str,
    after: &'a str,
    missing: Vec<NotCompared>,
}

impl Parts<'_> {
    fn both<'d, T>(
        &mut self,
        part: &'static str,
        before: &'d Option<T>,
        after: &'d Option<T>,
    ) -> Option<(&'d T, &'d T)> {
        let why = match (before, after) {
            (Some(before), Some(after)) => return Some((before, after)),
            (None, None) => "neither has this part".to_owned(),
            (None, Some(_)) => format!("{} does not have this part", self.before),
            (Some(_), None) => format!("{} does not have this part", self.after),
        };
        self.missing.push(NotCompared { part, why });
        None
    }
}

/// What makes a difference look like something that it is not.
fn cautions(before: &Document, after: &Document) -> Vec<String> {
    let (old, new) = (&before.review, &after.review);
    let mut cautions = Vec::new();
    let mut say = |what: &str, old: &str, new: &str| {
        if old != new {
            cautions.push(format!("{what}: {old} before, {new} after"));
        }
    };
    say("another subject", &old.subject, &new.subject);
    say("another edition of ATLAS", &old.atlas_edition, &new.atlas_edition);
    say("another edition of MAESTRO", &old.maestro_edition, &new.maestro_edition);
    say("another version of vauban", &old.tool_version, &new.tool_version);
    say("another seed", &old.seed.to_string(), &new.seed.to_string());
    // Times are RFC 3339 in UTC, which sort as text.
    if old.taken_at > new.taken_at {
        cautions
            .push(format!("the first was taken later, {}, than the second, {}", old.taken_at, new.taken_at));
    }
    cautions
}

impl ReviewDiff {
    /// Whether nothing that could be compared differs.
    pub fn is_empty(&self) -> bool {
        let none = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
        self.findings.as_ref().is_none_or(FindingsDiff::is_empty)
            && [&self.assets_added, &self.assets_removed, &self.assets_changed, &self.techniques_new]
                .into_iter()
                .all(none)
            && self.coverage.as_ref().is_none_or(CoverageDiff::is_empty)
            && self.threats.as_ref().is_none_or(ThreatsDiff::is_empty)
            && self.risk.as_ref().is_none_or(RiskDiff::is_empty)
            && self.plan.as_ref().is_none_or(PlanDiff::is_empty)
            && self.requirements.as_ref().is_none_or(Vec::is_empty)
            && self.vendors.as_ref().is_none_or(Vec::is_empty)
    }

    /// What got worse, each in a few words; a part that could not be compared says nothing either way.
    pub fn regressions(&self) -> Vec<String> {
        let mut worse = Vec::new();
        let mut count = |number: usize, what: &str| {
            if number > 0 {
                worse.push(format!("{number} {what}"));
            }
        };
        count(self.findings.as_ref().map_or(0, |findings| findings.new.len()), "new findings");
        count(self.coverage.as_ref().map_or(0, |coverage| coverage.down.len()), "scores went down");
        let threats = self.threats.as_ref();
        count(threats.map_or(0, |threats| threats.appeared.len()), "threats appeared");
        count(threats.map_or(0, |threats| threats.more_likely.len()), "threats are more likely");
        let less = |change: &&RequirementChange| change.is_worse();
        let requirements = self.requirements.iter().flatten().filter(less).count();
        count(requirements, "requirements are met less");
        if self.risk.as_ref().is_some_and(RiskDiff::is_worse) {
            worse.push("more money is at risk than simulation errs".to_owned());
        }
        worse
    }
}

/// How good a status is, for comparison: what does not apply is neither better nor worse.
const fn merit(status: RequirementStatus) -> Option<u8> {
    match status {
        RequirementStatus::NotSatisfied => Some(0),
        RequirementStatus::Unknown => Some(1),
        RequirementStatus::Partly => Some(2),
        RequirementStatus::Satisfied => Some(3),
        RequirementStatus::NotApplicable => None,
    }
}
