//! What each component needs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::references::References;
use crate::v1::{Asset, Document, RelationKind};

/// An edge per relation that makes one thing depend on the other; the subject needs whatever nothing else needs.
pub(super) fn dependencies(
    document: &Document,
    listed: &[&Asset],
    references: &References<'_>,
) -> Vec<Value> {
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for asset in listed {
        for (_, reference) in references.all(&asset.id) {
            edges.entry(reference).or_default();
        }
    }
    let mut needed: BTreeSet<&str> = BTreeSet::new();
    for relation in document.relations() {
        let (from, to): (Vec<&str>, Vec<&str>) = match relation.kind {
            // What is produced or written hangs on its producer.
            RelationKind::Produces | RelationKind::Writes => {
                (references.ends(relation), references.of_versions(&relation.from, None))
            }
            RelationKind::SendsTo | RelationKind::ActsAs => continue,
            _ => (references.of_versions(&relation.from, None), references.ends(relation)),
        };
        for start in from {
            for end in to.iter().filter(|end| **end != start) {
                edges.entry(start).or_default().insert(end);
                needed.insert(end);
            }
        }
    }
    let subject = format!("review:{}", document.review.id);
    let roots: Vec<&str> = edges.keys().copied().filter(|reference| !needed.contains(reference)).collect();
    std::iter::once(json!({"ref": subject, "dependsOn": roots}))
        .chain(edges.into_iter().map(|(reference, needs)| json!({"ref": reference, "dependsOn": needs})))
        .collect()
}
