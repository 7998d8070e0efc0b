//! Configurations of Model Context Protocol clients: which servers they start or call. Parsed, never started.
//!
//! Every client has its own shape: `mcpServers` (Claude, Cursor, Windsurf, Cline, Gemini), `servers` (VS Code),
//! `mcp.servers` (VS Code settings), `context_servers` (Zed), `mcp` (opencode) and `[mcp_servers]` in TOML (Codex).
//! <https://modelcontextprotocol.io/docs/develop/connect-local-servers>

mod toml_node;

use crate::yaml::{Entry, Node, text_of};
use crate::{Facts, Format, Input, Parsed, Recognised, json};

/// The format.
pub const FORMAT: Format = Format { name: "mcp", extensions: &["json", "jsonc", "toml"], recognise, parse };

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mcp {
    /// Servers in the order written.
    pub servers: Vec<Server>,
}

/// One server as a client knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The client's name for it.
    pub name: String,
    /// One-based line of the name.
    pub line: u32,
    /// Program that is started; empty for remote servers.
    pub command: String,
    /// One-based line of the program.
    pub command_line: u32,
    /// Its arguments, with lines.
    pub args: Vec<(String, u32)>,
    /// Environment given to it: name, value, line.
    pub env: Vec<(String, String, u32)>,
    /// Address of a remote server.
    pub url: Option<(String, u32)>,
    /// Headers sent to it: name, value, line.
    pub headers: Vec<(String, String, u32)>,
    /// `stdio`, `http` or `sse`; guessed from command and address where it is not written.
    pub transport: String,
    /// Whether the client has it switched off.
    pub disabled: bool,
    /// Tools that run without asking a person, as the client was told.
    pub auto_approved: Vec<String>,
    /// Everything, for what has no field here.
    pub root: Node,
}

impl Server {
    /// Program and arguments as words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.command.as_str()).chain(self.args.iter().map(|(word, _)| word.as_str()))
    }
}

/// Where servers may stand in a file.
const PLACES: &[&str] =
    &["mcpServers", "servers", "mcp.servers", "context_servers", "mcp_servers", "mcp", "mcp.mcpServers"];

fn recognise(input: &Input<'_>) -> Recognised {
    let extension = input.extension();
    let head = input.head(1 << 16);
    let has = |needle: &str| head.windows(needle.len()).any(|window| window == needle.as_bytes());
    let name = input.file_name().to_lowercase();
    match extension.as_str() {
        "json" | "jsonc" => {
            let told = has("\"mcpServers\"") || has("\"context_servers\"");
            let named = name.contains("mcp") && (has("\"servers\"") || has("\"mcp\""));
            let settings = has("\"mcp\"") && (has("\"command\"") || has("\"url\""));
            if told || named || settings { Recognised::ByShape } else { Recognised::No }
        }
        "toml" if has("[mcp_servers") => Recognised::ByShape,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let (root, mut more) = if input.extension() == "toml" {
        toml_node::read_text(&text)
    } else {
        json::read_text(&text, &input.budget.limits)
    };
    defects.append(&mut more);
    let mut servers = Vec::new();
    let project_maps = root.get("projects").entries().iter().map(|entry| &entry.node);
    for place in std::iter::once(&root).chain(project_maps) {
        for path in PLACES {
            servers.extend(place.at(path).entries().iter().filter_map(server));
        }
    }
    Parsed { format: FORMAT.name, facts: Facts::Mcp(Mcp { servers }), defects, members: Vec::new() }
}

/// A server, if the entry has what makes one.
fn server(entry: &Entry) -> Option<Server> {
    let node = &entry.node;
    // Zed nests the program one deeper, opencode writes program and arguments as one list.
    let nested = node.get("command");
    let (command, args) = if nested.is_map() {
        (nested.get("path"), nested.get("args").items())
    } else if let [program, args @ ..] = nested.items() {
        (program, args)
    } else {
        (nested, node.get("args").items())
    };
    let url = ["url", "serverUrl", "httpUrl", "endpoint"]
        .into_iter()
        .map(|key| node.get(key))
        .find_map(|url| Some((url.text()?.to_owned(), url.line)));
    if command.text().is_none() && url.is_none() {
        return None;
    }
    let env = if nested.is_map() { nested.get("env") } else { node.get("env") };
    let env = if env.is_null() { node.get("environment") } else { env };
    let headers = if node.get("headers").is_null() { node.get("http_headers") } else { node.get("headers") };
    let written = ["type", "transport"].into_iter().find_map(|key| node.get(key).text());
    let transport = match written {
        Some("local") | None if command.text().is_some() => "stdio",
        Some("sse") => "sse",
        Some("stdio") => "stdio",
        _ => "http",
    };
    let approved = ["autoApprove", "alwaysAllow"].into_iter().flat_map(|key| node.get(key).items());
    Some(Server {
        name: entry.key.clone(),
        line: entry.line,
        command: command.text_or_empty().to_owned(),
        command_line: command.line,
        args: args.iter().map(|item| (item.text_or_empty().to_owned(), item.line)).collect(),
        env: pairs(env),
        url,
        headers: pairs(headers),
        transport: transport.to_owned(),
        disabled: node.get("disabled").is_true() || node.get("enabled").is_false(),
        auto_approved: approved.filter_map(|item| item.text().map(str::to_owned)).collect(),
        root: node.clone(),
    })
}

fn pairs(node: &Node) -> Vec<(String, String, u32)> {
    node.entries()
        .iter()
        .filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned(), entry.node.line)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn read(name: &str, text: &str) -> Vec<Server> {
        let budget = Budget::default();
        let input = Input::new(name, text.as_bytes(), &budget);
        assert_eq!(recognise(&input), Recognised::ByShape, "{text}");
        let parsed = parse(&input);
        assert_eq!(parsed.defects, []);
        let Facts::Mcp(facts) = parsed.facts else { panic!("other facts") };
        facts.servers
    }

    #[test]
    fn every_client_writes_it_its_own_way() {
        for (name, text) in [
            (".mcp.json", r#"{"mcpServers": {"s": {"command": "npx", "args": ["-y", "p@1"]}}}"#),
            (
                ".vscode/mcp.json",
                r#"{"servers": {"s": {"type": "stdio", "command": "npx", "args": ["-y", "p@1"]}}, }"#,
            ),
            ("settings.json", r#"{"mcp": {"servers": {"s": {"command": "npx", "args": ["-y", "p@1"]}}}}"#),
            (
                "zed.json",
                r#"{"context_servers": {"s": {"command": {"path": "npx", "args": ["-y", "p@1"]}}}}"#,
            ),
            ("opencode.json", r#"{"mcp": {"s": {"type": "local", "command": ["npx", "-y", "p@1"]}}}"#),
            (
                ".claude.json",
                r#"{"projects": {"/x": {"mcpServers": {"s": {"command": "npx", "args": ["-y", "p@1"]}}}}}"#,
            ),
            ("config.toml", "[mcp_servers.s]\ncommand = \"npx\"\nargs = [\"-y\", \"p@1\"]\n"),
        ] {
            let servers = read(name, text);
            assert_eq!(servers.len(), 1, "{name}");
            assert_eq!(servers[0].words().collect::<Vec<_>>(), ["npx", "-y", "p@1"], "{name}");
            assert_eq!((servers[0].name.as_str(), servers[0].transport.as_str()), ("s", "stdio"), "{name}");
        }
    }

    #[test]
    fn remote_servers_have_addresses_and_headers() {
        let servers = read(
            "mcp.json",
            "{\n\"mcpServers\": {\n\"r\": {\n\"url\": \"http://x/mcp\",\n\"headers\": {\"A\": \"b\"},\n\"disabled\": true}}}",
        );
        assert_eq!(servers[0].url, Some(("http://x/mcp".into(), 4)));
        assert_eq!(servers[0].headers, [("A".into(), "b".into(), 5)]);
        assert_eq!(servers[0].transport, "http");
        assert!(servers[0].disabled);
    }

    #[test]
    fn other_json_is_left_alone() {
        let budget = Budget::default();
        for (name, text) in
            [("a.json", "{\"servers\": {}}"), ("package.json", "{\"mcp\": true}"), ("a.toml", "[x]")]
        {
            assert_eq!(recognise(&Input::new(name, text.as_bytes(), &budget)), Recognised::No, "{name}");
        }
    }
}
