//! Credentials in prompts.

use vauban_domain::{Evidence, rule};
use vauban_formats::prompt::{Kind, Prompt};
use vauban_knowledge::secrets::tokens;

use crate::literal::is_literal;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A prompt holds a credential.
    pub const RULE: "prompt-secret" {
        family: Agent,
        severity: High,
        title: "credential in a prompt",
        why: "what stands in a prompt can be talked out of the model by anyone who may ask it",
        remedy: "keep credentials in the code that calls the tool, never in text for the model; replace this one",
        techniques: ["AML.T0056@2026.09", "AML.T0055@2026.09"],
        mitigations: ["AML.M0021@2026.09"],
        weaknesses: ["CWE-522"],
        owasp: ["LLM07:2025"],
        threats: ["L7.3@2025-02"],
        source: "https://genai.owasp.org/llmrisk/llm072025-system-prompt-leakage/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Prompt(check) };

fn check(subject: &Subject<'_, Prompt>, report: &mut Report) {
    let prompt = subject.facts;
    // Instructions in a repository are text like any other, which the rules about secrets look at.
    if prompt.kind != Kind::Prompt {
        return;
    }
    for (url, line) in &prompt.urls {
        let Some((scheme, rest)) = url.split_once("://") else { continue };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let Some((credentials, host)) = authority.rsplit_once('@') else { continue };
        if credentials.split_once(':').is_some_and(|(_, password)| is_literal(password)) {
            let user = credentials.split(':').next().unwrap_or_default();
            let shown = format!("{scheme}://{user}:…@{host}");
            let evidence = Evidence::new(subject.locator.clone().at_line(*line), host, shown);
            report.find(
                &subject.asset.id,
                format!("a password for `{host}` stands in the prompt"),
                vec![evidence],
            );
        }
    }
    for (line, number) in prompt.text.lines().zip(1_u32..) {
        for (shape, _) in tokens(&subject.knowledge.secrets, line) {
            let evidence =
                Evidence::new(subject.locator.clone().at_line(number), shape.id.clone(), shape.id.clone());
            report.find(&subject.asset.id, format!("a {} stands in the prompt", shape.id), vec![evidence]);
        }
    }
}
