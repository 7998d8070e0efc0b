//! Remote tool servers that nobody signs in to.

use vauban_domain::{Evidence, rule};
use vauban_formats::mcp::Mcp;

use super::shell::is_near;
use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A remote tool server is called without signing in.
    pub const RULE: "mcp-remote-without-authentication" {
        family: Agent,
        severity: Medium,
        title: "remote MCP server without authentication",
        why: "anyone who reaches the address calls the same tools with the same rights, and the server cannot tell who asked for what",
        remedy: "put the server behind OAuth or a token over https, and give the client a reference to it",
        techniques: ["AML.T0132@2026.09", "AML.T0085.001@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0027@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["ASI03:2026", "ASI07:2026"],
        threats: ["L7.3@2025-02", "L7.7@2025-02"],
        source: "https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Mcp(check) };

fn check(subject: &Subject<'_, Mcp>, report: &mut Report) {
    for server in subject.facts.servers.iter().filter(|server| !server.disabled) {
        let Some((url, line)) = &server.url else { continue };
        let authority =
            url.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
        let carries =
            authority.contains('@') || url.contains('?') || url.contains("${") || url.contains("{{");
        let has_env = server.env.iter().any(|(name, ..)| {
            let name = name.to_lowercase();
            name.contains("token") || name.contains("key") || name.contains("secret")
        });
        if server.signs_in || carries || has_env || subject.facts.is_manifest || is_near(url) {
            continue;
        }
        let asset = owner(subject, &server.name);
        if url.starts_with("https://") || url.starts_with("wss://") {
            // Clients sign in with OAuth where the server asks for it, and no configuration shows that.
            report.skip(
                &asset,
                format!("`{}` may ask for OAuth when it is called; nothing here says so", server.name),
            );
            continue;
        }
        // Without TLS there is no OAuth either.
        let evidence =
            Evidence::new(subject.locator.clone().at_line(*line), server.name.clone(), url.clone());
        report.find(
            &asset,
            format!("server `{}` at `{url}` is called without signing in", server.name),
            vec![evidence],
        );
    }
}
