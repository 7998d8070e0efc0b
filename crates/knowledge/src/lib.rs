//! Facts that everyone else reads: frameworks, controls, playbooks, detections, tables of calls and secrets.
//!
//! Nothing here decides anything and nothing here does I/O: data files are compiled in, and every id in them
//! resolves against its framework and edition (the tests hold them to it).

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub mod advisories;
pub mod atlas;
pub mod calls;
pub mod catalogues;
pub mod condition;
pub mod containment;
pub mod controls;
pub mod detections;
pub mod duties;
pub mod explain;
pub mod fingerprints;
pub mod foreign;
pub mod frameworks;
pub mod images;
pub mod import;
pub mod licences;
pub mod lint;
pub mod maestro;
pub mod migration;
pub mod minimum_elements;
pub mod packages;
pub mod playbooks;
pub mod priors;
pub mod requirements;
pub mod secrets;
mod table;
pub mod technique_places;
pub mod versions;
mod yaml;

pub use advisories::Advisories;
pub use atlas::Atlas;
pub use calls::{Call, Calls, Effect};
pub use catalogues::Catalogues;
pub use condition::Condition;
pub use containment::Measure;
pub use controls::Control;
pub use detections::Detection;
pub use duties::Duty;
pub use explain::Explanation;
pub use fingerprints::{Fingerprints, Service};
pub use frameworks::{Entry, Frameworks};
pub use images::{Image, image_of};
pub use maestro::{Maestro, default_component};
pub use migration::{AtlasDiff, History, Migration, diff};
pub use minimum_elements::MinimumElement;
pub use packages::Packages;
pub use playbooks::Playbook;
pub use priors::Priors;
pub use requirements::{Indicator, Requirement, RequirementSet, Requirements};
pub use secrets::{SecretKind, SecretShape};
pub use technique_places::{Need, TechniquePlace};
pub use versions::Ecosystem;

/// The edition of ATLAS that built-in ids belong to.
pub const ATLAS_EDITION: &str = "2026.09";
/// The edition of MAESTRO that built-in ids belong to.
pub const MAESTRO_EDITION: &str = "2025-02";

/// Everything that is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Knowledge {
    /// What is wrong with which versions of which packages.
    pub advisories: Advisories,
    /// MITRE ATLAS.
    pub atlas: Atlas,
    /// MAESTRO.
    pub maestro: Maestro,
    /// Other frameworks: ids, editions, names.
    pub frameworks: Frameworks,
    /// The control library, sorted by id.
    pub controls: Vec<Control>,
    /// Other people's catalogues of controls, and how the library maps to them.
    pub catalogues: Catalogues,
    /// Requirements of frameworks, and what shows each of them.
    pub requirements: Requirements,
    /// How harm is kept from passing an asset, by kind and component kind.
    pub measures: Vec<Measure>,
    /// Who has to be told of an incident, by article.
    pub duties: Vec<Duty>,
    /// What a bill of materials for AI should say.
    pub minimum_elements: Vec<MinimumElement>,
    /// Response playbooks, sorted by id.
    pub playbooks: Vec<Playbook>,
    /// Detections over logs, sorted by id.
    pub detections: Vec<Detection>,
    /// The past of ATLAS ids.
    pub history: History,
    /// Names of ATT&CK techniques by id, to tell them from ATLAS ones.
    pub attack_names: BTreeMap<String, String>,
    /// Container images and what runs in them, in the order in which they are tried.
    pub images: Vec<Image>,
    /// Frequency priors.
    pub priors: Priors,
    /// What the rules of other engines stand for, in the order in which rows are tried.
    pub foreign: Vec<foreign::ForeignRule>,
    /// Python callables and what they do.
    pub calls: Calls,
    /// Licences and what they permit.
    pub licences: licences::Licences,
    /// Names of packages by standing.
    pub packages: Packages,
    /// How services are known from what they answer.
    pub fingerprints: Fingerprints,
    /// Shapes of credentials, sorted by id.
    pub secrets: Vec<SecretShape>,
    /// Where each ATLAS technique can happen, sorted by technique.
    pub technique_places: Vec<TechniquePlace>,
}

static BUILTIN: LazyLock<Knowledge> = LazyLock::new(|| Knowledge {
    advisories: Advisories::builtin(),
    atlas: Atlas::builtin(),
    maestro: Maestro::builtin(),
    frameworks: Frameworks::builtin(),
    controls: controls::builtin(),
    catalogues: Catalogues::builtin(),
    requirements: Requirements::builtin(),
    measures: containment::builtin(),
    duties: duties::builtin(),
    minimum_elements: minimum_elements::builtin(),
    playbooks: playbooks::builtin(),
    detections: detections::builtin(),
    history: History::builtin(),
    attack_names: attack_names(),
    images: images::builtin(),
    priors: Priors::builtin(),
    foreign: foreign::builtin(),
    calls: Calls::builtin(),
    licences: licences::Licences::builtin(),
    packages: Packages::builtin(),
    fingerprints: Fingerprints::builtin(),
    secrets: secrets::builtin(),
    technique_places: technique_places::builtin(),
});

fn attack_names() -> BTreeMap<String, String> {
    table::rows::<(String, String)>("attack-techniques", include_str!("../data/attack-techniques.csv"))
        .into_iter()
        .collect()
}

impl Knowledge {
    /// What is compiled in, read on first use.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The control with this id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// The detection whose findings have this rule id.
    pub fn detection(&self, id: &str) -> Option<&Detection> {
        self.detections.iter().find(|detection| detection.rule.id == id)
    }

    /// The playbook with this id.
    pub fn playbook(&self, id: &str) -> Option<&Playbook> {
        self.playbooks.iter().find(|playbook| playbook.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_facts_load() {
        let knowledge = Knowledge::builtin();
        assert_eq!(knowledge.atlas.techniques.len(), 208);
        assert_eq!(knowledge.atlas.mitigations.len(), 40);
        assert_eq!(knowledge.atlas.tactics.len(), 16);
        assert_eq!(knowledge.maestro.layers.len(), 8);
        assert_eq!(knowledge.maestro.threats.len(), 55);
    }
}
