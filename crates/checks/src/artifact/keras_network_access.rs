//! Keras configurations: rebuilding the model reaches the network.

use vauban_domain::{Evidence, rule};
use vauban_formats::keras::Keras;

use super::keras_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Rebuilding the model reaches the network.
    pub const RULE: "keras-network-access" {
        family: Artifact,
        severity: High,
        title: "rebuilding the model reaches the network",
        why: "a configuration that fetches a file brings in what nobody has looked at and tells a stranger that it was loaded",
        remedy: "do not load it; find out what is fetched and by whom",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-918", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: NetworkAccess,
        when: Load,
        loaders: "keras.models.load_model before 3.12",
        source: "CVE-2025-8747, CVE-2025-12058, CVE-2025-12060",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Keras(check) };

fn check(subject: &Subject<'_, Keras>, report: &mut Report) {
    for act in
        acts(subject.facts, &subject.knowledge.calls).into_iter().filter(|act| act.kind == Kind::Network)
    {
        let locator = subject.locator.clone().at_key(act.path);
        report.find(&subject.asset.id, act.message, vec![Evidence::new(locator, act.name, act.excerpt)]);
    }
}
