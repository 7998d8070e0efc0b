//! What an agent's client is told to allow without asking, and the commands it runs at its events.
//!
//! Shapes: Claude Code `settings.json` (<https://code.claude.com/docs/en/settings>), Cursor and Copilot `hooks.json`, Gemini CLI
//! `settings.json`, Codex `config.toml`, opencode `permission`, Amazon Q and Kiro agents, Kiro hooks, VS Code's
//! `chat.tools` settings and tasks that run when a folder is opened, Goose.

use crate::yaml::Node;

/// Permissions and hooks of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Commands run at events.
    pub hooks: Vec<Hook>,
    /// What may be done, what is asked about, what is refused.
    pub permissions: Vec<Permission>,
    /// Switches about approval and sandboxes: name, value, line.
    pub switches: Vec<(String, String, u32)>,
    /// Environment that the client sets: name, value, line.
    pub env: Vec<(String, String, u32)>,
}

/// A command that runs at an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hook {
    /// The event, in the client's words.
    pub event: String,
    /// Which tools or files it is for; empty for all.
    pub matcher: String,
    /// The command line, prompt or address.
    pub command: String,
    /// One-based line.
    pub line: u32,
}

/// What happens when an agent wants to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It is done.
    Allow,
    /// A person is asked.
    Ask,
    /// It is refused.
    Deny,
}

/// One rule about what an agent may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// What, in the client's words: `Bash(git status:*)`, `*`, `edit`.
    pub what: String,
    /// What happens.
    pub decision: Decision,
    /// One-based line.
    pub line: u32,
}

impl Settings {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.hooks.is_empty()
            && self.permissions.is_empty()
            && self.switches.is_empty()
            && self.env.is_empty()
    }

    /// Takes in those of another document.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.hooks.append(&mut other.hooks);
        self.permissions.append(&mut other.permissions);
        self.switches.append(&mut other.switches);
        self.env.append(&mut other.env);
    }
}

/// Switches about approval and sandboxes, by the paths under which clients know them.
const SWITCHES: &[&str] = &[
    "GOOSE_MODE",
    "agent.always_allow_tool_actions",
    "approvalMode",
    "approval_policy",
    "autoAccept",
    "chat.agent.autoApprove",
    "chat.tools.autoApprove",
    "chat.tools.global.autoApprove",
    "chat.tools.terminal.autoApprove",
    "dangerouslySkipPermissions",
    "enableAllProjectMcpServers",
    "general.defaultApprovalMode",
    "permissionMode",
    "permissions.defaultMode",
    "permissions.disableBypassPermissionsMode",
    "sandbox.enabled",
    "sandbox_mode",
    "security.disableYoloMode",
    "skipDangerousModePermissionPrompt",
    "tools.sandbox",
    "yolo",
];

/// Reads what any client says in any of its shapes.
pub(crate) fn read(root: &Node) -> Settings {
    let mut settings = Settings::default();
    for path in SWITCHES {
        let value = [root.at(path), root.get(path)].into_iter().find(|node| !node.is_null());
        let Some(value) = value else { continue };
        if let Some(text) = value.text() {
            settings.switches.push(((*path).to_owned(), text.to_owned(), value.line));
        }
        for entry in value.entries() {
            if let Some(text) = entry.node.text().or_else(|| entry.node.get("approve").text()) {
                settings.switches.push((format!("{path}/{}", entry.key), text.to_owned(), entry.line));
            }
        }
    }
    hooks(root, &mut settings.hooks);
    permissions(root, &mut settings.permissions);
    let env = root.get("env");
    settings.env = env
        .entries()
        .iter()
        .filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned(), entry.line)))
        .collect();
    settings
}

/// Keys under which a hook writes its command.
const COMMANDS: &[&str] = &["command", "bash", "powershell", "url"];

fn hooks(root: &Node, found: &mut Vec<Hook>) {
    for event in root.get("hooks").entries() {
        for group in event.node.one_or_many() {
            let matcher = group.get("matcher").text_or_empty();
            hook(&event.key, matcher, group, found);
            for inner in group.get("hooks").items() {
                hook(&event.key, matcher, inner, found);
            }
        }
    }
    // Commands that answer for the client.
    for key in ["apiKeyHelper", "awsAuthRefresh", "awsCredentialExport", "otelHeadersHelper", "statusLine"] {
        let node = root.get(key);
        let command = if node.is_map() { node.get("command") } else { node };
        if let Some(text) = command.text() {
            found.push(Hook {
                event: key.to_owned(),
                command: text.to_owned(),
                line: command.line,
                ..Hook::default()
            });
        }
    }
    // Kiro: when something happens, then a command or a question to the agent.
    let then = root.get("then");
    if root.get("when").is_map() && then.is_map() {
        let patterns: Vec<&str> =
            root.get("when").get("patterns").items().iter().filter_map(Node::text).collect();
        let body = ["command", "prompt"].into_iter().map(|key| then.get(key)).find(|node| !node.is_null());
        found.extend(body.map(|body| Hook {
            event: root.get("when").get("type").text_or_empty().to_owned(),
            matcher: patterns.join(" "),
            command: body.text_or_empty().to_owned(),
            line: body.line,
        }));
    }
    // Codex: a program that is told of every turn.
    let notify = root.get("notify");
    let words: Vec<&str> = notify.items().iter().filter_map(Node::text).collect();
    if !words.is_empty() {
        found.push(Hook {
            event: "notify".to_owned(),
            command: words.join(" "),
            line: notify.line,
            ..Hook::default()
        });
    }
    // VS Code: tasks that run when the folder is opened.
    for task in root.get("tasks").items() {
        if task.at("runOptions.runOn").text() == Some("folderOpen") {
            let mut command = task.get("command").text_or_empty().to_owned();
            for argument in task.get("args").items() {
                command.push(' ');
                command
                    .push_str(argument.text().or_else(|| argument.get("value").text()).unwrap_or_default());
            }
            found.push(Hook {
                event: "folderOpen".to_owned(),
                matcher: task.get("label").text_or_empty().to_owned(),
                command,
                line: task.line,
            });
        }
    }
}

fn hook(event: &str, matcher: &str, node: &Node, found: &mut Vec<Hook>) {
    for key in COMMANDS {
        let value = node.get(key);
        let Some(text) = value.text() else { continue };
        let arguments: Vec<&str> = node.get("args").items().iter().filter_map(Node::text).collect();
        let command =
            if arguments.is_empty() { text.to_owned() } else { format!("{text} {}", arguments.join(" ")) };
        found.push(Hook { event: event.to_owned(), matcher: matcher.to_owned(), command, line: value.line });
    }
    if let Some(text) = node.text() {
        found.push(Hook {
            event: event.to_owned(),
            matcher: matcher.to_owned(),
            command: text.to_owned(),
            line: node.line,
        });
    }
}

fn permissions(root: &Node, found: &mut Vec<Permission>) {
    let mut add = |list: &Node, decision: Decision| {
        for item in list.one_or_many() {
            // Gemini and Amazon Q write lists of names, front matter one text with commas.
            let Some(text) = item.text() else { continue };
            for what in split_rules(text) {
                found.push(Permission { what: what.to_owned(), decision, line: item.line });
            }
        }
    };
    let lists = [("allow", Decision::Allow), ("ask", Decision::Ask), ("deny", Decision::Deny)];
    for (key, decision) in lists {
        add(root.get("permissions").get(key), decision);
    }
    for path in ["allowedTools", "allowed-tools", "tools.allowed", "coreTools", "autoApprove"] {
        add(root.at(path), Decision::Allow);
    }
    for path in ["tools.exclude", "disallowedTools", "disallowed-tools", "excludeTools"] {
        add(root.at(path), Decision::Deny);
    }
    // opencode: a word for everything, or one for every tool, or one for every pattern of a tool.
    let permission = root.get("permission");
    if let Some(decision) = permission.text().and_then(decision_of) {
        found.push(Permission { what: "*".to_owned(), decision, line: permission.line });
    }
    for tool in permission.entries() {
        if let Some(decision) = tool.node.text().and_then(decision_of) {
            found.push(Permission { what: tool.key.clone(), decision, line: tool.line });
        }
        for pattern in tool.node.entries() {
            if let Some(decision) = pattern.node.text().and_then(decision_of) {
                found.push(Permission {
                    what: format!("{}({})", tool.key, pattern.key),
                    decision,
                    line: pattern.line,
                });
            }
        }
    }
}

fn decision_of(word: &str) -> Option<Decision> {
    match word {
        "allow" => Some(Decision::Allow),
        "ask" => Some(Decision::Ask),
        "deny" => Some(Decision::Deny),
        _ => None,
    }
}

/// Rules in one text: `Bash(git add:*), Read` at commas or blanks outside parentheses.
fn split_rules(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    text.split(move |character: char| match character {
        '(' => {
            depth += 1;
            false
        }
        ')' => {
            depth = depth.saturating_sub(1);
            false
        }
        ',' | ' ' => depth == 0,
        _ => false,
    })
    .map(str::trim)
    .filter(|rule| !rule.is_empty())
}
