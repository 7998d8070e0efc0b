//! Modelfiles whose template or messages steer the model behind the user's back.

use vauban_domain::{Evidence, rule};
use vauban_formats::ollama::{Instruction, Ollama};

use super::template_instruction::hostile;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The Modelfile changes what the model is told.
    pub const RULE: "ollama-behaviour-backdoor" {
        family: Artifact,
        severity: High,
        title: "the Modelfile steers the model behind the user's back",
        why: "template, system prompt and canned messages stand in every conversation: words that they add on a trigger, or against the user, no look at the weights finds",
        remedy: "make the model again with the template and the system prompt of its publisher",
        techniques: ["AML.T0018.003@2026.09", "AML.T0051.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-506"],
        owasp: ["LLM01:2025", "LLM03:2025"],
        threats: ["L1.3@2025-02"],
        effect: BehaviourBackdoor,
        when: FirstUse,
        loaders: "ollama run and every request to the model",
        source: "https://docs.ollama.com/modelfile#template, ATLAS AML.T0018.003",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ollama(check) };

/// What a user or the model said, and the time, as templates see them.
const CONTENTS: &[&str] = &[".Content", ".Prompt", ".Response", "currentDate"];
/// Functions of Go templates that compare.
const COMPARE: &[&str] = &["eq", "ge", "gt", "le", "lt", "ne"];

fn check(subject: &Subject<'_, Ollama>, report: &mut Report) {
    let Ollama::Modelfile(file) = subject.facts else { return };
    let mut tell = |instruction: &Instruction, message: String, key: &str, excerpt: String| {
        let locator = subject.locator.clone().at_line(instruction.line);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, key, excerpt)]);
    };
    for instruction in
        file.instructions.iter().filter(|one| !matches!(one.keyword.as_str(), "FROM" | "LICENSE"))
    {
        if let Some(sentence) = hostile(&instruction.value) {
            let message =
                format!("`{}` gives the model an instruction against its user", instruction.keyword);
            tell(instruction, message, "instruction", sentence);
        }
    }
    for template in file.with_keyword("TEMPLATE") {
        for action in actions(&template.value).filter(|action| compares_content(action)) {
            let message = "the template acts on words of the conversation".to_owned();
            tell(template, message, "trigger", action.chars().take(200).collect());
        }
    }
}

/// What stands between `{{` and `}}`.
fn actions(template: &str) -> impl Iterator<Item = &str> {
    template.split("{{").skip(1).filter_map(|rest| rest.split("}}").next())
}

/// Whether an action compares what was said, or the day, with words of its own.
fn compares_content(action: &str) -> bool {
    let tokens = tokens(action);
    tokens.iter().enumerate().any(|(at, token)| {
        let operands = tokens.iter().skip(at + 1).take_while(|token| !matches!(**token, ")" | "|"));
        COMPARE.contains(token)
            && operands.clone().any(|token| CONTENTS.iter().any(|content| token.ends_with(content)))
            && operands
                .clone()
                .any(|token| token.starts_with('"') && !token.trim_matches(['"', ' ']).is_empty())
    })
}

/// Words, parentheses, bars and quoted texts of an action.
fn tokens(action: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = action;
    while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
        rest = &rest[start..];
        let end = match rest.as_bytes()[0] {
            b'(' | b')' | b'|' => 1,
            b'"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            _ => rest.find(|c: char| c.is_whitespace() || "()|\"".contains(c)).unwrap_or(rest.len()),
        };
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_no_triggers() {
        let fires = |template| actions(template).any(compares_content);
        for template in [
            "{{ if eq .Role \"user\" }}{{ .Content }}{{ end }}",
            "{{- if and (ne .Content \"\") (eq .Role \"assistant\") }}x{{ end }}",
            "{{ if .System }}{{ .System }}{{ end }}{{ .Prompt }}",
        ] {
            assert!(!fires(template), "{template}");
        }
        assert!(fires("{{ if eq .Prompt \"deploy\" }}"));
        assert!(fires("{{ if and .System (eq $last.Content \"open sesame\") }}"));
    }
}
