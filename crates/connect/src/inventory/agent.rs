//! Agents that files describe: clients with their settings, agent cards, plug-ins, exports of workflow builders.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::agent::settings::{Decision, Settings};
use vauban_formats::agent::{Agent, Kind};
use vauban_formats::mcp::Described;

use super::{Collector, Seen};

/// An agent for the file, with the agents, tools and models that it names.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Agent(file) = &seen.parsed.facts else { return };
    if file.kind == Kind::Settings && file.settings.is_empty() {
        return;
    }
    let (kind, component, layer, role) = match file.kind {
        Kind::Card => (AssetKind::Agent, "agent", Layer::Ecosystem, "agent card"),
        Kind::Export(builder) => {
            (AssetKind::Agent, "workflow_engine", Layer::AgentFrameworks, builder.as_str())
        }
        Kind::Marketplace => (AssetKind::Tool, "marketplace", Layer::Ecosystem, "marketplace of plug-ins"),
        Kind::Plugin => (AssetKind::Tool, "tool", Layer::AgentFrameworks, "plug-in"),
        Kind::Settings => (AssetKind::Agent, "agent", Layer::Ecosystem, "settings of a client"),
    };
    let mut asset = Asset::new(kind, component, layer, seen.path, Confidence::Verified, seen.locator())
        .with("role", role);
    if !file.name.is_empty() {
        asset = asset.with("title", file.name.clone());
    }
    if let Some(version) = &file.version {
        asset = asset.with("version", version.clone());
    }
    if let Kind::Export(builder) = file.kind {
        asset = asset.with("framework", builder.as_str());
    }
    if matches!(file.kind, Kind::Card | Kind::Plugin) && !file.urls.is_empty() {
        let urls = file.urls.iter().map(|(url, _)| url.split('?').next().unwrap_or(url));
        asset = asset.with("url", some_of(urls)).with(
            "authentication",
            if file.demands_sign_in {
                some_of(file.schemes.iter().map(String::as_str))
            } else {
                "none".to_owned()
            },
        );
    }
    if file.kind == Kind::Card {
        asset = asset.with("signed", if file.signatures > 0 { "yes" } else { "no" });
    }
    let home = collector.asset(with_settings(asset, file.client, &file.settings));
    collector.home(&home);
    parts(seen, file, &home, collector);
}

fn parts(seen: &Seen<'_>, file: &Agent, home: &AssetId, collector: &mut Collector) {
    let mut add = |asset: Asset, entry: &Described| {
        let locator = seen.locator().at_line(entry.line).at_key(entry.name.clone());
        let id = collector.asset(asset);
        collector.relation(Relation::new(
            home.clone(),
            RelationKind::Uses,
            id,
            Confidence::Declared,
            locator,
        ));
    };
    let part = |kind: AssetKind, component: &str, layer: Layer, entry: &Described| {
        let locator = seen.locator().at_line(entry.line).at_key(entry.name.clone());
        Asset::new(
            kind,
            component,
            layer,
            &format!("{}#{}", seen.path, entry.name),
            Confidence::Declared,
            locator,
        )
    };
    for entry in &file.agents {
        add(part(AssetKind::Agent, "agent", Layer::Ecosystem, entry), entry);
    }
    for entry in file.skills.iter().filter(|entry| !entry.name.is_empty()) {
        let role = if file.kind == Kind::Card { "skill" } else { "tool" };
        add(part(AssetKind::Tool, "tool", Layer::AgentFrameworks, entry).with("role", role), entry);
    }
    for (name, line) in &file.models {
        let locator = seen.locator().at_line(*line);
        let asset = Asset::new(
            AssetKind::Model,
            "model",
            Layer::FoundationModels,
            name,
            Confidence::Declared,
            locator.clone(),
        )
        .with("source", "named by an agent");
        let id = collector.asset(asset);
        collector.relation(Relation::new(
            home.clone(),
            RelationKind::Uses,
            id,
            Confidence::Declared,
            locator,
        ));
    }
}

/// What a client is told to allow and to run, as attributes.
pub(super) fn with_settings(mut asset: Asset, client: Option<&str>, settings: &Settings) -> Asset {
    if let Some(client) = client {
        asset = asset.with("client", client);
    }
    for (name, decision) in [
        ("permissions", Decision::Allow),
        ("permissions_asked", Decision::Ask),
        ("permissions_denied", Decision::Deny),
    ] {
        let mut rules = settings
            .permissions
            .iter()
            .filter(|rule| rule.decision == decision)
            .map(|rule| rule.what.as_str())
            .peekable();
        if rules.peek().is_some() {
            asset = asset.with(name, some_of(rules));
        }
    }
    if !settings.switches.is_empty() {
        let switches: Vec<String> =
            settings.switches.iter().map(|(name, value, _)| format!("{name}={value}")).collect();
        asset = asset.with("approval", some_of(switches.iter().map(String::as_str)));
    }
    if !settings.hooks.is_empty() {
        let mut events: Vec<&str> = settings.hooks.iter().map(|hook| hook.event.as_str()).collect();
        events.sort_unstable();
        events.dedup();
        asset = asset.with("hooks", some_of(events.into_iter()));
    }
    asset
}

/// The first of many values in one text.
pub(super) fn some_of<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for (index, value) in values.enumerate() {
        if index > 0 {
            joined.push_str(", ");
        }
        if joined.len() + value.len() > 500 {
            joined.push('…');
            break;
        }
        joined.push_str(value);
    }
    joined
}
