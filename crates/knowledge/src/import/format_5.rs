//! Format 5: lists of objects that carry their own relations.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{AttackReference, first_sentence, phase, slug};
use crate::atlas::{Atlas, CaseStep, CaseStudy, Maturity, Mitigation, Tactic, Technique};

#[derive(Deserialize)]
pub(super) struct File {
    version: String,
    #[serde(default)]
    matrices: Vec<Matrix>,
    #[serde(default, rename = "case-studies")]
    case_studies: Vec<Study>,
}

#[derive(Deserialize)]
struct Matrix {
    #[serde(default)]
    tactics: Vec<Object>,
    #[serde(default)]
    techniques: Vec<Object>,
    #[serde(default)]
    mitigations: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    tactics: Vec<String>,
    #[serde(rename = "subtechnique-of")]
    parent: Option<String>,
    maturity: Option<String>,
    #[serde(default)]
    platforms: Vec<String>,
    #[serde(rename = "ATT&CK-reference")]
    attack: Option<AttackReference>,
    #[serde(default)]
    techniques: Vec<Use>,
    #[serde(default, rename = "ml-lifecycle")]
    lifecycle: Vec<Phase>,
    #[serde(default)]
    category: Vec<String>,
}

#[derive(Deserialize)]
struct Use {
    id: String,
}

/// Release 4.9.1 has uses of techniques among the phases of a mitigation.
#[derive(Deserialize)]
#[serde(untagged)]
enum Phase {
    Name(String),
    Use(Use),
}

#[derive(Deserialize)]
struct Study {
    id: String,
    name: String,
    #[serde(default, rename = "case-study-type")]
    kind: String,
    #[serde(default, rename = "incident-date")]
    date: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    procedure: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    tactic: String,
    #[serde(default)]
    technique: String,
}

impl File {
    pub(super) fn into_atlas(self) -> Atlas {
        let mut atlas = Atlas { edition: self.version, ..Atlas::default() };
        let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for matrix in self.matrices {
            let tactics = matrix.tactics.into_iter().map(|object| Tactic {
                summary: first_sentence(&object.description),
                id: object.id,
                name: object.name,
            });
            atlas.tactics.extend(tactics);
            for object in &matrix.mitigations {
                let misplaced = object.lifecycle.iter().filter_map(|entry| match entry {
                    Phase::Use(used) => Some(used),
                    Phase::Name(_) => None,
                });
                for used in object.techniques.iter().chain(misplaced) {
                    links.entry(used.id.clone()).or_default().push(object.id.clone());
                }
            }
            atlas.techniques.extend(matrix.techniques.into_iter().map(Object::into_technique));
            atlas.mitigations.extend(matrix.mitigations.into_iter().map(Object::into_mitigation));
        }
        let tactics_of: BTreeMap<String, Vec<String>> = atlas
            .techniques
            .iter()
            .map(|technique| (technique.id.clone(), technique.tactics.clone()))
            .collect();
        for technique in &mut atlas.techniques {
            technique.mitigations = links.remove(&technique.id).unwrap_or_default();
            technique.mitigations.sort();
            technique.mitigations.dedup();
            if let (true, Some(parent)) = (technique.tactics.is_empty(), &technique.parent) {
                technique.tactics = tactics_of.get(parent).cloned().unwrap_or_default();
            }
        }
        atlas.case_studies = self.case_studies.into_iter().map(Study::into_fact).collect();
        atlas.finish()
    }
}

impl Object {
    fn into_technique(self) -> Technique {
        let mut tactics = self.tactics;
        tactics.sort();
        Technique {
            summary: first_sentence(&self.description),
            id: self.id,
            name: self.name,
            parent: self.parent,
            tactics,
            platforms: self.platforms.iter().map(|platform| slug(platform)).collect(),
            maturity: self.maturity.as_deref().and_then(Maturity::parse),
            attack_reference: self.attack.and_then(|reference| reference.id),
            mitigations: Vec::new(),
        }
    }

    fn into_mitigation(self) -> Mitigation {
        Mitigation {
            summary: first_sentence(&self.description),
            id: self.id,
            name: self.name,
            categories: self.category.iter().map(|category| slug(category)).collect(),
            lifecycle: self
                .lifecycle
                .iter()
                .filter_map(|entry| match entry {
                    Phase::Name(name) => Some(phase(name)),
                    Phase::Use(_) => None,
                })
                .collect(),
            techniques: Vec::new(),
        }
    }
}

impl Study {
    fn into_fact(self) -> CaseStudy {
        let steps = self.procedure.into_iter();
        CaseStudy {
            id: self.id,
            name: self.name,
            kind: slug(&self.kind),
            date: self.date,
            target: self.target,
            steps: steps.map(|step| CaseStep { tactic: step.tactic, technique: step.technique }).collect(),
        }
    }
}
