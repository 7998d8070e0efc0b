//! Services that are spoken to in the clear.

use vauban_domain::{Severity, rule};
use vauban_formats::recording::Recording;
use vauban_knowledge::fingerprints::Authentication;

use super::service;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A running service is reached over plain HTTP from another machine.
    pub const RULE: "service-exposed-without-tls" {
        family: Access,
        severity: Medium,
        title: "service without TLS",
        why: "whoever sits on the way reads and changes questions, answers and models, and the credentials of those who sign in",
        remedy: "put TLS on the service or on a gateway before it, and let nothing else reach the plain port",
        techniques: ["AML.T0132@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-319"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02", "L2.4@2025-02"],
        source: "https://cheatsheetseries.owasp.org/cheatsheets/Transport_Layer_Security_Cheat_Sheet.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Recording(check) };

fn check(subject: &Subject<'_, Recording>, report: &mut Report) -> bool {
    let recording = subject.facts;
    let Some(known) = service::recognised(recording, subject.knowledge) else { return false };
    if !recording.is_plain() || service::is_loopback(recording) {
        return true;
    }
    // Where people sign in, their passwords and tokens are what is read.
    let signs_in = known.authentication.0 == Authentication::Required;
    let severity = if signs_in { Severity::High } else { RULE.severity };
    let what = if signs_in { "asks people to sign in" } else { "answers" };
    let message = format!("{} at {} {what} over plain HTTP", known.service.name, recording.base);
    let evidence = service::evidence(recording, &known.path, subject.locator, &known.service.id);
    report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    true
}
