//! Templates that say something else to the model on a trigger, or something nobody asked for.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::jinja::{Expression, Jinja, Kind};
use vauban_formats::prompt::{HiddenKind, hidden};

use super::template::{expressions, source_line, statements};
use super::template_behaviour::{Weight, oddities};
use super::template_instruction::{encoded, hostile};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The template changes what the model is told.
    pub const RULE: "jinja-behaviour-backdoor" {
        family: Artifact,
        severity: High,
        title: "the template changes what the model is told",
        why: "the template stands between the user and the model: words that it adds on a trigger steer every answer, and no look at the weights finds them",
        remedy: "replace the template by the one of the model's publisher and compare the two",
        techniques: ["AML.T0018.003@2026.09", "AML.T0051.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-506"],
        owasp: ["LLM01:2025", "LLM03:2025"],
        threats: ["L1.3@2025-02"],
        effect: BehaviourBackdoor,
        when: FirstUse,
        loaders: "apply_chat_template of transformers, vLLM, llama.cpp and everything that renders the template",
        source: "ATLAS AML.T0018.003, OWASP LLM01:2025",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Jinja(check) };

fn check(subject: &Subject<'_, Jinja>, report: &mut Report) {
    let jinja = subject.facts;
    let mut tell = |severity, line: u32, key: &str, message: String, excerpt: String| {
        let locator = if line > 0 { subject.locator.clone().at_line(line) } else { subject.locator.clone() };
        report.find_as(severity, &subject.asset.id, message, vec![Evidence::new(locator, key, excerpt)]);
    };
    if jinja.chat {
        for odd in oddities(&jinja.body) {
            let severity = match odd.weight {
                Weight::Hostile => Severity::High,
                Weight::Odd => Severity::Medium,
            };
            tell(
                severity,
                odd.line,
                odd.key,
                format!("the template {}", odd.what),
                source_line(&jinja.text, odd.line),
            );
        }
    }
    let mut said: Vec<(u32, String)> = Vec::new();
    statements(&jinja.body, &mut |statement| {
        if let Kind::Text(text) = &statement.kind {
            said.push((statement.line, text.clone()));
        }
    });
    expressions(&jinja.body, &mut |expression, line| {
        let mut joined = String::new();
        expression.visit(&mut |part| {
            if let Expression::Text(text) = part {
                joined.push_str(text);
                joined.push(' ');
            }
        });
        said.push((line, joined));
    });
    if let Some((line, sentence)) = said.iter().find_map(|(line, text)| Some((*line, hostile(text)?))) {
        let message = format!("the template tells the model: `{}`", sentence.escape_debug());
        tell(Severity::High, line, "hidden-instruction", message, sentence);
    }
    if let Some((line, sentence)) = said.iter().find_map(|(line, text)| Some((*line, encoded(text)?))) {
        let message = format!("the template holds a sentence in base64: `{}`", sentence.escape_debug());
        tell(Severity::High, line, "encoded-instruction", message, sentence);
    }
    let unseen = hidden(&jinja.text);
    if let Some(first) = unseen.iter().find(|hidden| {
        matches!(hidden.kind, HiddenKind::Tag | HiddenKind::Bidirectional)
            || hidden.kind == HiddenKind::VariationSelector && hidden.count > 4
            || hidden.kind == HiddenKind::Invisible && hidden.count > 2
    }) {
        let spells = first
            .spells
            .as_deref()
            .map_or_else(String::new, |text| format!(" that spell `{}`", text.escape_debug()));
        let message = format!("the template holds {} characters that nobody sees{spells}", first.count);
        tell(
            Severity::High,
            first.line,
            "hidden-characters",
            message,
            first.spells.clone().unwrap_or_default(),
        );
    }
}
