//! `licence-use-restricted`.

use vauban_domain::rule;
use vauban_knowledge::licences::Commercial;

use super::licences::{evidence, stated, subjects, terms};
use crate::{Check, Estate, Look, Report};

rule! {
    /// The terms of a model or data set have conditions that somebody must keep.
    pub(super) const RULE: "licence-use-restricted" {
        family: Provenance,
        severity: Info,
        title: "the licence of a model or data set restricts its use",
        why: "conditions on use are easy to break without noticing: forbidden purposes, numbers of users, revenue",
        remedy: "have whoever answers for the system read the terms, and pass them on with what is made from it",
        techniques: ["AML.T0010.003@2026.09"],
        mitigations: ["AML.M0023@2026.09"],
        weaknesses: ["CWE-1357"],
        owasp: ["LLM03:2025"],
        threats: ["X.1@2025-02"],
        source: "https://www.licenses.ai/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for asset in subjects(estate) {
        let Some(licence) = stated(asset) else { continue };
        let Some(terms) = terms(estate, asset) else {
            report.skip(&asset.id, format!("what the licence `{licence}` permits is not known"));
            continue;
        };
        report.looked_at(&asset.id);
        let mut conditions: Vec<&str> = Vec::new();
        if terms.commercial == Commercial::No {
            conditions.push("no commercial use");
        }
        if terms.restricted {
            conditions.push("some kinds of use are forbidden");
        }
        if !terms.threshold.is_empty() {
            conditions.push(&terms.threshold);
        }
        if !conditions.is_empty() {
            let message = format!(
                "`{}` is under {licence}: {}; see {}",
                asset.name,
                conditions.join(", "),
                terms.source
            );
            report.find(&asset.id, message, evidence(asset));
        }
    }
}
