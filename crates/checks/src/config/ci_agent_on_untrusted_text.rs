//! Agents in a pipeline that read what strangers write.

use vauban_domain::{Evidence, rule};
use vauban_formats::ci::{Ci, Job, Step, System};

use crate::{Check, Look, Report, Subject};

rule! {
    /// A stranger's text reaches an agent that can write.
    pub const RULE: "ci-agent-on-untrusted-text" {
        family: Config,
        severity: High,
        title: "agent in a pipeline reads strangers' text and may write",
        why: "an issue, comment or pull request of anybody becomes the agent's instruction; with a token that writes, the text can push code, publish, or send secrets out",
        remedy: "start it only for members (author_association, a label), give the job read-only permissions and no secrets but the model's key, and let a person apply what it proposes",
        techniques: ["AML.T0051@2026.09", "AML.T0053@2026.09"],
        mitigations: ["AML.M0029@2026.09", "AML.M0019@2026.09"],
        weaknesses: ["CWE-1427", "CWE-862"],
        owasp: ["LLM01:2025", "LLM06:2025", "ASI01:2026"],
        threats: ["L7.4@2025-02", "L7.5@2025-02"],
        source: "https://github.com/anthropics/claude-code-action/blob/main/docs/security.md",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ci(check) };

/// Actions and commands that run an agent.
const AGENTS: &[&str] = &[
    "anthropics/claude-code-action",
    "anthropics/claude-code-base-action",
    "claude -p ",
    "codex exec",
    "copilot -p ",
    "cursor-agent ",
    "gemini -p ",
    "google-gemini/gemini-cli-action",
    "google-github-actions/run-gemini-cli",
    "openai/codex-action",
];
/// Events that anybody can cause, and that run with the project's token.
const EVENTS: &[&str] = &[
    "discussion",
    "discussion_comment",
    "issue_comment",
    "issues",
    "pull_request_review_comment",
    "pull_request_target",
];

fn check(subject: &Subject<'_, Ci>, report: &mut Report) {
    let ci = subject.facts;
    if ci.system != System::GitHub || !ci.starts_on(EVENTS) {
        return;
    }
    for job in &ci.jobs {
        let writes = ci.rights(job).iter().any(|right| right.access == "write" && right.scope != "id-token");
        for step in job.steps.iter().filter(|_| writes) {
            let Some(agent) = agent(step).filter(|_| !is_guarded(ci, job, step)) else { continue };
            let place = subject.locator.clone().at_line(step.line);
            let key = format!("{}/{agent}", job.name);
            let message =
                format!("job `{}` lets anybody's text instruct `{agent}`, whose token writes", job.name);
            report.find(&subject.asset.id, message, vec![Evidence::new(place, key, agent)]);
        }
    }
}

fn agent(step: &Step) -> Option<&'static str> {
    AGENTS.iter().find(|name| step.action() == **name || step.run.contains(*name)).map(|name| name.trim())
}

/// Whether only members of the project start it. Some actions ask for write access by themselves, unless they are told
/// that everybody may.
fn is_guarded(ci: &Ci, job: &Job, step: &Step) -> bool {
    let asked = |condition: &str| {
        ["author_association", "github.actor ==", "github.event.label", "sender.login ==", "issue.labels"]
            .iter()
            .any(|word| condition.contains(word))
    };
    let asks_itself =
        step.action() == "anthropics/claude-code-action" && step.input("allowed_non_write_users").is_none();
    ci.conditions(job).into_iter().any(asked) || asked(&step.condition) || asks_itself
}
