//! `code-unpinned-model`.

use vauban_domain::rule;
use vauban_formats::python::Python;
use vauban_formats::python::fetch::{Hub, Revision, fetched};

use super::call::evidence;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A model or data set is fetched from a hub without a fixed revision.
    pub(super) const RULE: "code-unpinned-model" {
        family: Code,
        severity: Medium,
        title: "a model or data set is fetched from a hub at whatever revision is newest",
        why: "what was reviewed and what is loaded tomorrow can differ: a repository can be changed, transferred or re-registered under the same name",
        remedy: "pass revision= with a full commit hash, and keep a copy of what was reviewed",
        techniques: ["AML.T0010.003@2026.09", "AML.T0109@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-494", "CWE-1357"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://huggingface.co/docs/huggingface_hub/guides/download",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    for call in &subject.facts.calls {
        let Some(fetched) = fetched(call, subject.facts) else { continue };
        let fixed = match (&fetched.hub, &fetched.revision) {
            (Hub::HuggingFace, Revision::Named(revision)) => {
                !matches!(revision.as_str(), "main" | "master" | "HEAD" | "")
            }
            (Hub::TorchHub, Revision::Named(revision)) => !matches!(revision.as_str(), "main" | "master"),
            (Hub::HuggingFace | Hub::TorchHub, Revision::Newest) => false,
            // Registries of one's own and packages with versions are not anybody's to change.
            _ => true,
        };
        if fixed || fetched.local_only {
            continue;
        }
        let name = &fetched.name;
        let message = format!("`{name}` is fetched by `{}` without a fixed revision", call.callee);
        report.find(
            &subject.asset.id,
            message,
            evidence(subject, call, format!("{}(\"{name}\")", call.callee)),
        );
    }
}
