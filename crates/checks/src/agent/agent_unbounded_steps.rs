//! `agent-unbounded-steps`.

use vauban_domain::{Evidence, rule};
use vauban_formats::python::{Call, Python, Value};

use crate::{Check, Look, Report, Subject};

rule! {
    /// Nothing stops an agent that goes round in circles.
    pub(super) const RULE: "agent-unbounded-steps" {
        family: Agent,
        severity: Medium,
        title: "agent may take any number of steps",
        why: "a text that keeps the agent going, or two agents that answer each other, spend money and call tools until somebody notices",
        remedy: "set the limit to a few times what the longest honest task takes, and bound cost and time as well",
        techniques: ["AML.T0034.002@2026.09"],
        mitigations: ["AML.M0035@2026.09", "AML.M0036@2026.09"],
        weaknesses: ["CWE-770", "CWE-834"],
        owasp: ["LLM10:2025", "ASI08:2026"],
        threats: ["L7.4@2025-02"],
        source: "https://genai.owasp.org/llmrisk/llm102025-unbounded-consumption/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

/// Names of limits: LangGraph, LangChain, CrewAI, smolagents, AutoGen, OpenAI Agents, LlamaIndex.
const LIMITS: &[&str] = &[
    "max_consecutive_auto_reply",
    "max_iter",
    "max_iterations",
    "max_steps",
    "max_turns",
    "recursion_limit",
];

/// Steps that no task needs; the defaults of the frameworks are 10 to 50.
const MANY: i64 = 1_000;

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    for call in &subject.facts.calls {
        for (name, value) in limits(call) {
            let said = match value {
                Value::Integer(steps) if *steps >= MANY => format!("{name} is {steps}"),
                // Without a limit the loop of LangChain's executor ends when the model says so.
                Value::None if name == "max_iterations" && call.name().contains("Agent") => {
                    format!("{name} is None")
                }
                _ => continue,
            };
            let key = format!("{}:{}:{name}", subject.locator.path, call.callee);
            let place = subject.locator.clone().at_line(call.line);
            report.find(&subject.asset.id, said.clone(), vec![Evidence::new(place, key, said)]);
        }
    }
}

/// The limits that a call is given, by itself or in a configuration of the run.
fn limits(call: &Call) -> Vec<(&'static str, &Value)> {
    let agents = |name: &str| {
        // Solvers and optimisers take `max_iter`, too, by the thousand.
        name != "max_iter" || call.callee.contains("crewai") || call.keyword("backstory").is_some()
    };
    let own = LIMITS.iter().filter(|name| agents(name)).filter_map(|name| Some((*name, call.keyword(name)?)));
    let of_run = call.argument(1, "config").and_then(|config| config.item("recursion_limit"));
    let of_run = of_run.map(|value| ("recursion_limit", value));
    own.filter(|(name, _)| *name != "max_steps" || call.name().contains("Agent")).chain(of_run).collect()
}
