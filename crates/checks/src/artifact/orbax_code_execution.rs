//! Checkpoint metadata that names code to restore values with.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::orbax::Orbax;

use super::acts::effect_of;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The checkpoint's metadata names code to restore its values with.
    pub const RULE: "orbax-code-execution" {
        family: Artifact,
        severity: High,
        title: "the checkpoint's metadata names code to restore its values with",
        why: "codecs that unpickle, and handlers that are looked up by name, run what the file says while an array is read",
        remedy: "do not restore it; get the checkpoint again, with arrays of numbers and codecs that only decompress",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-502", "CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "zarr.open with numcodecs for the codec `pickle`; Orbax with custom handlers",
        source: "numcodecs documentation of Pickle; Orbax documentation of type handlers",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Orbax(check) };

fn check(subject: &Subject<'_, Orbax>, report: &mut Report) {
    let mut tell = |key: &str, message: String, shown: &str, severity: Severity| {
        let evidence = Evidence::new(subject.locator.clone().at_key(key), key, shown);
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    };
    for codec in &subject.facts.codecs {
        if matches!(codec.as_str(), "pickle" | "dill" | "cloudpickle" | "joblib") {
            tell(
                codec,
                format!("values are decoded by `{codec}`, which runs what they say"),
                codec,
                Severity::High,
            );
        }
    }
    for (path, text) in &subject.facts.texts {
        let names = text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | ':'));
        let Some((module, name)) = text.rsplit_once(['.', ':']).filter(|_| names) else { continue };
        if module.is_empty() || name.is_empty() || module.starts_with(|char: char| char.is_ascii_digit()) {
            continue;
        }
        if let Some(effect) =
            effect_of(&subject.knowledge.calls, module, name).filter(|effect| !effect.is_expected())
        {
            let message = format!("`{}` names `{}` ({})", path.escape_debug(), text, effect.as_str());
            tell(path, message, text, Severity::High);
        }
    }
}
