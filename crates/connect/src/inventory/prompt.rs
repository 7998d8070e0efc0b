//! Prompts, instruction files, skills, commands and sub-agents.

use vauban_domain::{Asset, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::prompt::Kind;

use super::{Collector, Seen, agent};

/// A prompt, used by the agent whose code lies in a folder above. A skill is a tool as well, a sub-agent an agent.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Prompt(prompt) = &seen.parsed.facts else { return };
    let characters = prompt.characters.to_string();
    let variables = prompt.variables.join(", ");
    let mut attributes = vec![("characters", characters.as_str())];
    if !variables.is_empty() {
        attributes.push(("variables", &variables));
    }
    if prompt.kind != Kind::Prompt {
        attributes.push(("role", prompt.kind.as_str()));
    }
    let id = collector.file_asset(AssetKind::Prompt, "agent_framework", Layer::AgentFrameworks, &attributes);
    collector.link_from("agent.py", RelationKind::Uses, &id, seen.locator());
    let Some(front) = &prompt.front else { return };
    let (kind, component, layer) = match prompt.kind {
        Kind::Agent => (AssetKind::Agent, "agent", Layer::Ecosystem),
        Kind::Skill => (AssetKind::Tool, "tool", Layer::AgentFrameworks),
        _ => return,
    };
    let mut asset = Asset::new(kind, component, layer, seen.path, Confidence::Verified, seen.locator())
        .with("role", prompt.kind.as_str());
    if !front.name.is_empty() {
        asset = asset.with("title", front.name.clone());
    }
    if !front.tools.is_empty() {
        asset = asset.with("tools", agent::some_of(front.tools.iter().map(String::as_str)));
    }
    if let Some(model) = &front.model {
        asset = asset.with("model", model.clone());
    }
    let owner = collector.asset(agent::with_settings(asset, None, &front.settings));
    collector.relation(Relation::new(owner, RelationKind::Uses, id, Confidence::Verified, seen.locator()));
}
