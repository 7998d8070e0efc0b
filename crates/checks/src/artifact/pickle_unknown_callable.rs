//! Pickles that use what the table of callables does not know.

use vauban_domain::{Severity, rule};
use vauban_formats::pickle::Pickle;

use super::acts::{Verdict, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Loading the file calls or imports something unknown.
    pub const RULE: "pickle-unknown-callable" {
        family: Artifact,
        severity: Medium,
        title: "loading the file calls or imports something unknown",
        why: "nobody has said what this callable does; a class of your own that is only filled with data is told as a note, a function that is called with arguments is not",
        remedy: "make sure that the module is yours and is the one installed where the file is loaded, or store the weights as safetensors or ONNX",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "pickle.load and whatever calls it: joblib.load, torch.load without weights_only, numpy.load with allow_pickle, pandas.read_pickle",
        source: "CPython documentation of `pickle`, warning on untrusted data",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Pickle(check) };

fn check(subject: &Subject<'_, Pickle>, report: &mut Report) {
    for act in acts(subject.facts, &subject.knowledge.calls, !subject.parsed.members.is_empty()) {
        match act.verdict {
            Verdict::Unknown => super::tell(subject, report, &act),
            Verdict::Kept => super::tell_as(Severity::Low, subject, report, &act),
            Verdict::Does(_) => {}
        }
    }
}
