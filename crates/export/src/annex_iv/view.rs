//! What a review holds of one system.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    training_summary::training_data,
    v1::{
        Action, Asset, AssetKind, Claim, Document, Flow, Measurement, Relation, RelationKind,
        RequirementAssessment, System, Threat,
    },
};

/// One system and everything that is known to belong to it.
pub(super) struct View<'a> {
    pub(super) document: &'a Document,
    pub(super) system: &'a System,
    /// Its assets, by id.
    pub(super) assets: BTreeMap<&'a str, &'a Asset>,
    /// Data that its models were trained or evaluated on, whichever system it belongs to.
    pub(super) data: BTreeMap<&'a str, &'a Asset>,
}

impl<'a> View<'a> {
    pub(super) fn of(document: &'a Document, system: &'a System) -> Self {
        let assets: BTreeMap<&str, &Asset> = document
            .assets()
            .iter()
            .filter(|asset| asset.system.as_ref() == Some(&system.name))
            .map(|asset| (asset.id.as_str(), asset))
            .collect();
        let mut data = BTreeMap::new();
        for asset in assets.values() {
            match asset.kind {
                AssetKind::Dataset => {
                    data.insert(asset.id.as_str(), *asset);
                }
                AssetKind::Model => {
                    data.extend(training_data(document, asset).into_iter().map(|one| (one.id.as_str(), one)));
                }
                _ => {}
            }
        }
        for relation in document.relations().iter().filter(|one| one.kind == RelationKind::EvaluatedOn) {
            if assets.contains_key(relation.from.as_str())
                && let Some(asset) = document.asset(&relation.to)
            {
                data.insert(&asset.id, asset);
            }
        }
        Self { document, system, assets, data }
    }

    pub(super) fn organisation(&self) -> &'a str {
        match self.document.review.declaration.organisation.as_str() {
            "" => "the organisation",
            name => name,
        }
    }

    /// Its assets of this kind.
    pub(super) fn of_kind(&self, kind: AssetKind) -> impl Iterator<Item = &'a Asset> {
        self.assets.values().copied().filter(move |asset| asset.kind == kind)
    }

    /// Edges of this kind that begin in the system.
    pub(super) fn edges(&self, kind: RelationKind) -> impl Iterator<Item = &'a Relation> {
        let from = |one: &Relation| self.assets.contains_key(one.from.as_str());
        self.document.relations().iter().filter(move |one| one.kind == kind && from(one))
    }

    /// Edges with both ends in the system.
    pub(super) fn inner(&self) -> impl Iterator<Item = &'a Relation> {
        let within = |id: &str| self.assets.contains_key(id);
        self.document.relations().iter().filter(move |one| within(&one.from) && within(&one.to))
    }

    /// Edges with one end in the system.
    pub(super) fn crossing(&self) -> impl Iterator<Item = &'a Relation> {
        let within = |id: &str| self.assets.contains_key(id);
        self.document.relations().iter().filter(move |one| within(&one.from) != within(&one.to))
    }

    /// Declared flows that begin or end here.
    pub(super) fn flows(&self) -> impl Iterator<Item = &'a Flow> {
        let declared = &self.document.review.declaration.flows;
        declared.iter().filter(move |flow| self.is_meant(&flow.from) || self.is_meant(&flow.to))
    }

    /// Controls that people say are in place here.
    pub(super) fn claims(&self) -> impl Iterator<Item = &'a Claim> {
        let claims = &self.document.review.declaration.claims;
        claims.iter().filter(move |claim| claim.applies_to.iter().any(|name| self.is_meant(name)))
    }

    /// What was measured on its assets.
    pub(super) fn measured(&self) -> impl Iterator<Item = &'a Measurement> {
        self.document.results().iter().filter(move |one| self.assets.contains_key(one.asset.as_str()))
    }

    /// Threats at its assets, most likely first.
    pub(super) fn threats(&self) -> Vec<&'a Threat> {
        let all = self.document.threats.iter().flat_map(|part| &part.instances);
        let mut threats: Vec<&Threat> =
            all.filter(|threat| self.assets.contains_key(threat.asset.as_str())).collect();
        threats.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood).then_with(|| a.id.cmp(&b.id)));
        threats
    }

    /// What has to be done about its gaps.
    pub(super) fn actions(&self) -> impl Iterator<Item = &'a Action> {
        let all = self.document.actions.iter().flatten();
        all.filter(move |action| action.system.as_ref() == Some(&self.system.name))
    }

    /// Requirements of the Regulation, about this system or the organisation.
    pub(super) fn requirements(&self) -> Vec<&'a RequirementAssessment> {
        let frameworks = self.document.compliance.iter().flatten();
        let regulation = frameworks.filter(|framework| framework.framework == "eu-ai-act");
        regulation
            .flat_map(|framework| &framework.requirements)
            .filter(|one| one.system.as_ref().is_none_or(|name| *name == self.system.name))
            .collect()
    }

    /// What speaks for or against the article `Art.N`, in words.
    pub(super) fn said_of(&self, article: &str) -> Vec<String> {
        let mut said = BTreeSet::new();
        for one in self.requirements() {
            let id = one.id.split(['@', '(']).next().unwrap_or_default();
            if id == article {
                for evidence in &one.evidence {
                    let side = if evidence.supports { "for" } else { "against" };
                    said.insert(format!("{} ({side}): {}", one.id, evidence.what));
                }
            }
        }
        said.into_iter().collect()
    }

    /// Whether a name in the declaration means this system or something in it.
    fn is_meant(&self, name: &str) -> bool {
        name == self.system.name
            || self.assets.contains_key(name)
            || self.system.assets.iter().any(|pattern| pattern == name)
            || self.assets.values().any(|asset| asset.name == name)
    }
}
