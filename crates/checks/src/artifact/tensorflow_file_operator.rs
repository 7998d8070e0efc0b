//! TensorFlow graphs: the graph reads or writes files of the host.

use vauban_domain::{Evidence, rule};
use vauban_formats::tensorflow::TensorFlow;

use super::tensorflow_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The graph reads or writes files of the host.
    pub const RULE: "tensorflow-file-operator" {
        family: Artifact,
        severity: High,
        title: "the graph reads or writes files of the host",
        why: "operators open files by themselves, with the rights of the process: a model can read secrets into its outputs or write programs onto the disk",
        remedy: "do not run it; ask what the files are for, and run strangers' graphs in a sandbox without them",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-73", "CWE-22"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: FileRead,
        when: FirstUse,
        loaders: "tf.saved_model.load, tf.import_graph_def, TensorFlow Serving",
        source: "TensorFlow security policy: models are programs",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::TensorFlow(check) };

fn check(subject: &Subject<'_, TensorFlow>, report: &mut Report) {
    for act in acts(subject.facts).into_iter().filter(|act| act.kind == Kind::Files) {
        let evidence = Evidence::new(subject.locator.clone().at_key(act.place), act.name, act.chain);
        report.find_as(act.severity, &subject.asset.id, act.message, vec![evidence]);
    }
}
