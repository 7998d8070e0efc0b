//! Configuration that makes its loader read, write or delete files.

use vauban_domain::rule;
use vauban_formats::instantiation::Instantiation;
use vauban_knowledge::calls::Effect;

use super::instantiation::{Verdict, tell};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Building what the configuration names touches files.
    pub const RULE: "instantiation-file-access" {
        family: Artifact,
        severity: High,
        title: "building what the configuration names reads, writes or deletes files",
        why: "the target is a bare file operation of Python, not the reader of a data set: it works on any path that the configuration gives",
        remedy: "do not load it; name the reader of the data instead of a file operation",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-73", "CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: FileWrite,
        when: Load,
        loaders: "hydra.utils.instantiate, LightningCLI, torchtune, NeMo restore_from; yaml.unsafe_load, yaml.load before PyYAML 5.1; jsonpickle.decode",
        source: "https://hydra.cc/docs/advanced/instantiate_objects/overview/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Instantiation(check) };

fn check(subject: &Subject<'_, Instantiation>, report: &mut Report) {
    tell(
        subject,
        report,
        |verdict| matches!(verdict, Verdict::Does(Effect::FileRead | Effect::FileWrite)),
        "",
    );
}
