//! What a server says of itself: the registry's `server.json`, the manifest of a bundle (`.mcpb`, `.dxt`), an entry of
//! Docker's catalogue, a recorded answer to `tools/list`.
//!
//! <https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/server-json/generic-server-json.md>,
//! <https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md>, <https://docs.docker.com/ai/mcp-catalog-and-toolkit/>

use super::package::{Origin, image_reference};
use super::{Described, Package, Server, pairs, server};
use crate::yaml::{Entry, Node};

/// Servers that a manifest describes; none if it is no manifest.
pub(super) fn servers(root: &Node, file_name: &str) -> Vec<Server> {
    let mut found = Vec::new();
    if root.get("server").get("mcp_config").is_map() {
        found.extend(bundle(root));
    } else if is_registry_server(root) {
        registry_server(root, &mut found);
    } else if root.get("registry").is_map() {
        for entry in root.get("registry").entries() {
            found.extend(catalogue_entry(entry));
        }
    } else {
        for item in root.get("servers").items() {
            let inner = if item.get("server").is_map() { item.get("server") } else { item };
            if is_registry_server(inner) {
                registry_server(inner, &mut found);
            }
        }
        let listed = if root.get("result").is_map() { root.get("result") } else { root };
        let tools = described(listed.get("tools"));
        let schemas = listed.get("tools").items().iter().any(|tool| !tool.get("inputSchema").is_null());
        if found.is_empty() && schemas && !tools.is_empty() {
            let name = file_name.split('.').next().unwrap_or(file_name).to_owned();
            found.push(Server { tools, transport: "unknown".to_owned(), ..Server::named(name, root) });
        }
    }
    found
}

fn is_registry_server(root: &Node) -> bool {
    root.get("name").text().is_some() && (root.get("packages").is_list() || root.get("remotes").is_list())
}

fn bundle(root: &Node) -> Option<Server> {
    let name = root.get("name").text()?.to_owned();
    let config = root.get("server").get("mcp_config");
    let line = root.entry("name").map_or(root.line, |entry| entry.line);
    let mut found = server(&Entry { key: name, line, node: config.clone() })?;
    found.tools = described(root.get("tools"));
    found.tools.extend(described(root.get("prompts")));
    found.description = root.get("description").text_or_empty().to_owned();
    found.root = root.clone();
    Some(found)
}

fn registry_server(root: &Node, found: &mut Vec<Server>) {
    let name = root.get("name").text_or_empty();
    for package in root.get("packages").items() {
        let text =
            |keys: [&str; 2]| keys.into_iter().find_map(|key| package.get(key).text()).unwrap_or_default();
        let registry = text(["registryType", "registry_name"]);
        let identifier = text(["identifier", "name"]);
        let version = package.get("version").text().map(str::to_owned);
        let checked = !package.get("fileSha256").is_null();
        let fetched = match Origin::of_registry(registry) {
            Some(Origin::Oci) => Some(match &version {
                Some(version) if !identifier.contains(['@']) && !identifier.ends_with(version.as_str()) => {
                    image_reference(&format!("{identifier}:{version}"))
                }
                _ => image_reference(identifier),
            }),
            Some(origin) => Some(Package {
                origin,
                name: identifier.to_owned(),
                pinned: checked
                    || version.as_deref().is_some_and(|version| version != "latest" && !version.is_empty()),
                written: identifier.to_owned(),
                version,
            }),
            None => None,
        };
        let transport = package.get("transport");
        let url = transport.get("url");
        found.push(Server {
            package: fetched,
            description: root.get("description").text_or_empty().to_owned(),
            url: url.text().map(|text| (text.to_owned(), url.line)),
            transport: kind_of(transport.get("type").text().unwrap_or("stdio")),
            env: package
                .get("environmentVariables")
                .items()
                .iter()
                .filter_map(|item| {
                    let value = ["value", "default"].into_iter().find_map(|key| item.get(key).text());
                    Some((
                        item.get("name").text()?.to_owned(),
                        value.unwrap_or_default().to_owned(),
                        item.line,
                    ))
                })
                .collect(),
            ..Server::named(name.to_owned(), package)
        });
    }
    for remote in root.get("remotes").items() {
        let url = remote.get("url");
        found.push(Server {
            url: url.text().map(|text| (text.to_owned(), url.line)),
            description: root.get("description").text_or_empty().to_owned(),
            transport: kind_of(remote.get("type").text().unwrap_or("http")),
            headers: remote
                .get("headers")
                .items()
                .iter()
                .filter_map(|item| {
                    Some((
                        item.get("name").text()?.to_owned(),
                        item.get("value").text_or_empty().to_owned(),
                        item.line,
                    ))
                })
                .collect(),
            ..Server::named(name.to_owned(), remote)
        });
    }
}

fn catalogue_entry(entry: &Entry) -> Option<Server> {
    let node = &entry.node;
    let image = node.get("image").text();
    let remote = node.get("remote").get("url");
    if image.is_none() && remote.text().is_none() {
        return None;
    }
    Some(Server {
        package: image.map(image_reference),
        url: remote.text().map(|text| (text.to_owned(), remote.line)),
        transport: if image.is_some() {
            "stdio".to_owned()
        } else {
            kind_of(node.get("remote").get("transport_type").text_or_empty())
        },
        description: node.get("description").text_or_empty().to_owned(),
        env: pairs(node.get("env")),
        headers: pairs(node.get("remote").get("headers")),
        tools: described(node.get("tools")),
        line: entry.line,
        ..Server::named(entry.key.clone(), node)
    })
}

/// Tools, prompts or skills with their names and what they say of themselves.
pub(crate) fn described(list: &Node) -> Vec<Described> {
    list.items()
        .iter()
        .filter_map(|item| {
            let name = ["name", "id"].into_iter().find_map(|key| item.get(key).text())?;
            Some(Described {
                name: name.to_owned(),
                description: item.get("description").text_or_empty().to_owned(),
                line: item.line,
            })
        })
        .collect()
}

/// The transport by any of its names.
pub(super) fn kind_of(word: &str) -> String {
    match word {
        "sse" => "sse",
        "stdio" | "local" => "stdio",
        "ws" | "websocket" => "ws",
        _ => "http",
    }
    .to_owned()
}
