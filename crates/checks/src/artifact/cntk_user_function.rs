//! CNTK models with functions of the user.

use vauban_domain::{Evidence, rule};
use vauban_formats::cntk::Cntk;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model calls functions that it names.
    pub const RULE: "cntk-user-function" {
        family: Artifact,
        severity: High,
        title: "the model calls functions that it names",
        why: "user functions are rebuilt by importing the module or loading the library that the file names",
        remedy: "do not load it; ask for a model of primitive functions",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-470", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "cntk.Function.load",
        source: "bindings/python/cntk/internal/utils.py and Source/CNTKv2LibraryDll/UserDefinedFunction.h",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Cntk(check) };

/// Words of which every serialised user function has one.
const WORDS: &[&str] = &[
    "NativeUserDefinedFunction",
    "UserDefinedFunction",
    "UserFunction",
    "deserialize_method",
    "LoadLibrary",
];

fn check(subject: &Subject<'_, Cntk>, report: &mut Report) {
    let texts = &subject.facts.texts;
    let Some((index, word)) = texts.iter().enumerate().find_map(|(index, (_, text))| {
        WORDS.iter().find(|word| text.contains(**word)).map(|word| (index, *word))
    }) else {
        return;
    };
    let near: Vec<&str> =
        texts.iter().skip(index.saturating_sub(2)).take(12).map(|(_, text)| text.as_str()).collect();
    let message = format!("`{word}` makes the loader call what the file names");
    let locator =
        texts.get(index).map_or(subject.locator.clone(), |(at, _)| subject.locator.clone().at_offset(*at));
    report.find(&subject.asset.id, message, vec![Evidence::new(locator, word, near.join("\n"))]);
}
