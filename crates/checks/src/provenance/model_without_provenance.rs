//! `model-without-provenance`.

use vauban_domain::{AssetKind, Evidence, Locator, rule};

use super::origin::{Origins, files_of};
use crate::{Check, Estate, Look, Report};

rule! {
    /// Nothing says where a model comes from.
    pub(super) const RULE: "model-without-provenance" {
        family: Provenance,
        severity: Low,
        title: "nothing says where a model comes from",
        why: "a model nobody can trace may be anyone's: what it was trained on, who changed it and whether it may be used cannot be answered",
        remedy: "put a model card beside it that names the file, register it, track it with DVC, or declare it in vauban.toml",
        techniques: ["AML.T0010.003@2026.09"],
        mitigations: ["AML.M0023@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-1357"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "X.1@2025-02"],
        source: "https://arxiv.org/abs/1810.03993 (Mitchell and others, Model cards for model reporting)",
    }
}

/// The check.
pub(super) const CHECK: Check =
    Check { rule: &RULE, look: Look::Estate(|estate, report| check(estate, AssetKind::Model, report)) };

/// Finds assets of a kind that are files and of which nothing says where they come from.
pub(super) fn check(estate: &Estate<'_>, kind: AssetKind, report: &mut Report) {
    let origins = Origins::of(estate);
    for asset in estate.inventory.assets.iter().filter(|asset| asset.kind == kind) {
        let files = files_of(estate, asset);
        let Some(first) = files.first() else { continue };
        report.looked_at(&asset.id);
        if !origins.knows(asset, &files) {
            let message = format!(
                "no card, note, registry entry, DVC file or lineage tells the origin of `{}`",
                first.path
            );
            let evidence = files
                .iter()
                .map(|file| Evidence::new(Locator::file(&file.path), file.path.clone(), "no origin"));
            report.find(&asset.id, message, evidence.collect());
        }
    }
}
