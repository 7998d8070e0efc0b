//! Whether findings are bad enough to say so by the exit code.

use vauban_domain::{Finding, History, Severity, Status};

use crate::Ended;

/// [`Ended::Gated`] if a finding that is neither accepted nor answered is at least as severe as the gate.
pub(crate) fn judge(findings: &[Finding], history: &History, gate: Option<Severity>) -> Ended {
    let Some(gate) = gate else { return Ended::Clean };
    let accepted =
        |finding: &Finding| matches!(history.get(&finding.fingerprint), Some(Status::Accepted { .. }));
    if findings.iter().any(|finding| finding.severity >= gate && !accepted(finding) && !finding.is_answered())
    {
        Ended::Gated
    } else {
        Ended::Clean
    }
}
