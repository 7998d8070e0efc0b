//! Agents as files describe them: settings with permissions and hooks, A2A agent cards, plug-ins and their
//! marketplaces, and what workflow builders export (LangGraph, CrewAI, AutoGen, Dify, Flowise, n8n).
//!
//! Sources: the settings of each client (see [`settings`]), <https://a2a-protocol.org/latest/specification/>,
//! <https://code.claude.com/docs/en/plugins-reference>, <https://langchain-ai.github.io/langgraph/cloud/reference/cli/>,
//! <https://docs.crewai.com/en/concepts/agents>.

pub mod command;
mod export;
pub mod settings;
#[cfg(test)]
mod tests;

use crate::mcp::manifest::described;
use crate::mcp::{Described, client_of};
use crate::yaml::{self, Node, text_of};
use crate::{Facts, Format, Input, Parsed, Recognised, json, toml_tree};

use settings::Settings;

/// The format.
pub const FORMAT: Format =
    Format { name: "agent", extensions: &["hook", "json", "jsonc", "toml", "yaml", "yml"], recognise, parse };

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// An A2A agent card: what an agent tells others of itself.
    Card,
    /// An export of a workflow builder.
    Export(Builder),
    /// A list of plug-ins that can be installed.
    Marketplace,
    /// A plug-in: of Claude Code, or in ChatGPT's old manifest.
    Plugin,
    /// Settings, hooks and permissions of a client.
    #[default]
    Settings,
}

/// Who wrote an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builder {
    /// AutoGen Studio.
    AutoGen,
    /// CrewAI.
    CrewAi,
    /// Dify.
    Dify,
    /// Flowise.
    Flowise,
    /// LangGraph.
    LangGraph,
    /// n8n.
    N8n,
}

impl Builder {
    /// Its name in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AutoGen => "autogen",
            Self::CrewAi => "crewai",
            Self::Dify => "dify",
            Self::Flowise => "flowise",
            Self::LangGraph => "langgraph",
            Self::N8n => "n8n",
        }
    }
}

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agent {
    /// What kind of file it is.
    pub kind: Kind,
    /// The client whose file it is, if its name says so.
    pub client: Option<&'static str>,
    /// Name the agent has; empty if none is written.
    pub name: String,
    /// Version as written.
    pub version: Option<String>,
    /// Addresses it answers at or is fetched from, with lines.
    pub urls: Vec<(String, u32)>,
    /// Security schemes it declares, by name.
    pub schemes: Vec<String>,
    /// Whether it demands one of them.
    pub demands_sign_in: bool,
    /// Signatures on the card.
    pub signatures: usize,
    /// Skills, tools or plug-ins, each with what it says of itself.
    pub skills: Vec<Described>,
    /// Agents inside, with their roles as descriptions.
    pub agents: Vec<Described>,
    /// Models named.
    pub models: Vec<(String, u32)>,
    /// Permissions and hooks.
    pub settings: Settings,
    /// The text itself, for what looks at lines; empty if it is larger than a mebibyte.
    pub source: String,
    /// Everything.
    pub root: Node,
}

/// What kind of agent file a name and the beginning of the content stand for.
fn kind_of(input: &Input<'_>) -> Option<Kind> {
    let extension = input.extension();
    if !matches!(extension.as_str(), "json" | "jsonc" | "hook" | "toml" | "yaml" | "yml") {
        return None;
    }
    let path = input.name.replace('\\', "/").to_lowercase();
    let below = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    let name = path.rsplit('/').next().unwrap_or(&path);
    let head = String::from_utf8_lossy(input.head(1 << 16));
    let has = |needle: &str| head.contains(needle);
    match extension.as_str() {
        "hook" => return (name.ends_with(".kiro.hook") && has("\"when\"")).then_some(Kind::Settings),
        "toml" => return (client_of(input.name) == Some("codex")).then_some(Kind::Settings),
        "yaml" | "yml" => {
            let crew = matches!(name, "agents.yaml" | "agents.yml" | "tasks.yaml" | "tasks.yml")
                && ((has("role:") && has("goal:") && has("backstory:"))
                    || (has("expected_output:") && has("agent:")));
            if crew {
                return Some(Kind::Export(Builder::CrewAi));
            }
            let dify =
                has("kind: app") && has("app:") && (has("workflow:") || has("model_config:")) && has("mode:");
            if dify {
                return Some(Kind::Export(Builder::Dify));
            }
            return (client_of(input.name) == Some("goose") && has("GOOSE_")).then_some(Kind::Settings);
        }
        _ => {}
    }
    if matches!(name, "agent-card.json" | "agent_card.json" | "agent.json")
        && has("\"skills\"")
        && (has("\"url\"") || has("\"capabilities\"") || has("\"supportedInterfaces\""))
    {
        return Some(Kind::Card);
    }
    if name == "ai-plugin.json" && has("\"name_for_model\"") {
        return Some(Kind::Plugin);
    }
    if below(".claude-plugin/") && matches!(name, "plugin.json" | "marketplace.json") {
        return Some(if name == "plugin.json" { Kind::Plugin } else { Kind::Marketplace });
    }
    if name == "langgraph.json" && has("\"graphs\"") {
        return Some(Kind::Export(Builder::LangGraph));
    }
    if has("\"nodes\"") {
        if has("n8n-nodes-langchain") {
            return Some(Kind::Export(Builder::N8n));
        }
        if has("\"baseClasses\"") && has("\"inputAnchors\"") {
            return Some(Kind::Export(Builder::Flowise));
        }
    }
    if has("\"component_type\"") && has("\"autogen_") {
        return Some(Kind::Export(Builder::AutoGen));
    }
    let hooks = name == "hooks.json" && has("\"hooks\"");
    let stored_hooks = below(".github/hooks/") && has("\"hooks\"");
    let tasks = below(".vscode/") && name == "tasks.json" && has("\"folderOpen\"");
    let editor = below(".vscode/") && name == "settings.json" && (has("chat.tools.") || has("chat.agent."));
    let known = matches!(
        client_of(input.name),
        Some(
            "amazon-q"
                | "amp"
                | "claude-code"
                | "copilot"
                | "cursor"
                | "gemini"
                | "kiro"
                | "opencode"
                | "qwen-code"
                | "zed"
        )
    );
    (hooks || stored_hooks || tasks || editor || known).then_some(Kind::Settings)
}

fn recognise(input: &Input<'_>) -> Recognised {
    // What names servers is read as `mcp`, its settings with it.
    match kind_of(input) {
        Some(kind) if kind != Kind::Settings || (crate::mcp::FORMAT.recognise)(input) == Recognised::No => {
            Recognised::ByShape
        }
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let kind = kind_of(input).unwrap_or_default();
    let limits = &input.budget.limits;
    let (source, mut defects) = text_of(input.bytes, limits);
    let (root, mut more) = match input.extension().as_str() {
        "yaml" | "yml" => {
            let read = yaml::read_text(&source, limits);
            (read.documents.into_iter().next().unwrap_or_default(), read.defects)
        }
        "toml" => toml_tree::read_text(&source, limits),
        _ => json::read_text(&source, limits),
    };
    defects.append(&mut more);
    let text = |key: &str| root.get(key).text_or_empty().to_owned();
    let mut agent = Agent {
        kind,
        client: client_of(input.name),
        name: text("name"),
        version: root.get("version").text().map(str::to_owned),
        settings: settings::read(&root),
        source: if source.len() <= 1 << 20 { source.into_owned() } else { String::new() },
        ..Agent::default()
    };
    match kind {
        Kind::Card => card(&root, &mut agent),
        Kind::Plugin => plugin(&root, &mut agent),
        Kind::Marketplace => agent.skills = described(root.get("plugins")),
        Kind::Export(builder) => export::read(builder, &root, &mut agent),
        Kind::Settings => {}
    }
    if agent.name.is_empty() {
        agent.name = text("name_for_human");
    }
    agent.root = root;
    Parsed { format: FORMAT.name, facts: Facts::Agent(agent), defects, members: Vec::new() }
}

fn card(root: &Node, agent: &mut Agent) {
    agent.skills = described(root.get("skills"));
    let mut add = |node: &Node| {
        if let Some(url) = node.text().filter(|url| url.contains("://")) {
            agent.urls.push((url.to_owned(), node.line));
        }
    };
    add(root.get("url"));
    for list in ["additionalInterfaces", "supportedInterfaces"] {
        root.get(list).items().iter().for_each(|interface| add(interface.get("url")));
    }
    agent.schemes = root.get("securitySchemes").entries().iter().map(|entry| entry.key.clone()).collect();
    // Cards before version 0.2.5 say `authentication`.
    let old = root.at("authentication.schemes").items();
    agent.schemes.extend(old.iter().filter_map(|scheme| scheme.text().map(str::to_owned)));
    let demanded = ["security", "securityRequirements"];
    agent.demands_sign_in = !old.is_empty() || demanded.iter().any(|key| !root.get(key).items().is_empty());
    agent.signatures = root.get("signatures").items().len();
}

fn plugin(root: &Node, agent: &mut Agent) {
    let api = root.get("api").get("url");
    if let Some(url) = api.text() {
        agent.urls.push((url.to_owned(), api.line));
        let auth = root.at("auth.type").text_or_empty();
        agent.demands_sign_in = !matches!(auth, "" | "none");
        agent.schemes = vec![auth.to_owned()];
        agent.skills.push(Described {
            name: root.get("name_for_model").text_or_empty().to_owned(),
            description: root.get("description_for_model").text_or_empty().to_owned(),
            line: root.get("description_for_model").line,
        });
    }
}
