//! Clients that are told not to ask.

use vauban_domain::{AssetId, Evidence, Severity, rule};
use vauban_formats::Facts;
use vauban_formats::agent::settings::{Decision, Settings};
use vauban_formats::mcp::Mcp;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// An agent does what is dangerous without a person being asked.
    pub const RULE: "agent-approval-bypassed" {
        family: Agent,
        severity: High,
        title: "agent acts without approval by configuration",
        why: "the question to a person is what stands between a text that the model reads and what it does with the user's rights; here it is switched off",
        remedy: "allow single harmless commands and tools by name, and leave the rest to be asked; run what must not ask in a sandbox without credentials",
        techniques: ["AML.T0053@2026.09", "AML.T0081@2026.09", "AML.T0050@2026.09"],
        mitigations: ["AML.M0029@2026.09", "AML.M0028@2026.09", "AML.M0026@2026.09"],
        weaknesses: ["CWE-862", "CWE-1188"],
        owasp: ["LLM06:2025", "ASI02:2026", "ASI03:2026"],
        threats: ["L7.4@2025-02"],
        source: "https://code.claude.com/docs/en/permissions and https://genai.owasp.org/llmrisk/llm062025-excessive-agency/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Instruction(check) };

/// Flags that switch every question off.
const FLAGS: &[&str] = &[
    "--allow-all-tools",
    "--dangerously-bypass-approvals-and-sandbox",
    "--dangerously-skip-permissions",
    "--trust-all-tools",
    "--yolo",
];

/// Words in names of tools that change something for good or run what they are given.
const GRAVE: &[&str] = &[
    "bash", "command", "delete", "deploy", "destroy", "drop", "eval", "exec", "execute", "kill", "merge",
    "pay", "push", "remove", "send", "shell", "terminal", "transfer", "write",
];

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Agent(agent) => told(subject, &agent.settings, Severity::High, report),
        Facts::Mcp(mcp) => {
            servers(subject, mcp, report);
            told(subject, &mcp.settings, Severity::High, report);
        }
        Facts::Prompt(prompt) => {
            if let Some(front) = &prompt.front {
                // A skill's permissions hold while the skill does, and the user chose to run it.
                told(subject, &front.settings, Severity::Medium, report);
            }
        }
        _ => {}
    }
}

fn servers(subject: &Subject<'_, Facts>, mcp: &Mcp, report: &mut Report) {
    for server in mcp.servers.iter().filter(|server| !server.disabled) {
        let asset = owner(subject, &server.name);
        let mut find = |severity, key: &str, line: u32, message: String| {
            let place = subject.locator.clone().at_line(line);
            report.find_as(
                severity,
                &asset,
                message,
                vec![Evidence::new(place, format!("{}/{key}", server.name), key)],
            );
        };
        for (tool, line) in &server.auto_approved {
            if tool == "*" {
                let message = format!("every tool of server `{}` runs without asking", server.name);
                find(Severity::High, tool, *line, message);
            } else if is_grave(tool) {
                let message = format!("tool `{tool}` of server `{}` runs without asking", server.name);
                find(Severity::Medium, tool, *line, message);
            }
        }
        for (word, line) in server.args.iter().filter(|(word, _)| FLAGS.contains(&word.as_str())) {
            find(
                Severity::High,
                word,
                *line,
                format!("server `{}` is an agent started with {word}", server.name),
            );
        }
    }
}

fn told(subject: &Subject<'_, Facts>, settings: &Settings, most: Severity, report: &mut Report) {
    let asset: &AssetId = &subject.asset.id;
    let mut find = |severity: Severity, key: &str, line: u32, message: String| {
        let place = subject.locator.clone().at_line(line);
        report.find_as(severity.min(most), asset, message, vec![Evidence::new(place, key, key)]);
    };
    let value = |name: &str| {
        settings.switches.iter().find(|(known, ..)| known == name).map(|(_, value, _)| value.as_str())
    };
    for (name, value_here, line) in &settings.switches {
        let whole = format!("{name} = {value_here}");
        let severity = match (name.as_str(), value_here.as_str()) {
            ("permissions.defaultMode" | "permissionMode", "bypassPermissions")
            | (
                "dangerouslySkipPermissions"
                | "chat.tools.autoApprove"
                | "chat.tools.global.autoApprove"
                | "chat.agent.autoApprove"
                | "agent.always_allow_tool_actions"
                | "yolo",
                "true",
            )
            | ("general.defaultApprovalMode" | "approvalMode", "yolo") => Severity::High,
            ("enableAllProjectMcpServers", "true") => Severity::Medium,
            ("GOOSE_MODE", "auto") => Severity::Medium,
            ("sandbox_mode", "danger-full-access") => {
                if value("approval_policy") == Some("never") {
                    Severity::High
                } else {
                    Severity::Medium
                }
            }
            (name, "true") => match name.strip_prefix("chat.tools.terminal.autoApprove/") {
                Some("*" | "/.*/" | "/^.*$/" | "/.*/s" | "/.+/") => Severity::High,
                Some(command) if runs_anything(command) => Severity::Medium,
                _ => continue,
            },
            _ => continue,
        };
        find(severity, &whole, *line, format!("`{whole}` lets the agent act without asking"));
    }
    for rule in settings.permissions.iter().filter(|rule| rule.decision == Decision::Allow) {
        let held = settings
            .permissions
            .iter()
            .any(|other| other.decision != Decision::Allow && other.what == rule.what);
        if held {
            continue;
        }
        if let Some(severity) = allowed(&rule.what) {
            find(severity, &rule.what, rule.line, format!("`{}` is allowed without asking", rule.what));
        }
    }
    for hook in &settings.hooks {
        if let Some(flag) =
            FLAGS.iter().find(|flag| hook.command.split_whitespace().any(|word| word == **flag))
        {
            find(
                Severity::High,
                flag,
                hook.line,
                format!("the hook `{}` starts an agent with {flag}", hook.event),
            );
        }
    }
}

/// How grave it is that a rule allows something.
fn allowed(what: &str) -> Option<Severity> {
    let (tool, pattern) = match what.split_once('(') {
        Some((tool, rest)) => (tool, Some(rest.trim_end_matches(')').trim())),
        None => (what, None),
    };
    if tool == "*" {
        return Some(Severity::High);
    }
    let shell = matches!(
        tool.to_lowercase().as_str(),
        "bash"
            | "shell"
            | "shelltool"
            | "run_shell_command"
            | "execute_bash"
            | "executebash"
            | "run_command"
            | "terminal"
            | "powershell"
    );
    if !shell {
        return None;
    }
    match pattern {
        None | Some("*" | ":*" | "**" | "*:*" | "") => Some(Severity::High),
        Some(pattern) => runs_anything(pattern).then_some(Severity::Medium),
    }
}

/// Whether a command with free arguments runs whatever it is told, or becomes another user.
fn runs_anything(pattern: &str) -> bool {
    let command = pattern.trim_end_matches(['*', ':', ' ']);
    let free = command.len() < pattern.len() || !pattern.contains(' ');
    let bare = matches!(
        command.trim_matches(['/', '^', '$']),
        "bash"
            | "bash -c"
            | "curl"
            | "doas"
            | "eval"
            | "fish"
            | "iex"
            | "node"
            | "node -e"
            | "osascript"
            | "perl"
            | "powershell"
            | "pwsh"
            | "python"
            | "python -c"
            | "python3"
            | "python3 -c"
            | "rm"
            | "rm -rf"
            | "ruby"
            | "sh"
            | "sh -c"
            | "ssh"
            | "su"
            | "sudo"
            | "wget"
            | "xargs"
            | "zsh"
    );
    free && bare
}

fn is_grave(tool: &str) -> bool {
    let mut word = String::new();
    let mut words = Vec::new();
    for character in tool.chars() {
        if character.is_uppercase() || !character.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
    }
    words.push(word);
    words.iter().any(|word| GRAVE.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grave_rules_are_told_from_narrow_ones() {
        for (what, wanted) in [
            ("*", Some(Severity::High)),
            ("Bash", Some(Severity::High)),
            ("Bash(*)", Some(Severity::High)),
            ("Bash(:*)", Some(Severity::High)),
            ("bash(*)", Some(Severity::High)),
            ("Bash(sudo:*)", Some(Severity::Medium)),
            ("Bash(python3 -c:*)", Some(Severity::Medium)),
            ("Bash(curl *)", Some(Severity::Medium)),
            ("Bash(git status:*)", None),
            ("Bash(npm run test:*)", None),
            ("Bash(python manage.py test)", None),
            ("Read", None),
            ("mcp__server__tool", None),
            ("WebFetch(domain:x.example)", None),
        ] {
            assert_eq!(allowed(what), wanted, "{what}");
        }
        assert!(is_grave("delete_file") && is_grave("runCommand") && is_grave("send-mail"));
        assert!(!is_grave("read_file") && !is_grave("list_commits") && !is_grave("descend"));
    }
}
