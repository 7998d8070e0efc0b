//! `licence-missing`.

use vauban_domain::{Asset, AssetKind, Confidence, Evidence, Locator, rule};

use super::licences::{stated, subjects};
use crate::{Check, Estate, Look, Report};

rule! {
    /// Somebody else's model or data, and no word on whether it may be used.
    pub(super) const RULE: "licence-missing" {
        family: Provenance,
        severity: Low,
        title: "a model or data set from outside states no licence",
        why: "without a licence nothing is permitted: neither its use, nor passing on what is made from it",
        remedy: "ask its publisher for a licence and record it in the model card or in vauban.toml (licence = \"...\")",
        techniques: ["AML.T0010.003@2026.09"],
        mitigations: ["AML.M0023@2026.09"],
        weaknesses: ["CWE-1357"],
        owasp: ["LLM03:2025"],
        threats: ["X.1@2025-02"],
        source: "https://huggingface.co/docs/hub/repositories-licenses",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for asset in subjects(estate).filter(|asset| is_from_outside(asset)) {
        // A name in code says nothing of the licence: its card is elsewhere.
        if stated(asset).is_none() && asset.confidence != Confidence::Verified {
            report.skip(&asset.id, "its card, which states the licence, is not here");
            continue;
        }
        report.looked_at(&asset.id);
        if stated(asset).is_none() {
            let what = if asset.kind == AssetKind::Dataset { "data set" } else { "model" };
            let place = asset.locators.first().cloned().unwrap_or_else(|| Locator::file("."));
            let message = format!("the {what} `{}` comes from a hub and states no licence", asset.name);
            report.find(&asset.id, message, vec![Evidence::new(place, "no licence", "no licence")]);
        }
    }
}

/// Whether a hub is named as its source; what was made here needs no licence.
fn is_from_outside(asset: &Asset) -> bool {
    matches!(asset.attribute("source"), Some("huggingface" | "kaggle" | "modelscope" | "ollama"))
}
