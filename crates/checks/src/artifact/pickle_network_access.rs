//! Pickles that call something which opens connections.

use vauban_domain::rule;
use vauban_formats::pickle::Pickle;
use vauban_knowledge::Effect;

use super::acts::{Act, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Loading the file reaches the network.
    pub const RULE: "pickle-network-access" {
        family: Artifact,
        severity: High,
        title: "loading the file reaches the network",
        why: "loading tells an outside host who loads it, or fetches what the file's author wants to bring in",
        remedy: "do not load it; get the weights as safetensors or ONNX from the publisher, or load with `weights_only=True` where that is enough",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502", "CWE-918"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: NetworkAccess,
        when: Load,
        loaders: "pickle.load and whatever calls it: joblib.load, torch.load without weights_only, numpy.load with allow_pickle, pandas.read_pickle",
        source: "CPython documentation of `pickle`, warning on untrusted data",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Pickle(check) };

fn check(subject: &Subject<'_, Pickle>, report: &mut Report) {
    let acts = acts(subject.facts, &subject.knowledge.calls, !subject.parsed.members.is_empty());
    for act in acts.iter().filter(|act| applies(act)) {
        super::tell(subject, report, act);
    }
}

fn applies(act: &Act) -> bool {
    act.called && act.effect() == Some(Effect::Network)
}
