//! Azure: templates in JSON, as Bicep compiles to them, and what `az … list` answers.
//!
//! <https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax>

use super::name::snake_tree;
use super::outline::Outline;
use super::{Found, Resource, mentions};
use crate::Input;
use crate::yaml::{Entry, Node, Value};

/// Types of the resource manager and of Terraform, in lower case.
const TYPES: &[(&str, &str)] = &[
    ("microsoft.cognitiveservices/accounts", "azurerm_cognitive_account"),
    ("microsoft.cognitiveservices/accounts/deployments", "azurerm_cognitive_deployment"),
    ("microsoft.containerregistry/registries", "azurerm_container_registry"),
    ("microsoft.machinelearningservices/workspaces", "azurerm_machine_learning_workspace"),
    ("microsoft.machinelearningservices/workspaces/computes", "azurerm_machine_learning_compute"),
    (
        "microsoft.machinelearningservices/workspaces/onlineendpoints",
        "azurerm_machine_learning_online_endpoint",
    ),
    ("microsoft.managedidentity/userassignedidentities", "azurerm_user_assigned_identity"),
    ("microsoft.search/searchservices", "azurerm_search_service"),
    ("microsoft.storage/storageaccounts", "azurerm_storage_account"),
    ("microsoft.storage/storageaccounts/blobservices/containers", "azurerm_storage_container"),
];

/// Resources inside resources and deployments.
const DEPTH: usize = 16;

pub(super) fn is_answer(outline: &Outline<'_>, input: &Input<'_>) -> bool {
    outline.has("id") && outline.has("name") && mentions(input.head(64 << 10), b"/providers/Microsoft.")
}

/// Things of which `az` lists everything, with the type in their id.
pub(super) fn answer(root: &Node, found: &mut Found) {
    for item in root.one_or_many() {
        let id = item.get("id").text_or_empty();
        let Some((_, provider)) = id.rsplit_once("/providers/") else { continue };
        let parts: Vec<&str> = provider.split('/').collect();
        let Some((space, rest)) = parts.split_first() else { continue };
        let types: Vec<&str> = rest.iter().step_by(2).copied().collect();
        let kind = format!("{space}/{}", types.join("/"));
        push(found, &kind, item.get("name").text_or_empty(), item);
    }
}

pub(super) fn template(root: &Node, found: &mut Found) {
    resources(root.get("resources"), "", root.get("parameters"), 0, found);
}

fn resources(list: &Node, above: &str, parameters: &Node, depth: usize, found: &mut Found) {
    if depth > DEPTH {
        return;
    }
    // Symbolic names make a map of what used to be a list.
    let entries = list.entries().iter().map(|entry| &entry.node);
    for item in list.items().iter().chain(entries) {
        let own = item.get("type").text_or_empty();
        let kind = if above.is_empty() || own.contains("Microsoft.") {
            own.to_owned()
        } else {
            format!("{above}/{own}")
        };
        let item = plain(item, parameters, 0);
        if kind.eq_ignore_ascii_case("Microsoft.Resources/deployments") {
            let inner = item.at("properties.template");
            resources(inner.get("resources"), "", inner.get("parameters"), depth + 1, found);
            continue;
        }
        let name = match &item.get("name").value {
            Value::Scalar { text, .. } | Value::Expression(text) => text.clone(),
            _ => String::new(),
        };
        push(found, &kind, &name, &item);
        resources(item.get("resources"), &kind, parameters, depth + 1, found);
    }
}

fn push(found: &mut Found, kind: &str, name: &str, item: &Node) {
    let kind = kind.to_ascii_lowercase();
    let Some((_, kind)) = TYPES.iter().find(|(known, _)| *known == kind) else { return };
    let mut body = snake_tree(item);
    let Value::Map(entries) = &mut body.value else { return };
    if let Some(at) = entries.iter().position(|entry| entry.key == "properties") {
        let properties = entries.remove(at).node;
        if let Value::Map(more) = properties.value {
            entries.extend(more);
        }
    }
    for entry in entries.iter_mut() {
        switch(entry);
    }
    let name = name.rsplit('/').next().unwrap_or(name);
    found.push(Resource {
        kind: (*kind).to_owned(),
        name: name.to_owned(),
        address: format!("{kind}.{name}"),
        line: item.line,
        body,
        complete: true,
    });
}

/// Switches that Terraform has the other way round or as a truth.
fn switch(entry: &mut Entry) {
    match entry.key.as_str() {
        "public_network_access" => {
            "public_network_access_enabled".clone_into(&mut entry.key);
        }
        "disable_local_auth" => {
            if let Some(off) = entry.node.truth() {
                "local_auth_enabled".clone_into(&mut entry.key);
                entry.node = Node::scalar(entry.node.line, (!off).to_string(), false);
            }
        }
        "public_access" => "container_access_type".clone_into(&mut entry.key),
        _ => {}
    }
}

/// The tree with expressions in brackets as expressions, and parameters with defaults as these.
fn plain(node: &Node, parameters: &Node, depth: usize) -> Node {
    let value = match &node.value {
        _ if depth > 64 => Value::Expression("(not evaluated)".to_owned()),
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| Entry {
                    key: entry.key.clone(),
                    line: entry.line,
                    node: plain(&entry.node, parameters, depth + 1),
                })
                .collect(),
        ),
        Value::List(items) => {
            Value::List(items.iter().map(|item| plain(item, parameters, depth + 1)).collect())
        }
        Value::Scalar { text, quoted: true } if text.starts_with('[') && !text.starts_with("[[") => {
            let name = text.strip_prefix("[parameters('").and_then(|rest| rest.strip_suffix("')]"));
            match name.map(|name| &parameters.get(name).get("defaultValue").value) {
                Some(value @ Value::Scalar { text, .. }) if !text.starts_with('[') => value.clone(),
                _ => Value::Expression(text.clone()),
            }
        }
        other => other.clone(),
    };
    Node { line: node.line, value }
}
