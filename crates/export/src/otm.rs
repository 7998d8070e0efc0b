//! The model of data flows in the Open Threat Model format 0.2.0, which IriusRisk and others open.
//!
//! <https://github.com/iriusrisk/OpenThreatModel>. The format wants numbers from 0 to 100 for trust, risk and what data is
//! worth; where a review has no such number, the one that stands is assumed and the text beside it says so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vauban_knowledge::Knowledge;

use crate::{
    exporter::{ExportError, Exporter},
    threat_model::{Bounds, Component, Flow, ThreatModel, Zone},
    tree,
    v1::{Document, Support, Threat},
};

/// The model for IriusRisk and others.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "otm",
    extension: "otm.json",
    media_type: "application/json",
    summary: "assets, flows, zones and threats as an Open Threat Model 0.2.0",
    write,
};

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let model = ThreatModel::of(document, EXPORTER.name, Bounds::DOCUMENT)?;
    let kinds: BTreeMap<&str, Vec<&Threat>> = model
        .components
        .iter()
        .flat_map(|component| &component.threats)
        .fold(BTreeMap::new(), |mut kinds, threat| {
            kinds.entry(&*threat.kind).or_insert_with(Vec::new).push(threat);
            kinds
        });
    let data: BTreeSet<&str> = model.flows.iter().flat_map(Flow::data).collect();
    let value = json!({
        "otmVersion": "0.2.0",
        "project": {
            "name": ThreatModel::title(document),
            "id": document.review.subject,
            "description": model.description(document),
            "attributes": {
                "tool": format!("vauban {}", document.review.tool_version),
                "review": document.review.id,
                "atlas": document.review.atlas_edition,
                "maestro": document.review.maestro_edition,
            },
        },
        "assets": data.iter().map(|class| json!({
            "name": class,
            "id": class,
            "risk": {
                "confidentiality": 50, "integrity": 50, "availability": 50,
                "comment": "assumed: a review does not rate classes of data",
            },
        })).collect::<Vec<_>>(),
        "trustZones": model.zones.iter().map(|zone| json!({
            "id": zone.name,
            "name": zone.name,
            "type": "trust-zone",
            "description": Zone::BASIS,
            "risk": {"trustRating": zone.trust},
        })).collect::<Vec<_>>(),
        "components": model.components.iter().map(|one| component(one, &model)).collect::<Vec<_>>(),
        "dataflows": model.flows.iter().map(|one| flow(one, &model)).collect::<Vec<_>>(),
        "threats": kinds.values().filter_map(|threats| threat(threats)).collect::<Vec<_>>(),
        "mitigations": [],
    });
    Ok(tree::bytes(&value)?)
}

fn component(component: &Component<'_>, model: &ThreatModel<'_>) -> Value {
    let zone = model.zones.get(component.zone).map_or("", |zone| zone.name.as_str());
    json!({
        "id": component.asset.id,
        "name": component.asset.name,
        "type": component.asset.component,
        "description": component.sentence(),
        "parent": {"trustZone": zone},
        "tags": [component.asset.kind.as_str(), component.asset.layer],
        "threats": component.threats.iter().map(|threat| json!({
            "threat": threat.kind,
            "state": "exposed",
            "mitigations": [],
        })).collect::<Vec<_>>(),
        "attributes": component.facts(),
    })
}

fn flow(flow: &Flow<'_>, model: &ThreatModel<'_>) -> Value {
    let end = |index: usize| model.components.get(index).map_or("", |one| one.asset.id.as_str());
    let (from, to) = (end(flow.from), end(flow.to));
    let both = flow.fact("data_direction") == "both";
    json!({
        "id": format!("{from} -> {to}"),
        "name": flow.name(),
        "bidirectional": both,
        "source": from,
        "destination": to,
        "assets": flow.data(),
        "tags": flow.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        // An empty boundary is said too: the flow crosses none, whatever zones its ends are in.
        "attributes": flow.facts.iter().map(|(key, value)| (*key, *value))
            .chain((!flow.facts.contains_key("boundary")).then_some(("boundary", "")))
            .collect::<BTreeMap<_, _>>(),
    })
}

/// One kind of threat over all components: the likelihood is the highest of them.
fn threat(threats: &[&Threat]) -> Option<Value> {
    let first = threats.first()?;
    let likelihood = threats.iter().map(|threat| threat.likelihood).fold(0.0, f64::max);
    let observed = threats.iter().filter(|threat| threat.support == Support::Observed).count();
    let known = Knowledge::builtin().maestro.threat(&first.kind);
    let techniques: BTreeSet<&String> = threats.iter().flat_map(|threat| &threat.techniques).collect();
    Some(json!({
        "id": first.kind,
        "name": first.name,
        "description": known.map(|known| known.description.as_str()).unwrap_or_default(),
        "categories": [format!("MAESTRO {}", first.layer)],
        "risk": {
            "likelihood": (likelihood * 1000.0).round() / 10.0,
            "likelihoodComment": format!(
                "probability in a year at the likeliest of {} components; {observed} of them observed", threats.len()
            ),
            "impact": 50,
            "impactComment": "assumed: losses are declared for systems, not for threats",
        },
        "tags": techniques,
    }))
}
