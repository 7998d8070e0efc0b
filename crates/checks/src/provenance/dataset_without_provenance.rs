//! `dataset-without-provenance`.

use vauban_domain::{AssetKind, rule};

use super::model_without_provenance::check;
use crate::{Check, Look};

rule! {
    /// Nothing says where a data set comes from.
    pub(super) const RULE: "dataset-without-provenance" {
        family: Provenance,
        severity: Low,
        title: "nothing says where a data set comes from",
        why: "data nobody can trace may have been changed on its way, and whether it may be used cannot be answered",
        remedy: "write a PROVENANCE note with source, licence and SHA-256 beside it, or track it with DVC",
        techniques: ["AML.T0010.002@2026.09", "AML.T0020@2026.09"],
        mitigations: ["AML.M0025@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-1357"],
        owasp: ["LLM03:2025", "ML02:2023"],
        threats: ["L2.1@2025-02", "X.1@2025-02"],
        source: "https://arxiv.org/abs/1803.09010 (Gebru and others, Datasheets for datasets)",
    }
}

/// The check.
pub(super) const CHECK: Check =
    Check { rule: &RULE, look: Look::Estate(|estate, report| check(estate, AssetKind::Dataset, report)) };
