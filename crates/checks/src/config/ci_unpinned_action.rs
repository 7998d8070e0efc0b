//! Actions and includes that others can change.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::ci::{Ci, Include};

use crate::{Check, Look, Report, Subject};

rule! {
    /// A pipeline runs what others can change.
    pub const RULE: "ci-unpinned-action" {
        family: Config,
        severity: Low,
        title: "pipeline runs an action or include that others can change",
        why: "a tag or branch of somebody else's repository can be moved: what was reviewed is not what runs tomorrow with the pipeline's token and secrets",
        remedy: "name the full commit of the action and let a bot update it; copy remote includes, or name their commit and integrity",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-1357"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L4.3@2025-02", "X.1@2025-02"],
        source: "https://docs.github.com/en/actions/reference/security/secure-use",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ci(check) };

/// Owners whose actions the platform itself publishes.
const OWN: &[&str] = &["actions", "github"];

fn check(subject: &Subject<'_, Ci>, report: &mut Report) {
    let ci = subject.facts;
    let mut find = |severity, line, name: &str, message: String| {
        let place = subject.locator.clone().at_line(line);
        let key = name.split('@').next().unwrap_or(name).to_owned();
        report.find_as(severity, &subject.asset.id, message, vec![Evidence::new(place, key, name)]);
    };
    for job in &ci.jobs {
        let called = job.calls.iter().map(|calls| (calls.as_str(), job.line));
        for (uses, line) in job.steps.iter().map(|step| (step.uses.as_str(), step.line)).chain(called) {
            if let Some(severity) = movable(uses) {
                find(severity, line, uses, format!("`{uses}` can be changed by its owners"));
            }
        }
    }
    for include in ci.includes.iter().filter(|include| is_foreign(include)) {
        let message = format!("the pipeline takes in `{}` as it is on the day", include.place);
        find(Severity::Medium, include.line, &include.place, message);
    }
}

/// A branch is moved every day, a tag only by intent.
fn movable(uses: &str) -> Option<Severity> {
    if uses.is_empty() || uses.starts_with(['.', '$']) || uses.starts_with("docker://") {
        return None;
    }
    let (action, version) = uses.split_once('@')?;
    let owner = action.split('/').next().unwrap_or_default();
    let commit = version.len() >= 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    if commit || OWN.contains(&owner) || version.contains("${{") {
        return None;
    }
    let branch = matches!(version, "main" | "master" | "dev" | "develop" | "latest");
    Some(if branch { Severity::Medium } else { Severity::Low })
}

fn is_foreign(include: &Include) -> bool {
    include.kind == "remote" && include.reference.is_none()
}
