//! What every object of a STIX 2.1 bundle has, and the objects that two exporters share.
//!
//! <https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html>

use serde_json::{Value, json};
use vauban_knowledge::Knowledge;

pub(crate) use crate::summary::bare;
use crate::{uuid, v1::Document};

/// An object with its id, out of its type and a `key` that names it within the review.
///
/// The id holds for one review: a later review has objects of its own, so that no two versions of one object differ in when
/// they were made.
pub(crate) fn object(document: &Document, kind: &str, key: &str, fields: Value) -> Value {
    let mut value = json!({
        "type": kind,
        "spec_version": "2.1",
        "id": id(document, kind, key),
        "created": moment(document),
        "modified": moment(document),
        "created_by_ref": id(document, "identity", "vauban"),
    });
    if let (Some(object), Value::Object(fields)) = (value.as_object_mut(), fields) {
        // Empty texts and lists are not allowed; what is not known is not there.
        object.extend(fields.into_iter().filter(|(_, value)| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => true,
        }));
    }
    value
}

/// When the review was taken, to the millisecond, which STIX asks for.
fn moment(document: &Document) -> String {
    let taken = &document.review.taken_at;
    match taken.strip_suffix('Z') {
        Some(seconds) if !seconds.contains('.') => format!("{seconds}.000Z"),
        _ => taken.clone(),
    }
}

/// The id that [`object`] gives.
pub(crate) fn id(document: &Document, kind: &str, key: &str) -> String {
    format!("{kind}--{}", uuid::named(&format!("{}/{kind}/{key}", document.review.id)))
}

/// Who made the bundle.
pub(crate) fn maker(document: &Document) -> Value {
    object(
        document,
        "identity",
        "vauban",
        json!({
            "name": format!("vauban {}", document.review.tool_version),
            "identity_class": "system",
        }),
    )
}

/// An ATLAS technique; one that this version does not know has its id for a name.
pub(crate) fn attack_pattern(document: &Document, technique: &str) -> Value {
    let bare = bare(technique);
    let atlas = &Knowledge::builtin().atlas;
    let known = atlas.technique(bare);
    let parent = known.and_then(|known| atlas.technique(known.parent.as_deref()?));
    let name = match (known, parent) {
        (Some(known), Some(parent)) => format!("{}: {}", parent.name, known.name),
        (Some(known), None) => known.name.clone(),
        (None, _) => bare.to_owned(),
    };
    let tactics = known.map(|known| match parent {
        Some(parent) if known.tactics.is_empty() => parent.tactics.as_slice(),
        _ => known.tactics.as_slice(),
    });
    let phases: Vec<Value> = tactics
        .unwrap_or_default()
        .iter()
        .filter_map(|id| atlas.tactics.iter().find(|tactic| tactic.id == *id))
        .map(|tactic| {
            json!({"kill_chain_name": "mitre-atlas", "phase_name": tactic.name.to_lowercase().replace(' ', "-")})
        })
        .collect();
    object(
        document,
        "attack-pattern",
        bare,
        json!({
            "name": name,
            "description": known.map(|known| known.summary.as_str()),
            "kill_chain_phases": phases,
            "external_references": [{
                "source_name": "mitre-atlas",
                "external_id": bare,
                "url": format!("https://atlas.mitre.org/techniques/{bare}"),
                "description": format!("MITRE ATLAS {}", document.review.atlas_edition),
            }],
        }),
    )
}

/// A bundle of objects, in which each id stands once.
pub(crate) fn bundle(document: &Document, name: &str, objects: Vec<Value>) -> Value {
    json!({
        "type": "bundle",
        "id": format!("bundle--{}", uuid::named(&format!("{}/bundle/{name}", document.review.id))),
        "objects": objects,
    })
}
