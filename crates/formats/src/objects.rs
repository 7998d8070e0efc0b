//! Listings of object stores as their command line tools print them.
//!
//! `aws s3api list-objects-v2`, `gcloud storage objects list --format json` (and the JSON interface below it),
//! `az storage blob list`.

use crate::yaml::Node;
use crate::{Limits, json};

/// One object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    /// `s3://bucket/key`; without a bucket where the listing names none.
    pub address: String,
    /// Size in bytes.
    pub size: Option<u64>,
    /// When it was changed, as written.
    pub changed: String,
    /// One-based line.
    pub line: u32,
}

/// A listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Objects {
    /// `s3`, `gs`, `az`.
    pub scheme: &'static str,
    /// Objects with their bucket.
    pub objects: Vec<Object>,
    /// Whether objects were left out because their bucket is not named or there are too many.
    pub cut: bool,
}

/// Bytes in which the keys of a listing stand.
const HEAD: usize = 4 << 10;
/// Objects of one listing.
const OBJECTS: usize = 100_000;

/// Reads a listing; `None` if the text is none. `bucket` is what the listing is of, where it does not say so itself.
pub fn read(text: &str, bucket: Option<&str>) -> Option<Objects> {
    let scheme = scheme(text)?;
    let (root, _) = json::read_text(text, &Limits::default());
    let listed = match scheme {
        "s3" => root.get("Contents"),
        _ if root.is_list() => &root,
        _ => root.get("items"),
    };
    let own = root.get("Name").text().or(bucket);
    let mut objects = Objects { scheme, ..Objects::default() };
    for node in listed.items() {
        let object = match scheme {
            "s3" => amazon(node, own),
            "gs" => google(node),
            _ => azure(node, bucket),
        };
        match object.filter(|_| objects.objects.len() < OBJECTS) {
            Some(object) => objects.objects.push(object),
            None => objects.cut = true,
        }
    }
    Some(objects)
}

fn scheme(text: &str) -> Option<&'static str> {
    let start = text.trim_start();
    if !start.starts_with(['{', '[']) {
        return None;
    }
    let end = (0..=HEAD.min(start.len())).rev().find(|at| start.is_char_boundary(*at))?;
    let head = start.get(..end)?;
    let has = |key: &str| head.contains(key);
    if has("\"Contents\"") && has("\"Key\"") && has("\"LastModified\"") {
        return Some("s3");
    }
    if has("\"storage_url\"") || has("\"storage#object") {
        return Some("gs");
    }
    (has("\"container\"") && (has("\"blobType\"") || has("\"blobTier\""))).then_some("az")
}

fn text(node: &Node, key: &str) -> String {
    node.get(key).text_or_empty().to_owned()
}

fn size(node: &Node) -> Option<u64> {
    node.text().and_then(|size| size.parse().ok())
}

fn amazon(node: &Node, bucket: Option<&str>) -> Option<Object> {
    let key = node.get("Key").text()?;
    Some(Object {
        address: format!("s3://{}/{key}", bucket?),
        size: size(node.get("Size")),
        changed: text(node, "LastModified"),
        line: node.line,
    })
}

fn google(node: &Node) -> Option<Object> {
    let address = match node.get("storage_url").text() {
        // A generation follows the name.
        Some(url) => url.split('#').next().unwrap_or(url).to_owned(),
        None => format!("gs://{}/{}", node.get("bucket").text()?, node.get("name").text()?),
    };
    Some(Object {
        address,
        size: size(node.get("size")),
        changed: node.get("update_time").text().unwrap_or(node.get("updated").text_or_empty()).to_owned(),
        line: node.line,
    })
}

fn azure(node: &Node, account: Option<&str>) -> Option<Object> {
    let (container, name) = (node.get("container").text()?, node.get("name").text()?);
    Some(Object {
        address: format!("az://{}/{container}/{name}", account?),
        size: size(node.at("properties.contentLength")),
        changed: node.at("properties.lastModified").text_or_empty().to_owned(),
        line: node.line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str, bucket: Option<&str>) -> Vec<String> {
        let objects = read(text, bucket).map(|listing| listing.objects).unwrap_or_default();
        objects.into_iter().map(|object| object.address).collect()
    }

    #[test]
    fn three_listings_are_read() {
        let amazon = r#"{"Contents": [{"Key": "a/m.pt", "LastModified": "2026-01-01", "Size": 3}]}"#;
        assert_eq!(addresses(amazon, Some("models")), ["s3://models/a/m.pt"]);
        assert_eq!(addresses(amazon, None), [""; 0]);
        let google = r#"[{"name": "a.onnx", "size": 3, "storage_url": "gs://models/a.onnx#17"}]"#;
        assert_eq!(addresses(google, None), ["gs://models/a.onnx"]);
        let azure = r#"[{"container": "c", "name": "a.gguf", "properties": {"blobType": "BlockBlob", "contentLength": 3}}]"#;
        assert_eq!(addresses(azure, Some("acme")), ["az://acme/c/a.gguf"]);
        assert_eq!(read("{\"Contents\": []}", None), None);
    }
}
