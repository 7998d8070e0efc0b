//! TensorFlow.js models with scripts in their texts.

use vauban_domain::{Evidence, rule};
use vauban_formats::tensorflow::tfjs::Tfjs;

use super::command::command;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A text of the model is a script or command.
    pub const RULE: "tfjs-script" {
        family: Artifact,
        severity: Medium,
        title: "a text of the model is a script or command",
        why: "pages that show a model's name or notes run what stands in them, and no model needs a script",
        remedy: "do not load it; get the model again from its publisher",
        techniques: ["AML.T0011.000@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-79", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: HiddenPayload,
        when: FirstUse,
        loaders: "pages that load the model",
        source: "tfjs-core/src/io/types.ts, userDefinedMetadata",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Tfjs(check) };

fn check(subject: &Subject<'_, Tfjs>, report: &mut Report) {
    let texts = subject.facts.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let weights = subject.facts.weights.iter().map(|weight| ("weights", weight.name.as_str()));
    for (path, text) in texts.chain(weights) {
        if let Some(found) = command(text) {
            let message = format!("the text at `{path}` is a command: `{}`", found.excerpt);
            let locator = subject.locator.clone().at_key(path);
            report.find(&subject.asset.id, message, vec![Evidence::new(locator, found.word, found.excerpt)]);
        }
    }
}
