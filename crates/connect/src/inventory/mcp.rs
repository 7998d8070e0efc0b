//! Tool servers of an agent: a tool for each, with the package or image it is fetched as.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::mcp::{Mcp, Origin, Package, Server};

use super::{Collector, Seen, agent, identity};

/// An agent for the configuration, and a tool for every server in it; a server that describes itself is a tool alone.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    if let Facts::Mcp(file) = &seen.parsed.facts {
        map_file(seen, file, collector);
    }
    // A bundle is an archive with its manifest inside.
    if [".mcpb", ".dxt"].iter().any(|end| seen.path.ends_with(end)) {
        let manifests = seen.parsed.members.iter().filter(|member| member.name == "manifest.json");
        for member in manifests {
            if let Facts::Mcp(file) = &member.parsed.facts {
                map_file(seen, file, collector);
            }
        }
    }
}

fn map_file(seen: &Seen<'_>, file: &Mcp, collector: &mut Collector) {
    if file.servers.is_empty() && file.settings.is_empty() {
        return;
    }
    let agent = (!file.is_manifest).then(|| client(seen, file, collector));
    for server in &file.servers {
        let mut key = server.name.clone();
        if let Some(project) = &server.project {
            key = format!("{project}#{key}");
        }
        let locator = seen.locator().at_line(server.line).at_key(server.name.clone());
        let tool = collector.asset(tool(seen, server, &key, locator.clone()));
        match &agent {
            Some(agent) => {
                collector.relation(Relation::new(
                    agent.clone(),
                    RelationKind::Uses,
                    tool.clone(),
                    Confidence::Verified,
                    locator.clone(),
                ));
                // The agent's code usually lies beside the configuration.
                collector.link_from("agent.py", RelationKind::Uses, &tool, locator.clone());
            }
            None => collector.home(&tool),
        }
        if let Some(package) = &server.package {
            fetched(package, &tool, &locator, collector);
        }
        // A server whose program lies here is that program.
        for (word, line) in &server.args {
            if server.package.is_none() && is_script(word) {
                let path = word.rsplit_once("}/").map_or(word.as_str(), |(_, path)| path);
                collector.link(&tool, RelationKind::Uses, path, seen.locator().at_line(*line));
            }
        }
    }
}

fn client(seen: &Seen<'_>, file: &Mcp, collector: &mut Collector) -> AssetId {
    let asset = Asset::new(
        AssetKind::Agent,
        "agent",
        Layer::Ecosystem,
        seen.path,
        Confidence::Inferred,
        seen.locator(),
    )
    .with("role", "client of tool servers");
    let id = collector.asset(agent::with_settings(asset, file.client, &file.settings));
    collector.home(&id);
    id
}

fn tool(seen: &Seen<'_>, server: &Server, key: &str, locator: Locator) -> Asset {
    let mut asset = Asset::new(
        AssetKind::Tool,
        "mcp_server",
        Layer::AgentFrameworks,
        &format!("{}#{key}", seen.path),
        Confidence::Verified,
        locator,
    )
    .with("transport", server.transport.clone());
    match &server.url {
        Some((url, _)) => {
            asset = asset
                .with("url", bare(url))
                .with("authentication", if server.signs_in { "token" } else { "unknown" })
                .with(
                    "encrypted",
                    if ["https://", "wss://"].iter().any(|scheme| url.starts_with(scheme)) {
                        "yes"
                    } else {
                        "no"
                    },
                );
        }
        None if !server.command.is_empty() => asset = asset.with("command", server.command.clone()),
        None => {}
    }
    if let Some(package) = &server.package {
        asset = asset
            .with("package", package.written.clone())
            .with("pinned", if package.pinned { "yes" } else { "no" });
    }
    if server.disabled {
        asset = asset.with("disabled", "yes");
    }
    let env: Vec<&str> = server.env.iter().map(|(name, ..)| name.as_str()).collect();
    let approved: Vec<&str> = server.auto_approved.iter().map(|(name, _)| name.as_str()).collect();
    let allowed: Vec<&str> = server.allowed_tools.iter().map(String::as_str).collect();
    let denied: Vec<&str> = server.denied_tools.iter().map(String::as_str).collect();
    let tools: Vec<&str> = server.tools.iter().map(|tool| tool.name.as_str()).collect();
    for (name, values) in [
        ("environment", env),
        ("auto_approved", approved),
        ("allowed_tools", allowed),
        ("denied_tools", denied),
        ("tools", tools),
    ] {
        if !values.is_empty() {
            asset = asset.with(name, agent::some_of(values.into_iter()));
        }
    }
    asset
}

/// An address without what may be a secret.
fn bare(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) =
                rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))
        }
        None => url.to_owned(),
    }
}

fn fetched(package: &Package, tool: &AssetId, locator: &Locator, collector: &mut Collector) {
    let (asset, kind) = match package.origin {
        Origin::Oci => (
            Asset::new(
                AssetKind::Infrastructure,
                "container_image",
                Layer::Deployment,
                &format!("image/{}", package.written),
                Confidence::Declared,
                locator.clone(),
            )
            .with("image", package.written.clone()),
            RelationKind::RunsOn,
        ),
        origin => {
            let Some(ecosystem) = origin.purl_type() else { return };
            let exact = package.version.as_deref().filter(|_| package.pinned);
            (identity::package(ecosystem, &package.name, exact, locator.clone()), RelationKind::DependsOn)
        }
    };
    let id = collector.asset(asset);
    let mut relation = Relation::new(tool.clone(), kind, id, Confidence::Declared, locator.clone());
    if let Some(version) = &package.version {
        relation.attributes.insert("version".to_owned(), version.clone());
    }
    collector.relation(relation);
}

/// Whether an argument is the program that an interpreter runs.
fn is_script(word: &str) -> bool {
    !word.contains("://")
        && [".py", ".js", ".mjs", ".cjs", ".ts", ".sh"].iter().any(|end| word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_no_secret() {
        assert_eq!(bare("https://u:p@x.example/a/mcp?key=1#f"), "https://x.example/a/mcp");
        assert_eq!(bare("https://x.example"), "https://x.example");
    }
}
