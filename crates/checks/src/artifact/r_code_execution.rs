//! R files whose code runs when the loaded object is touched.

use vauban_domain::{Evidence, rule};
use vauban_formats::rdata::RData;

use super::r::deeds;
use crate::{Check, Look, Report, Subject};

rule! {
    /// Touching what is loaded from the file runs code.
    pub const RULE: "r-code-execution" {
        family: Artifact,
        severity: High,
        title: "touching what is loaded from the R file runs code",
        why: "a promise is code that R runs at the first look at a value; in a file it runs with the rights of whoever loads it",
        remedy: "do not load it; load with R 4.4 or later, and get the model from its publisher again",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "readRDS, load, unserialize; promises without an environment before R 4.4 (CVE-2024-27322)",
        source: "R NEWS 4.4.0, CVE-2024-27322",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::RData(check) };

fn check(subject: &Subject<'_, RData>, report: &mut Report) {
    for deed in deeds(subject.facts).into_iter().filter(|deed| deed.by_itself) {
        let message = format!("`{}` {}, {}", deed.key.escape_debug(), deed.what, deed.when);
        let locator = subject.locator.clone().at_offset(deed.offset);
        let evidence = Evidence::new(locator, deed.key, deed.code);
        report.find_as(deed.severity, &subject.asset.id, message, vec![evidence]);
    }
}
