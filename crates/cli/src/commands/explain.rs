//! `vauban explain`.

use std::fmt::Write;

use anyhow::bail;
use vauban_domain::Rule;
use vauban_knowledge::Knowledge;

use crate::arguments::ExplainArguments;
use crate::{Ended, delivery, style};

/// Explains one id, be it of a rule or of the knowledge base.
pub(crate) fn run(arguments: &ExplainArguments) -> anyhow::Result<Ended> {
    let knowledge = Knowledge::builtin();
    let rules = vauban_engine::rules(knowledge);
    let id = arguments.id.trim();
    if let Some(rule) = rules.iter().find(|rule| rule.id == id) {
        delivery::print(rule_text(rule).as_bytes())?;
        return Ok(Ended::Clean);
    }
    let Some(explanation) = knowledge.explain(id) else {
        bail!(
            "nothing is called `{id}`; see `vauban rules`, or give an id such as AML.T0018, AML.M0013, L1.3 or LLM01:2025"
        );
    };
    let mut text = style::strong(&explanation.title) + "\n";
    for paragraph in &explanation.paragraphs {
        let _ = writeln!(text, "\n{paragraph}");
    }
    let about: Vec<_> = rules
        .iter()
        .filter(|rule| mentions(rule, id))
        .map(|rule| format!("  {:32} {}", rule.id, rule.title))
        .collect();
    if !about.is_empty() {
        let _ = writeln!(text, "\nrules that give evidence about it:\n{}", about.join("\n"));
    }
    if !explanation.links.is_empty() {
        let _ = writeln!(text, "\nsee also:");
        for link in &explanation.links {
            let _ = writeln!(text, "  {:16} {:18} {}", link.relation, link.id, link.name);
        }
    }
    delivery::print(text.as_bytes())?;
    Ok(Ended::Clean)
}

fn mentions(rule: &Rule, id: &str) -> bool {
    let bare = id.split('@').next().unwrap_or(id);
    [&rule.techniques, &rule.mitigations, &rule.threats, &rule.owasp, &rule.weaknesses]
        .into_iter()
        .flat_map(|list| list.iter())
        .any(|reference| reference == id || reference.split('@').next() == Some(bare))
}

fn rule_text(rule: &Rule) -> String {
    let mut text =
        format!("{}: {} ({}, {})\n", style::strong(&rule.id), rule.title, rule.severity, rule.family);
    let _ = writeln!(text, "\nwhy: {}\n\nwhat next: {}\n", rule.why, rule.remedy);
    if let Some(harm) = &rule.harm {
        let _ = writeln!(text, "effect: {}\nwhen: {}\nloaders: {}\n", harm.effect, harm.when, harm.loaders);
    }
    for (name, ids) in [
        ("ATLAS techniques", &rule.techniques),
        ("ATLAS mitigations", &rule.mitigations),
        ("weaknesses", &rule.weaknesses),
        ("OWASP", &rule.owasp),
        ("MAESTRO threats", &rule.threats),
    ] {
        if !ids.is_empty() {
            let _ = writeln!(text, "{name}: {}", ids.join(", "));
        }
    }
    let _ = writeln!(text, "source: {}", rule.source);
    text
}
