//! How each element is judged, from what the review holds.

use vauban_domain::words;

use super::State;
use crate::{
    bill::{self, key, said},
    v1::{Asset, AssetKind, Document, RelationKind, Rung, System},
};

type Verdict = (State, String);

/// Present with what was found, or missing.
fn found(text: Option<impl Into<String>>) -> Verdict {
    match text.map(Into::into) {
        Some(text) if !text.is_empty() => (State::Present, text.chars().take(120).collect()),
        _ => (State::Missing, String::new()),
    }
}

/// So many facts of so many.
fn facts(known: &[(&str, Option<String>)], enough: usize) -> Verdict {
    let said: Vec<String> = known
        .iter()
        .filter_map(|(name, text)| {
            text.as_ref().filter(|text| !text.is_empty()).map(|text| format!("{name} {text}"))
        })
        .collect();
    let state = match said.len() {
        0 => State::Missing,
        some if some < enough => State::Partly,
        _ => State::Present,
    };
    (state, said.join(", ").chars().take(160).collect())
}

fn counted(number: usize, noun: &str) -> Verdict {
    found((number > 0).then(|| words::counted(number, noun)))
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// Elements of the bill itself and of what all systems stand on.
pub(super) fn document(document: &Document, id: &str) -> Verdict {
    let review = &document.review;
    let declaration = &review.declaration;
    let all = |kind| document.assets().iter().filter(move |asset: &&Asset| asset.kind == kind);
    match id {
        "author" => found(Some(declaration.organisation.as_str())),
        "version" => found(Some(format!("1 of {}", review.id))),
        "format-name" => found(Some("CycloneDX, SPDX")),
        "format-version" => found(Some("CycloneDX 1.6 and 1.7, SPDX 3.0.1")),
        "signature" => (State::Missing, "exports are not signed; sign the file that is handed on".to_owned()),
        "tool-name" => found(Some("vauban")),
        "tool-version" => found(Some(review.tool_version.as_str())),
        "generation-context" => found(Some("discovery, from files and declared hosts")),
        "timestamp" => found(Some(review.taken_at.as_str())),
        "dependency-relationship" => counted(document.relations().len(), "relation"),
        "infrastructure-software" => {
            counted(all(AssetKind::Infrastructure).count() + all(AssetKind::Package).count(), "asset")
        }
        "infrastructure-hardware" => {
            let named = all(AssetKind::Infrastructure).chain(all(AssetKind::Endpoint)).find_map(|asset| {
                said(asset, &["accelerator", "gpu", "hardware", "instance_type", "node_pool"])
            });
            found(named)
        }
        "security-controls" => {
            let seen = document
                .coverage()
                .iter()
                .flat_map(|coverage| coverage.scores())
                .filter(|(_, score)| matches!(score.rung, Rung::Configured | Rung::Exercised))
                .count();
            match (seen, declaration.claims.len()) {
                (0, 0) => found(None::<String>),
                (0, claims) => (State::Partly, words::counted(claims, "claim")),
                (seen, _) => counted(seen, "score on evidence"),
            }
        }
        "security-compliance" => {
            let named =
                document.assets().iter().find_map(|asset| said(asset, &["standards", "standard_compliance"]));
            match named {
                Some(text) => found(Some(text)),
                None if document.coverage.is_some() => {
                    (State::Partly, format!("coverage of MITRE ATLAS {} only", review.atlas_edition))
                }
                None => found(None::<String>),
            }
        }
        "security-policy" => found(
            document.assets().iter().find_map(|asset| said(asset, &["security_policy", "security_contact"])),
        ),
        "vulnerabilities" => {
            let looked = document.outcomes().iter().any(|outcome| {
                outcome.rule == "dependency-vulnerable"
                    && matches!(outcome.verdict, crate::v1::Verdict::Found | crate::v1::Verdict::Clean)
            });
            let known = bill::vulnerabilities(document).len();
            match (looked || known > 0, known) {
                (false, _) => {
                    (State::Missing, "no package was held against known vulnerabilities".to_owned())
                }
                (true, known) => (State::Present, format!("{known} known to affect packages")),
            }
        }
        "security-metrics" => counted(document.results().len(), "measurement"),
        "performance-indicators" => {
            let claims = document
                .assets()
                .iter()
                .flat_map(|asset| asset.attributes.keys())
                .filter(|key| key.starts_with("metric:") || key.starts_with("metric."))
                .count();
            let clean = document.results().iter().filter(|result| result.metric.contains("clean")).count();
            match (claims, clean) {
                (0, 0) => found(None::<String>),
                (0, clean) => (State::Partly, words::counted(clean, "measurement without attack")),
                (claims, _) => counted(claims, "metric of a model card"),
            }
        }
        _ => found(None::<String>),
    }
}

/// Elements of one declared system, or of all that was reviewed where none is declared.
pub(super) fn system(document: &Document, system: Option<&System>, id: &str) -> Verdict {
    let declaration = &document.review.declaration;
    let parts: Vec<&Asset> = document
        .assets()
        .iter()
        .filter(|asset| system.is_none_or(|system| asset.system.as_ref() == Some(&system.name)))
        .collect();
    let of = |pick: fn(&System) -> &String| system.map(pick).filter(|text| !text.is_empty()).cloned();
    let flows = || {
        let part = |name: &str| parts.iter().any(|asset| asset.id == name);
        declaration.flows.iter().filter(move |flow| part(&flow.from) || part(&flow.to))
    };
    match id {
        "system-name" => match system {
            Some(system) => found(Some(system.name.as_str())),
            None => {
                (State::Partly, format!("only the name of what was scanned, {}", document.review.subject))
            }
        },
        "system-components" => counted(parts.len(), "asset"),
        "system-producer" => match (declaration.organisation.as_str(), of(|system| &system.owner)) {
            ("", owner) => match owner {
                Some(owner) => (State::Partly, format!("owner {owner}")),
                None => found(None::<String>),
            },
            (organisation, _) => found(Some(organisation)),
        },
        "system-version" => found(
            parts
                .iter()
                .filter(|asset| asset.kind == AssetKind::Endpoint)
                .find_map(|asset| asset.attribute("version")),
        ),
        "system-timestamp" => found(parts.iter().find_map(|asset| said(asset, &["deployed", "released"]))),
        "system-data-flow" => match flows().count() {
            0 => {
                let seen = document
                    .relations()
                    .iter()
                    .filter(|one| {
                        one.kind == RelationKind::SendsTo && parts.iter().any(|part| part.id == one.from)
                    })
                    .count();
                if seen > 0 {
                    (State::Partly, words::counted(seen, "flow seen"))
                } else {
                    found(None::<String>)
                }
            }
            flows => counted(flows, "declared flow"),
        },
        "system-data-usage" => {
            let classes = system.map(|system| system.data.join(", ")).filter(|text| !text.is_empty());
            match classes {
                Some(classes) => (State::Partly, format!("classes of data only: {classes}")),
                None => found(None::<String>),
            }
        }
        "system-input-output" => {
            let shapes =
                parts.iter().filter(|asset| said(asset, &["input_shape", "inputs"]).is_some()).count();
            facts(
                &[
                    ("exposure", of(|system| &system.exposure)),
                    ("models with a known input", (shapes > 0).then(|| shapes.to_string())),
                ],
                2,
            )
        }
        "application-area" => found(of(|system| &system.purpose)),
        _ => found(None::<String>),
    }
}

/// Elements of one model.
pub(super) fn model(document: &Document, asset: &Asset, id: &str) -> Verdict {
    let attribute = |key: &str| owned(asset.attribute(key));
    match id {
        "model-name" => found(Some(asset.name.as_str())),
        "model-identifier" => match bill::package_url(asset, None) {
            Some(purl) => found(Some(purl)),
            None => (State::Partly, format!("only {} inside this organisation", asset.id)),
        },
        "model-version" => found(asset.attribute("version")),
        "model-timestamp" => found(said(asset, key::RELEASED)),
        "model-producer" => found(said(asset, key::SUPPLIER)),
        "model-description" => found(said(asset, key::DESCRIPTION)),
        "model-hash" => found(asset.digest.as_deref()),
        "model-hash-algorithm" => found(asset.digest.as_deref().and_then(|digest| digest.split(':').next())),
        "model-properties" => facts(
            &[
                ("architecture", owned(said(asset, key::FAMILY)).or_else(|| attribute("class"))),
                ("format", attribute("format")),
                ("framework", attribute("framework")),
                ("task", owned(said(asset, key::TASK))),
                ("parameters", attribute("parameters")),
            ],
            3,
        ),
        "model-input-output" => facts(
            &[
                ("input", owned(said(asset, &["input_shape", "inputs", "input"]))),
                ("output", owned(said(asset, &["output_shape", "outputs", "output", "classes"]))),
            ],
            2,
        ),
        "model-training" => {
            let data = bill::targets(document, &asset.id, &[RelationKind::TrainedOn]).count();
            facts(
                &[
                    ("data sets", (data > 0).then(|| data.to_string())),
                    ("run", attribute("run")),
                    ("training", owned(said(asset, key::TRAINING))),
                ],
                2,
            )
        }
        "model-licence" => found(said(asset, key::LICENCE)),
        "model-references" => {
            let hub = asset.attribute("purl").filter(|purl| purl.starts_with("pkg:huggingface/"));
            found(bill::address(asset).or(hub).or_else(|| said(asset, &["paper", "arxiv", "doi", "run"])))
        }
        _ => found(None::<String>),
    }
}

/// Elements of one data set.
pub(super) fn dataset(document: &Document, asset: &Asset, id: &str) -> Verdict {
    let attribute = |key: &str| owned(asset.attribute(key));
    let system =
        document.review.declaration.systems.iter().find(|one| asset.system.as_ref() == Some(&one.name));
    match id {
        "dataset-name" => found(Some(asset.name.as_str())),
        "dataset-description" => found(said(asset, key::DESCRIPTION)),
        "dataset-content" => facts(
            &[
                ("format", attribute("format")),
                ("columns", attribute("columns")),
                ("modality", owned(said(asset, &["modality", "dtype"]))),
            ],
            2,
        ),
        "dataset-identifier" => {
            match bill::package_url(asset, None).or_else(|| owned(bill::address(asset))) {
                Some(name) => found(Some(name)),
                None => (State::Partly, format!("only {} inside this organisation", asset.id)),
            }
        }
        "dataset-hash" => found(asset.digest.as_deref()),
        "dataset-provenance" => {
            let derived = bill::targets(document, &asset.id, &[RelationKind::DerivedFrom]).count();
            let made = document.relations().iter().any(|one| {
                one.to == asset.id && matches!(one.kind, RelationKind::Produces | RelationKind::Writes)
            });
            facts(
                &[
                    ("collected", owned(said(asset, key::COLLECTION))),
                    ("source", owned(said(asset, &["source"]).or_else(|| bill::address(asset)))),
                    ("derived from", (derived > 0).then(|| derived.to_string())),
                    ("made by a pipeline", made.then(|| "yes".to_owned())),
                ],
                2,
            )
        }
        "dataset-statistics" => {
            let size = asset.size.map(|size| format!("{size} bytes"));
            facts(&[("rows", attribute("rows")), ("columns", attribute("columns")), ("size", size)], 2)
        }
        "dataset-sensitivity" => {
            match said(asset, key::SENSITIVITY).or_else(|| said(asset, &["personal_data"])) {
                Some(text) => found(Some(text)),
                None => match system.map(|system| system.data.join(", ")).filter(|text| !text.is_empty()) {
                    Some(classes) => (State::Partly, format!("its system handles {classes}")),
                    None => found(None::<String>),
                },
            }
        }
        "dataset-dependency" => {
            let needed =
                document.relations().iter().filter(|one| one.to == asset.id || one.from == asset.id).count();
            counted(needed, "relation")
        }
        "dataset-licence" => found(said(asset, key::LICENCE)),
        _ => found(None::<String>),
    }
}
