//! Format 6: maps of objects, and a map of relations beside them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{AttackReference, first_sentence, phase, slug};
use crate::atlas::{Atlas, CaseStep, CaseStudy, Maturity, Mitigation, Tactic, Technique};

#[derive(Deserialize)]
pub(super) struct File {
    #[serde(default)]
    collection: Collection,
    #[serde(default)]
    tactics: BTreeMap<String, Object>,
    #[serde(default)]
    techniques: BTreeMap<String, Object>,
    #[serde(default)]
    mitigations: BTreeMap<String, Object>,
    #[serde(default, rename = "case-studies")]
    case_studies: BTreeMap<String, Object>,
    #[serde(default)]
    relationships: BTreeMap<String, Relations>,
}

#[derive(Default, Deserialize)]
struct Collection {
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct Object {
    name: String,
    #[serde(default)]
    description: String,
    maturity: Option<String>,
    #[serde(default)]
    platforms: Vec<String>,
    #[serde(rename = "attack-reference")]
    attack: Option<AttackReference>,
    #[serde(default, rename = "lifecycle-phases")]
    lifecycle: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    target: String,
}

#[derive(Default, Deserialize)]
struct Relations {
    #[serde(default)]
    sequences: Vec<Relation>,
    #[serde(default)]
    achieves: Vec<Relation>,
    #[serde(default)]
    specializes: Vec<Relation>,
    #[serde(default)]
    mitigates: Vec<Relation>,
    #[serde(default)]
    employs: Vec<Relation>,
}

#[derive(Clone, Deserialize)]
struct Relation {
    target: String,
    #[serde(default)]
    position: u32,
    #[serde(default)]
    tactic: String,
    #[serde(default, rename = "step-id")]
    step: String,
}

impl File {
    pub(super) fn into_atlas(self) -> Atlas {
        let Self { collection, tactics, techniques, mitigations, case_studies, relationships } = self;
        let targets = |relations: &[Relation]| {
            let mut ids: Vec<String> = relations.iter().map(|relation| relation.target.clone()).collect();
            ids.sort();
            ids.dedup();
            ids
        };
        let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut order: BTreeMap<String, u32> = BTreeMap::new();
        for (source, relations) in &relationships {
            for relation in &relations.mitigates {
                links.entry(relation.target.clone()).or_default().push(source.clone());
            }
            for relation in &relations.sequences {
                order.insert(relation.target.clone(), relation.position);
            }
        }
        let none = Relations::default();
        let related = |id: &str| relationships.get(id).unwrap_or(&none);

        let mut atlas = Atlas { edition: collection.version, ..Atlas::default() };
        atlas.tactics = tactics
            .into_iter()
            .map(|(id, object)| Tactic {
                id,
                summary: first_sentence(&object.description),
                name: object.name,
            })
            .collect();
        atlas.tactics.sort_by_key(|tactic| order.get(&tactic.id).copied().unwrap_or(u32::MAX));
        atlas.techniques = techniques
            .into_iter()
            .map(|(id, object)| Technique {
                name: object.name,
                summary: first_sentence(&object.description),
                parent: related(&id).specializes.first().map(|relation| relation.target.clone()),
                tactics: targets(&related(&id).achieves),
                platforms: object.platforms.iter().map(|platform| slug(platform)).collect(),
                maturity: object.maturity.as_deref().and_then(Maturity::parse),
                attack_reference: object.attack.and_then(|reference| reference.id),
                mitigations: links.remove(&id).unwrap_or_default(),
                id,
            })
            .collect();
        atlas.mitigations = mitigations
            .into_iter()
            .map(|(id, object)| Mitigation {
                id,
                name: object.name,
                summary: first_sentence(&object.description),
                categories: object.categories.iter().map(|category| slug(category)).collect(),
                lifecycle: object.lifecycle.iter().map(|name| phase(name)).collect(),
                techniques: Vec::new(),
            })
            .collect();
        atlas.case_studies = case_studies
            .into_iter()
            .map(|(id, object)| {
                let mut employed = related(&id).employs.clone();
                employed.sort_by(|left, right| left.step.cmp(&right.step));
                let steps = employed.into_iter();
                CaseStudy {
                    id,
                    name: object.name,
                    kind: slug(&object.kind),
                    date: object.date,
                    target: object.target,
                    steps: steps
                        .map(|step| CaseStep { tactic: step.tactic, technique: step.target })
                        .collect(),
                }
            })
            .collect();
        atlas.finish()
    }
}
