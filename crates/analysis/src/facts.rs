//! Everything the stages before have found out, as one borrowed bundle.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    Asset, AssetId, Declaration, Exercise, Finding, Locator, Measurement, Outcome, Relation, Rule, RuleId,
    TechniqueId, Timestamp,
};

use crate::pattern;

/// Assets and the edges between them.
#[derive(Debug, Clone, Copy)]
pub struct Inventory<'a> {
    /// By id.
    pub assets: &'a [Asset],
    /// By from, kind, to.
    pub relations: &'a [Relation],
}

/// A detection that the review evaluated, and whether it had anything to read.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectionInForce {
    /// Its rule.
    pub rule: RuleId,
    /// ATLAS techniques it notices, with or without edition.
    pub techniques: Vec<TechniqueId>,
    /// Whether the log it reads was there.
    pub log_present: bool,
    /// The log, if it was there.
    pub log: Option<Locator>,
    /// When the last event in it happened; `None` when the log is not there or names no time.
    pub last_event: Option<Timestamp>,
    /// Assets that the log is about.
    pub assets: Vec<AssetId>,
}

/// A control that is supposed to be in place, for a look at what it would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supposed {
    /// Control id of the knowledge base.
    pub control: String,
    /// System, asset id or pattern it is supposed at; empty for everywhere it fits.
    pub at: String,
}

/// What a third party says about one control.
#[derive(Debug, Clone, PartialEq)]
pub struct VendorAnswer {
    /// Name of the vendor in `vauban.toml`.
    pub vendor: String,
    /// Control id of the knowledge base.
    pub control: String,
    /// `yes`, `no`, `partly` or `not-applicable`.
    pub answer: String,
    /// What it shows for it; may be empty.
    pub evidence: String,
    /// When it said so.
    pub answered: Timestamp,
    /// Where it was read.
    pub locator: Locator,
}

/// A tabletop that was played to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct DrillProof {
    /// Id of the drill.
    pub id: String,
    /// ATLAS techniques of the path that was played.
    pub techniques: Vec<TechniqueId>,
    /// Assets of the path.
    pub assets: Vec<AssetId>,
    /// When it was finished.
    pub finished: Timestamp,
    /// Steps of containment that nobody took.
    pub missed: usize,
    /// Its record.
    pub locator: Locator,
}

/// Evidence that people brought: answers of third parties and drills.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Brought {
    /// By vendor, control and time.
    pub answers: Vec<VendorAnswer>,
    /// By time and id.
    pub drills: Vec<DrillProof>,
}

impl Brought {
    /// Nothing was brought.
    pub const NONE: &'static Self = &Self { answers: Vec::new(), drills: Vec::new() };
}

/// What is known when analysis begins.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Assets and relations.
    pub inventory: Inventory<'a>,
    /// What the owner declared.
    pub declaration: &'a Declaration,
    /// Every rule in force; findings and outcomes refer to them by id.
    pub rules: &'a [Rule],
    /// What was found.
    pub findings: &'a [Finding],
    /// What became of every look.
    pub outcomes: &'a [Outcome],
    /// Results of attacks.
    pub measurements: &'a [Measurement],
    /// Attacks run against detections and controls.
    pub exercises: &'a [Exercise],
    /// Detections that were evaluated.
    pub detections: &'a [DetectionInForce],
    /// Controls that are supposed to be in place; empty for what is.
    pub supposed: &'a [Supposed],
    /// Answers of third parties and drills.
    pub brought: &'a Brought,
    /// The moment of the review; evidence is aged to it.
    pub now: Timestamp,
}

impl<'a> Facts<'a> {
    /// Half-life of evidence in days, at least one.
    pub fn half_life_days(&self) -> u32 {
        self.declaration.cadence.half_life_days.max(1)
    }

    /// Assets by id.
    pub(crate) fn assets_by_id(&self) -> BTreeMap<&'a AssetId, &'a Asset> {
        self.inventory.assets.iter().map(|asset| (&asset.id, asset)).collect()
    }

    /// Rules by id.
    pub(crate) fn rules_by_id(&self) -> BTreeMap<&'a str, &'a Rule> {
        self.rules.iter().map(|rule| (rule.id.as_ref(), rule)).collect()
    }
}

/// Whether a pattern of `vauban.toml` means this asset: its system's name, its id, its name, or a glob over id, name
/// or a path it was seen at.
pub(crate) fn means(pattern: &str, asset: &Asset) -> bool {
    asset.system.as_deref() == Some(pattern)
        || pattern::matches(pattern, asset.id.as_str())
        || pattern::matches(pattern, &asset.name)
        || asset.locators.iter().any(|locator| pattern::matches(pattern, &locator.path))
}

/// Assets by everything that a pattern without wildcards can be equal to, so that many patterns are looked up and not
/// each tried on each asset.
pub(crate) struct Named<'a> {
    assets: &'a [Asset],
    by_name: BTreeMap<&'a str, BTreeSet<usize>>,
}

impl<'a> Named<'a> {
    pub(crate) fn new(assets: &'a [Asset]) -> Self {
        let mut by_name: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (position, asset) in assets.iter().enumerate() {
            let paths = asset.locators.iter().map(|locator| locator.path.as_str());
            let names = [asset.id.as_str(), &asset.name].into_iter().chain(asset.system.as_deref());
            for name in names.chain(paths) {
                by_name.entry(name).or_default().insert(position);
            }
        }
        Self { assets, by_name }
    }

    /// Positions of the assets that [`means`] says the pattern means.
    pub(crate) fn meant(&self, pattern: &str) -> BTreeSet<usize> {
        if pattern.contains(['*', '?']) {
            let fits = |position: &usize| means(pattern, &self.assets[*position]);
            return (0..self.assets.len()).filter(fits).collect();
        }
        self.by_name.get(pattern).cloned().unwrap_or_default()
    }
}

/// What is about assets, by these, each in the given order.
pub(crate) fn by_asset<'a, T>(
    items: &'a [T],
    asset: impl Fn(&'a T) -> &'a AssetId,
) -> BTreeMap<&'a AssetId, Vec<&'a T>> {
    let mut map: BTreeMap<&AssetId, Vec<&T>> = BTreeMap::new();
    for item in items {
        map.entry(asset(item)).or_default().push(item);
    }
    map
}

/// Fingerprints of findings whose acceptance has not run out.
pub(crate) fn accepted<'a>(facts: &Facts<'a>) -> BTreeSet<&'a str> {
    let standing = facts.declaration.acceptances.iter().filter(|acceptance| acceptance.until >= facts.now);
    standing.map(|acceptance| acceptance.fingerprint.as_str()).collect()
}

/// The id without its edition: `AML.T0018@2026.09` is `AML.T0018`.
pub(crate) fn bare(id: &str) -> &str {
    id.split_once('@').map_or(id, |(bare, _)| bare)
}

/// Whether two technique ids speak of the same thing: equal, or one is a sub-technique of the other.
pub(crate) fn related(left: &str, right: &str) -> bool {
    let (left, right) = (bare(left), bare(right));
    let below =
        |parent: &str, child: &str| child.strip_prefix(parent).is_some_and(|rest| rest.starts_with('.'));
    left == right || below(left, right) || below(right, left)
}

/// Whether evidence about the technique `own` is evidence about `id`: it is the same or one of its sub-techniques. What
/// is known of a technique as a whole says nothing about each of its sub-techniques.
pub(crate) fn speaks_for(own: &str, id: &str) -> bool {
    let (own, id) = (bare(own), bare(id));
    own == id || own.strip_prefix(id).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use vauban_domain::{AssetKind, Confidence, Layer};

    use super::*;

    #[test]
    fn looking_names_up_finds_what_trying_each_asset_finds() {
        let mut assets: Vec<Asset> = ["a/x.onnx", "a/y.onnx", "b/x.onnx", "clinic"]
            .iter()
            .map(|name| {
                let place = Locator::file(format!("files/{name}"));
                Asset::new(
                    AssetKind::Model,
                    "model",
                    Layer::FoundationModels,
                    name,
                    Confidence::Verified,
                    place,
                )
            })
            .collect();
        assets[1].system = Some("clinic".to_owned());
        let named = Named::new(&assets);
        for pattern in
            ["clinic", "a/x.onnx", "files/b/x.onnx", "model:a/y.onnx", "**/x.onnx", "a/?.onnx", "", "none"]
        {
            let tried: BTreeSet<usize> =
                (0..4).filter(|position| means(pattern, &assets[*position])).collect();
            assert_eq!(named.meant(pattern), tried, "{pattern}");
        }
    }

    #[test]
    fn a_technique_is_related_to_its_subtechniques_but_not_to_its_siblings() {
        assert!(related("AML.T0043@2026.09", "AML.T0043.000"));
        assert!(related("AML.T0043.000", "AML.T0043"));
        assert!(!related("AML.T0043.000", "AML.T0043.001"));
        assert!(!related("AML.T0004", "AML.T0043"));
    }

    #[test]
    fn evidence_on_a_subtechnique_counts_upwards_only() {
        assert!(speaks_for("AML.T0043.000@2026.09", "AML.T0043"));
        assert!(speaks_for("AML.T0043", "AML.T0043@2026.09"));
        assert!(!speaks_for("AML.T0043", "AML.T0043.004"));
    }
}
