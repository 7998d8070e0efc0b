//! Which ATLAS techniques can happen to an asset, and in words why others cannot.
//!
//! A technique applies when a MAESTRO threat of the asset's component kind is brought about by it and its ATLAS
//! platforms fit. Sub-techniques without platforms of their own have their parent's.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetKind, RelationKind};
use vauban_knowledge::Knowledge;
use vauban_knowledge::atlas::Technique;

use crate::facts::Facts;

/// ATLAS platforms.
const AGENTIC: &str = "agentic-ai";
const ENTERPRISE: &str = "enterprise";
const GENERATIVE: &str = "generative-ai";
const PREDICTIVE: &str = "predictive-ai";

/// Words in a model's facts that tell a generative one.
const GENERATIVE_WORDS: [&str; 9] =
    ["causal", "chat", "diffusion", "generat", "gguf", "gpt", "instruct", "llama", "llm"];
/// Words in a model's facts that tell a predictive one.
const PREDICTIVE_WORDS: [&str; 7] =
    ["classif", "lightgbm", "regress", "scikit", "sklearn", "tabular", "xgboost"];

/// ATLAS platforms an asset belongs to; what is unknown about a model leaves both kinds open.
pub(crate) fn platforms(asset: &Asset, models: &Served<'_>) -> BTreeSet<&'static str> {
    let mut platforms = BTreeSet::from([ENTERPRISE]);
    match asset.kind {
        AssetKind::Agent | AssetKind::Tool | AssetKind::Prompt => platforms.extend([GENERATIVE, AGENTIC]),
        AssetKind::Model => platforms.extend(models.platforms_of(asset)),
        AssetKind::Endpoint => match models.by_endpoint.get(&asset.id) {
            Some(served) => platforms.extend(served.iter().flat_map(|model| models.platforms_of(model))),
            None => platforms.extend([PREDICTIVE, GENERATIVE]),
        },
        AssetKind::Dataset
        | AssetKind::Identity
        | AssetKind::Infrastructure
        | AssetKind::Notebook
        | AssetKind::Package
        | AssetKind::Pipeline => match models.by_system.get(&asset.system.as_deref()) {
            // What its system's models and agents are; without any, everything stays open.
            Some(system) => platforms.extend(system),
            None => platforms.extend([PREDICTIVE, GENERATIVE, AGENTIC]),
        },
    }
    platforms
}

fn model_platforms(model: &Asset) -> Vec<&'static str> {
    let facts: String = ["architecture", "family", "format", "framework", "operators", "task"]
        .iter()
        .filter_map(|key| model.attribute(key))
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    let tells = |words: &[&str]| words.iter().any(|word| facts.contains(word));
    if tells(&GENERATIVE_WORDS) {
        vec![GENERATIVE]
    } else if tells(&PREDICTIVE_WORDS) || model.attribute("classes").is_some() {
        vec![PREDICTIVE]
    } else {
        vec![PREDICTIVE, GENERATIVE]
    }
}

/// Which endpoint answers with which models (serves or loads them, or sends requests on to them), and the other way
/// round; and the platforms of each
/// system's models and agents.
#[derive(Debug, Default)]
pub(crate) struct Served<'a> {
    pub(crate) by_endpoint: BTreeMap<&'a vauban_domain::AssetId, Vec<&'a Asset>>,
    pub(crate) by_model: BTreeMap<&'a vauban_domain::AssetId, Vec<&'a Asset>>,
    by_system: BTreeMap<Option<&'a str>, BTreeSet<&'static str>>,
    /// Models that are known to tell classes apart, whatever their facts leave open.
    classifiers: BTreeSet<&'a vauban_domain::AssetId>,
}

impl<'a> Served<'a> {
    pub(crate) fn of(facts: &Facts<'a>) -> Self {
        Self::told_apart(facts, BTreeSet::new())
    }

    /// The same where a model of which was measured how often its classes are right counts as one that classifies.
    pub(crate) fn measured(facts: &Facts<'a>) -> Self {
        let measured = facts
            .measurements
            .iter()
            .filter(|measurement| measurement.metric.ends_with("robust-accuracy") && measurement.trials > 0);
        Self::told_apart(facts, measured.map(|measurement| &measurement.asset).collect())
    }

    fn told_apart(facts: &Facts<'a>, classifiers: BTreeSet<&'a vauban_domain::AssetId>) -> Self {
        let assets = facts.assets_by_id();
        let mut served = Self { classifiers, ..Self::default() };
        for asset in assets.values() {
            let own: &[&'static str] = match asset.kind {
                AssetKind::Model => &served.platforms_of(asset),
                AssetKind::Agent => &[GENERATIVE, AGENTIC],
                _ => continue,
            };
            // An asset without a system may serve any model or agent there is.
            for system in [asset.system.as_deref(), None] {
                served.by_system.entry(system).or_default().extend(own);
            }
        }
        for relation in facts.inventory.relations {
            let answers =
                matches!(relation.kind, RelationKind::Serves | RelationKind::Loads | RelationKind::SendsTo);
            if answers
                && let (Some(endpoint), Some(model)) = (assets.get(&relation.from), assets.get(&relation.to))
                && (endpoint.kind, model.kind) == (AssetKind::Endpoint, AssetKind::Model)
            {
                served.by_endpoint.entry(&relation.from).or_default().push(model);
                served.by_model.entry(&relation.to).or_default().push(endpoint);
            }
        }
        served
    }

    fn platforms_of(&self, model: &Asset) -> Vec<&'static str> {
        match model_platforms(model) {
            open if open.contains(&PREDICTIVE) && self.classifiers.contains(&model.id) => vec![PREDICTIVE],
            told => told,
        }
    }
}

/// The platforms of a technique, its parent's when it has none of its own.
pub(crate) fn technique_platforms<'k>(technique: &'k Technique, knowledge: &'k Knowledge) -> &'k [String] {
    if !technique.platforms.is_empty() {
        return &technique.platforms;
    }
    let parent = technique.parent.as_deref().and_then(|parent| knowledge.atlas.technique(parent));
    parent.map_or(&[], |parent| &parent.platforms)
}

/// Why the technique's platforms keep it from this asset; `None` when they do not.
pub(crate) fn platform_mismatch(
    technique: &Technique,
    asset: &Asset,
    platforms: &BTreeSet<&'static str>,
    knowledge: &Knowledge,
) -> Option<String> {
    let wanted = technique_platforms(technique, knowledge);
    if wanted.is_empty() || wanted.iter().any(|platform| platforms.contains(platform.as_str())) {
        return None;
    }
    let own: Vec<&str> = platforms.iter().copied().filter(|platform| *platform != ENTERPRISE).collect();
    Some(format!(
        "needs {}; this {} is {}",
        wanted.join(" or "),
        asset.kind,
        if own.is_empty() { ENTERPRISE.to_owned() } else { own.join(" and ") }
    ))
}

/// Techniques that MAESTRO threats of this component kind are brought about by.
pub(crate) fn mapped<'k>(component: &str, knowledge: &'k Knowledge) -> BTreeSet<&'k str> {
    knowledge
        .maestro
        .threats
        .iter()
        .filter(|threat| threat.applies_to.iter().any(|kind| kind == component))
        .flat_map(|threat| threat.atlas.iter().map(String::as_str))
        .collect()
}
