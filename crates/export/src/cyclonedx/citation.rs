//! Who says what is said of a component, and how it is known (CycloneDX 1.7).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{TOOL, references::References};
use crate::v1::{Asset, Confidence, Document};

/// One citation per way of knowing; `parts` are in the order of `components`.
pub(super) fn citations(document: &Document, parts: &[&Asset], references: &References<'_>) -> Vec<Value> {
    let mut pointers: BTreeMap<Confidence, Vec<String>> = BTreeMap::new();
    let mut index = 0;
    for asset in parts {
        for _ in references.all(&asset.id) {
            pointers.entry(asset.confidence).or_default().push(format!("/components/{index}"));
            index += 1;
        }
    }
    let citation = |(confidence, pointers)| {
        let note = match confidence {
            Confidence::Declared => "declared: a person or a configuration says so, see the occurrences",
            Confidence::Inferred => "inferred: concluded from names, code or neighbours, see the occurrences",
            Confidence::Verified => "verified: the bytes or the running thing itself were looked at",
        };
        json!({
            "bom-ref": format!("citation:{confidence}"),
            "pointers": pointers,
            "timestamp": document.review.taken_at,
            "attributedTo": TOOL,
            "note": note,
        })
    };
    pointers.into_iter().map(citation).collect()
}
