//! Core ML models and packages whose parts lie elsewhere.

use vauban_domain::{Evidence, rule};
use vauban_formats::coreml::Coreml;

use super::tensorflow_acts::{Spot, spot};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Parts of the model lie outside of it.
    pub const RULE: "coreml-path-escape" {
        family: Artifact,
        severity: High,
        title: "parts of the model lie outside of it",
        why: "a path that climbs or is absolute makes the loader read whatever lies there",
        remedy: "do not load it; get the model again",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22", "CWE-73"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "coremltools, MLModel(contentsOf:)",
        source: "LinkedModel.proto and the package manifest of coremltools",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Coreml(check) };

fn check(subject: &Subject<'_, Coreml>, report: &mut Report) {
    for path in subject.facts.paths.iter().filter(|path| spot(path) != Spot::Inside).take(100) {
        let shown: String = path.escape_debug().take(200).collect();
        let message = format!("`{shown}` is outside of the model");
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(subject.locator.clone(), path.clone(), shown)],
        );
    }
}
