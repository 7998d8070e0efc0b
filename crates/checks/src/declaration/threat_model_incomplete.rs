//! What can be attacked first and is not in the threat model.

use std::collections::BTreeSet;

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Evidence, RelationKind, rule};

use crate::{Check, Estate, Inventory, Look, Report};

rule! {
    /// Something that attackers meet first is not in the imported threat model.
    pub const RULE: "threat-model-incomplete" {
        family: Declaration,
        severity: Medium,
        title: "threat model does not know an endpoint, agent or served model",
        why: "what is not in the model has no threats, no controls and no owner there, and attackers do not go by the model",
        remedy: "add the asset to the threat model under its id or name",
        techniques: [],
        mitigations: [],
        weaknesses: [],
        owasp: [],
        threats: [],
        source: "https://www.threatmodelingmanifesto.org/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    let inventory = estate.inventory;
    let declaration = inventory.declaration;
    let Some(model) = declaration.models.first() else { return };
    let known: BTreeSet<AssetId> = declaration
        .assets
        .iter()
        .filter(|asset| declaration.models.iter().any(|model| model.path == asset.locator.path))
        .map(|asset| AssetId::new(asset.kind, &asset.name))
        .collect();
    let served: BTreeSet<&AssetId> = inventory
        .relations
        .iter()
        .filter(|relation| {
            relation.kind == RelationKind::Serves && relation.confidence != Confidence::Declared
        })
        .map(|relation| &relation.to)
        .collect();
    for asset in inventory.assets.iter().filter(|asset| asset.confidence != Confidence::Declared) {
        let Some(what) = met_first(asset, &served) else { continue };
        report.looked_at(&asset.id);
        if !known.contains(&asset.id) {
            report.find(
                &asset.id,
                format!("{what} `{}` is not in the threat model", asset.name),
                evidence(inventory, asset, &model.path),
            );
        }
    }
}

/// What the asset is to an attacker who comes from outside; nothing for the rest.
fn met_first(asset: &Asset, served: &BTreeSet<&AssetId>) -> Option<&'static str> {
    let is_open = asset.attributes.get("exposure").map(String::as_str) == Some("internet");
    match asset.kind {
        AssetKind::Endpoint if is_open => Some("internet-facing endpoint"),
        AssetKind::Agent => Some("agent"),
        AssetKind::Model if served.contains(&asset.id) => Some("served model"),
        _ => None,
    }
}

fn evidence(inventory: &Inventory<'_>, asset: &Asset, model: &str) -> Vec<Evidence> {
    let key = asset.id.to_string();
    let place = asset.locators.first().cloned().unwrap_or_default();
    let mut evidence = vec![Evidence::new(place, key.clone(), asset.component.clone())];
    if let Some(declared) = inventory.declaration.models.iter().find(|declared| declared.path == model) {
        evidence.push(Evidence::new(declared.locator.clone(), key, model.to_owned()));
    }
    evidence
}
