//! Components of a threat model that nothing in the folder is.

use vauban_domain::{AssetId, Confidence, Evidence, rule};

use super::scope::home;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A component of an imported threat model is nothing that was found.
    pub const RULE: "threat-model-component-not-found" {
        family: Declaration,
        severity: Low,
        title: "component of the threat model is nothing that was found",
        why: "its threats are judged from the drawing alone: nobody has looked at the thing itself, or it is gone or called otherwise",
        remedy: "call the component by the id of the asset that it is, put what it is made from into the folder, or take it out of the model",
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
    let models = &inventory.declaration.models;
    for declared in &inventory.declaration.assets {
        let is_of_model = models.iter().any(|model| model.path == declared.locator.path);
        // What belongs to somebody else is in nobody's folder.
        if !is_of_model || declared.component == "external_service" {
            continue;
        }
        let id = AssetId::new(declared.kind, &declared.name);
        let place = home(inventory, &declared.locator);
        report.looked_at(&place);
        if inventory.asset(&id).is_some_and(|asset| asset.confidence == Confidence::Declared) {
            let evidence = Evidence::new(declared.locator.clone(), id.to_string(), declared.name.clone());
            report.find(
                &place,
                format!("`{}` of the threat model is nothing that was found in the folder", declared.name),
                vec![evidence],
            );
        }
    }
}
