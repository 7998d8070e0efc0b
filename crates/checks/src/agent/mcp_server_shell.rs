//! Tool servers that are a line for a shell.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::mcp::{Mcp, shell_script};

use super::shell::runs_download;
use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A tool server is started by a script in the configuration.
    pub const RULE: "mcp-server-shell" {
        family: Agent,
        severity: Medium,
        title: "MCP server is a shell script in the configuration",
        why: "opening the project runs whatever the line says, with the rights of the user; a line with pipes and substitutions is hard to review and easy to change",
        remedy: "start the server's program with its arguments; put what has to happen before it into a reviewed script",
        techniques: ["AML.T0050@2026.09", "AML.T0081@2026.09", "AML.T0010.005@2026.09"],
        mitigations: ["AML.M0028@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-78", "CWE-494"],
        owasp: ["ASI05:2026", "ASI04:2026"],
        threats: ["L3.4@2025-02", "L3.3@2025-02"],
        source: "https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices#local-mcp-server-compromise",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Mcp(check) };

fn check(subject: &Subject<'_, Mcp>, report: &mut Report) {
    for server in &subject.facts.servers {
        let words: Vec<&str> = server.words().collect();
        let script = shell_script(&words);
        let line = words.join(" ");
        let (severity, message) = if let Some(address) = runs_download(script.unwrap_or(&line)) {
            (Severity::Critical, format!("server `{}` runs {address} through a shell", server.name))
        } else if script.is_some_and(is_more_than_a_start) {
            (Severity::Medium, format!("server `{}` is started by a script for a shell", server.name))
        } else {
            continue;
        };
        let place = subject.locator.clone().at_line(server.command_line.max(server.line));
        let evidence = Evidence::new(place, server.name.clone(), line.chars().take(160).collect::<String>());
        report.find_as(severity, &owner(subject, &server.name), message, vec![evidence]);
    }
}

/// Whether a script does more than go to a folder, read a profile and start one program.
fn is_more_than_a_start(script: &str) -> bool {
    if script.contains(['|', '`', '>', '<']) || script.contains("$(") {
        return true;
    }
    let statements = script.split([';', '\n']).flat_map(|part| part.split("&&")).map(str::trim);
    let programs = statements.filter(|statement| {
        let first = statement.split_whitespace().next().unwrap_or_default();
        !statement.is_empty() && !matches!(first, "cd" | "source" | "." | "export" | "set" | "nvm" | "eval")
    });
    programs.count() > 1
}
