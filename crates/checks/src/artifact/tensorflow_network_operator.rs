//! TensorFlow graphs: the graph reaches the network.

use vauban_domain::{Evidence, rule};
use vauban_formats::tensorflow::TensorFlow;

use super::tensorflow_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The graph reaches the network.
    pub const RULE: "tensorflow-network-operator" {
        family: Artifact,
        severity: High,
        title: "the graph reaches the network",
        why: "operators connect and transfer by themselves, which brings in what nobody has looked at and gives away what the model sees",
        remedy: "do not run it; ask what is fetched and by whom, and run strangers' graphs without network",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-918", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: NetworkAccess,
        when: FirstUse,
        loaders: "tf.saved_model.load, tf.import_graph_def, TensorFlow Serving",
        source: "TensorFlow security policy: models are programs",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::TensorFlow(check) };

fn check(subject: &Subject<'_, TensorFlow>, report: &mut Report) {
    for act in acts(subject.facts).into_iter().filter(|act| act.kind == Kind::Network) {
        let evidence = Evidence::new(subject.locator.clone().at_key(act.place), act.name, act.chain);
        report.find_as(act.severity, &subject.asset.id, act.message, vec![evidence]);
    }
}
