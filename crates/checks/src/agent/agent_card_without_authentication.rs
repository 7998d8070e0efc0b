//! Agents that answer anyone.

use vauban_domain::{Evidence, rule};
use vauban_formats::agent::{Agent, Kind};

use super::shell::is_near;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The card of an agent, or the manifest of a plug-in, demands no sign-in.
    pub const RULE: "agent-card-without-authentication" {
        family: Agent,
        severity: Medium,
        title: "agent card demands no authentication",
        why: "whoever finds the card may give the agent work: its tools act for strangers, and nobody can say later who asked",
        remedy: "declare a security scheme and demand it in `security`; leave open only what is meant for everybody",
        techniques: ["AML.T0132@2026.09", "AML.T0053@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0026@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["ASI07:2026", "ASI03:2026"],
        threats: ["L7.2@2025-02", "L7.9@2025-02"],
        source: "https://a2a-protocol.org/latest/specification/#5-agent-discovery-the-agent-card",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Agent(check) };

fn check(subject: &Subject<'_, Agent>, report: &mut Report) {
    let card = subject.facts;
    if !matches!(card.kind, Kind::Card | Kind::Plugin) || card.demands_sign_in {
        return;
    }
    let Some((url, line)) = card.urls.iter().find(|(url, _)| !is_near(url)) else { return };
    let evidence = Evidence::new(subject.locator.clone().at_line(*line), "security", url.clone());
    let message = if card.schemes.iter().any(|scheme| !matches!(scheme.as_str(), "" | "none")) {
        format!("`{}` names security schemes and demands none of them", card.name)
    } else {
        format!("`{}` answers at `{url}` without anyone signing in", card.name)
    };
    report.find(&subject.asset.id, message, vec![evidence]);
}
