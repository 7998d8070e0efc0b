//! What both kinds of combination are read from, indexed by asset.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    Asset, AssetId, AssetKind, Family, Finding, FlowFacts, Relation, RelationKind, Rule, Severity, System,
};
use vauban_knowledge::priors::Exposure;

use super::Proof;
use crate::ThreatGraph;
use crate::facts::by_asset;
use crate::graph::exposure;

/// Words in the name of a class of data that make it sensitive.
const SENSITIVE: &[&str] = &[
    "biometric",
    "children",
    "confidential",
    "contact",
    "credential",
    "credentials",
    "criminal",
    "customer",
    "employee",
    "financial",
    "genetic",
    "health",
    "location",
    "medical",
    "patient",
    "payment",
    "personal",
    "salary",
    "secret",
    "secrets",
    "sensitive",
];
/// Component kinds that keep data: what a system handles is there.
const STORES: &[&str] = &[
    "agent_memory",
    "data_pipeline",
    "dataset",
    "document_store",
    "feature_store",
    "log_store",
    "object_store",
    "vector_store",
];
/// Rules whose findings show sensitive data.
const SHOWING_DATA: &[&str] = &["dataset-personal-data", "notebook-personal-data-in-output"];
/// Controls whose rules find rights that are too wide.
const ABOUT_RIGHTS: &[&str] = &["hardened-container", "least-privilege-role"];
/// Values of the attribute `privilege` that mean wide rights.
const WIDE: &[&str] = &["admin", "owner", "root", "write-all"];

/// The estate as combinations see it.
pub(super) struct Scene<'g, 'a> {
    pub(super) graph: &'g ThreatGraph<'a>,
    positions: BTreeMap<&'a AssetId, usize>,
    systems: BTreeMap<&'a str, &'a System>,
    rules: BTreeMap<&'a str, &'a Rule>,
    findings: BTreeMap<&'a AssetId, Vec<&'a Finding>>,
    /// Findings that the owner lives with, or that somebody has answered, do not count.
    settled: BTreeSet<&'a str>,
    /// Rules about wide rights.
    rights: BTreeSet<&'a str>,
    /// Relations from each asset.
    pub(super) from: Vec<Vec<(&'a Relation, usize)>>,
    /// Relations to each asset.
    pub(super) to: Vec<Vec<(&'a Relation, usize)>>,
}

impl<'g, 'a> Scene<'g, 'a> {
    pub(super) fn new(graph: &'g ThreatGraph<'a>) -> Self {
        let facts = &graph.facts;
        let positions: BTreeMap<&AssetId, usize> =
            graph.assets.iter().enumerate().map(|(position, asset)| (&asset.id, position)).collect();
        let mut from = vec![Vec::new(); graph.assets.len()];
        let mut to = vec![Vec::new(); graph.assets.len()];
        for relation in facts.inventory.relations {
            if let (Some(source), Some(target)) = (positions.get(&relation.from), positions.get(&relation.to))
            {
                from[*source].push((relation, *target));
                to[*target].push((relation, *source));
            }
        }
        let accepted = facts.declaration.acceptances.iter().filter(|one| one.until >= facts.now);
        let answered = facts.findings.iter().filter(|finding| finding.is_answered());
        Self {
            graph,
            positions,
            systems: facts.declaration.systems.iter().map(|system| (system.name.as_str(), system)).collect(),
            rules: facts.rules_by_id(),
            findings: by_asset(facts.findings, |finding| &finding.asset),
            settled: accepted
                .map(|one| one.fingerprint.as_str())
                .chain(answered.map(|finding| finding.fingerprint.as_str()))
                .collect(),
            rights: graph
                .knowledge
                .controls
                .iter()
                .filter(|control| ABOUT_RIGHTS.contains(&control.id.as_str()))
                .flat_map(|control| control.silences.iter().map(String::as_str))
                .collect(),
            from,
            to,
        }
    }

    pub(super) fn asset(&self, position: usize) -> &'a Asset {
        self.graph.assets[position]
    }

    pub(super) fn position(&self, asset: &AssetId) -> Option<usize> {
        self.positions.get(asset).copied()
    }

    pub(super) fn rule(&self, finding: &Finding) -> Option<&'a Rule> {
        self.rules.get(finding.rule.as_ref()).copied()
    }

    /// Findings that count, alerts among them.
    pub(super) fn findings_at(&self, position: usize) -> impl Iterator<Item = &'a Finding> + '_ {
        let findings = self.findings.get(&self.asset(position).id).into_iter().flatten();
        findings.copied().filter(|finding| !self.settled.contains(finding.fingerprint.as_str()))
    }

    /// How far from outside the asset is reached, and where that comes from.
    pub(super) fn exposure(&self, position: usize) -> (Exposure, String) {
        exposure::exposure(self.asset(position), &self.systems)
    }

    /// Open weaknesses that an attacker can use directly.
    pub(super) fn weaknesses(&self, position: usize) -> Vec<(Severity, Proof<'a>)> {
        self.findings_at(position)
            .filter(|finding| {
                finding.severity >= Severity::High && !self.rights.contains(finding.rule.as_ref())
            })
            .filter(|finding| self.rule(finding).is_some_and(|rule| rule.family != Family::Detection))
            .map(|finding| (finding.severity, self.shown(position, finding)))
            .collect()
    }

    /// Wide rights of the asset itself.
    pub(super) fn rights(&self, position: usize) -> Vec<Proof<'a>> {
        let asset = self.asset(position);
        let found = self
            .findings_at(position)
            .filter(|finding| self.rights.contains(finding.rule.as_ref()))
            .map(|finding| self.shown(position, finding));
        let declared = asset.attribute("privilege").filter(|value| WIDE.contains(value)).map(|value| Proof {
            asset,
            words: format!("declared: privilege = {value} at {}", asset.id),
            finding: None,
        });
        found.chain(declared).collect()
    }

    /// What shows that the asset holds sensitive data.
    pub(super) fn data(&self, position: usize) -> Vec<Proof<'a>> {
        let asset = self.asset(position);
        let mut proofs: Vec<Proof<'a>> = self
            .findings_at(position)
            .filter(|finding| SHOWING_DATA.contains(&finding.rule.as_ref()))
            .map(|finding| self.shown(position, finding))
            .collect();
        let mut say = |words: String| proofs.push(Proof { asset, words, finding: None });
        if let Some(classes) = asset.attribute("data").map(sensitive).filter(|classes| !classes.is_empty()) {
            say(format!("declared: {} holds {}", asset.id, classes.join(", ")));
        }
        if asset.attribute("private_data") == Some("yes") {
            say(format!("{} reads private data (private_data = yes)", asset.id));
        }
        let stores = asset.kind == AssetKind::Dataset || STORES.contains(&asset.component.as_str());
        if stores && let Some(system) = asset.system.as_deref().and_then(|name| self.systems.get(name)) {
            let handled = system.data.join(",");
            let classes = sensitive(&handled);
            if !classes.is_empty() {
                let (name, classes) = (&system.name, classes.join(", "));
                say(format!("declared: system `{name}` handles {classes} ({})", system.locator));
            }
        }
        // What a store sends, or what is written into it, is in it.
        if stores {
            let out = self.from[position].iter().filter(|(one, _)| one.kind == RelationKind::SendsTo);
            let into = self.to[position]
                .iter()
                .filter(|(one, _)| matches!(one.kind, RelationKind::SendsTo | RelationKind::Writes));
            for (relation, _) in out.chain(into) {
                if let Some(words) = flow_data(relation) {
                    say(words);
                }
            }
        }
        proofs
    }

    /// A finding as proof.
    pub(super) fn shown(&self, position: usize, finding: &'a Finding) -> Proof<'a> {
        Proof {
            asset: self.asset(position),
            words: format!("found: {} ({}) at {}", finding.rule, finding.severity, finding.asset),
            finding: Some(&finding.fingerprint),
        }
    }
}

/// The sensitive ones of some classes, as they are written.
fn sensitive(classes: &str) -> Vec<&str> {
    let is = |class: &&str| {
        class.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| SENSITIVE.contains(&word))
    };
    classes.split(',').map(str::trim).filter(is).collect()
}

/// Sensitive data that a flow is declared to carry, in words.
pub(super) fn flow_data(relation: &Relation) -> Option<String> {
    let data = FlowFacts::of(&relation.attributes).data.join(",");
    let classes = sensitive(&data);
    (!classes.is_empty()).then(|| {
        format!(
            "declared: {} sends {} to {} ({})",
            relation.from,
            classes.join(", "),
            relation.to,
            relation.locator
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vauban_knowledge::Knowledge;

    #[test]
    fn lists_are_sorted_and_name_what_exists() {
        assert!(SENSITIVE.is_sorted() && STORES.is_sorted() && SHOWING_DATA.is_sorted() && WIDE.is_sorted());
        let knowledge = Knowledge::builtin();
        for id in ABOUT_RIGHTS {
            assert!(knowledge.control(id).is_some_and(|control| !control.silences.is_empty()), "{id}");
        }
        for component in STORES {
            assert!(knowledge.maestro.layer_of(component).is_some(), "{component}");
        }
    }

    #[test]
    fn a_class_is_sensitive_by_a_whole_word_of_its_name() {
        assert_eq!(sensitive("free text, personal, Health records"), ["personal", "Health records"]);
        assert!(sensitive("impersonal, scanned digits, healthy").is_empty());
    }
}
