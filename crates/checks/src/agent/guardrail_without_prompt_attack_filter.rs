//! A guardrail has no filter for prompt attacks.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A guardrail has no filter for prompt attacks.
    pub const RULE: "guardrail-without-prompt-attack-filter" {
        family: Agent,
        severity: Medium,
        title: "guardrail lets prompt attacks through",
        why: "the guardrail filters words and topics, but not the instructions that turn a model against its owner",
        remedy: "add the filter PROMPT_ATTACK with a strength for input",
        techniques: ["AML.T0051@2026.09", "AML.T0054@2026.09"],
        mitigations: ["AML.M0020@2026.09"],
        weaknesses: ["CWE-693"],
        owasp: ["LLM01:2025"],
        threats: ["L7.1@2025-02", "L7.5@2025-02"],
        source: "https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-prompt-attack.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_bedrock_guardrail"]) {
        let path = "content_policy_config.filters_config";
        let filters = it.blocks(path);
        // A list that is built elsewhere may hold it.
        let unknown = !it.complete
            || filters.iter().any(|filter| filter.get("type").text().is_none())
            || it.has(path).is_none();
        let on = filters.iter().any(|filter| {
            filter.get("type").text() == Some("PROMPT_ATTACK")
                && filter.get("input_strength").text() != Some("NONE")
                && !filter.get("input_enabled").is_false()
        });
        let is_wrong = if on {
            Some(false)
        } else if unknown {
            None
        } else {
            Some(true)
        };
        let said = verdict(it, is_wrong, path, || format!("`{}` does not filter prompt attacks", it.name));
        estate.clouds.judge(stack, it, report, said);
    }
}
