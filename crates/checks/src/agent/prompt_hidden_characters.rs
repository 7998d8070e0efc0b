//! Instructions that no reader sees.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::prompt::{Hidden, HiddenKind, hidden};

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A prompt or tool configuration holds characters that no reader sees.
    pub const RULE: "prompt-hidden-characters" {
        family: Agent,
        severity: High,
        title: "hidden characters in instructions",
        why: "the model reads what people who review the text do not see: a way to slip instructions past them",
        remedy: "look at the characters with a hex viewer, remove them, and ask how they got there",
        techniques: ["AML.T0068@2026.09", "AML.T0051@2026.09", "AML.T0110.000@2026.09"],
        mitigations: ["AML.M0020@2026.09", "AML.M0033@2026.09"],
        weaknesses: ["CWE-1007"],
        owasp: ["LLM01:2025", "ASI01:2026"],
        threats: ["L7.5@2025-02", "L3.3@2025-02"],
        source: "https://www.unicode.org/reports/tr39/ and https://trojansource.codes",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Instruction(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Prompt(prompt) => {
            let evidence: Vec<Evidence> =
                prompt.hidden.iter().map(|hidden| evidence(subject, hidden, hidden.line)).collect();
            if !evidence.is_empty() {
                let total: usize = prompt.hidden.iter().map(|hidden| hidden.count).sum();
                report.find(&subject.asset.id, format!("{total} characters that no reader sees"), evidence);
            }
        }
        Facts::Mcp(file) => {
            for server in &file.servers {
                let mut found = Vec::new();
                server.root.visit_scalars(|_, node| {
                    let hidden = hidden(node.text_or_empty());
                    found.extend(hidden.iter().map(|hidden| evidence(subject, hidden, node.line)));
                });
                if !found.is_empty() {
                    let message =
                        format!("server `{}` is described with characters that no reader sees", server.name);
                    report.find(&owner(subject, &server.name), message, found);
                }
            }
        }
        Facts::Agent(agent) => {
            let mut found = Vec::new();
            agent.root.visit_scalars(|_, node| {
                let hidden = hidden(node.text_or_empty());
                found.extend(hidden.iter().map(|hidden| evidence(subject, hidden, node.line)));
            });
            if !found.is_empty() {
                let name = if agent.name.is_empty() { "the agent" } else { agent.name.as_str() };
                let message = format!("`{name}` is described with characters that no reader sees");
                report.find(&subject.asset.id, message, found);
            }
        }
        _ => {}
    }
}

fn evidence(subject: &Subject<'_, Facts>, hidden: &Hidden, line: u32) -> Evidence {
    let what = match (&hidden.spells, hidden.kind) {
        (Some(spells), HiddenKind::Tag) => {
            format!("spells \"{}\"", spells.chars().take(80).collect::<String>())
        }
        _ => format!("U+{:04X}", u32::from(hidden.first)),
    };
    let excerpt = format!("{} {} in column {}: {what}", hidden.count, hidden.kind.as_str(), hidden.column);
    Evidence::new(subject.locator.clone().at_line(line), hidden.kind.as_str(), excerpt)
}
