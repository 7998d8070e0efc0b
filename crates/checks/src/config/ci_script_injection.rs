//! What a stranger writes becomes part of a script.

use vauban_domain::{Evidence, rule};
use vauban_formats::ci::{Ci, Step, System};

use crate::{Check, Look, Report, Subject};

rule! {
    /// Text of a stranger is pasted into a script.
    pub const RULE: "ci-script-injection" {
        family: Config,
        severity: High,
        title: "text from an issue or pull request is pasted into a script",
        why: "the expression is replaced before the shell reads the script, so a title with a command in it is that command, with the rights of the workflow",
        remedy: "hand the value over as an environment variable of the step (env:) and use the variable, in quotes",
        techniques: ["AML.T0010.001@2026.09", "AML.T0050@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-78", "CWE-94"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L4.3@2025-02", "X.1@2025-02"],
        source: "https://docs.github.com/en/actions/concepts/security/script-injections",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ci(check) };

/// Expressions whose text a stranger chooses.
const STRANGERS: &[&str] = &[
    "github.event.comment.body",
    "github.event.discussion.body",
    "github.event.discussion.title",
    "github.event.head_commit.author",
    "github.event.head_commit.message",
    "github.event.issue.body",
    "github.event.issue.title",
    "github.event.pull_request.body",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.title",
    "github.event.review.body",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.head_commit.message",
    "github.head_ref",
];

fn check(subject: &Subject<'_, Ci>, report: &mut Report) {
    if subject.facts.system != System::GitHub {
        return;
    }
    for job in &subject.facts.jobs {
        for step in &job.steps {
            for (script, line) in scripts(step) {
                let Some(expression) = pasted(script) else { continue };
                let place = subject.locator.clone().at_line(line);
                let key = format!("{}/{expression}", job.name);
                let excerpt = format!("${{{{ {expression} }}}}");
                let message = format!("`{expression}` becomes part of the script of job `{}`", job.name);
                report.find(&subject.asset.id, message, vec![Evidence::new(place, key, excerpt)]);
            }
        }
    }
}

/// Shell commands, and the script of `actions/github-script`.
fn scripts(step: &Step) -> Vec<(&str, u32)> {
    let mut scripts = Vec::new();
    if !step.run.is_empty() {
        scripts.push((step.run.as_str(), step.run_line));
    }
    if step.action() == "actions/github-script" {
        scripts.extend(step.input("script").map(|input| (input.value.as_str(), input.line)));
    }
    scripts
}

/// The first expression that a stranger fills, unless it is only compared.
fn pasted(script: &str) -> Option<&'static str> {
    script.split("${{").skip(1).filter_map(|rest| rest.split("}}").next()).find_map(|inner| {
        let tested =
            ["==", "!=", "contains(", "startsWith(", "toJSON("].iter().any(|word| inner.contains(word));
        STRANGERS.iter().find(|name| !tested && inner.contains(*name)).copied()
    })
}
