//! Compiled models that name native libraries.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use super::tensorflow_acts::{Spot, spot};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The compiled model names a native library to load.
    pub const RULE: "native-library-reference" {
        family: Artifact,
        severity: High,
        title: "the compiled model names a native library to load",
        why: "engines that need a library of their own make the runtime load code from the path that the file states",
        remedy: "do not load it; build the engine again from the model, with plugins of your own",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-427"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "TensorRT with plugin libraries, RKNN runtime with custom operators",
        source: "TensorRT Developer Guide, plugins; RKNN-Toolkit2 custom operators",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Artifact(check) };

/// Endings of native libraries.
const ENDINGS: &[&str] = &[".dll", ".dylib", ".so"];

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let texts = match subject.facts {
        Facts::Cntk(cntk) => &cntk.texts,
        Facts::Rknn(rknn) => &rknn.texts,
        Facts::Tensorrt(engine) => &engine.texts,
        _ => return,
    };
    for (at, text) in texts {
        for word in text.split(|char: char| char.is_whitespace() || "\"'`,;(){}[]=".contains(char)) {
            let library = ENDINGS.iter().any(|ending| {
                word.find(ending).is_some_and(|at| {
                    let rest = word.get(at + ending.len()..).unwrap_or_default();
                    rest.is_empty() || rest.starts_with('.')
                })
            });
            let outside = word.len() > 4 && spot(word) != Spot::Inside;
            if !(library
                && (outside || word.contains(['/', '\\']) || matches!(subject.facts, Facts::Rknn(_))))
            {
                continue;
            }
            let shown: String = word.escape_debug().take(200).collect();
            let message = format!("the library `{shown}` is named in the model");
            let locator = subject.locator.clone().at_offset(*at);
            return report.find(&subject.asset.id, message, vec![Evidence::new(locator, word, shown)]);
        }
    }
}
