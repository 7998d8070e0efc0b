//! Source beside a model that runs programs or hidden code.

use vauban_domain::rule;
use vauban_formats::python::Python;

use super::model_code::{Harm, tell};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The source runs programs or code that nobody asked for.
    pub const RULE: "model-code-execution" {
        family: Artifact,
        severity: High,
        title: "the source runs programs or code that nobody asked for",
        why: "whoever loads a model with its code runs what the source does, with their rights and their credentials",
        remedy: "do not load it; read the line, and take the code from the model's publisher at a revision that was reviewed",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-94", "CWE-506"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "from_pretrained(trust_remote_code=True), torch.hub.load, TorchServe, Triton's Python backend, mlflow.pyfunc.load_model, and everything that imports the file",
        source: "https://huggingface.co/docs/transformers/custom_models, https://pytorch.org/serve/custom_service.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    tell(subject, report, Harm::Code);
}
