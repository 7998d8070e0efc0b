//! Tool servers of an agent.

use vauban_domain::{Asset, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;

use super::{Collector, Seen};

/// An agent for the configuration, and a tool for every server in it.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Mcp(file) = &seen.parsed.facts else { return };
    if file.servers.is_empty() {
        return;
    }
    let agent = collector.asset(
        Asset::new(
            AssetKind::Agent,
            "agent",
            Layer::Ecosystem,
            seen.path,
            Confidence::Inferred,
            seen.locator(),
        )
        .with("role", "client of tool servers"),
    );
    collector.home(&agent);
    for server in &file.servers {
        let locator = seen.locator().at_line(server.line).at_key(server.name.clone());
        let mut asset = Asset::new(
            AssetKind::Tool,
            "mcp_server",
            Layer::AgentFrameworks,
            &format!("{}#{}", seen.path, server.name),
            Confidence::Verified,
            locator.clone(),
        )
        .with("transport", server.transport.clone());
        match &server.url {
            Some((url, _)) => {
                let authorised = server
                    .headers
                    .iter()
                    .any(|(name, ..)| name.to_lowercase().contains("auth") || name.contains("key"));
                asset = asset
                    .with("url", url.split('?').next().unwrap_or_default())
                    .with("authentication", if authorised { "token" } else { "unknown" })
                    .with("encrypted", if url.starts_with("https://") { "yes" } else { "no" });
            }
            None => asset = asset.with("command", server.command.clone()),
        }
        if server.disabled {
            asset = asset.with("disabled", "yes");
        }
        let tool = collector.asset(asset);
        collector.relation(Relation::new(
            agent.clone(),
            RelationKind::Uses,
            tool.clone(),
            Confidence::Verified,
            locator.clone(),
        ));
        // The agent's code usually lies beside the configuration.
        collector.link_from("agent.py", RelationKind::Uses, &tool, locator);
    }
}
