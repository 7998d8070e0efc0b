//! Tool servers called in the clear.

use vauban_domain::{Evidence, rule};
use vauban_formats::mcp::Mcp;

use super::shell::is_near;
use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A remote tool server is called without TLS.
    pub const RULE: "mcp-remote-without-tls" {
        family: Agent,
        severity: High,
        title: "remote MCP server without TLS",
        why: "whoever sits on the way reads what the agent sends, its credentials too, and writes what the agent gets to read as instructions",
        remedy: "use https; keep plain http for servers on this machine",
        techniques: ["AML.T0110.002@2026.09", "AML.T0098@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-319"],
        owasp: ["ASI07:2026", "ASI04:2026"],
        threats: ["L3.4@2025-02"],
        source: "https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization#communication-security",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Mcp(check) };

fn check(subject: &Subject<'_, Mcp>, report: &mut Report) {
    for server in &subject.facts.servers {
        // A bridge such as `mcp-remote` gets the address as an argument.
        let addresses = server.url.iter().chain(&server.args);
        for (address, line) in addresses.filter(|(address, _)| is_plain_and_far(address)) {
            let shown = address.split('?').next().unwrap_or(address);
            let evidence = Evidence::new(subject.locator.clone().at_line(*line), server.name.clone(), shown);
            let message = format!("server `{}` is called without encryption at `{shown}`", server.name);
            report.find(&owner(subject, &server.name), message, vec![evidence]);
        }
    }
}

fn is_plain_and_far(address: &str) -> bool {
    let lower = address.to_lowercase();
    (lower.starts_with("http://") || lower.starts_with("ws://")) && !is_near(&lower)
}
