//! Hooks and skills that run what they fetch.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::Facts;
use vauban_formats::agent::settings::Settings;
use vauban_formats::prompt::{Kind, Prompt};

use super::shell::{is_near, runs_download};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A hook or skill fetches code and runs it.
    pub const RULE: "agent-fetches-code" {
        family: Agent,
        severity: High,
        title: "hook or skill runs code that it fetches",
        why: "what runs was never reviewed and can be another tomorrow; a hook runs without a question, a skill has the model run it with the user's rights",
        remedy: "keep the script beside the skill or hook, reviewed and versioned, or check the download against a digest before it runs",
        techniques: ["AML.T0011.002@2026.09", "AML.T0050@2026.09", "AML.T0109@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0028@2026.09"],
        weaknesses: ["CWE-494", "CWE-829"],
        owasp: ["ASI04:2026", "ASI05:2026"],
        threats: ["L3.4@2025-02", "L3.2@2025-02"],
        source: "https://owasp.org/www-project-agentic-skills-top-10/ and https://code.claude.com/docs/en/hooks#security-considerations",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Instruction(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Agent(agent) => hooks(subject, &agent.settings, report),
        Facts::Mcp(mcp) => hooks(subject, &mcp.settings, report),
        Facts::Prompt(prompt) => {
            if let Some(front) = &prompt.front {
                hooks(subject, &front.settings, report);
            }
            lines(subject, prompt, report);
        }
        _ => {}
    }
}

fn hooks(subject: &Subject<'_, Facts>, settings: &Settings, report: &mut Report) {
    for hook in &settings.hooks {
        let Some(address) = runs_download(&hook.command).filter(|address| !is_near(address)) else {
            continue;
        };
        let place = subject.locator.clone().at_line(hook.line);
        let evidence = Evidence::new(
            place,
            format!("{}/{address}", hook.event),
            hook.command.chars().take(160).collect::<String>(),
        );
        report.find_as(
            Severity::Critical,
            &subject.asset.id,
            format!("the hook `{}` fetches {address} and runs it", hook.event),
            vec![evidence],
        );
    }
}

fn lines(subject: &Subject<'_, Facts>, prompt: &Prompt, report: &mut Report) {
    // Instructions of a project tell people and agents alike how to install its tools.
    let told = matches!(prompt.kind, Kind::Skill | Kind::Agent | Kind::Command);
    for (line, number) in prompt.text.lines().zip(1_u32..) {
        // `!` before a command in backticks runs it before the model reads the text.
        let at_once = line.contains("!`");
        if !told && !at_once {
            continue;
        }
        let Some(address) = runs_download(line.trim_start_matches(['-', '*', ' ', '$', '>']))
            .or_else(|| line.split('`').skip(1).step_by(2).find_map(runs_download))
        else {
            continue;
        };
        let place = subject.locator.clone().at_line(number);
        let evidence =
            Evidence::new(place, address.clone(), line.trim().chars().take(160).collect::<String>());
        let severity = if at_once { Severity::Critical } else { Severity::High };
        report.find_as(
            severity,
            &subject.asset.id,
            format!("has the agent fetch {address} and run it"),
            vec![evidence],
        );
    }
}
