//! skops graphs with types and functions that nobody knows.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::skops::Skops;

use super::skops::{deeds, line};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The graph of the skops file makes objects of an unknown type.
    pub const RULE: "skops-unknown-type" {
        family: Artifact,
        severity: Medium,
        title: "the skops file makes objects of an unknown type",
        why: "loading imports the module of the type and hands it state from the file; nobody has said what it does with that",
        remedy: "make sure that the module is yours, then trust exactly this type and no other",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "skops.io.load with this type trusted",
        source: "skops documentation, secure persistence",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Skops(check) };

fn check(subject: &Subject<'_, Skops>, report: &mut Report) {
    for deed in deeds(subject.facts, &subject.knowledge.calls) {
        if deed.effect.is_some() {
            continue;
        }
        let verb = if deed.called { "makes" } else { "fetches" };
        let message = format!("loading {verb} `{}`, which nobody knows", deed.name.escape_debug());
        let locator = subject.locator.clone().at_key(&deed.node.path);
        let evidence = Evidence::new(locator, deed.name.clone(), line(deed.node));
        // What the loading program itself defines is fetched and not brought along.
        let severity =
            if deed.node.module == "__main__" && !deed.called { Severity::Low } else { Severity::Medium };
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    }
}
