//! Workflows that run a stranger's code with the project's rights.

use vauban_domain::{Evidence, rule};
use vauban_formats::ci::{Ci, Job, Step, System};

use crate::{Check, Look, Report, Subject};

rule! {
    /// A privileged workflow checks out what a stranger sent.
    pub const RULE: "ci-untrusted-checkout" {
        family: Config,
        severity: Critical,
        title: "workflow with secrets checks out code of a pull request",
        why: "pull_request_target, workflow_run and comments start the workflow with the project's token and secrets; whoever sends a pull request runs code in it and can publish models and packages",
        remedy: "use pull_request, or check out only the base; run what needs secrets in a second workflow that takes in data, not code",
        techniques: ["AML.T0010.001@2026.09", "AML.T0055@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0019@2026.09"],
        weaknesses: ["CWE-829", "CWE-94"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L4.3@2025-02", "X.1@2025-02"],
        source: "https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ci(check) };

/// Expressions that name what the stranger sent.
const HEADS: &[&str] = &[
    "github.event.pull_request.head",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.head_repository",
    "github.event.workflow_run.head_sha",
    "github.head_ref",
    "refs/pull/",
];

fn check(subject: &Subject<'_, Ci>, report: &mut Report) {
    let ci = subject.facts;
    if ci.system != System::GitHub || !ci.starts_on(&["issue_comment", "pull_request_target", "workflow_run"])
    {
        return;
    }
    for job in &ci.jobs {
        for step in &job.steps {
            let Some(what) = checked_out(step).filter(|_| !is_guarded(ci, job, step)) else { continue };
            let place = subject.locator.clone().at_line(step.line);
            let key = format!("{}/{}", job.name, step.action());
            let message =
                format!("job `{}` checks out `{what}` and runs with the project's rights", job.name);
            report.find(&subject.asset.id, message, vec![Evidence::new(place, key, what)]);
        }
    }
}

fn checked_out(step: &Step) -> Option<String> {
    let named = |text: &str| HEADS.iter().any(|head| text.contains(head));
    if step.action() == "actions/checkout" {
        let inputs = ["ref", "repository"].into_iter().filter_map(|name| step.input(name));
        return inputs.map(|input| input.value.clone()).find(|value| named(value));
    }
    let line = step.run.lines().find(|line| {
        line.contains("gh pr checkout")
            || ((line.contains("git checkout") || line.contains("git fetch")) && named(line))
    });
    line.map(|line| line.trim().to_owned())
}

/// Whether a label that only maintainers set, or the sender's standing, is asked for, or there is nothing to lose.
fn is_guarded(ci: &Ci, job: &Job, step: &Step) -> bool {
    let asked = |condition: &str| {
        [
            "author_association",
            "github.actor",
            "github.event.label",
            "head.repo.full_name == github.repository",
            "head_repository.full_name == github.repository",
            "pull_request.labels",
        ]
        .iter()
        .any(|word| condition.contains(word))
    };
    let rights = ci.rights(job);
    let harmless = !rights.is_empty()
        && rights.iter().all(|right| right.access != "write")
        && !ci.source.contains("secrets.");
    ci.conditions(job).into_iter().any(asked) || asked(&step.condition) || harmless
}
