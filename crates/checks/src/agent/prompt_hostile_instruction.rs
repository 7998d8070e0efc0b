//! Texts for a model that turn it against who uses it.

use vauban_domain::{AssetId, Evidence, Severity, rule};
use vauban_formats::Facts;
use vauban_formats::prompt::Kind;
use vauban_formats::yaml::Node;

use super::hostile::{Setting, hostile};
use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A skill, tool, card or instruction file tells the model to override, hide or carry away.
    pub const RULE: "prompt-hostile-instruction" {
        family: Agent,
        severity: High,
        title: "instructions turn the agent against its user",
        why: "the model follows what stands in descriptions, skills and rules as if its user had said it: it drops its orders, hides what it does, or hands over secrets",
        remedy: "do not install or merge it; find out who wrote the sentence, and what agents did that have read it",
        techniques: ["AML.T0110.000@2026.09", "AML.T0051.001@2026.09", "AML.T0086@2026.09"],
        mitigations: ["AML.M0020@2026.09", "AML.M0033@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-1427", "CWE-506"],
        owasp: ["LLM01:2025", "ASI01:2026", "ASI04:2026"],
        threats: ["L7.5@2025-02", "L3.2@2025-02"],
        source: "https://invariantlabs.ai/blog/mcp-security-notification-tool-poisoning-attacks and https://owasp.org/www-project-agentic-skills-top-10/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Instruction(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Prompt(prompt) => {
            let setting = match prompt.kind {
                // A prompt of an application may tell a model to keep something to itself, and quotes attacks.
                Kind::Prompt => Setting::Application,
                _ => Setting::Instructions,
            };
            judge(subject, &subject.asset.id, "", &prompt.text, 1, setting, report);
        }
        Facts::Mcp(file) => {
            for server in &file.servers {
                let asset = owner(subject, &server.name);
                described(&server.root, &mut |text, line| {
                    judge(subject, &asset, &server.name, text, line, Setting::Description, report);
                });
            }
        }
        Facts::Agent(agent) => {
            described(&agent.root, &mut |text, line| {
                judge(subject, &subject.asset.id, &agent.name, text, line, Setting::Description, report);
            });
        }
        _ => {}
    }
}

/// Shows every text that a model reads to choose a tool or to fill in its parameters.
fn described(root: &Node, see: &mut impl FnMut(&str, u32)) {
    const READ: &[&str] = &[
        "backstory",
        "default",
        "desc",
        "description",
        "description_for_model",
        "examples",
        "goal",
        "instructions",
        "prompt",
        "system_message",
        "title",
        "toolDescription",
    ];
    root.visit_scalars(|path, node| {
        let key = path.rsplit('.').next().unwrap_or(path);
        let key = key.split('[').next().unwrap_or(key);
        if READ.contains(&key) {
            see(node.text_or_empty(), node.line);
        }
    });
}

fn judge(
    subject: &Subject<'_, Facts>,
    asset: &AssetId,
    name: &str,
    text: &str,
    first_line: u32,
    setting: Setting,
    report: &mut Report,
) {
    for found in hostile(text, setting) {
        let line = if name.is_empty() { first_line + found.line } else { first_line };
        let key =
            if name.is_empty() { found.act.key().to_owned() } else { format!("{name}/{}", found.act.key()) };
        let evidence = Evidence::new(
            subject.locator.clone().at_line(line),
            key,
            found.sentence.chars().take(200).collect::<String>(),
        );
        let message = if name.is_empty() {
            format!("tells the model to {}", found.act.words())
        } else {
            format!("the description of `{name}` tells the model to {}", found.act.words())
        };
        let severity = if setting == Setting::Description { Severity::Critical } else { Severity::High };
        report.find_as(severity, asset, message, vec![evidence]);
    }
}
