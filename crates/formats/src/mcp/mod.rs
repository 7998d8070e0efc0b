//! Configurations of Model Context Protocol clients: which servers they start or call. Parsed, never started.
//!
//! Every client has its own shape: `mcpServers` (Claude, Cursor, Windsurf, Cline, Gemini, Amazon Q, Kiro, LibreChat),
//! `servers` (VS Code), `mcp.servers` (VS Code settings), `context_servers` (Zed), `mcp` (opencode), `extensions`
//! (Goose), a list of servers (Continue) and `[mcp_servers]` in TOML (Codex). Beside them what servers say of
//! themselves, in [`manifest`]. <https://modelcontextprotocol.io/docs/develop/connect-local-servers>

mod client;
pub(crate) mod manifest;
mod package;
#[cfg(test)]
mod tests;

use crate::agent::settings::{self, Settings};

use crate::yaml::{self, ABSENT, Entry, Node, text_of};
use crate::{Facts, Format, Input, Parsed, Recognised, json};

pub use client::{CLIENTS, Client, client_of};
pub use package::{Origin, Package, WITH_VALUE, fetched, program, shell_script};

/// The format.
pub const FORMAT: Format =
    Format { name: "mcp", extensions: &["json", "jsonc", "toml", "yaml", "yml"], recognise, parse };

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mcp {
    /// The client whose file it is, if its name says so.
    pub client: Option<&'static str>,
    /// Whether a server describes itself here, rather than a client its servers.
    pub is_manifest: bool,
    /// Servers in the order written.
    pub servers: Vec<Server>,
    /// What else the client is told: permissions and hooks.
    pub settings: Settings,
    /// Everything that is not about servers, as key, text and line; at most ten thousand.
    pub others: Vec<(String, String, u32)>,
}

/// Something with a name and a text that a model reads to choose it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// One-based line.
    pub line: u32,
}

/// One server as a client knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// The client's name for it.
    pub name: String,
    /// The project that it is for, where a file holds several.
    pub project: Option<String>,
    /// One-based line of the name.
    pub line: u32,
    /// What it says of itself.
    pub description: String,
    /// Program that is started; empty for remote servers.
    pub command: String,
    /// One-based line of the program.
    pub command_line: u32,
    /// Its arguments, with lines.
    pub args: Vec<(String, u32)>,
    /// What the program fetches before it runs it.
    pub package: Option<Package>,
    /// Environment given to it: name, value, line.
    pub env: Vec<(String, String, u32)>,
    /// Address of a remote server.
    pub url: Option<(String, u32)>,
    /// Headers sent to it: name, value, line.
    pub headers: Vec<(String, String, u32)>,
    /// Whether the client is told how to sign in: a header, a token's variable, OAuth.
    pub signs_in: bool,
    /// `stdio`, `http`, `sse`, `ws` or `unknown`; guessed from command and address where it is not written.
    pub transport: String,
    /// Whether the client has it switched off.
    pub disabled: bool,
    /// Tools that run without asking a person, as the client was told, with lines; `*` for all of them.
    pub auto_approved: Vec<(String, u32)>,
    /// Tools that may be used, where only some may.
    pub allowed_tools: Vec<String>,
    /// Tools that may not be used.
    pub denied_tools: Vec<String>,
    /// Tools and prompts that it is said to have.
    pub tools: Vec<Described>,
    /// Everything, for what has no field here.
    pub root: Node,
}

impl Server {
    /// Program and arguments as words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.command.as_str()).chain(self.args.iter().map(|(word, _)| word.as_str()))
    }

    /// Addresses that are called: its own, and those that a bridge such as `mcp-remote` gets as an argument.
    pub fn addresses(&self) -> impl Iterator<Item = &(String, u32)> {
        let is_address = |word: &&(String, u32)| {
            ["http://", "https://", "ws://", "wss://"].iter().any(|scheme| word.0.starts_with(scheme))
        };
        let bridged = self.args.iter().any(|(word, _)| {
            word.contains("mcp-remote") || word.contains("supergateway") || word.contains("mcp-proxy")
        });
        self.url.iter().chain(self.args.iter().filter(is_address).filter(move |_| bridged))
    }

    fn named(name: String, root: &Node) -> Self {
        Self { name, line: root.line, root: root.clone(), ..Self::default() }
    }
}

/// Where servers may stand in a file.
const PLACES: &[&str] = &[
    "mcpServers",
    "servers",
    "mcp.servers",
    "context_servers",
    "mcp_servers",
    "mcp",
    "mcp.mcpServers",
    "amp.mcpServers",
    "customizations.vscode.mcp.servers",
    "experimental.modelContextProtocolServers",
];

fn recognise(input: &Input<'_>) -> Recognised {
    let extension = input.extension();
    if !matches!(extension.as_str(), "json" | "jsonc" | "toml" | "yaml" | "yml") {
        return Recognised::No;
    }
    let name = input.file_name().to_lowercase();
    // Long histories stand before the servers in the state files of clients.
    let client = client_of(input.name);
    let head = String::from_utf8_lossy(input.head(if client.is_some() { 4 << 20 } else { 1 << 16 }));
    let has = |needle: &str| head.contains(needle);
    let shaped = match extension.as_str() {
        "toml" => has("mcp_servers"),
        "yaml" | "yml" => {
            let catalogue = || has("registry:") && has("image:") && (has("tools:") || has("type: server"));
            has("mcpServers:")
                || (client == Some("goose") && has("extensions:"))
                || (client == Some("mcp-agent") && has("servers:"))
                || ((name.contains("catalog") || client == Some("docker")) && catalogue())
        }
        _ if matches!(name.as_str(), "package.json" | "package-lock.json" | "tsconfig.json") => false,
        _ => {
            has("\"mcpServers\"")
                || has("\"context_servers\"")
                || has(".mcpServers\"")
                || has("modelContextProtocolServers\"")
                || (name.contains("mcp") && (has("\"servers\"") || has("\"mcp\"")))
                || (has("\"mcp\"") && opens_map(&head, "mcp") && (has("\"command\"") || has("\"url\"")))
                || has("\"mcp.servers\"")
                || has("static.modelcontextprotocol.io/schemas/")
                || (name == "server.json" && has("\"registryType\""))
                || (name == "manifest.json" && has("\"mcp_config\""))
                || (has("\"inputSchema\"") && has("\"tools\"") && has("\"description\""))
        }
    };
    if shaped { Recognised::ByShape } else { Recognised::No }
}

/// Whether a key of a JSON text has a map as its value.
fn opens_map(text: &str, key: &str) -> bool {
    text.split(&format!("\"{key}\"")).skip(1).any(|rest| {
        rest.trim_start().strip_prefix(':').is_some_and(|rest| rest.trim_start().starts_with('{'))
    })
}

fn parse(input: &Input<'_>) -> Parsed {
    let limits = &input.budget.limits;
    let (roots, defects) = match input.extension().as_str() {
        "yaml" | "yml" => {
            let read = yaml::read(input);
            (read.documents, read.defects)
        }
        extension => {
            let (text, mut defects) = text_of(input.bytes, limits);
            let (root, mut more) = if extension == "toml" {
                crate::toml_tree::read_text(&text, limits)
            } else {
                json::read_text(&text, limits)
            };
            defects.append(&mut more);
            (vec![root], defects)
        }
    };
    let client = client_of(input.name);
    let mut mcp = Mcp { client, ..Mcp::default() };
    for root in &roots {
        let manifest = manifest::servers(root, input.file_name());
        if manifest.is_empty() {
            configured(root, None, client, &mut mcp.servers);
            for project in root.get("projects").entries() {
                configured(&project.node, Some(&project.key), client, &mut mcp.servers);
            }
        } else {
            mcp.is_manifest = true;
            mcp.servers.extend(manifest);
        }
        mcp.settings.append(settings::read(root));
        others(root, &mut mcp.others);
    }
    mcp.servers.truncate(limits.records);
    Parsed { format: FORMAT.name, facts: Facts::Mcp(mcp), defects, members: Vec::new() }
}

/// Texts beside the servers.
fn others(root: &Node, found: &mut Vec<(String, String, u32)>) {
    const SERVERS: &[&str] = &[
        "$schema",
        "extensions",
        "history",
        "packages",
        "projects",
        "registry",
        "remotes",
        "result",
        "tools",
    ];
    for entry in root.entries() {
        let key = entry.key.as_str();
        if SERVERS.contains(&key)
            || PLACES.iter().any(|place| *place == key || place.split('.').next() == Some(key))
        {
            continue;
        }
        entry.node.visit_scalars(|path, node| {
            let name = path.rsplit('.').next().filter(|name| !name.is_empty()).unwrap_or(key);
            let text = node.text_or_empty();
            if text.len() >= 6 && text.len() <= 4096 && found.len() < 10_000 {
                found.push((name.to_owned(), text.to_owned(), node.line));
            }
        });
    }
}

/// Servers that a client is configured with.
fn configured(root: &Node, project: Option<&str>, client: Option<&str>, servers: &mut Vec<Server>) {
    let mut add = |found: Option<Server>| {
        servers.extend(found.map(|server| Server { project: project.map(str::to_owned), ..server }));
    };
    let goose: &[&str] = if client == Some("goose") { &["extensions"] } else { &[] };
    for path in PLACES.iter().chain(goose) {
        for place in [root.at(path), if path.contains('.') { root.get(path) } else { &ABSENT }] {
            place.entries().iter().for_each(|entry| add(server(entry)));
            for item in place.items() {
                let inner = if item.get("transport").is_map() { item.get("transport") } else { item };
                let name =
                    item.get("name").text().or_else(|| inner.get("command").text()).unwrap_or("server");
                add(server(&Entry { key: name.to_owned(), line: item.line, node: inner.clone() }));
            }
        }
    }
}

/// A server, if the entry has what makes one.
fn server(entry: &Entry) -> Option<Server> {
    let node = &entry.node;
    let either = |keys: &[&str]| keys.iter().map(|key| node.get(key)).find(|node| !node.is_null());
    // Zed nests the program one deeper, opencode writes program and arguments as one list, Goose calls it `cmd`.
    let nested = either(&["command", "cmd"]).unwrap_or(&ABSENT);
    let (command, args) = if nested.is_map() {
        (nested.get("path"), nested.get("args").items())
    } else if let [program, args @ ..] = nested.items() {
        (program, args)
    } else {
        (nested, node.get("args").items())
    };
    let url = ["url", "serverUrl", "httpUrl", "endpoint", "uri"]
        .into_iter()
        .map(|key| node.get(key))
        .find_map(|url| Some((url.text()?.to_owned(), url.line)));
    let command_text = command.text_or_empty().trim();
    if command_text.is_empty() && url.is_none() {
        return None;
    }
    let env = if nested.is_map() {
        nested.get("env")
    } else {
        either(&["env", "environment", "envs"]).unwrap_or(&ABSENT)
    };
    let headers = pairs(
        either(&["headers", "http_headers", "requestOptions"])
            .map_or(&ABSENT, |node| if node.get("headers").is_map() { node.get("headers") } else { node }),
    );
    let written = ["type", "transport"].into_iter().find_map(|key| node.get(key).text());
    let transport = match written {
        Some("local" | "stdio" | "streamable_stdio") => "stdio".to_owned(),
        None if !command_text.is_empty() => "stdio".to_owned(),
        None if url.as_ref().is_some_and(|(url, _)| url.starts_with("ws")) => "ws".to_owned(),
        None if url
            .as_ref()
            .is_some_and(|(url, _)| url.split('?').next().is_some_and(|url| url.ends_with("/sse"))) =>
        {
            "sse".to_owned()
        }
        word => manifest::kind_of(word.unwrap_or("http")),
    };
    // A program written with its arguments in one text is split as a shell does.
    let mut args: Vec<(String, u32)> =
        args.iter().map(|item| (item.text_or_empty().to_owned(), item.line)).collect();
    let mut program_text = command_text;
    if args.is_empty()
        && let Some((first, rest)) = command_text.split_once(' ')
        && !first.contains(['\\', ':'])
        && !first.starts_with('/')
    {
        program_text = first;
        args = crate::agent::command::words(rest).into_iter().map(|word| (word, command.line)).collect();
    }
    let signs_in = headers.iter().any(|(name, value, _)| names_credential(name) && !value.is_empty())
        || [
            "oauth",
            "auth",
            "authProviderType",
            "authorization",
            "authorization_token",
            "bearer_token_env_var",
            "env_http_headers",
            "apiKey",
        ]
        .iter()
        .any(|key| !node.get(key).is_null() && !node.get(key).is_false());
    let words: Vec<&str> =
        std::iter::once(program_text).chain(args.iter().map(|(word, _)| word.as_str())).collect();
    let package = fetched(&words);
    Some(Server {
        name: entry.key.clone(),
        project: None,
        line: entry.line,
        description: node.get("description").text_or_empty().to_owned(),
        command: program_text.to_owned(),
        command_line: command.line,
        package,
        env: pairs(env),
        url,
        headers,
        signs_in,
        transport,
        disabled: node.get("disabled").is_true() || node.get("enabled").is_false(),
        auto_approved: approved(node),
        allowed_tools: texts(either(&["includeTools", "enabled_tools", "allowedTools"])),
        denied_tools: texts(either(&["excludeTools", "disabledTools", "disabled_tools", "deniedTools"])),
        tools: manifest::described(node.get("tools")),
        root: node.clone(),
        args,
    })
}

/// Tools that are called without asking.
fn approved(node: &Node) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    for key in ["autoApprove", "alwaysAllow", "auto_approve", "always_allow"] {
        let value = node.get(key);
        if value.is_true() {
            found.push(("*".to_owned(), value.line));
        }
        found.extend(
            value
                .one_or_many()
                .iter()
                .filter(|item| item.truth().is_none())
                .filter_map(|item| Some((item.text()?.to_owned(), item.line))),
        );
    }
    let trust = node.get("trust");
    if trust.is_true() {
        found.push(("*".to_owned(), trust.line));
    }
    found
}

/// Whether a header or parameter of this name signs in.
fn names_credential(name: &str) -> bool {
    let name = name.to_lowercase();
    ["auth", "key", "token", "cookie", "secret"].iter().any(|part| name.contains(part))
}

fn texts(list: Option<&Node>) -> Vec<String> {
    list.map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.text().map(str::to_owned))
        .collect()
}

fn pairs(node: &Node) -> Vec<(String, String, u32)> {
    node.entries()
        .iter()
        .filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned(), entry.node.line)))
        .collect()
}
