//! A bill of materials of the models, data, packages and services (CycloneDX 1.6, ECMA-424).
//!
//! Identities are left out: a bill of materials has no word for them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use vauban_domain::Digest;

use crate::{
    exporter::{ExportError, Exporter},
    v1::{Asset, AssetKind, Document, Locator, Measurement, RelationKind},
};

/// Assets as a bill of materials.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "cyclonedx",
    extension: "cdx.json",
    media_type: "application/vnd.cyclonedx+json; version=1.6",
    summary: "models, data, packages and services as a bill of materials (CycloneDX 1.6)",
    write,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata,
    components: Vec<Component>,
    services: Vec<Service>,
    dependencies: Vec<Dependency>,
}

#[derive(Serialize)]
struct Metadata {
    timestamp: String,
    tools: Tools,
    component: Component,
}

#[derive(Serialize)]
struct Tools {
    components: Vec<Component>,
}

#[derive(Serialize, Default)]
struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    bom_ref: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<LicenseChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    #[serde(rename = "modelCard", skip_serializing_if = "Option::is_none")]
    model_card: Option<ModelCard>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data: Vec<Data>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
struct LicenseChoice {
    license: License,
}

#[derive(Serialize)]
struct License {
    name: String,
}

#[derive(Serialize)]
struct Data {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
}

#[derive(Serialize)]
struct Evidence {
    occurrences: Vec<Occurrence>,
}

#[derive(Serialize)]
struct Occurrence {
    location: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelCard {
    model_parameters: ModelParameters,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantitative_analysis: Option<QuantitativeAnalysis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    considerations: Option<Considerations>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelParameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    architecture_family: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    datasets: Vec<DatasetReference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<InputOutput>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<InputOutput>,
}

#[derive(Serialize)]
struct DatasetReference {
    #[serde(rename = "ref")]
    reference: String,
}

#[derive(Serialize)]
struct InputOutput {
    format: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QuantitativeAnalysis {
    performance_metrics: Vec<PerformanceMetric>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PerformanceMetric {
    #[serde(rename = "type")]
    kind: String,
    value: String,
    slice: String,
    confidence_interval: ConfidenceInterval,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfidenceInterval {
    lower_bound: String,
    upper_bound: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Considerations {
    technical_limitations: Vec<String>,
}

#[derive(Serialize)]
struct Service {
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    endpoints: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authenticated: Option<bool>,
    #[serde(rename = "x-trust-boundary", skip_serializing_if = "Option::is_none")]
    crosses_boundary: Option<bool>,
    properties: Vec<Property>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    #[serde(rename = "ref")]
    reference: String,
    depends_on: Vec<String>,
}

#[derive(Serialize)]
struct Property {
    name: String,
    value: String,
}

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.assets.is_none() {
        return Err(ExportError::MissingPart { format: "cyclonedx", part: "assets" });
    }
    let review = &document.review;
    let listed: Vec<&Asset> =
        document.assets().iter().filter(|asset| asset.kind != AssetKind::Identity).collect();
    let (services, components): (Vec<&Asset>, Vec<&Asset>) =
        listed.iter().partition(|asset| asset.kind == AssetKind::Endpoint);
    let tool = Component {
        kind: "application",
        name: "vauban".to_owned(),
        version: Some(review.tool_version.clone()),
        ..Component::default()
    };
    let subject = Component {
        kind: "application",
        bom_ref: Some(format!("review:{}", review.id)),
        name: review.subject.clone(),
        ..Component::default()
    };
    let bom = Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: serial_number(&review.id),
        version: 1,
        metadata: Metadata {
            timestamp: review.taken_at.clone(),
            tools: Tools { components: vec![tool] },
            component: subject,
        },
        components: components.into_iter().map(|asset| component(document, asset)).collect(),
        services: services.into_iter().map(|asset| service(document, asset)).collect(),
        dependencies: dependencies(document, &listed),
    };
    let mut bytes = serde_json::to_vec_pretty(&bom)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A UUID of version 8 (RFC 9562, section 5.8) out of the review's id, so that the same review has the same number.
fn serial_number(id: &str) -> String {
    let mut bytes = *Digest::of(id.as_bytes()).bytes();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn component(document: &Document, asset: &Asset) -> Component {
    let kind = match asset.kind {
        AssetKind::Model => "machine-learning-model",
        AssetKind::Dataset | AssetKind::Prompt => "data",
        AssetKind::Package => "library",
        AssetKind::Notebook | AssetKind::Pipeline => "file",
        AssetKind::Infrastructure if asset.attribute("image").is_some() => "container",
        AssetKind::Infrastructure => "platform",
        AssetKind::Agent | AssetKind::Tool | AssetKind::Endpoint | AssetKind::Identity => "application",
    };
    let purl = package_url(asset);
    let hashes = asset.digest.iter().filter_map(|digest| {
        let (algorithm, hex) = digest.split_once(':')?;
        let alg = if algorithm == "blake3" { "BLAKE3" } else { "SHA-256" };
        Some(Hash { alg, content: hex.to_owned() })
    });
    Component {
        kind,
        bom_ref: Some(asset.id.clone()),
        name: asset.name.strip_prefix("pypi/").unwrap_or(&asset.name).to_owned(),
        version: asset.attribute("version").map(str::to_owned),
        hashes: hashes.collect(),
        licenses: asset
            .attribute("licence")
            .filter(|name| !name.is_empty())
            .map(|name| LicenseChoice { license: License { name: name.to_owned() } })
            .into_iter()
            .collect(),
        purl,
        model_card: (asset.kind == AssetKind::Model).then(|| model_card(document, asset)),
        data: match asset.kind {
            AssetKind::Dataset => vec![Data { kind: "dataset", name: asset.name.clone() }],
            AssetKind::Prompt => vec![Data { kind: "other", name: asset.name.clone() }],
            _ => Vec::new(),
        },
        evidence: Some(Evidence { occurrences: asset.locators.iter().map(occurrence).collect() }),
        properties: properties(asset),
    }
}

/// The package URL that the asset states, or the one that its index, name and version make.
fn package_url(asset: &Asset) -> Option<String> {
    if let Some(purl) = asset.attribute("purl") {
        return Some(purl.to_owned());
    }
    let name = (asset.kind == AssetKind::Package).then(|| asset.name.strip_prefix("pypi/")).flatten()?;
    let plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+!".contains(&byte));
    let version =
        asset.attribute("version").filter(|version| plain(version)).map(|version| format!("@{version}"));
    plain(name).then(|| format!("pkg:pypi/{}{}", name.to_lowercase(), version.unwrap_or_default()))
}

fn occurrence(locator: &Locator) -> Occurrence {
    Occurrence {
        location: match &locator.member {
            Some(member) => format!("{}!{member}", locator.path),
            None => locator.path.clone(),
        },
        line: locator.line,
        offset: locator.offset,
        symbol: locator.key.clone(),
    }
}

fn model_card(document: &Document, asset: &Asset) -> ModelCard {
    let trained_on = document.relations().iter().filter(|relation| {
        relation.from == asset.id
            && matches!(relation.kind, RelationKind::TrainedOn | RelationKind::EvaluatedOn)
    });
    let datasets: BTreeSet<&String> =
        trained_on.map(|relation| &relation.to).filter(|id| document.asset(id).is_some()).collect();
    let shape = |key| {
        asset.attribute(key).map(|shape| InputOutput { format: shape.to_owned() }).into_iter().collect()
    };
    let results: Vec<&Measurement> =
        document.results().iter().filter(|result| result.asset == asset.id).collect();
    let metrics: Vec<PerformanceMetric> = results
        .iter()
        .map(|result| PerformanceMetric {
            kind: result.metric.clone(),
            value: result.value.to_string(),
            slice: std::iter::once(format!("attack={}", result.attack))
                .chain(result.parameters.iter().map(|(key, value)| format!("{key}={value}")))
                .collect::<Vec<_>>()
                .join(" "),
            confidence_interval: ConfidenceInterval {
                lower_bound: result.interval.low.to_string(),
                upper_bound: result.interval.high.to_string(),
            },
        })
        .collect();
    let limitations: BTreeSet<&str> = document
        .findings()
        .iter()
        .filter(|finding| finding.asset == asset.id)
        .map(|finding| finding.message.as_str())
        .collect();
    ModelCard {
        model_parameters: ModelParameters {
            task: asset.attribute("task").map(str::to_owned),
            architecture_family: asset.attribute("architecture").map(str::to_owned),
            datasets: datasets.into_iter().map(|id| DatasetReference { reference: id.clone() }).collect(),
            inputs: shape("input_shape"),
            outputs: shape("output_shape"),
        },
        quantitative_analysis: (!metrics.is_empty())
            .then_some(QuantitativeAnalysis { performance_metrics: metrics }),
        considerations: (!limitations.is_empty()).then(|| Considerations {
            technical_limitations: limitations.into_iter().map(str::to_owned).collect(),
        }),
    }
}

fn service(document: &Document, asset: &Asset) -> Service {
    let crosses = document.relations().iter().any(|relation| {
        (relation.to == asset.id || relation.from == asset.id)
            && relation.attributes.get("boundary").is_some_and(|boundary| !boundary.is_empty())
    });
    let flows = document.review.declaration.flows.iter();
    let declared = flows
        .filter(|flow| flow.to == asset.id || flow.from == asset.id)
        .any(|flow| !flow.boundary.is_empty());
    Service {
        bom_ref: asset.id.clone(),
        name: asset.name.clone(),
        endpoints: asset
            .attribute("url")
            .filter(|url| {
                url.starts_with("http")
                    && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"{}|\\^`".contains(&byte))
            })
            .map(str::to_owned)
            .into_iter()
            .collect(),
        authenticated: match asset.attribute("authentication") {
            Some("none") => Some(false),
            Some("unknown") | None => None,
            Some(_) => Some(true),
        },
        // Only what is known is said; that no boundary is seen does not mean there is none.
        crosses_boundary: (crosses || declared).then_some(true),
        properties: properties(asset),
    }
}

/// What CycloneDX has no field for, under our own prefix.
fn properties(asset: &Asset) -> Vec<Property> {
    let property =
        |name: &str, value: &str| Property { name: format!("vauban:{name}"), value: value.to_owned() };
    let mut properties = vec![
        property("kind", asset.kind.as_str()),
        property("component", &asset.component),
        property("layer", &asset.layer),
        property("confidence", asset.confidence.as_str()),
    ];
    properties.extend(asset.system.iter().map(|system| property("system", system)));
    properties.extend(asset.size.iter().map(|size| property("size", &size.to_string())));
    properties
        .extend(asset.attributes.iter().map(|(key, value)| property(&format!("attribute:{key}"), value)));
    properties
}

/// What each asset needs: an edge per relation that makes one depend on the other.
fn dependencies(document: &Document, listed: &[&Asset]) -> Vec<Dependency> {
    let known: BTreeSet<&str> = listed.iter().map(|asset| asset.id.as_str()).collect();
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = known.iter().map(|id| (*id, BTreeSet::new())).collect();
    for relation in document.relations() {
        let (from, to) = match relation.kind {
            // What is produced or written hangs on its producer.
            RelationKind::Produces | RelationKind::Writes => (&relation.to, &relation.from),
            RelationKind::SendsTo | RelationKind::ActsAs => continue,
            _ => (&relation.from, &relation.to),
        };
        if from != to
            && known.contains(to.as_str())
            && let Some(needs) = edges.get_mut(from.as_str())
        {
            needs.insert(to);
        }
    }
    edges
        .into_iter()
        .map(|(reference, needs)| Dependency {
            reference: reference.to_owned(),
            depends_on: needs.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}
