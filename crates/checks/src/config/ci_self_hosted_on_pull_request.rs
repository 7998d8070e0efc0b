//! Own machines that run what strangers send.

use vauban_domain::{Evidence, rule};
use vauban_formats::ci::{Ci, System};

use crate::{Check, Look, Report, Subject};

rule! {
    /// A pull request runs on a machine of one's own.
    pub const RULE: "ci-self-hosted-on-pull-request" {
        family: Config,
        severity: Medium,
        title: "pull requests run on a self-hosted machine",
        why: "the code of a pull request runs on a machine that is not thrown away afterwards: it can stay, read what other jobs leave, and reach the network and the GPUs behind it",
        remedy: "run pull requests on hosted or throw-away machines; ask for approval of first-time senders; keep own machines for trusted branches",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-829", "CWE-668"],
        owasp: ["ASI04:2026"],
        threats: ["L4.5@2025-02", "L4.6@2025-02"],
        source: "https://docs.github.com/en/actions/reference/security/secure-use#hardening-for-self-hosted-runners",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ci(check) };

/// Conditions that keep strangers out.
const GUARDS: &[&str] = &[
    "author_association",
    "github.event.label",
    "github.event_name != 'pull_request'",
    "github.event_name == 'push'",
    "github.event_name == 'schedule'",
    "github.event_name == 'workflow_dispatch'",
    "head.repo.full_name == github.repository",
    "head.repo.fork",
];

fn check(subject: &Subject<'_, Ci>, report: &mut Report) {
    let ci = subject.facts;
    if ci.system != System::GitHub || !ci.starts_on(&["pull_request", "pull_request_target"]) {
        return;
    }
    for job in ci.jobs.iter().filter(|job| job.runners.iter().any(|label| label == "self-hosted")) {
        let conditions = ci.conditions(job);
        if GUARDS.iter().any(|words| conditions.iter().any(|condition| condition.contains(words))) {
            continue;
        }
        let place = subject.locator.clone().at_line(job.line);
        let evidence = Evidence::new(place, job.name.clone(), job.runners.join(", "));
        let message = format!("job `{}` runs pull requests on a machine of one's own", job.name);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
