//! Manifests of container images and of the models that are shipped like them: which layers, and where from.
//!
//! Source: OCI Image Format Specification 1.1 (manifest, descriptor, image layout); `docker save`.

use serde_json::Value;

use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// How manifests are found and read.
pub const FORMAT: Format = Format { name: "oci", extensions: &["manifest"], recognise, parse };

/// A manifest, an index of manifests, or the list that `docker save` writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Oci {
    /// Layers and other blobs, in stored order.
    pub blobs: Vec<Blob>,
}

/// One blob that is referred to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blob {
    /// Path or digest.
    pub name: String,
    /// Media type, empty if it has none.
    pub media_type: String,
    /// Where else it may be fetched from.
    pub urls: Vec<String>,
}

/// Bytes in which the keys of a manifest stand.
const HEAD: usize = 8 << 10;
/// Bytes of a manifest; registries accept four mebibytes.
const LARGEST: usize = 4 << 20;

fn recognise(input: &Input<'_>) -> Recognised {
    let head = input.head(HEAD);
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(first, Some(b'{' | b'[')) {
        return Recognised::No;
    }
    let text = String::from_utf8_lossy(head);
    let has = |word: &str| text.contains(word);
    // Other tools keep manifests of Docker's kind.
    if has("application/vnd.ollama") || has("application/vnd.docker.distribution.manifest.v2+json") {
        return Recognised::No;
    }
    let name = input.file_name().to_lowercase();
    let named = name.ends_with("manifest.json") || name.ends_with(".manifest") || name == "manifest";
    let layers = has("\"layers\"") || has("\"Layers\"");
    let image = has("application/vnd.oci.image.") && (layers || has("\"manifests\""));
    if image || layers && (has("\"RepoTags\"") || named && has("\"")) {
        Recognised::ByShape
    } else {
        Recognised::No
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut facts = Oci::default();
    let mut defects = Vec::new();
    if input.bytes.len() > LARGEST {
        defects.push(Defect::whole("limit-text", format!("a manifest of {} bytes", input.bytes.len())));
    }
    match serde_json::from_slice::<Value>(input.head(LARGEST)) {
        Ok(Value::Array(images)) => images.iter().for_each(|image| read(image, &mut facts)),
        Ok(value) => read(&value, &mut facts),
        Err(error) => defects.push(Defect::whole("oci-json", format!("is no JSON: {error}"))),
    }
    Parsed { format: FORMAT.name, facts: Facts::Oci(facts), defects, members: Vec::new() }
}

fn read(image: &Value, facts: &mut Oci) {
    for key in ["Config", "config", "Layers", "layers", "manifests", "blobs"] {
        match image.get(key) {
            Some(Value::Array(blobs)) => facts.blobs.extend(blobs.iter().filter_map(blob)),
            Some(one) => facts.blobs.extend(blob(one)),
            None => {}
        }
    }
}

fn blob(value: &Value) -> Option<Blob> {
    if let Value::String(name) = value {
        return Some(Blob { name: name.clone(), ..Blob::default() });
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let urls = value.get("urls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let title = value.pointer("/annotations/org.opencontainers.image.title").and_then(Value::as_str);
    value.is_object().then(|| Blob {
        name: title.map_or_else(|| text("digest"), str::to_owned),
        media_type: text("mediaType"),
        urls: urls.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    #[test]
    fn layers_with_paths_and_with_descriptors() {
        let saved = br#"[{"Config":"a.json","RepoTags":["x:1"],"Layers":["b/layer.tar"]}]"#;
        let manifest = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
            "config":{"digest":"sha256:0"},"layers":[{"digest":"sha256:1","urls":["https://example.org/l"]}]}"#;
        let mut seen = Vec::new();
        for bytes in [&saved[..], manifest] {
            let budget = Budget::default();
            let Facts::Oci(oci) = crate::parse(&Input::new("manifest.json", bytes, &budget)).facts else {
                panic!("not recognised")
            };
            seen.extend(oci.blobs.into_iter().map(|blob| (blob.name, blob.urls.len())));
        }
        let expected = [("a.json", 0), ("b/layer.tar", 0), ("sha256:0", 0), ("sha256:1", 1)];
        assert_eq!(seen, expected.map(|(name, urls)| (name.to_owned(), urls)));
    }
}
