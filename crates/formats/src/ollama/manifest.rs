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

impl Layer {
    /// Whether the digest is one: `sha256:` or `sha256-` and 64 hexadecimal digits.
    pub fn has_digest(&self) -> bool {
        let rest = self.digest.strip_prefix("sha256").and_then(|rest| rest.strip_prefix([':', '-']));
        rest.is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }
}

/// Reads a manifest.
pub(super) fn read(text: &str, limits: &Limits) -> (Manifest, Vec<Defect>) {
    let (root, mut defects) = read_text(text, limits);
    let nodes = std::iter::once(root.get("config")).chain(root.get("layers").items());
    let nodes: Vec<&Node> = nodes.filter(|node| node.is_map()).collect();
    for node in &nodes {
        if node.get("size").integer().is_some_and(i64::is_negative) {
            let detail = format!("line {}: a blob has a negative size", node.line);
            defects.push(Defect::whole("manifest-size", detail));
        }
    }
    let layers: Vec<Layer> = nodes.into_iter().map(layer).collect();
    for layer in layers.iter().filter(|layer| layer.digest.starts_with("sha256") && !layer.has_digest()) {
        let detail = format!("line {}: a digest is not of 64 hexadecimal digits", layer.line);
        defects.push(Defect::whole("manifest-digest", detail));
    }
    (Manifest { layers }, defects)
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
