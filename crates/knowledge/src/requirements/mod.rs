//! Requirements of frameworks as data: to whom each applies, and what speaks for or against it.
//!
//! A requirement names [`Indicator`]s; an indicator names rules, techniques, controls, measurements and facts of a review.
//! One indicator serves many requirements of many frameworks. Nothing here judges: that is done where the evidence is.

mod indicator;

use std::collections::BTreeMap;

use serde::Deserialize;
use vauban_domain::AssetKind;

pub use indicator::{Coverage, Described, Fact, Indicator};

use crate::frameworks::reference;

/// Roles under the EU AI Act that a system can declare.
pub const ROLES: [&str; 4] = ["deployer", "distributor", "importer", "provider"];
/// Classes under the EU AI Act that a system can declare.
pub const CLASSES: [&str; 7] =
    ["gpai", "gpai-systemic", "high-annex-i", "high-annex-iii", "minimal", "prohibited", "transparency"];

/// Metrics of attacks that indicators can name.
pub const METRICS: [&str; 7] = [
    "certified-accuracy",
    "certified-accuracy-smoothed",
    "clean-accuracy",
    "constrained-robust-accuracy",
    "membership-auc",
    "robust-accuracy",
    "surrogate-fidelity",
];

/// The requirements of a framework at one edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementSet {
    /// Slug of the framework.
    pub framework: String,
    /// Edition; empty where it has none.
    pub edition: String,
    /// Name for people.
    pub name: String,
    /// What it is asked of.
    pub per: Per,
    /// ATLAS platform of the assets that it is about; `None` for all. Where it is not known of an asset, it counts.
    pub platform: Option<String>,
    /// When it is assessed without being asked for by name; any one suffices.
    pub called_by: Vec<Call>,
    /// In the framework's order.
    pub requirements: Vec<Requirement>,
}

/// What a requirement is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// The organisation, with everything it has.
    Organisation,
    /// Each declared system.
    System,
}

/// What makes a framework one to be assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// Agents or their tools are there.
    Agents,
    /// A system is used in the European Union, or declares a role or class of the EU AI Act.
    EuropeanUnion,
    /// Prompts, agents, or models that a prompt goes to are there.
    LanguageModels,
    /// Models are there.
    Models,
    /// A system in the European Union handles personal data.
    PersonalDataInEurope,
    /// A system is used in the United States.
    UnitedStates,
}

/// Who can judge a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JudgedBy {
    /// The evidence of a review.
    Evidence,
    /// People alone: no machine sees it.
    People,
    /// Evidence shows part of it, people have to state the rest.
    Both,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Id in the framework, without edition.
    pub id: String,
    /// Our own label; empty for the framework's name of it.
    #[serde(default)]
    pub label: String,
    /// Who can judge it.
    pub by: JudgedBy,
    /// Ids of indicators; empty only where people judge alone.
    #[serde(default)]
    pub shown: Vec<String>,
    /// Roles it is for; empty for all.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Risk classes it is for; empty for all.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Regions it is for; empty for all.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Classes of data, one of which a system has to handle; empty for all.
    #[serde(default)]
    pub data: Vec<String>,
    /// Kinds of assets, one of which has to be there; empty for all.
    #[serde(default, deserialize_with = "indicator::kinds")]
    pub about: Vec<AssetKind>,
}

/// All sets of requirements and the indicators they share.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirements {
    /// By framework, then edition, oldest first.
    pub sets: Vec<RequirementSet>,
    /// By id.
    pub indicators: BTreeMap<String, Indicator>,
}

impl RequirementSet {
    /// The id of one of its requirements with edition: `A.6.2.4@2023`, `LLM01:2025`.
    pub fn reference(&self, requirement: &Requirement) -> String {
        reference(&self.framework, &requirement.id, &self.edition)
    }
}

impl Requirements {
    /// The sets that `name` means: a slug for its latest edition, `slug@edition` for that one.
    pub fn named(&self, name: &str) -> Option<&RequirementSet> {
        let (slug, edition) =
            name.split_once('@').map_or((name, None), |(slug, edition)| (slug, Some(edition)));
        self.sets
            .iter()
            .rev()
            .find(|set| set.framework == slug && edition.is_none_or(|edition| set.edition == edition))
    }

    /// The set and requirement with this id and edition, as it is written in reports.
    pub fn find(&self, id: &str) -> Option<(&RequirementSet, &Requirement)> {
        self.sets.iter().find_map(|set| {
            let found = set.requirements.iter().find(|requirement| set.reference(requirement) == id);
            found.map(|requirement| (set, requirement))
        })
    }

    /// Every id with edition.
    pub fn ids(&self) -> impl Iterator<Item = String> {
        self.sets.iter().flat_map(|set| set.requirements.iter().map(|requirement| set.reference(requirement)))
    }

    /// Every name under which a framework can be asked for: slugs, then slugs with edition.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.sets.iter().map(|set| set.framework.clone()).collect();
        names.dedup();
        names.extend(self.sets.iter().map(|set| format!("{}@{}", set.framework, set.edition)));
        names
    }

    pub(crate) fn builtin() -> Self {
        let mut sets: Vec<RequirementSet> = FILES
            .iter()
            .map(|(name, text)| {
                let file: File = match crate::yaml::read(text) {
                    Ok(file) => file,
                    Err(error) => panic!("compiled-in requirements {name}: {error}"),
                };
                file.into_fact()
            })
            .collect();
        sets.sort_by(|one, other| (&one.framework, &one.edition).cmp(&(&other.framework, &other.edition)));
        Self { sets, indicators: indicator::builtin() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    framework: String,
    edition: String,
    name: String,
    per: Per,
    #[serde(default)]
    platform: Option<String>,
    called_by: Vec<Call>,
    requirements: Vec<Requirement>,
}

impl File {
    fn into_fact(self) -> RequirementSet {
        let Self { framework, edition, name, per, platform, called_by, requirements } = self;
        RequirementSet { framework, edition, name, per, platform, called_by, requirements }
    }
}

/// One file per framework and edition, sorted.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("cosai-risk-map", include_str!("../../data/requirements/cosai-risk-map.yaml")),
    ("csa-aicm", include_str!("../../data/requirements/csa-aicm.yaml")),
    ("eu-ai-act", include_str!("../../data/requirements/eu-ai-act.yaml")),
    ("g7-sbom-for-ai", include_str!("../../data/requirements/g7-sbom-for-ai.yaml")),
    ("gdpr", include_str!("../../data/requirements/gdpr.yaml")),
    ("iso-42001", include_str!("../../data/requirements/iso-42001.yaml")),
    ("nist-800-53", include_str!("../../data/requirements/nist-800-53.yaml")),
    ("nist-ai-100-2", include_str!("../../data/requirements/nist-ai-100-2.yaml")),
    ("nist-ai-600-1", include_str!("../../data/requirements/nist-ai-600-1.yaml")),
    ("nist-ai-rmf", include_str!("../../data/requirements/nist-ai-rmf.yaml")),
    ("owasp-agentic", include_str!("../../data/requirements/owasp-agentic.yaml")),
    ("owasp-llm-2025", include_str!("../../data/requirements/owasp-llm-2025.yaml")),
    ("owasp-llm-2026", include_str!("../../data/requirements/owasp-llm-2026.yaml")),
    ("owasp-ml", include_str!("../../data/requirements/owasp-ml.yaml")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn sets_are_about_platforms_that_atlas_knows() {
        let atlas = crate::Knowledge::builtin();
        let known: BTreeSet<&String> =
            atlas.atlas.techniques.iter().flat_map(|technique| &technique.platforms).collect();
        for set in &Requirements::builtin().sets {
            assert!(set.platform.iter().all(|platform| known.contains(platform)), "{}", set.framework);
        }
    }

    #[test]
    fn a_slug_means_the_latest_edition() {
        let requirements = Requirements::builtin();
        let edition = |name| requirements.named(name).map(|set| set.edition.as_str());
        assert_eq!(edition("owasp-llm"), Some("2026"));
        assert_eq!(edition("owasp-llm@2025"), Some("2025"));
        assert_eq!(edition("owasp-llm@2024"), None);
        assert!(requirements.find("A.6.2.4@2023").is_some());
        assert!(requirements.find("LLM01:2025").is_some());
        assert!(requirements.find("A.6.2.4").is_none());
    }

    #[test]
    fn the_generative_profile_is_whole_and_labelled() {
        let knowledge = crate::Knowledge::builtin();
        let set = knowledge.requirements.named("nist-ai-600-1").expect("present");
        let of = |function: &str| set.requirements.iter().filter(|one| one.id.starts_with(function)).count();
        assert_eq!((of("GV-"), of("MP-"), of("MS-"), of("MG-")), (57, 39, 72, 43));
        let mut labels = BTreeSet::new();
        for entry in knowledge.frameworks.of("nist-ai-600-1", "600-1") {
            assert!((2..=9).contains(&entry.name.split(' ').count()), "{}: {}", entry.id, entry.name);
            assert!(labels.insert(&entry.name), "{} is labelled as another", entry.id);
        }
        assert_eq!(labels.len(), set.requirements.len());
    }

    #[test]
    fn entries_of_nist_are_all_asked_for() {
        let knowledge = crate::Knowledge::builtin();
        for slug in ["nist-800-53", "nist-ai-600-1", "nist-ai-rmf"] {
            let set = knowledge.requirements.named(slug).expect("present");
            let asked: BTreeSet<&str> = set.requirements.iter().map(|one| one.id.as_str()).collect();
            let entries = knowledge.frameworks.of(slug, &set.edition).map(|entry| entry.id.as_str());
            assert_eq!(asked, entries.collect(), "{slug}");
        }
    }

    #[test]
    fn words_and_lists_are_sorted() {
        assert!(ROLES.is_sorted() && CLASSES.is_sorted());
        assert!(FILES.is_sorted_by_key(|(name, _)| name));
    }
}
