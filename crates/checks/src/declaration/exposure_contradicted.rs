//! Assets that are declared as out of reach, and that the configuration shows to the internet.

use vauban_domain::{AssetId, Confidence, Evidence, rule};

use crate::{Check, Estate, Look, Report};

rule! {
    /// The configuration shows an asset to the internet that is declared as internal.
    pub const RULE: "exposure-contradicted" {
        family: Declaration,
        severity: High,
        title: "asset that is declared as internal is open to the internet",
        why: "threats from outside are judged as impossible here, while anybody can try them",
        remedy: "take the asset off the internet, or declare `exposure = \"internet\"` and review what follows",
        techniques: ["AML.T0049@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-668"],
        owasp: [],
        threats: [],
        source: "https://csrc.nist.gov/pubs/sp/800/53/a/r5/final",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    let inventory = estate.inventory;
    for declared in &inventory.declaration.assets {
        let Some(said) = declared.attributes.get("exposure").filter(|said| *said != "internet") else {
            continue;
        };
        let id = AssetId::new(declared.kind, &declared.name);
        let Some(asset) = inventory.asset(&id) else { continue };
        // What is only declared was not looked at: there is nothing that could speak against it.
        if asset.confidence == Confidence::Declared {
            continue;
        }
        report.looked_at(&id);
        if asset.attributes.get("exposure").map(String::as_str) == Some("internet") {
            let key = format!("{id}/exposure");
            let mut evidence =
                vec![Evidence::new(declared.locator.clone(), key.clone(), format!("exposure = \"{said}\""))];
            evidence.extend(
                asset.locators.iter().take(3).map(|place| {
                    Evidence::new(place.clone(), key.clone(), "open to the internet".to_owned())
                }),
            );
            report.find(
                &id,
                format!("`{}` is declared as `{said}` and is open to the internet", asset.name),
                evidence,
            );
        }
    }
}
