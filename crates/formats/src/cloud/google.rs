//! What `gcloud … --format=json` answers about Vertex AI, and policies of projects.
//!
//! <https://cloud.google.com/vertex-ai/docs/reference/rest>

use super::name::{snake, snake_tree};
use super::outline::Outline;
use super::{Found, Resource, mentions};
use crate::Input;
use crate::yaml::{Entry, Node, Value};

/// Collections in the names of things, and their types.
const COLLECTIONS: &[(&str, &str)] = &[
    ("customJobs", "google_vertex_ai_custom_job"),
    ("datasets", "google_vertex_ai_dataset"),
    ("endpoints", "google_vertex_ai_endpoint"),
    ("featurestores", "google_vertex_ai_featurestore"),
    ("indexEndpoints", "google_vertex_ai_index_endpoint"),
    ("indexes", "google_vertex_ai_index"),
    ("instances", "google_workbench_instance"),
    ("models", "google_vertex_ai_model"),
    ("notebookRuntimes", "google_colab_runtime"),
];

pub(super) fn is_answer(outline: &Outline<'_>, input: &Input<'_>) -> bool {
    if !outline.list && outline.has("bindings") && outline.has("etag") {
        return true;
    }
    let named = outline.has("name") && (outline.has("createTime") || outline.has("displayName"));
    named && mentions(input.head(64 << 10), b"\"projects/") && mentions(input.head(64 << 10), b"/locations/")
}

pub(super) fn answer(root: &Node, file_name: &str, found: &mut Found) {
    if root.get("bindings").is_list() {
        bindings(root, file_name, found);
        return;
    }
    for item in root.one_or_many() {
        let full = item.get("name").text_or_empty();
        let mut parts = full.rsplit('/');
        let (Some(name), Some(collection)) = (parts.next(), parts.next()) else { continue };
        let Some((_, kind)) = COLLECTIONS.iter().find(|(known, _)| *known == collection) else { continue };
        if *kind == "google_workbench_instance" && !full.contains("/locations/") {
            continue;
        }
        let mut body = snake_tree(item);
        if let Value::Map(entries) = &mut body.value {
            entries.push(Entry {
                key: "id".to_owned(),
                line: item.line,
                node: Node::scalar(item.line, full, true),
            });
        }
        found.push(Resource {
            kind: (*kind).to_owned(),
            name: name.to_owned(),
            address: format!("{kind}.{name}"),
            line: item.line,
            body,
            complete: true,
        });
    }
}

/// Who has which role: of a bucket where the role is about storage, else of a project.
fn bindings(root: &Node, file_name: &str, found: &mut Found) {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    for (index, binding) in root.get("bindings").items().iter().enumerate() {
        let role = binding.get("role").text_or_empty();
        let bucket = role.starts_with("roles/storage.") && !stem.contains("project");
        let kind = if bucket { "google_storage_bucket_iam_binding" } else { "google_project_iam_binding" };
        let mut body = binding.clone();
        if let Value::Map(entries) = &mut body.value {
            let of = Node::scalar(binding.line, stem, true);
            let key = if bucket { "bucket" } else { "project" };
            entries.push(Entry { key: key.to_owned(), line: binding.line, node: of });
        }
        let name = role.rsplit('/').next().map(snake).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| index.to_string());
        found.push(Resource {
            kind: kind.to_owned(),
            address: format!("{kind}.{name}"),
            name,
            line: binding.line,
            body,
            complete: true,
        });
    }
}
