//! What workflow builders export: the agents, tools and models in it.

use super::{Agent, Builder};
use crate::mcp::Described;
use crate::yaml::Node;

pub(super) fn read(builder: Builder, root: &Node, agent: &mut Agent) {
    match builder {
        Builder::CrewAi => crew(root, agent),
        Builder::LangGraph => {
            for graph in root.get("graphs").entries() {
                let place = graph.node.text().or_else(|| graph.node.get("path").text()).unwrap_or_default();
                agent.agents.push(Described {
                    name: graph.key.clone(),
                    description: place.to_owned(),
                    line: graph.line,
                });
            }
        }
        Builder::N8n => {
            for node in root.get("nodes").items() {
                let kind = node.get("type").text_or_empty();
                let kind = kind.rsplit('.').next().unwrap_or(kind);
                let lower = kind.to_lowercase();
                let name = node.get("name").text().unwrap_or(kind);
                let says = ["toolDescription", "description", "text"]
                    .into_iter()
                    .find_map(|key| node.get("parameters").get(key).text());
                let entry = Described {
                    name: name.to_owned(),
                    description: says.unwrap_or_default().to_owned(),
                    line: node.line,
                };
                if lower == "agent" {
                    agent.agents.push(entry);
                } else if lower.starts_with("tool") || lower.ends_with("tool") {
                    agent.skills.push(entry);
                }
                let model = node.get("parameters").get("model");
                let model = if model.is_map() { model.get("value") } else { model };
                models(model, agent);
            }
        }
        Builder::Flowise => {
            for node in root.get("nodes").items() {
                let data = node.get("data");
                let category = data.get("category").text_or_empty();
                let name = data.get("label").text().or_else(|| data.get("name").text()).unwrap_or_default();
                let entry = Described {
                    name: name.to_owned(),
                    description: data.get("description").text_or_empty().to_owned(),
                    line: node.line,
                };
                match category {
                    "Agents" | "Agent Flows" | "Multi Agents" | "Sequential Agents" => {
                        agent.agents.push(entry)
                    }
                    category if category.starts_with("Tools") => agent.skills.push(entry),
                    _ => {}
                }
                models(data.get("inputs").get("modelName"), agent);
            }
        }
        Builder::Dify => {
            agent.name = root.at("app.name").text_or_empty().to_owned();
            models(root.at("model_config.model.name"), agent);
            for tool in root.at("model_config.agent_mode.tools").items() {
                let name = tool.get("tool_name").text_or_empty().to_owned();
                agent.skills.push(Described { name, description: String::new(), line: tool.line });
            }
            for node in root.at("workflow.graph.nodes").items() {
                let data = node.get("data");
                models(data.at("model.name"), agent);
                let name = data.get("title").text_or_empty().to_owned();
                let entry = Described {
                    name,
                    description: data.get("desc").text_or_empty().to_owned(),
                    line: node.line,
                };
                match data.get("type").text_or_empty() {
                    "agent" => agent.agents.push(entry),
                    "tool" | "code" | "http-request" => agent.skills.push(entry),
                    _ => {}
                }
            }
        }
        Builder::AutoGen => components(root, agent, 0),
    }
    agent.skills.truncate(10_000);
    agent.agents.truncate(10_000);
}

fn crew(root: &Node, agent: &mut Agent) {
    for entry in root.entries() {
        let node = &entry.node;
        if node.get("role").text().is_none() {
            continue;
        }
        let says = ["goal", "backstory"].map(|key| node.get(key).text_or_empty().trim()).join(" ");
        agent.agents.push(Described { name: entry.key.clone(), description: says, line: entry.line });
        models(node.get("llm"), agent);
        for tool in node.get("tools").items() {
            if let Some(name) = tool.text() {
                agent.skills.push(Described {
                    name: name.to_owned(),
                    description: String::new(),
                    line: tool.line,
                });
            }
        }
    }
}

/// AutoGen nests components in one another.
fn components(node: &Node, agent: &mut Agent, depth: u32) {
    if depth > 32 {
        return;
    }
    let config = node.get("config");
    let name = ["name", "model"].into_iter().find_map(|key| config.get(key).text());
    let label = node.get("label").text_or_empty();
    let entry = || Described {
        name: name.unwrap_or(label).to_owned(),
        description: ["system_message", "description"]
            .into_iter()
            .find_map(|key| config.get(key).text())
            .unwrap_or_default()
            .to_owned(),
        line: node.line,
    };
    match node.get("component_type").text_or_empty() {
        "agent" => agent.agents.push(entry()),
        "tool" => agent.skills.push(entry()),
        "model" => models(config.get("model"), agent),
        _ => {}
    }
    for entry in node.entries() {
        components(&entry.node, agent, depth + 1);
    }
    for item in node.items() {
        components(item, agent, depth + 1);
    }
}

fn models(node: &Node, agent: &mut Agent) {
    if let Some(name) = node.text().filter(|name| !name.is_empty() && !name.contains("{{"))
        && agent.models.len() < 1000
    {
        agent.models.push((name.to_owned(), node.line));
    }
}
