//! `registry-production-unapproved`.

use std::collections::BTreeMap;

use vauban_domain::{Evidence, rule};

use super::registry::stores;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A version in use that was not approved as others were.
    pub(super) const RULE: "registry-production-unapproved" {
        family: Provenance,
        severity: Medium,
        title: "a version of a model is in production without the approval that the registry records",
        why: "its tags say that it was not approved, or say nothing where other versions are marked as approved: somebody moved it past the review that the others went through",
        remedy: "review the version and tag it, or point the alias back to the last approved one; let only the release process set aliases and stages",
        techniques: ["AML.T0010.003@2026.09", "AML.T0018@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0008@2026.09"],
        weaknesses: ["CWE-345"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02"],
        source: "https://mlflow.org/docs/latest/ml/model-registry/workflow/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Aliases that mean that a version is used in earnest.
const IN_USE: [&str; 5] = ["champion", "live", "prod", "production", "serving"];
/// Parts of keys of tags that tell of a review.
const REVIEWS: [&str; 4] = ["approv", "review", "sign_off", "validation_status"];
/// Values that say yes, and that say no.
const YES: [&str; 6] = ["approved", "passed", "true", "yes", "done", "ok"];
const NO: [&str; 8] = ["pending", "rejected", "failed", "false", "no", "none", "todo", "open"];

/// What the tags say of a review: approved, refused or nothing.
fn approved(tags: &BTreeMap<String, String>) -> Option<bool> {
    let mut said = None;
    for (key, value) in tags {
        let (key, value) = (key.to_lowercase(), value.trim().to_lowercase());
        if !REVIEWS.iter().any(|part| key.contains(part)) {
            continue;
        }
        if NO.contains(&value.as_str()) {
            return Some(false);
        }
        // A name or a date tells who approved it, or when.
        if YES.contains(&value.as_str()) || key.contains("approv") && !value.is_empty() {
            said = Some(true);
        }
    }
    said
}

fn check(estate: &Estate<'_>, report: &mut Report) {
    for store in stores(estate) {
        let customary = store.versions().any(|(_, _, _, version)| approved(&version.tags) == Some(true));
        for (name, model, number, version) in store.versions() {
            let alias = model
                .aliases
                .iter()
                .find(|(alias, meant)| {
                    IN_USE.contains(&alias.to_lowercase().as_str()) && **meant == number.to_string()
                })
                .map(|(alias, _)| format!("the alias `{alias}`"));
            let stage = (version.stage == "Production").then(|| "the stage `Production`".to_owned());
            let Some(mark) = alias.or(stage) else { continue };
            let asset = store.model(estate, name);
            report.looked_at(&asset);
            let what = match approved(&version.tags) {
                Some(false) => "its tags say that it is not approved",
                None if customary => "it has no tag of an approval, as other versions have",
                _ => continue,
            };
            let message = format!("version {number} of `{name}` has {mark}, and {what}");
            let key = format!("{name}/{number}");
            let evidence = Evidence::new(store.place(name, number), key, mark);
            report.find(&asset, message, vec![evidence]);
        }
    }
}
