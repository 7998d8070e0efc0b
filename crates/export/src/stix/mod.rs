//! What the review found as a STIX 2.1 bundle, for platforms of threat intelligence.
//!
//! ATLAS techniques are attack patterns, assets are infrastructure and tools, rules with findings are vulnerabilities, ATLAS
//! mitigations and steps of the plan are courses of action. Nothing is in it that the review does not show: an asset appears where a
//! finding, a technique or a threat is about it.

pub(crate) mod object;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vauban_knowledge::Knowledge;

use crate::{
    exporter::{ExportError, Exporter},
    tree,
    v1::{Asset, AssetKind, Document, Finding, Rule},
};
use object::{attack_pattern, bare, bundle, id, maker, object};

/// Findings and techniques for platforms of threat intelligence.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "stix",
    extension: "stix.json",
    media_type: "application/stix+json;version=2.1",
    summary: "techniques, assets, weaknesses and controls as a STIX 2.1 bundle",
    write,
};

/// Relationships at most; a large estate has hundreds of thousands, and the JSON document has them all.
const RELATIONSHIPS: usize = 20_000;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.findings.is_none() {
        return Err(ExportError::MissingPart { format: EXPORTER.name, part: "findings" });
    }
    let mut edges: BTreeSet<(String, &'static str, String)> = BTreeSet::new();
    let mut assets: BTreeSet<&str> = BTreeSet::new();
    let mut techniques: BTreeSet<&str> = BTreeSet::new();
    let mut mitigations: BTreeSet<&str> = BTreeSet::new();
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in document.findings().iter().filter(|finding| !finding.is_accepted()) {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let mut objects = vec![maker(document)];
    for (rule_id, findings) in &by_rule {
        let rule = document.rule(rule_id);
        objects.push(vulnerability(document, rule_id, rule, findings));
        let weakness = id(document, "vulnerability", rule_id);
        for finding in findings {
            assets.insert(&finding.asset);
            edges.insert((asset_id(document, &finding.asset), "has", weakness.clone()));
        }
        for technique in rule.into_iter().flat_map(|rule| &rule.techniques).map(|one| bare(one)) {
            techniques.insert(technique);
            edges.insert((id(document, "attack-pattern", technique), "targets", weakness.clone()));
        }
        for mitigation in rule.into_iter().flat_map(|rule| &rule.mitigations).map(|one| bare(one)) {
            mitigations.insert(mitigation);
            edges.insert((id(document, "course-of-action", mitigation), "mitigates", weakness.clone()));
        }
    }
    for instance in document.techniques.iter().flatten() {
        let technique = bare(&instance.technique);
        techniques.insert(technique);
        assets.insert(&instance.asset);
        // STIX has no word for a technique that can happen to a thing; `related-to` is allowed between any two.
        edges.insert((
            id(document, "attack-pattern", technique),
            "related-to",
            asset_id(document, &instance.asset),
        ));
    }
    for step in document.plan.iter().flat_map(|plan| &plan.steps) {
        objects.push(control(document, &step.control));
        let Some(known) = Knowledge::builtin().control(&step.control) else { continue };
        for mitigated in known.techniques.iter().map(|one| bare(one)).filter(|one| techniques.contains(one)) {
            let control = id(document, "course-of-action", &step.control);
            edges.insert((control, "mitigates", id(document, "attack-pattern", mitigated)));
        }
    }
    objects.extend(mitigations.iter().map(|id| mitigation(document, id)));
    objects.extend(techniques.iter().map(|id| attack_pattern(document, id)));
    objects.extend(assets.iter().map(|id| part(document, id)));
    let left_out = edges.len().saturating_sub(RELATIONSHIPS);
    objects.extend(edges.iter().take(RELATIONSHIPS).map(|(from, kind, to)| {
        let key = format!("{from} {kind} {to}");
        let fields = json!({"relationship_type": kind, "source_ref": from, "target_ref": to});
        object(document, "relationship", &key, fields)
    }));
    if left_out > 0 {
        objects.push(note(document, left_out));
    }
    objects.sort_by(|one, other| one["id"].as_str().cmp(&other["id"].as_str()));
    objects.dedup_by(|one, other| one["id"] == other["id"]);
    Ok(tree::bytes(&bundle(document, "stix", objects))?)
}

fn asset_id(document: &Document, asset: &str) -> String {
    let kind = if document.asset(asset).is_some_and(|asset| asset.kind == AssetKind::Tool) {
        "tool"
    } else {
        "infrastructure"
    };
    id(document, kind, asset)
}

/// An asset: a tool where it is one, infrastructure otherwise.
fn part(document: &Document, asset_id: &str) -> Value {
    let asset = document.asset(asset_id);
    let description = asset.map(|asset: &Asset| {
        format!("{} {} on MAESTRO layer {}, {}", asset.kind, asset.component, asset.layer, asset.confidence)
    });
    let references: Vec<Value> = asset
        .and_then(|asset| asset.digest.as_deref()?.strip_prefix("sha256:"))
        .map(|hex| json!({"source_name": "digest", "external_id": asset_id, "hashes": {"SHA-256": hex}}))
        .into_iter()
        .collect();
    let kind =
        if asset.is_some_and(|asset| asset.kind == AssetKind::Tool) { "tool" } else { "infrastructure" };
    object(
        document,
        kind,
        asset_id,
        json!({
            "name": asset_id,
            "description": description,
            "labels": asset.and_then(|asset| asset.system.as_deref()).map(|system| [system]),
            "external_references": references,
        }),
    )
}

/// A rule with findings.
fn vulnerability(document: &Document, rule_id: &str, rule: Option<&Rule>, findings: &[&Finding]) -> Value {
    let references: Vec<Value> = rule
        .into_iter()
        .flat_map(|rule| &rule.weaknesses)
        .map(|weakness| json!({"source_name": "cwe", "external_id": weakness}))
        .chain([json!({"source_name": "vauban", "external_id": rule_id})])
        .collect();
    let severities: BTreeSet<&str> = findings.iter().map(|finding| finding.severity.as_str()).collect();
    let description = rule.map(|rule| {
        format!("{}: {}. Remedy: {}. Findings: {}.", rule.title, rule.why, rule.remedy, findings.len())
    });
    object(
        document,
        "vulnerability",
        rule_id,
        json!({
            "name": rule_id,
            "description": description,
            "labels": severities.iter().map(|severity| format!("severity-{severity}")).collect::<Vec<_>>(),
            "external_references": references,
        }),
    )
}

/// An ATLAS mitigation.
fn mitigation(document: &Document, mitigation: &str) -> Value {
    let known = Knowledge::builtin().atlas.mitigation(mitigation);
    object(
        document,
        "course-of-action",
        mitigation,
        json!({
            "name": known.map_or(mitigation, |known| known.name.as_str()),
            "description": known.map(|known| known.summary.as_str()),
            "external_references": [{
                "source_name": "mitre-atlas",
                "external_id": mitigation,
                "url": format!("https://atlas.mitre.org/mitigations/{mitigation}"),
            }],
        }),
    )
}

/// A control of the plan.
fn control(document: &Document, control: &str) -> Value {
    let known = Knowledge::builtin().control(control);
    object(
        document,
        "course-of-action",
        control,
        json!({
            "name": known.map_or(control, |known| known.name.as_str()),
            "description": known.map(|known| known.description.as_str()),
            "external_references": [{"source_name": "vauban", "external_id": control}],
        }),
    )
}

/// What the bundle does not hold.
fn note(document: &Document, left_out: usize) -> Value {
    object(
        document,
        "note",
        "left out",
        json!({
            "abstract": "what is left out",
            "content": format!("{left_out} relationships are left out, no more than {RELATIONSHIPS} are kept; the JSON document of the review has them all"),
            "object_refs": [id(document, "identity", "vauban")],
        }),
    )
}
