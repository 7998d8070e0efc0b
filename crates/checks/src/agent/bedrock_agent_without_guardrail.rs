//! An agent of Bedrock has no guardrail.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// An agent of Bedrock has no guardrail.
    pub const RULE: "bedrock-agent-without-guardrail" {
        family: Agent,
        severity: Medium,
        title: "agent without a guardrail",
        why: "nothing filters what reaches the agent's model and what it answers: injected instructions, personal data, harmful content",
        remedy: "attach a guardrail with a filter for prompt attacks",
        techniques: ["AML.T0051@2026.09", "AML.T0054@2026.09", "AML.T0057@2026.09"],
        mitigations: ["AML.M0020@2026.09", "AML.M0033@2026.09"],
        weaknesses: ["CWE-693"],
        owasp: ["LLM01:2025", "ASI01:2026"],
        threats: ["L7.1@2025-02", "L7.5@2025-02"],
        source: "https://docs.aws.amazon.com/bedrock/latest/userguide/agents-guardrail.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_bedrockagent_agent"]) {
        let path = "guardrail_configuration";
        let said = verdict(it, it.has(path).map(|set| !set), path, || {
            format!("no guardrail stands between `{}` and its users", it.name)
        });
        estate.clouds.judge(stack, it, report, said);
    }
}
