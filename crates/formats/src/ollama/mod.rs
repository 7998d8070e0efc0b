//! Ollama: the `Modelfile` that a model is made from, and the manifest of a model in its store.
//!
//! <https://docs.ollama.com/modelfile>; manifests follow the OCI image manifest v2 with media types
//! `application/vnd.ollama.image.*`.

mod manifest;
mod modelfile;

use crate::yaml::text_of;
use crate::{Facts, Format, Input, Member, Parsed, Recognised};

pub use manifest::{Layer, Manifest};
pub use modelfile::{Instruction, Modelfile};

/// The format.
pub const FORMAT: Format = Format { name: "ollama", extensions: &["modelfile"], recognise, parse };

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ollama {
    /// A `Modelfile`.
    Modelfile(Modelfile),
    /// A manifest.
    Manifest(Manifest),
}

/// Bytes in which the marks must stand.
const HEAD: usize = 64 << 10;

/// Media types that such manifests have.
const MEDIA_TYPES: [&str; 2] =
    ["application/vnd.ollama.image", "application/vnd.docker.distribution.manifest.v2+json"];

fn recognise(input: &Input<'_>) -> Recognised {
    let head = input.head(HEAD);
    if head.iter().take(1024).any(|byte| *byte == 0) {
        return Recognised::No;
    }
    let text = String::from_utf8_lossy(head);
    if text.trim_start().starts_with('{') {
        // The store of Ollama keeps manifests of Docker's kind, with layers of its own.
        let manifest = text.contains("\"layers\"") && MEDIA_TYPES.iter().any(|kind| text.contains(kind));
        return if manifest { Recognised::ByShape } else { Recognised::No };
    }
    let name = input.file_name().to_lowercase();
    let named = name.ends_with("modelfile") || name.starts_with("modelfile.");
    match (named, modelfile::has_shape(&text)) {
        (_, true) => Recognised::ByShape,
        (true, false) => Recognised::ByName,
        (false, false) => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let mut members = Vec::new();
    let facts = if text.trim_start().starts_with('{') {
        let (manifest, found) = manifest::read(&text, &input.budget.limits);
        defects.extend(found);
        Ollama::Manifest(manifest)
    } else {
        let modelfile = modelfile::read(&text);
        // What the model is told is judged as any other instruction for a model.
        for (at, told) in modelfile.told().enumerate() {
            let name = format!("{}-{at}.prompt", told.keyword.to_lowercase());
            let parsed = crate::parse(&input.member(&name, told.value.as_bytes()));
            members.push(Member { name, size: told.value.len() as u64, parsed });
        }
        Ollama::Modelfile(modelfile)
    };
    Parsed { format: FORMAT.name, facts: Facts::Ollama(facts), defects, members }
}
