//! Tool servers that may be others tomorrow.

use vauban_domain::{Evidence, rule};
use vauban_formats::mcp::{Mcp, Origin};

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A tool server is started without a fixed version.
    pub const RULE: "mcp-server-unpinned" {
        family: Agent,
        severity: High,
        title: "MCP server is not pinned",
        why: "each start fetches whatever was published last under that name and runs it with the rights of the user: a taken-over package becomes code on this machine",
        remedy: "name the version (name@1.2.3, name==1.2.3) or the digest of the image",
        techniques: ["AML.T0010.005@2026.09", "AML.T0109@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-1357"],
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
        if package.origin == Origin::Url {
            continue;
        }
        let place = subject.locator.clone().at_line(server.line);
        let words: Vec<&str> = server.words().filter(|word| !word.is_empty()).collect();
        let excerpt = if words.is_empty() { package.written.clone() } else { words.join(" ") };
        let evidence = Evidence::new(place, server.name.clone(), excerpt);
        let message =
            format!("server `{}` starts `{}` in whatever version is newest", server.name, package.written);
        report.find(&owner(subject, &server.name), message, vec![evidence]);
    }
}
