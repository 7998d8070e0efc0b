//! Configurations that change what the model is told or what its words become.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::hugging_face::HuggingFace;
use vauban_formats::prompt::{HiddenKind, hidden};

use super::template_instruction::hostile;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The configuration or tokenizer changes what the model is told or what its words become.
    pub const RULE: "hugging-face-behaviour-backdoor" {
        family: Artifact,
        severity: High,
        title: "the configuration changes what the model is told or what it says",
        why: "prompts and tokens stand between the user and the model: what they add or replace steers every answer, whatever the weights are",
        remedy: "compare the file with the one of the model's publisher",
        techniques: ["AML.T0018.003@2026.09", "AML.T0051.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-506"],
        owasp: ["LLM01:2025", "LLM03:2025"],
        threats: ["L1.3@2025-02"],
        effect: BehaviourBackdoor,
        when: FirstUse,
        loaders: "transformers, tokenizers, vLLM and everything that reads the repository",
        source: "ATLAS AML.T0018.003, tokenizers' normalizers and decoders",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::HuggingFace(check) };

fn check(subject: &Subject<'_, HuggingFace>, report: &mut Report) {
    let facts = subject.facts;
    let mut tell = |severity, line: u32, key: String, message: String, excerpt: String| {
        let locator = if line > 0 { subject.locator.clone().at_line(line) } else { subject.locator.clone() };
        report.find_as(severity, &subject.asset.id, message, vec![Evidence::new(locator, key, excerpt)]);
    };
    for text in &facts.texts {
        if let Some(sentence) = hostile(&text.text) {
            let message =
                format!("`{}` tells the model: `{}`", text.key.escape_debug(), sentence.escape_debug());
            tell(Severity::High, text.line, text.key.clone(), message, sentence);
        }
        let unseen = hidden(&text.text);
        if let Some(first) = unseen.iter().find(|hidden| {
            hidden.kind == HiddenKind::Tag || hidden.kind == HiddenKind::Bidirectional && hidden.count > 1
        }) {
            let message =
                format!("`{}` holds {} characters that nobody sees", text.key.escape_debug(), first.count);
            tell(
                Severity::High,
                text.line,
                format!("hidden {}", text.key),
                message,
                first.spells.clone().unwrap_or_default(),
            );
        }
    }
    for replacement in &facts.replacements {
        let words = |text: &str| {
            text.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() >= 3).count()
        };
        let address = replacement.content.contains("://") || replacement.content.contains("www.");
        if address || words(&replacement.content) > 0 && words(&replacement.pattern) > 0 {
            let shown = |text: &str| text.escape_debug().to_string().chars().take(80).collect::<String>();
            let message = format!(
                "the tokenizer turns `{}` into `{}`",
                shown(&replacement.pattern),
                shown(&replacement.content)
            );
            tell(Severity::High, 0, "replacement".to_owned(), message, shown(&replacement.content));
        }
    }
    for pattern in &facts.patterns {
        if is_bomb(pattern) {
            let shown: String = pattern.escape_debug().to_string().chars().take(120).collect();
            let message = format!("the tokenizer's pattern `{shown}` takes exponential time");
            tell(Severity::Medium, 0, "pattern".to_owned(), message, shown);
        }
    }
}

/// A repeated group whose end is itself repeated: `(a+)+`.
fn is_bomb(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    bytes.windows(3).any(|three| matches!(three, [b'+' | b'*', b')', b'+' | b'*']))
        && !bytes.windows(4).any(|four| matches!(four, [_, b')', b'+' | b'*', b'+']))
}
