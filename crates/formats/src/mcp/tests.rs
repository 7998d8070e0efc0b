//! Every shape in which clients and servers write it down.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use super::*;
use crate::Budget;

fn facts(name: &str, text: &str) -> Mcp {
    let budget = Budget::default();
    let input = Input::new(name, text.as_bytes(), &budget);
    assert_eq!(recognise(&input), Recognised::ByShape, "{name}: {text}");
    let parsed = parse(&input);
    assert_eq!(parsed.defects, [], "{name}");
    let Facts::Mcp(facts) = parsed.facts else { panic!("other facts") };
    facts
}

fn read(name: &str, text: &str) -> Vec<Server> {
    facts(name, text).servers
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
        ("settings.json", r#"{"mcp.servers": {"s": {"command": "npx", "args": ["-y", "p@1"]}}}"#),
        ("zed.json", r#"{"context_servers": {"s": {"command": {"path": "npx", "args": ["-y", "p@1"]}}}}"#),
        ("opencode.json", r#"{"mcp": {"s": {"type": "local", "command": ["npx", "-y", "p@1"]}}}"#),
        (
            ".claude.json",
            r#"{"projects": {"/x": {"mcpServers": {"s": {"command": "npx", "args": ["-y", "p@1"]}}}}}"#,
        ),
        (".codex/config.toml", "[mcp_servers.s]\ncommand = \"npx\"\nargs = [\"-y\", \"p@1\"]\n"),
        (
            ".config/goose/config.yaml",
            "extensions:\n  s:\n    type: stdio\n    cmd: npx\n    args: [-y, p@1]\n",
        ),
        (
            ".continue/mcpServers/s.yaml",
            "name: x\nmcpServers:\n  - name: s\n    command: npx\n    args: [-y, p@1]\n",
        ),
        (
            ".continue/config.json",
            r#"{"experimental": {"modelContextProtocolServers": [{"name": "s", "transport": {"type": "stdio", "command": "npx", "args": ["-y", "p@1"]}}]}}"#,
        ),
        ("librechat.yaml", "mcpServers:\n  s:\n    command: npx\n    args:\n      - -y\n      - p@1\n"),
        ("mcp_agent.config.yaml", "mcp:\n  servers:\n    s:\n      command: npx\n      args: [-y, p@1]\n"),
        ("settings.json", r#"{"amp.mcpServers": {"s": {"command": "npx -y p@1"}}}"#),
        (
            ".cursor/mcp.json",
            "// mine\n{\"mcpServers\": {\"s\": {\"command\": \"npx\", \"args\": [\"-y\", \"p@1\",],},},}",
        ),
    ] {
        let servers = read(name, text);
        assert_eq!(servers.len(), 1, "{name}");
        assert_eq!(servers[0].words().collect::<Vec<_>>(), ["npx", "-y", "p@1"], "{name}");
        assert_eq!(servers[0].transport, "stdio", "{name}");
        assert_eq!(servers[0].name, "s", "{name}");
        assert_eq!(servers[0].package.as_ref().map(|package| package.pinned), Some(true), "{name}");
    }
}

#[test]
fn remote_servers_have_addresses_and_headers() {
    let servers = read(
        "mcp.json",
        "{\n\"mcpServers\": {\n\"r\": {\n\"url\": \"http://x/mcp\",\n\"headers\": {\"Authorization\": \"b\"},\n\"disabled\": true}}}",
    );
    assert_eq!(servers[0].url, Some(("http://x/mcp".into(), 4)));
    assert_eq!(servers[0].headers, [("Authorization".into(), "b".into(), 5)]);
    assert_eq!(servers[0].transport, "http");
    assert!(servers[0].disabled && servers[0].signs_in);
    let servers = read(
        "mcp.json",
        r#"{"mcpServers": {"r": {"url": "wss://x/mcp"}, "s": {"url": "https://x/sse"}, "b": {"command": "npx", "args": ["mcp-remote@1", "http://y/sse"]}}}"#,
    );
    assert_eq!([&servers[0].transport, &servers[1].transport], ["ws", "sse"]);
    assert!(!servers[0].signs_in);
    assert_eq!(servers[2].addresses().count(), 1);
}

#[test]
fn what_may_run_unasked_is_read() {
    let mcp = facts(
        ".kiro/settings/mcp.json",
        r#"{"mcpServers": {"a": {"command": "x", "autoApprove": ["read"], "disabledTools": ["drop"]}, "b": {"command": "x", "trust": true}}}"#,
    );
    assert_eq!(mcp.client, Some("kiro"));
    assert_eq!(mcp.servers[0].auto_approved, [("read".to_owned(), 1)]);
    assert_eq!(mcp.servers[0].denied_tools, ["drop"]);
    assert_eq!(mcp.servers[1].auto_approved, [("*".to_owned(), 1)]);
}

#[test]
fn an_agent_with_servers_keeps_its_permissions_and_hooks() {
    let mcp = facts(
        ".amazonq/cli-agents/a.json",
        r#"{"name": "a", "mcpServers": {"s": {"command": "x"}}, "allowedTools": ["*"], "hooks": {"agentSpawn": [{"command": "git status"}]}}"#,
    );
    assert_eq!(mcp.settings.permissions[0].what, "*");
    assert_eq!(mcp.settings.hooks[0].command, "git status");
}

#[test]
fn servers_describe_themselves() {
    let registry = facts(
        "server.json",
        r#"{"$schema": "https://static.modelcontextprotocol.io/schemas/2025-09-29/server.schema.json", "name": "io.example/a", "description": "does", "version": "1.0.0",
        "packages": [{"registryType": "npm", "identifier": "@e/a", "version": "1.0.0", "transport": {"type": "stdio"}}, {"registryType": "oci", "identifier": "docker.io/e/a", "version": "1.0.0", "transport": {"type": "stdio"}}],
        "remotes": [{"type": "sse", "url": "https://a.example/sse"}]}"#,
    );
    assert!(registry.is_manifest);
    let names: Vec<_> = registry
        .servers
        .iter()
        .filter_map(|server| server.package.as_ref())
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(names, ["@e/a", "docker.io/e/a"]);
    assert_eq!(registry.servers[2].transport, "sse");
    let bundle = read(
        "manifest.json",
        r#"{"manifest_version": "0.2", "name": "b", "server": {"type": "node", "mcp_config": {"command": "node", "args": ["${__dirname}/server.js"]}}, "tools": [{"name": "t", "description": "d"}]}"#,
    );
    assert_eq!((bundle[0].name.as_str(), bundle[0].tools.len()), ("b", 1));
    let catalogue = read(
        "catalog.yaml",
        "registry:\n  github:\n    type: server\n    image: mcp/github@sha256:00\n    tools:\n      - name: t\n",
    );
    assert_eq!(
        catalogue[0].package.as_ref().map(|package| (package.name.as_str(), package.pinned)),
        Some(("mcp/github", true))
    );
    let tools = read(
        "tools.json",
        r#"{"result": {"tools": [{"name": "t", "description": "d", "inputSchema": {}}]}}"#,
    );
    assert_eq!((tools[0].name.as_str(), tools[0].tools[0].name.as_str()), ("tools", "t"));
}

#[test]
fn other_files_are_left_alone() {
    let budget = Budget::default();
    for (name, text) in [
        ("a.json", "{\"servers\": {}}"),
        ("package.json", "{\"mcp\": true}"),
        ("package.json", "{\"keywords\": [\"mcp\"], \"bugs\": {\"url\": \"x\"}}"),
        ("a.json", "{\"keywords\": [\"mcp\"], \"bugs\": {\"url\": \"x\"}}"),
        ("a.toml", "[x]"),
        ("a.yaml", "extensions:\n  a: 1\n"),
        ("openapi.json", "{\"servers\": [{\"url\": \"https://x\"}]}"),
    ] {
        assert_eq!(recognise(&Input::new(name, text.as_bytes(), &budget)), Recognised::No, "{name}");
    }
}
