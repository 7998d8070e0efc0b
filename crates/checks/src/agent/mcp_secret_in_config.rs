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
    for (name, value, line) in &subject.facts.others {
        let credential = value.rsplit(' ').next().unwrap_or(value);
        if is_secret_literal(name, credential) || is_token(subject, value) {
            let place = subject.locator.clone().at_line(*line);
            let evidence = Evidence::new(place, name.clone(), format!("{name}: {}", masked(credential)));
            report.find(
                &subject.asset.id,
                format!("`{name}` is written into the configuration"),
                vec![evidence],
            );
        }
    }
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
        for (url, line) in server.addresses() {
            found.extend(in_address(subject, url).into_iter().map(|(name, value)| (name, value, *line)));
        }
        let mut flag = "";
        for (word, line) in &server.args {
            let (name, value) = word.split_once('=').unwrap_or((flag, word));
            if name.starts_with('-') && is_secret_literal(name, value) && !value.starts_with('-') {
                found.push((name, value, *line));
            } else if let Some((name, value)) = environment(flag, word) {
                if is_secret_literal(name, value) || is_token(subject, value) {
                    found.push((name, value, *line));
                }
            } else if let Some((name, value)) = header(flag, word) {
                let credential = value.rsplit(' ').next().unwrap_or(value);
                if (name.eq_ignore_ascii_case("authorization") && is_literal(credential))
                    || is_secret_literal(name, credential)
                    || is_token(subject, value)
                {
                    found.push((name, credential, *line));
                }
            } else if word.contains("://") {
                let inside = in_address(subject, word);
                found.extend(inside.into_iter().map(|(name, value)| (name, value, *line)));
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

/// `NAME=value` behind a flag that sets a variable of a container.
fn environment<'a>(flag: &str, word: &'a str) -> Option<(&'a str, &'a str)> {
    matches!(flag, "-e" | "--env").then(|| word.split_once('=')).flatten()
}

/// `Name: value` behind the flag of a bridge that sets a header.
fn header<'a>(flag: &str, word: &'a str) -> Option<(&'a str, &'a str)> {
    let (name, value) = matches!(flag, "-H" | "--header").then(|| word.split_once(':')).flatten()?;
    Some((name.trim(), value.trim()))
}

/// Credentials in an address: a password before the host, a key among the parameters.
fn in_address<'a>(subject: &Subject<'_, Mcp>, url: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = place.split_once("://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
    if let Some((user, password)) = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':'))
        && is_literal(password)
    {
        found.push((user, password));
    }
    for (name, value) in query.split('&').filter_map(|parameter| parameter.split_once('=')) {
        let plain_key =
            ["key", "apikey", "api_key", "token", "secret"].contains(&name.to_lowercase().as_str());
        if is_secret_literal(name, value) || (plain_key && is_literal(value)) || is_token(subject, value) {
            found.push((name, value));
        }
    }
    found
}

fn is_token(subject: &Subject<'_, Mcp>, value: &str) -> bool {
    !vauban_knowledge::secrets::tokens(&subject.knowledge.secrets, value).is_empty()
}
