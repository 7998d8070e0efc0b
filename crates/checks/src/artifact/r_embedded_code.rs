//! R files whose functions and calls start programs, load code or reach the network.

use vauban_domain::{Evidence, rule};
use vauban_formats::rdata::RData;

use super::r::deeds;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A function or call in the R file can do harm.
    pub const RULE: "r-embedded-code" {
        family: Artifact,
        severity: Medium,
        title: "a function or call in the R file can do harm",
        why: "functions travel with R models, and printing, predicting or updating the model calls them",
        remedy: "read the code that is shown; build the model again from your own functions if it is not yours",
        techniques: ["AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-502", "CWE-506"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "readRDS and load, then print, predict, update or eval of the object",
        source: "R documentation of `readRDS` and `load`, notes on untrusted data",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::RData(check) };

fn check(subject: &Subject<'_, RData>, report: &mut Report) {
    for deed in deeds(subject.facts).into_iter().filter(|deed| !deed.by_itself) {
        let message = format!("`{}` {}, {}", deed.key.escape_debug(), deed.what, deed.when);
        let locator = subject.locator.clone().at_offset(deed.offset);
        let evidence = Evidence::new(locator, deed.key, deed.code);
        report.find_as(deed.severity, &subject.asset.id, message, vec![evidence]);
    }
}
