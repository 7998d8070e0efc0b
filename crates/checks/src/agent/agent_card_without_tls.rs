//! Agents that are called in the clear.

use vauban_domain::{Evidence, rule};
use vauban_formats::agent::{Agent, Kind};

use super::shell::is_near;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The card of an agent names an address without TLS.
    pub const RULE: "agent-card-without-tls" {
        family: Agent,
        severity: High,
        title: "agent card names an address without TLS",
        why: "whoever sits on the way reads the tasks and the tokens, and answers in the agent's place",
        remedy: "serve the agent and its card over https",
        techniques: ["AML.T0118.001@2026.09", "AML.T0073@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-319"],
        owasp: ["ASI07:2026"],
        threats: ["L7.2@2025-02"],
        source: "https://a2a-protocol.org/latest/specification/#4-authentication-and-authorization",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Agent(check) };

fn check(subject: &Subject<'_, Agent>, report: &mut Report) {
    let card = subject.facts;
    if !matches!(card.kind, Kind::Card | Kind::Plugin) {
        return;
    }
    for (url, line) in card.urls.iter().filter(|(url, _)| url.starts_with("http://") && !is_near(url)) {
        let shown = url.split('?').next().unwrap_or(url);
        let evidence = Evidence::new(subject.locator.clone().at_line(*line), shown, shown);
        report.find(
            &subject.asset.id,
            format!("`{}` is called without encryption at `{shown}`", card.name),
            vec![evidence],
        );
    }
}
