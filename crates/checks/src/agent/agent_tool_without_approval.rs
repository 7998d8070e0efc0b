//! Tools that act without asking a person.

use vauban_domain::{Evidence, rule};
use vauban_formats::python::Python;

use super::tools::{asks_a_person, effects, tools};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A tool with side effects runs without a person agreeing.
    pub const RULE: "agent-tool-without-approval" {
        family: Agent,
        severity: High,
        title: "agent tool acts without human approval",
        why: "a text that the model reads can make it call the tool: what it deletes, sends or runs is done before anyone has seen it",
        remedy: "let a person confirm the call, or narrow the tool until its worst use is harmless",
        techniques: ["AML.T0053@2026.09", "AML.T0101@2026.09"],
        mitigations: ["AML.M0029@2026.09", "AML.M0028@2026.09"],
        weaknesses: ["CWE-862"],
        owasp: ["LLM06:2025", "ASI02:2026"],
        threats: ["L7.4@2025-02"],
        source: "https://genai.owasp.org/llmrisk/llm062025-excessive-agency/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Python(check) };

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    let file = subject.facts;
    for (index, function) in tools(file) {
        let found = effects(file, index);
        let Some(effect) = found.iter().find(|effect| effect.kind.is_side_effect()) else { continue };
        if asks_a_person(file, index) {
            continue;
        }
        let place = subject.locator.clone().at_line(function.line);
        let evidence =
            Evidence::new(place, function.name.clone(), format!("{} calls {}", function.name, effect.callee));
        let message = format!(
            "the model can call `{}`, which {}, and nobody is asked",
            function.name,
            effect.kind.words()
        );
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
