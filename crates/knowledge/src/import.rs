//! Reading of ATLAS as MITRE distributes it: format 5 (`dist/ATLAS.yaml`, frozen) and format 6 (`dist/v6/ATLAS-*.yaml`).
//!
//! The file comes from outside, so size, depth, aliases and number of nodes are bounded before anything is built.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::atlas::{Atlas, CaseStep, CaseStudy, Maturity, Mitigation, Tactic, Technique};

/// Largest file that is read; the release of 2026.09 has less than a megabyte.
pub const MAX_BYTES: usize = 16 << 20;

/// Why a text is not ATLAS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Larger than [`MAX_BYTES`].
    #[error("the file has {0} bytes, more than the {MAX_BYTES} that are read; is it ATLAS?")]
    TooLarge(usize),
    /// Not YAML, beyond the bounds, or a field of the wrong kind.
    #[error("not readable as ATLAS: {0}")]
    Malformed(String),
    /// YAML, but of neither format.
    #[error(
        "neither `matrices` (format 5) nor `format-version` (format 6) at the top; take dist/ATLAS.yaml or dist/v6/ATLAS-*.yaml"
    )]
    UnknownFormat,
}

/// Reads ATLAS in either format. Summaries are the first sentence of the file's own descriptions.
///
/// # Errors
/// [`ImportError`] when the text is too large, not YAML within bounds, or in neither format.
pub fn parse(text: &str) -> Result<Atlas, ImportError> {
    if text.len() > MAX_BYTES {
        return Err(ImportError::TooLarge(text.len()));
    }
    let head: Head = bounded(text)?;
    match head {
        Head { format: Some(_), .. } => bounded::<six::File>(text).map(six::File::into_atlas),
        Head { matrices: Some(_), .. } => bounded::<five::File>(text).map(five::File::into_atlas),
        _ => Err(ImportError::UnknownFormat),
    }
}

/// One YAML document under bounds: depth, aliases, nodes.
pub(crate) fn bounded<T: DeserializeOwned>(text: &str) -> Result<T, ImportError> {
    serde_saphyr::from_str_with_options(text, bounds())
        .map_err(|error| ImportError::Malformed(first_line(&error.to_string())))
}

/// Several YAML documents under the same bounds.
pub(crate) fn bounded_documents<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, ImportError> {
    serde_saphyr::from_multiple_with_options(text, bounds())
        .map_err(|error| ImportError::Malformed(first_line(&error.to_string())))
}

/// Nothing in ATLAS needs aliases, and ten levels are enough for it; mappings may be a little wilder.
fn bounds() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 64,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_documents: 256,
            max_nodes: 1_000_000,
            max_events: 4_000_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 8,
        },
    }
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

/// Up to the first full stop that ends a sentence, on one line.
fn first_sentence(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.find(". ").map_or(line.len(), |at| at + 1);
    line.get(..end).unwrap_or_default().to_owned()
}

fn slug(words: &str) -> String {
    words.trim().to_ascii_lowercase().replace(" - ", "-").replace(' ', "-")
}

fn phase(name: &str) -> String {
    let known = [
        ("business", "BU"),
        ("data prep", "DP"),
        ("ml model eng", "ME"),
        ("ai model eng", "ME"),
        ("model eng", "ME"),
        ("ml model eval", "EV"),
        ("ai model eval", "EV"),
        ("model eval", "EV"),
        ("deploy", "DE"),
        ("monitor", "MM"),
    ];
    let lower = name.to_ascii_lowercase();
    known.iter().find(|(start, _)| lower.starts_with(start)).map_or(lower, |(_, code)| (*code).to_owned())
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "format-version")]
    format: Option<IgnoredAny>,
    matrices: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct AttackReference {
    id: Option<String>,
}

/// Format 5: lists of objects that carry their own relations.
mod five {
    use super::*;

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
                steps: steps
                    .map(|step| CaseStep { tactic: step.tactic, technique: step.technique })
                    .collect(),
            }
        }
    }
}

/// Format 6: maps of objects, and a map of relations beside them.
mod six {
    use super::*;

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
}
