//! Tokens that may do everything.

use vauban_domain::{Evidence, rule};
use vauban_formats::ci::{Ci, Permission, System};

use crate::{Check, Look, Report, Subject};

rule! {
    /// The token of a workflow may write everything.
    pub const RULE: "ci-excessive-permissions" {
        family: Config,
        severity: Medium,
        title: "workflow token may write everything",
        why: "every action and script in the workflow, and what they install, can push code, publish packages and models and change releases with it",
        remedy: "set permissions: contents: read for the workflow, and give single jobs the single right they need",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-250", "CWE-269"],
        owasp: ["ASI03:2026"],
        threats: ["L4.3@2025-02", "X.3@2025-02"],
        source: "https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions#permissions",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ci(check) };

fn check(subject: &Subject<'_, Ci>, report: &mut Report) {
    if subject.facts.system != System::GitHub {
        return;
    }
    let all = |rights: &[Permission]| {
        rights.iter().find(|right| right.scope == "*" && right.access == "write").map(|right| right.line)
    };
    let jobs = subject.facts.jobs.iter().map(|job| (job.name.as_str(), &job.permissions));
    for (name, rights) in std::iter::once(("workflow", &subject.facts.permissions)).chain(jobs) {
        let Some(line) = all(rights) else { continue };
        let evidence = Evidence::new(subject.locator.clone().at_line(line), name, "permissions: write-all");
        report.find(&subject.asset.id, format!("the token of `{name}` may write everything"), vec![evidence]);
    }
}
