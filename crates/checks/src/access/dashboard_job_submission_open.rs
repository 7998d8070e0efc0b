//! Orchestrators and dashboards that let everybody run something.

use vauban_domain::rule;
use vauban_formats::recording::Recording;
use vauban_knowledge::fingerprints::Gives;

use super::service;
use crate::{Check, Look, Report, Subject};

rule! {
    /// Anybody can start jobs.
    pub const RULE: "dashboard-job-submission-open" {
        family: Access,
        severity: Critical,
        title: "jobs and workflows can be started without signing in",
        why: "whoever reaches the address runs code on the cluster, with its data, models and credentials; open Ray dashboards are searched for and taken over",
        remedy: "switch on its authentication, or let only a gateway that signs people in reach it; never publish the port",
        techniques: ["AML.T0132@2026.09", "AML.T0049@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["ASI03:2026", "ASI05:2026"],
        threats: ["L4.2@2025-02", "L4.5@2025-02"],
        source: "https://nvd.nist.gov/vuln/detail/CVE-2023-48022",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Recording(check) };

fn check(subject: &Subject<'_, Recording>, report: &mut Report) -> bool {
    let (place, asset) = (subject.locator, &subject.asset.id);
    service::judge(subject.facts, Gives::Jobs, place, asset, subject.knowledge, report, RULE.severity)
}
