//! `model-unsigned`.

use vauban_domain::{AssetKind, Evidence, Locator, rule};

use super::origin::files_of;
use super::records::{folder, join};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A model has no signature beside it.
    pub(super) const RULE: "model-unsigned" {
        family: Provenance,
        severity: Info,
        title: "a model has no signature",
        why: "without a signature a replaced file is not noticed by those who load it",
        remedy: "sign models when they are released (OpenSSF Model Signing, cosign) and check the signature before loading",
        techniques: ["AML.T0010.003@2026.09", "AML.T0018@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-345"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["X.1@2025-02"],
        source: "https://github.com/ossf/model-signing-spec",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Endings that signatures of one file add to its name.
const ENDINGS: [&str; 7] = [".asc", ".bundle", ".minisig", ".p7s", ".sig", ".sigstore", ".sigstore.json"];
/// Signatures of a whole folder.
const FOLDER: [&str; 2] = ["model.sig", "model.sigstore"];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for asset in estate.inventory.assets.iter().filter(|asset| asset.kind == AssetKind::Model) {
        let files = files_of(estate, asset);
        let Some(first) = files.first() else { continue };
        report.looked_at(&asset.id);
        let signed = files.iter().any(|file| is_signed(estate, &file.path))
            || asset.attribute("signed") == Some("yes");
        if !signed {
            let place = Locator::file(&first.path);
            let message = format!("no signature lies beside `{}`", first.path);
            report.find(&asset.id, message, vec![Evidence::new(place, first.path.clone(), "no signature")]);
        }
    }
}

/// A signature beside the file, or of a folder that it is in.
fn is_signed(estate: &Estate<'_>, path: &str) -> bool {
    let there = |path: &str| estate.inventory.file(path).is_some();
    let mut place = folder(path);
    loop {
        if FOLDER.iter().any(|name| there(&join(place, name))) {
            return true;
        }
        if place.is_empty() {
            break;
        }
        place = folder(place);
    }
    ENDINGS.iter().any(|ending| there(&format!("{path}{ending}")))
}
