//! Tool servers that are downloaded from an address, past every registry.

use vauban_domain::{Evidence, rule};
use vauban_formats::mcp::{Mcp, Origin};

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A tool server is code from an address that no registry keeps.
    pub const RULE: "mcp-server-from-url" {
        family: Agent,
        severity: High,
        title: "MCP server is fetched from an address",
        why: "nobody holds what the address serves to what it served yesterday: no version, no digest, no withdrawal of what turns out to be malicious",
        remedy: "install a version from a registry, or check the download against a digest and start the checked file",
        techniques: ["AML.T0010.005@2026.09", "AML.T0011.002@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-494", "CWE-829"],
        owasp: ["ASI04:2026", "LLM03:2025"],
        threats: ["L3.4@2025-02"],
        source: "https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Mcp(check) };

fn check(subject: &Subject<'_, Mcp>, report: &mut Report) {
    for server in &subject.facts.servers {
        let Some(package) = server.package.as_ref().filter(|package| !package.pinned) else { continue };
        // A bundle that a manifest names has a digest or is found wanting by whoever installs it.
        if package.origin != Origin::Url || subject.facts.is_manifest {
            continue;
        }
        let evidence = Evidence::new(
            subject.locator.clone().at_line(server.line),
            format!("{}/{}", server.name, package.name),
            package.written.chars().take(160).collect::<String>(),
        );
        let message = format!("server `{}` is whatever `{}` serves", server.name, package.name);
        report.find(&owner(subject, &server.name), message, vec![evidence]);
    }
}
