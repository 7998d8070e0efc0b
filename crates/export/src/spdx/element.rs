//! Assets as packages of the Software, AI and Dataset profiles, and how they hang together.

use serde_json::{Value, json};

use super::graph::Graph;
use crate::{
    bill::{self, key, list, said},
    v1::{Asset, AssetKind, Document, RelationKind},
};

/// The addresses of an asset's elements: one, or one per version of a package.
pub(super) fn ids(asset: &Asset, graph: &Graph) -> Vec<String> {
    named(asset).iter().map(|(name, _)| graph.id(name)).collect()
}

/// The addresses of these versions of an asset; all of them if it has none of these.
pub(super) fn ids_of(asset: &Asset, versions: &[&str], graph: &Graph) -> Vec<String> {
    let wanted: Vec<String> = named(asset)
        .iter()
        .filter(|(_, version)| version.is_some_and(|version| versions.contains(&version)))
        .map(|(name, _)| graph.id(name))
        .collect();
    if wanted.is_empty() { ids(asset, graph) } else { wanted }
}

fn named(asset: &Asset) -> Vec<(String, Option<&str>)> {
    match bill::versions(asset).as_slice() {
        [] => vec![(asset.id.clone(), None)],
        [version] => vec![(asset.id.clone(), Some(version))],
        several => {
            several.iter().map(|version| (format!("{}@{version}", asset.id), Some(*version))).collect()
        }
    }
}

/// Adds an asset with its supplier and licences.
pub(super) fn add(document: &Document, asset: &Asset, graph: &mut Graph) {
    for (name, version) in named(asset) {
        let id = graph.id(&name);
        let mut body = common(asset, version, graph);
        let class = match asset.kind {
            AssetKind::Model => {
                merge(&mut body, model(document, asset));
                "ai_AIPackage"
            }
            AssetKind::Dataset => {
                merge(&mut body, dataset(document, asset));
                "dataset_DatasetPackage"
            }
            _ => "software_Package",
        };
        graph.add(&id, class, body);
        for (keys, kind) in
            [(key::LICENCE, "hasDeclaredLicense"), (key::LICENCE_CONCLUDED, "hasConcludedLicense")]
        {
            if let Some(text) = said(asset, keys) {
                let licence = graph.licence(text);
                graph.relate(&format!("{kind}/{name}"), &id, kind, vec![licence], json!({}));
            }
        }
    }
}

fn merge(body: &mut Value, more: Value) {
    if let (Value::Object(body), Value::Object(more)) = (body, more) {
        body.extend(more);
    }
}

fn common(asset: &Asset, version: Option<&str>, graph: &mut Graph) -> Value {
    let purpose = match asset.kind {
        AssetKind::Model => "model",
        AssetKind::Dataset => "data",
        AssetKind::Prompt => "configuration",
        AssetKind::Package => "library",
        AssetKind::Notebook | AssetKind::Pipeline => "source",
        AssetKind::Infrastructure if asset.attribute("image").is_some() => "container",
        AssetKind::Infrastructure => "other",
        AssetKind::Agent | AssetKind::Tool | AssetKind::Endpoint | AssetKind::Identity => "application",
    };
    let supplier = said(asset, key::SUPPLIER).map(|name| {
        let id = graph.id(&format!("agent/{name}"));
        if !graph.has(&id) {
            graph.add(&id, "Organization", json!({"name": name}));
        }
        id
    });
    let hashes: Vec<Value> = asset
        .digest
        .iter()
        .filter_map(|digest| digest.split_once(':'))
        .map(|(algorithm, hex)| json!({"type": "Hash", "algorithm": algorithm, "hashValue": hex}))
        .collect();
    let released = said(asset, key::RELEASED).and_then(time);
    json!({
        "name": bill::package(asset).map_or(asset.name.as_str(), |(_, name)| name),
        "description": said(asset, key::DESCRIPTION),
        "comment": places(asset),
        "software_packageVersion": version,
        "software_packageUrl": bill::package_url(asset, version),
        "software_downloadLocation": bill::address(asset),
        "software_primaryPurpose": purpose,
        "suppliedBy": supplier,
        "releaseTime": released,
        "verifiedUsing": hashes,
    })
}

/// Where it was seen; as a comment, because SPDX has no word for it.
fn places(asset: &Asset) -> String {
    let places: Vec<String> = asset.locators.iter().map(ToString::to_string).collect();
    format!("{}, seen in {}", asset.confidence, places.join(", "))
}

/// `2026-11-20T08:30:00Z` out of a date or time that begins like it.
fn time(text: &str) -> Option<String> {
    let text = text.trim();
    let whole =
        text.get(..19).filter(|start| start.as_bytes().get(10).is_some_and(|byte| b"T ".contains(byte)));
    let date = text.get(..10)?;
    let is_date = date.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let clock = match whole.and_then(|whole| whole.get(11..)) {
        Some(clock) => clock.to_owned(),
        None => "00:00:00".to_owned(),
    };
    let is_clock = clock.bytes().enumerate().all(|(at, byte)| match at {
        2 | 5 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    (is_date && is_clock).then(|| format!("{date}T{clock}Z"))
}

fn entries(asset: &Asset, prefixes: &[&str]) -> Vec<Value> {
    let entry = |(key, value): (&String, &String)| {
        let name = prefixes.iter().find_map(|prefix| key.strip_prefix(prefix))?;
        Some(json!({"type": "DictionaryEntry", "key": name, "value": value}))
    };
    asset.attributes.iter().filter_map(entry).collect()
}

/// `yes`, `no`, or nothing for what nobody says.
fn presence(text: Option<&str>) -> Option<&'static str> {
    match text?.to_lowercase().as_str() {
        "yes" | "true" => Some("yes"),
        "no" | "false" | "none" => Some("no"),
        _ => None,
    }
}

/// Words for personal data in the declaration.
fn is_personal(classes: &[String]) -> bool {
    classes
        .iter()
        .any(|class| ["personal", "health", "biometric", "contact", "genetic"].contains(&class.as_str()))
}

fn model(document: &Document, asset: &Asset) -> Value {
    let mut metrics: Vec<Value> = document
        .results()
        .iter()
        .filter(|result| result.asset == asset.id)
        .map(|result| {
            let slice: Vec<String> =
                result.parameters.iter().map(|(key, value)| format!(" {key}={value}")).collect();
            json!({
                "type": "DictionaryEntry",
                "key": format!("{} under {}{}", result.metric, result.attack, slice.concat()),
                "value": format!("{} ({} to {})", result.value, result.interval.low, result.interval.high),
            })
        })
        .collect();
    metrics.extend(entries(asset, &["metric:", "metric."]));
    let declaration = &document.review.declaration;
    let system =
        asset.system.as_ref().and_then(|name| declaration.systems.iter().find(|one| one.name == *name));
    let mut types: Vec<&str> =
        [said(asset, key::FAMILY), asset.attribute("class"), asset.attribute("framework")]
            .into_iter()
            .flatten()
            .collect();
    types.dedup();
    let mut domains: Vec<&str> = said(asset, key::TASK).into_iter().collect();
    domains.extend(list(asset, &["domain"]));
    let use_of = said(asset, key::USES).or_else(|| system.map(|one| one.purpose.as_str()));
    let limits = list(asset, key::LIMITATIONS).join("; ");
    json!({
        "ai_typeOfModel": types,
        "ai_domain": domains,
        "ai_autonomyType": presence(asset.attribute("autonomy")),
        "ai_hyperparameter": entries(asset, &["parameter:", "hyperparameter:"]),
        "ai_metric": metrics,
        "ai_informationAboutTraining": said(asset, key::TRAINING),
        "ai_informationAboutApplication": use_of.filter(|text| !text.is_empty()),
        "ai_limitation": (!limits.is_empty()).then_some(limits),
        "ai_modelDataPreprocessing": list(asset, key::PREPROCESSING),
        "ai_modelExplainability": list(asset, &["explainability"]),
        "ai_standardCompliance": list(asset, &["standards", "standard_compliance"]),
        "ai_safetyRiskAssessment": said(asset, &["risk_class", "safety_risk"])
            .filter(|word| ["serious", "high", "medium", "low"].contains(word)),
        // That the system handles personal data is declared; that a model does not, only its card can say.
        "ai_useSensitivePersonalInformation": presence(asset.attribute("personal_data"))
            .or_else(|| system.filter(|one| is_personal(&one.data)).map(|_| "yes")),
    })
}

fn dataset(document: &Document, asset: &Asset) -> Value {
    let declaration = &document.review.declaration;
    let system =
        asset.system.as_ref().and_then(|name| declaration.systems.iter().find(|one| one.name == *name));
    let mut types: Vec<&str> = list(asset, &["modality", "modalities", "dataset_type"])
        .into_iter()
        .flat_map(|text| text.split([',', ' ']))
        .filter(|word| DATASET_TYPES.contains(word))
        .collect();
    if types.is_empty() {
        let format = asset.attribute("format").unwrap_or_default();
        let tabular = ["csv", "table", "parquet", "arrow", "tsv"].contains(&format)
            || asset.attribute("columns").is_some();
        types.push(match format {
            _ if tabular => "structured",
            "npy" | "npz" | "hdf5" | "mat" => "numeric",
            _ => "noAssertion",
        });
    }
    types.dedup();
    let public = asset.attribute("purl").is_some_and(|purl| purl.starts_with("pkg:huggingface/"));
    let gated = asset.attribute("gated").is_some_and(|word| word != "false");
    let size = ["rows", "records"].iter().find_map(|key| asset.attribute(key)?.parse::<u64>().ok());
    json!({
        "dataset_datasetType": types,
        "dataset_datasetSize": size,
        "dataset_datasetAvailability": public.then_some(if gated { "clickthrough" } else { "directDownload" }),
        "dataset_intendedUse": said(asset, key::USES),
        "dataset_dataCollectionProcess": said(asset, key::COLLECTION),
        "dataset_dataPreprocessing": list(asset, key::PREPROCESSING),
        "dataset_anonymizationMethodUsed": list(asset, &["anonymization", "anonymisation"]),
        "dataset_knownBias": list(asset, key::FAIRNESS),
        "dataset_hasSensitivePersonalInformation": presence(asset.attribute("personal_data"))
            .or_else(|| system.filter(|one| is_personal(&one.data)).map(|_| "yes")),
        "dataset_confidentialityLevel": said(asset, &["tlp"])
            .map(str::to_lowercase)
            .filter(|word| ["red", "amber", "green", "clear"].contains(&word.as_str())),
    })
}

const DATASET_TYPES: &[&str] = &[
    "audio",
    "categorical",
    "graph",
    "image",
    "numeric",
    "other",
    "sensor",
    "structured",
    "syntactic",
    "text",
    "timeseries",
    "timestamp",
    "video",
];

/// Adds the relationships between assets, each in the direction that SPDX gives it.
pub(super) fn relations(document: &Document, graph: &mut Graph) {
    for relation in document.relations() {
        let (Some(from), Some(to)) = (document.asset(&relation.from), document.asset(&relation.to)) else {
            continue;
        };
        if from.kind == AssetKind::Identity || to.kind == AssetKind::Identity {
            continue;
        }
        let (kind, reversed) = match relation.kind {
            RelationKind::TrainedOn => ("trainedOn", false),
            RelationKind::EvaluatedOn => ("testedOn", false),
            RelationKind::DerivedFrom => ("ancestorOf", true),
            RelationKind::Produces => ("generates", false),
            RelationKind::Reads => ("hasInput", false),
            RelationKind::Writes => ("hasOutput", false),
            RelationKind::Uses if to.kind == AssetKind::Tool => ("usesTool", false),
            RelationKind::DependsOn
            | RelationKind::Loads
            | RelationKind::RunsOn
            | RelationKind::Serves
            | RelationKind::Uses => ("dependsOn", false),
            RelationKind::SendsTo | RelationKind::ActsAs => continue,
        };
        let (from, to) = if reversed { (to, from) } else { (from, to) };
        let wanted: Vec<&str> = relation
            .attributes
            .get("version")
            .into_iter()
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .collect();
        let ends = ids_of(to, &wanted, graph);
        for (name, _) in named(from) {
            let start = graph.id(&name);
            let title = format!("{}/{name}/{}", relation.kind, to.id);
            graph.relate(
                &title,
                &start,
                kind,
                ends.clone(),
                json!({"comment": format!("seen in {}", relation.locator)}),
            );
        }
    }
}
