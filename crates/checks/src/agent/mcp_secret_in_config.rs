//! Credentials in the configuration of tool servers.

use vauban_domain::{Evidence, rule};
use vauban_formats::mcp::Mcp;

use crate::literal::{is_literal, is_secret_literal};
use crate::owner::owner;
use crate::secret::masked;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The configuration of a tool server holds a credential.
    pub const RULE: "mcp-secret-in-config" {
        family: Agent,
        severity: High,
        title: "credential in an MCP configuration",
        why: "the file is copied, committed and read by every tool of the editor; whoever has it acts as the agent",
        remedy: "refer to a variable (${NAME}) or to the key store of the client; replace the credential",
        techniques: ["AML.T0083@2026.09", "AML.T0055@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-798"],
        owasp: ["ASI03:2026"],
        threats: ["L7.3@2025-02"],
        source: "https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Mcp(check) };

fn check(subject: &Subject<'_, Mcp>, report: &mut Report) {
    for server in &subject.facts.servers {
        let mut found: Vec<(&str, &str, u32)> = Vec::new();
        for (name, value, line) in &server.env {
            if is_secret_literal(name, value) || is_token(subject, value) {
                found.push((name, value, *line));
            }
        }
        for (name, value, line) in &server.headers {
            let credential = value.rsplit(' ').next().unwrap_or(value);
            let authorises =
                name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("cookie");
            if (authorises && is_literal(credential))
                || is_secret_literal(name, credential)
                || is_token(subject, value)
            {
                found.push((name, credential, *line));
            }
        }
        let mut flag = "";
        for (word, line) in &server.args {
            let (name, value) = word.split_once('=').unwrap_or((flag, word));
            if name.starts_with('-') && is_secret_literal(name, value) && !value.starts_with('-') {
                found.push((name, value, *line));
            } else if is_token(subject, word) {
                found.push(("argument", word, *line));
            }
            flag = word;
        }
        for (name, value, line) in found {
            let evidence = Evidence::new(
                subject.locator.clone().at_line(line),
                format!("{}/{name}", server.name),
                format!("{name}: {}", masked(value)),
            );
            let message = format!("`{name}` of server `{}` is written into the configuration", server.name);
            report.find(&owner(subject, &server.name), message, vec![evidence]);
        }
    }
}

fn is_token(subject: &Subject<'_, Mcp>, value: &str) -> bool {
    !vauban_knowledge::secrets::tokens(&subject.knowledge.secrets, value).is_empty()
}
