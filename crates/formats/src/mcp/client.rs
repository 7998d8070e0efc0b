//! The clients that know tool servers, and how their files are called: facts of their documentation.

/// How one client calls its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Its name, in lower case.
    pub name: &'static str,
    /// Ends of paths, in lower case, whole parts each. A `*` part stands for any one part, also as `*.json`.
    pub paths: &'static [&'static str],
}

/// Every client with files of its own, by name. `.mcp.json` and `mcp.json` alone are any client's.
pub const CLIENTS: &[Client] = &[
    Client {
        name: "amazon-q",
        paths: &[
            ".aws/amazonq/*.json",
            ".amazonq/*.json",
            ".amazonq/agents/*.json",
            ".amazonq/cli-agents/*.json",
            ".aws/amazonq/agents/*.json",
            ".aws/amazonq/cli-agents/*.json",
        ],
    },
    Client { name: "amp", paths: &[".amp/settings.json", "amp/settings.json"] },
    Client { name: "antigravity", paths: &["antigravity/mcp_config.json"] },
    Client {
        name: "claude-code",
        paths: &[
            ".claude.json",
            ".claude/settings.json",
            ".claude/settings.local.json",
            ".claude/.mcp.json",
            "managed-settings.json",
            "managed-mcp.json",
        ],
    },
    Client { name: "claude-desktop", paths: &["claude_desktop_config.json"] },
    Client { name: "cline", paths: &["cline_mcp_settings.json"] },
    Client { name: "codex", paths: &[".codex/config.toml", "codex/config.toml", "codex.toml"] },
    Client {
        name: "continue",
        paths: &[
            ".continue/config.json",
            ".continue/config.yaml",
            ".continue/mcpservers/*.json",
            ".continue/mcpservers/*.yaml",
            ".continue/mcpservers/*.yml",
        ],
    },
    Client {
        name: "copilot",
        paths: &[".copilot/mcp-config.json", ".copilot/config.json", ".github/copilot/mcp.json"],
    },
    Client { name: "cursor", paths: &[".cursor/mcp.json", ".cursor/hooks.json", ".cursor/cli.json"] },
    Client {
        name: "docker",
        paths: &[".docker/mcp/catalogs/*.yaml", ".docker/mcp/registry.yaml", ".docker/mcp/config.yaml"],
    },
    Client { name: "gemini", paths: &[".gemini/settings.json", "gemini-extension.json"] },
    Client { name: "goose", paths: &["goose/config.yaml", "goose/profiles.yaml"] },
    Client { name: "jetbrains", paths: &[".idea/mcp.json", ".aiassistant/mcp.json"] },
    Client { name: "junie", paths: &[".junie/mcp/mcp.json", ".junie/mcp.json"] },
    Client { name: "kiro", paths: &[".kiro/settings/mcp.json", ".kiro/agents/*.json"] },
    Client { name: "librechat", paths: &["librechat.yaml", "librechat.yml"] },
    Client { name: "lm-studio", paths: &[".lmstudio/mcp.json"] },
    Client { name: "mcp-agent", paths: &["mcp_agent.config.yaml", "mcp_agent.secrets.yaml"] },
    Client { name: "opencode", paths: &["opencode.json", "opencode.jsonc", ".opencode/config.json"] },
    Client { name: "qwen-code", paths: &[".qwen/settings.json"] },
    Client {
        name: "roo-code",
        paths: &[".roo/mcp.json", "roo-cline/settings/mcp_settings.json", "mcp_settings.json"],
    },
    Client { name: "trae", paths: &[".trae/mcp.json"] },
    Client {
        name: "visual-studio-code",
        paths: &[
            ".vscode/mcp.json",
            ".vscode/settings.json",
            "code/user/mcp.json",
            "code/user/settings.json",
            ".devcontainer/devcontainer.json",
            ".devcontainer.json",
        ],
    },
    Client { name: "warp", paths: &[".warp/mcp.json"] },
    Client {
        name: "windsurf",
        paths: &[
            ".codeium/windsurf/mcp_config.json",
            ".codeium/mcp_config.json",
            ".windsurf/mcp_config.json",
        ],
    },
    Client { name: "zed", paths: &[".zed/settings.json", "zed/settings.json"] },
];

/// The client that a path belongs to.
pub fn client_of(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.rsplit(['/', '\\']).take(5).collect();
    CLIENTS
        .iter()
        .find(|client| client.paths.iter().any(|known| ends_with(&parts, known)))
        .map(|client| client.name)
}

/// Whether the parts of a path, last first, end as a known path does.
fn ends_with(parts: &[&str], known: &str) -> bool {
    let mut parts = parts.iter();
    known.rsplit('/').all(|wanted| {
        parts.next().is_some_and(|part| match wanted.strip_prefix('*') {
            Some(end) => part
                .get(part.len().saturating_sub(end.len())..)
                .is_some_and(|tail| tail.eq_ignore_ascii_case(end)),
            None => part.eq_ignore_ascii_case(wanted),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_known_by_their_paths() {
        for (path, wanted) in [
            ("home/x/.aws/amazonq/agents/default.json", Some("amazon-q")),
            (".claude.json", Some("claude-code")),
            ("Library/Application Support/Claude/claude_desktop_config.json", Some("claude-desktop")),
            ("x/.config/Code/User/settings.json", Some("visual-studio-code")),
            (".config/zed/settings.json", Some("zed")),
            (".mcp.json", None),
            ("settings.json", None),
        ] {
            assert_eq!(client_of(path), wanted, "{path}");
        }
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(CLIENTS.is_sorted_by_key(|client| client.name));
    }
}
