//! Prompts and instruction files.

use vauban_domain::{AssetKind, Layer, RelationKind};
use vauban_formats::Facts;

use super::{Collector, Seen};

/// A prompt, used by the agent whose code lies in a folder above.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Prompt(prompt) = &seen.parsed.facts else { return };
    let characters = prompt.characters.to_string();
    let variables = prompt.variables.join(", ");
    let mut attributes = vec![("characters", characters.as_str())];
    if !variables.is_empty() {
        attributes.push(("variables", &variables));
    }
    let id = collector.file_asset(AssetKind::Prompt, "agent_framework", Layer::AgentFrameworks, &attributes);
    collector.link_from("agent.py", RelationKind::Uses, &id, seen.locator());
}
