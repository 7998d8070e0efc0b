//! `code-script-key-in-browser`.

use vauban_domain::{Evidence, rule};
use vauban_formats::python::Value;
use vauban_formats::script::Script;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A page holds the key of a model provider.
    pub(super) const RULE: "code-script-key-in-browser" {
        family: Code,
        severity: High,
        title: "the key of a model provider is given to the browser",
        why: "everyone who opens the page can read the key and use the account: run up its cost, read its files, impersonate the application",
        remedy: "call the provider from a server of one's own and let the browser call that, or hand out short-lived keys",
        techniques: ["AML.T0055@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-522", "CWE-200"],
        owasp: ["LLM02:2025", "ASI03:2026"],
        threats: ["L7.3@2025-02", "X.4@2025-02"],
        source: "https://github.com/openai/openai-node#requirements",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Script(check) };

fn check(subject: &Subject<'_, Script>, report: &mut Report) {
    for call in &subject.facts.calls {
        let allowed = ["dangerouslyAllowBrowser", "dangerouslyAllowAPIKeyInBrowser"]
            .iter()
            .find(|key| call.arguments.iter().any(|options| options.item(key) == Some(&Value::Bool(true))));
        let Some(key) = allowed else { continue };
        let place = subject.locator.clone().at_line(call.line);
        let id = format!("{}:{}", subject.locator.path, call.callee);
        let evidence = Evidence::new(place, id, format!("{}({{ {key}: true }})", call.callee));
        report.find(
            &subject.asset.id,
            format!("`{}` runs in the browser with its key", call.callee),
            vec![evidence],
        );
    }
}
