//! Core ML models and packages that refer to files elsewhere.

use vauban_domain::{Evidence, rule};
use vauban_formats::coreml::Coreml;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model refers to files outside its folder.
    pub const RULE: "coreml-path-escape" {
        family: Artifact,
        severity: High,
        title: "the model refers to files outside its folder",
        why: "a linked model or weights at a path of the author's choice are read from there when the model is loaded",
        remedy: "keep weights and linked models inside the package",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-22"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "MLModel of Core ML; coremltools",
        source: "coremltools, LinkedModel.proto and MIL.proto (BlobFileValue)",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Coreml(check) };

fn check(subject: &Subject<'_, Coreml>, report: &mut Report) {
    for file in subject.facts.files.iter().filter(|file| leaves(file)) {
        let message = format!("the model refers to `{}`", file.escape_debug());
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(subject.locator.clone(), file.clone(), file.clone())],
        );
    }
}

/// Whether a path is absolute, climbs, or is an address; `@model_path/` stands for the package.
fn leaves(path: &str) -> bool {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("@model_path/").unwrap_or(&path);
    path.starts_with(['/', '~']) || path.contains("://") || path.split('/').any(|part| part == "..")
}
