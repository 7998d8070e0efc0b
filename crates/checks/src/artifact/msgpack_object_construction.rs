//! MessagePack that asks its reader to make Python objects.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::msgpack::Msgpack;

use super::acts::effect_of;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The file asks its reader to make Python objects.
    pub const RULE: "msgpack-object-construction" {
        family: Artifact,
        severity: Medium,
        title: "the file asks its reader to make Python objects",
        why: "readers that restore objects call what the file names, and arrays of objects are unpickled",
        remedy: "read it with flax.serialization only, which makes no objects; store numbers as numbers",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-502"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "msgpack with an object hook, msgpack-numpy for arrays of objects, Orbax with custom handlers",
        source: "msgpack-python documentation of object_hook; msgpack-numpy 0.4",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Msgpack(check) };

/// Keys under which hooks look for what to make.
const KEYS: &[&str] = &[
    "__class__",
    "__import__",
    "__object__",
    "__reduce__",
    "__type__",
    "_target_",
    "cls",
    "py/function",
    "py/object",
    "py/reduce",
];

fn check(subject: &Subject<'_, Msgpack>, report: &mut Report) {
    let mut tell = |key: &str, message: String, shown: &str, severity: Severity| {
        let evidence = Evidence::new(subject.locator.clone().at_key(key), key, shown);
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    };
    for key in &subject.facts.objects {
        tell(
            key,
            format!("`{}` is an array of Python objects, which is unpickled", key.escape_debug()),
            key,
            Severity::Medium,
        );
    }
    for (key, text) in &subject.facts.texts {
        if !KEYS.contains(&key.as_str()) {
            continue;
        }
        let (module, name) = text.rsplit_once(['.', ':']).unwrap_or(("", text));
        let effect = effect_of(&subject.knowledge.calls, module, name);
        if let Some(effect) = effect.filter(|effect| !effect.is_expected()) {
            let message =
                format!("`{}` asks for `{}` ({})", key.escape_debug(), text.escape_debug(), effect.as_str());
            tell(text, message, text, Severity::High);
        }
    }
}
