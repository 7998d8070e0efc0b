//! Source beside a model that sends or fetches.

use vauban_domain::rule;
use vauban_formats::python::Python;

use super::model_code::{Harm, tell};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The source reaches the network.
    pub const RULE: "model-code-network-access" {
        family: Artifact,
        severity: High,
        title: "the source reaches the network when the model is loaded or used",
        why: "code that sends what it finds, or fetches what it runs, does so from inside the network of whoever loads the model",
        remedy: "do not load it, or load it without a network; take the code from the model's publisher at a revision that was reviewed",
        techniques: ["AML.T0011.000@2026.09", "AML.T0025@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-506", "CWE-200"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: NetworkAccess,
        when: Load,
        loaders: "from_pretrained(trust_remote_code=True), torch.hub.load, TorchServe, Triton's Python backend, mlflow.pyfunc.load_model, and everything that imports the file",
        source: "https://huggingface.co/docs/transformers/custom_models, https://pytorch.org/serve/custom_service.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    tell(subject, report, Harm::Network);
}
