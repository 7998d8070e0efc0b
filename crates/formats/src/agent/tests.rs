//! Every shape that tells an agent what it is and may do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use super::settings::Decision;
use super::*;
use crate::Budget;

fn read(name: &str, text: &str) -> Agent {
    let budget = Budget::default();
    let input = Input::new(name, text.as_bytes(), &budget);
    assert_eq!(recognise(&input), Recognised::ByShape, "{name}: {text}");
    let parsed = parse(&input);
    assert_eq!(parsed.defects, [], "{name}");
    let Facts::Agent(agent) = parsed.facts else { panic!("other facts") };
    agent
}

#[test]
fn permissions_are_read_in_every_shape() {
    let claude = read(
        ".claude/settings.json",
        r#"{"permissions": {"allow": ["Bash(npm run lint)"], "deny": ["Read(./.env)"], "defaultMode": "acceptEdits"}}"#,
    );
    let rules: Vec<_> =
        claude.settings.permissions.iter().map(|rule| (rule.what.as_str(), rule.decision)).collect();
    assert_eq!(rules, [("Bash(npm run lint)", Decision::Allow), ("Read(./.env)", Decision::Deny)]);
    assert_eq!(
        claude.settings.switches,
        [("permissions.defaultMode".to_owned(), "acceptEdits".to_owned(), 1)]
    );
    let open = read(
        "opencode.json",
        r#"{"permission": {"edit": "ask", "bash": {"git push": "deny", "*": "allow"}}}"#,
    );
    let rules: Vec<_> =
        open.settings.permissions.iter().map(|rule| (rule.what.as_str(), rule.decision)).collect();
    assert_eq!(
        rules,
        [("edit", Decision::Ask), ("bash(git push)", Decision::Deny), ("bash(*)", Decision::Allow)]
    );
    let codex = read(
        ".codex/config.toml",
        "approval_policy = \"never\"\nsandbox_mode = \"read-only\"\nnotify = [\"a\", \"b\"]\n",
    );
    assert_eq!(codex.settings.switches.len(), 2);
    assert_eq!(codex.settings.hooks[0].command, "a b");
    let editor =
        read(".vscode/settings.json", r#"{"chat.tools.terminal.autoApprove": {"rm": false, "ls": true}}"#);
    assert_eq!(editor.settings.switches[0].0, "chat.tools.terminal.autoApprove/rm");
}

#[test]
fn hooks_are_read_in_every_shape() {
    for (name, text) in [
        (
            ".claude/settings.json",
            r#"{"hooks": {"e": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "c"}]}]}}"#,
        ),
        (
            "plugin/hooks/hooks.json",
            r#"{"hooks": {"e": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "c"}]}]}}"#,
        ),
        (".cursor/hooks.json", r#"{"version": 1, "hooks": {"e": [{"command": "c"}]}}"#),
        (".github/hooks/a.json", r#"{"version": 1, "hooks": {"e": [{"type": "command", "bash": "c"}]}}"#),
        (
            ".kiro/hooks/a.kiro.hook",
            r#"{"when": {"type": "e", "patterns": ["*.ts"]}, "then": {"type": "runCommand", "command": "c"}}"#,
        ),
        (
            ".vscode/tasks.json",
            r#"{"tasks": [{"label": "x", "command": "c", "runOptions": {"runOn": "folderOpen"}}, {"command": "d"}]}"#,
        ),
    ] {
        let agent = read(name, text);
        let commands: Vec<&str> = agent.settings.hooks.iter().map(|hook| hook.command.as_str()).collect();
        assert_eq!(commands, ["c"], "{name}");
    }
}

#[test]
fn cards_and_plugins_say_what_they_demand() {
    let card = read(
        ".well-known/agent-card.json",
        r#"{"name": "a", "url": "https://a.example", "version": "1", "capabilities": {}, "skills": [{"id": "s", "name": "s", "description": "d"}],
        "securitySchemes": {"oidc": {}}, "security": [{"oidc": []}], "signatures": [{}], "additionalInterfaces": [{"url": "http://b.example", "transport": "GRPC"}]}"#,
    );
    assert_eq!((card.kind, card.name.as_str(), card.signatures, card.urls.len()), (Kind::Card, "a", 1, 2));
    assert!(card.demands_sign_in && card.skills[0].description == "d");
    let plugin = read(
        ".well-known/ai-plugin.json",
        r#"{"name_for_human": "P", "name_for_model": "p", "description_for_model": "d", "auth": {"type": "none"}, "api": {"url": "https://p.example/openapi.yaml"}}"#,
    );
    assert!(plugin.name == "P" && !plugin.demands_sign_in);
    let market = read(
        ".claude-plugin/marketplace.json",
        r#"{"name": "m", "plugins": [{"name": "p", "source": "./p", "description": "d"}]}"#,
    );
    assert_eq!((market.kind, market.skills.len()), (Kind::Marketplace, 1));
}

#[test]
fn exports_hold_agents_tools_and_models() {
    for (name, text, agents, skills, models) in [
        ("langgraph.json", r#"{"graphs": {"g": "./a.py:graph"}}"#, 1, 0, 0),
        ("config/agents.yaml", "a:\n  role: r\n  goal: g\n  backstory: b\n  llm: openai/x\n", 1, 0, 1),
        (
            "flow.json",
            r#"{"nodes": [{"type": "@n8n/n8n-nodes-langchain.agent", "name": "A"}, {"type": "@n8n/n8n-nodes-langchain.toolCode", "name": "T"}, {"type": "@n8n/n8n-nodes-langchain.lmChatOpenAi", "parameters": {"model": {"value": "m"}}}]}"#,
            1,
            1,
            1,
        ),
        (
            "flow.json",
            r#"{"nodes": [{"data": {"label": "A", "category": "Agents", "baseClasses": [], "inputAnchors": [], "inputs": {"modelName": "m"}}}]}"#,
            1,
            0,
            1,
        ),
        (
            "app.yml",
            "app:\n  mode: agent-chat\n  name: n\nkind: app\nmodel_config:\n  model:\n    name: m\n  agent_mode:\n    tools:\n      - tool_name: t\n",
            0,
            1,
            1,
        ),
        (
            "team.json",
            r#"{"provider": "autogen_agentchat.teams.X", "component_type": "team", "config": {"participants": [{"component_type": "agent", "config": {"name": "a", "model_client": {"component_type": "model", "config": {"model": "m"}}}}]}}"#,
            1,
            0,
            1,
        ),
    ] {
        let agent = read(name, text);
        assert_eq!(
            (agent.agents.len(), agent.skills.len(), agent.models.len()),
            (agents, skills, models),
            "{name}"
        );
    }
}

#[test]
fn other_files_are_left_alone() {
    let budget = Budget::default();
    for (name, text) in [
        ("settings.json", "{\"permissions\": {}}"),
        ("agent.json", "{\"name\": \"x\"}"),
        (".vscode/settings.json", "{\"editor.tabSize\": 2}"),
        (".vscode/tasks.json", "{\"tasks\": []}"),
        ("a.yaml", "role: x\n"),
        ("config.toml", "notify = []"),
        ("graph.json", "{\"nodes\": []}"),
        (".mcp.json", "{\"mcpServers\": {}}"),
        (".gemini/settings.json", "{\"mcpServers\": {}}"),
    ] {
        assert_eq!(recognise(&Input::new(name, text.as_bytes(), &budget)), Recognised::No, "{name}");
    }
}
