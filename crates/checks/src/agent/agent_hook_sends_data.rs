//! Hooks that send out what they are given.

use vauban_domain::{Evidence, rule};
use vauban_formats::agent::settings::Settings;

use super::shell::sends_out;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A hook sends data to another machine.
    pub const RULE: "agent-hook-sends-data" {
        family: Agent,
        severity: High,
        title: "hook sends data out",
        why: "hooks see every question, tool call and file the agent touches and run without a question: what they send leaves unseen",
        remedy: "take the hook out, or send to a collector of your own, over https and without contents",
        techniques: ["AML.T0086@2026.09", "AML.T0025@2026.09"],
        mitigations: ["AML.M0028@2026.09", "AML.M0024@2026.09"],
        weaknesses: ["CWE-201"],
        owasp: ["ASI02:2026", "LLM02:2025"],
        threats: ["X.4@2025-02", "L3.2@2025-02"],
        source: "https://code.claude.com/docs/en/hooks#security-considerations",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::AgentSettings(check) };

fn check(subject: &Subject<'_, Settings>, report: &mut Report) {
    for hook in &subject.facts.hooks {
        let Some(address) = sends_out(&hook.command) else { continue };
        let place = subject.locator.clone().at_line(hook.line);
        let evidence = Evidence::new(
            place,
            format!("{}/{address}", hook.event),
            hook.command.chars().take(160).collect::<String>(),
        );
        let message = format!("the hook `{}` sends what it sees to `{address}`", hook.event);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
