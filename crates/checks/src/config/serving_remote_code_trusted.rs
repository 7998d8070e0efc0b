//! `serving-remote-code-trusted`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use super::served::servers;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A model server is told to run code that comes with the model.
    pub const RULE: "serving-remote-code-trusted" {
        family: Config,
        severity: High,
        title: "model server runs code that comes with the model",
        why: "the server fetches Python from the model's repository and runs it with its own rights: its other models, its traffic and its keys belong to whoever controls the repository",
        remedy: "take --trust-remote-code away and serve a model whose class the server has, or vendor the code and pin its revision",
        techniques: ["AML.T0010.003@2026.09", "AML.T0011.000@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://docs.vllm.ai/en/latest/configuration/engine_args.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Container(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    for server in servers(subject).unwrap_or_default() {
        let Some(line) = server.command.trusts_code else { continue };
        let models: Vec<&str> = server.command.models.iter().map(|named| named.reference.as_str()).collect();
        let place = subject.locator.clone().at_line(line).at_key(server.key.clone());
        let message = match models.first() {
            Some(model) => format!("{} runs code that comes with `{model}`", server.key),
            None => format!("{} runs code that comes with its model", server.key),
        };
        let evidence = Evidence::new(place, server.key, "trust-remote-code");
        report.find(&server.asset, message, vec![evidence]);
    }
}
