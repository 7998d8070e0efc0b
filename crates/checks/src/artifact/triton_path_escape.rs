//! Triton configurations that name files outside the model's folder.

use vauban_domain::{Evidence, rule};
use vauban_formats::triton::{Triton, Use};

use super::escape::escapes;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The configuration names files outside the model's folder.
    pub const RULE: "triton-path-escape" {
        family: Artifact,
        severity: High,
        title: "the configuration names files outside the model's folder",
        why: "the server opens what the configuration names: other models, secrets of the container, or libraries that somebody else put there",
        remedy: "keep every file in the model's own folder and name it relative to its version",
        techniques: ["AML.T0010.003@2026.09", "AML.T0011.000@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0011@2026.09"],
        weaknesses: ["CWE-22"],
        owasp: ["LLM03:2025"],
        threats: ["L4.2@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "Triton Inference Server, whenever it loads the model",
        source: "https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Triton(check) };

fn check(subject: &Subject<'_, Triton>, report: &mut Report) {
    let mut tell = |what: &str, path: &str, line: u32| {
        let message = format!("{what} `{}` lies outside the model's folder", path.escape_debug());
        let locator = subject.locator.clone().at_line(line);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, path, path)]);
    };
    for file in subject.facts.files.iter().filter(|file| escapes(&file.path)) {
        let what = match file.used_for {
            Use::Model => "the model",
            Use::Labels => "the list of labels",
            Use::WarmUp => "the input of a warm-up request",
            // Native code has a rule of its own.
            Use::Operators | Use::Runtime => continue,
        };
        tell(what, &file.path, file.line);
    }
    for step in subject.facts.steps.iter().filter(|step| step.contains(['/', '\\'])) {
        tell("the model of an ensemble's step", step, 0);
    }
}
