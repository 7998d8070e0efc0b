//! Pipelines that run what a download brings.

use vauban_domain::{Evidence, rule};
use vauban_formats::ci::Ci;

use crate::agent::shell::{joined_lines, runs_download};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A job runs a script straight from the network.
    pub const RULE: "ci-remote-script" {
        family: Config,
        severity: Medium,
        title: "pipeline runs a downloaded script",
        why: "the script is not reviewed, not pinned and not verified; whoever controls the server, or the way to it, runs commands with the pipeline's secrets",
        remedy: "download a fixed version, check its digest, then run it; or use an action or image that is pinned",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-494", "CWE-829"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L4.3@2025-02", "X.1@2025-02"],
        source: "https://cwe.mitre.org/data/definitions/494.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ci(check) };

fn check(subject: &Subject<'_, Ci>, report: &mut Report) {
    for job in &subject.facts.jobs {
        for step in &job.steps {
            for line in joined_lines(&step.run) {
                let Some(address) = runs_download(&line) else { continue };
                let place = subject.locator.clone().at_line(step.run_line);
                let key = format!("{}/{address}", job.name);
                let excerpt: String = line.trim().chars().take(120).collect();
                let message = format!("job `{}` runs what `{address}` serves", job.name);
                report.find(&subject.asset.id, message, vec![Evidence::new(place, key, excerpt)]);
            }
        }
    }
}
