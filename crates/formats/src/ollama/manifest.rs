//! A manifest in Ollama's store: which blobs make up a model.

use crate::json::read_text;
use crate::yaml::Node;
use crate::{Defect, Limits};

/// The blobs of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The configuration and the layers, in the order written.
    pub layers: Vec<Layer>,
}

/// One blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// `application/vnd.ollama.image.model`.
    pub media_type: String,
    /// `sha256:…`.
    pub digest: String,
    /// File that the layer was made from; empty if not stated.
    pub from: String,
    /// Addresses it may be fetched from instead of the registry.
    pub urls: Vec<String>,
    /// One-based line.
    pub line: u32,
}

/// Reads a manifest.
pub(super) fn read(text: &str, limits: &Limits) -> (Manifest, Vec<Defect>) {
    let (root, defects) = read_text(text, limits);
    let layers = std::iter::once(root.get("config")).chain(root.get("layers").items());
    (Manifest { layers: layers.filter(|node| node.is_map()).map(layer).collect() }, defects)
}

fn layer(node: &Node) -> Layer {
    let text = |key: &str| node.get(key).text_or_empty().to_owned();
    Layer {
        media_type: text("mediaType"),
        digest: text("digest"),
        from: text("from"),
        urls: node.get("urls").items().iter().filter_map(Node::text).map(str::to_owned).collect(),
        line: node.line,
    }
}
