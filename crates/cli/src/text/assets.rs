//! Assets and relations.

use std::collections::BTreeMap;
use std::fmt::Write;

use vauban_export::v1::Document;

use super::{absent, section, table};

/// `vauban inventory`.
pub(crate) fn inventory(document: &Document) -> String {
    if document.assets.is_none() {
        return absent("assets");
    }
    let mut text = String::new();
    section(&mut text, &format!("{} assets", document.assets().len()));
    text.push_str(&table(
        ["layer", "kind", "asset", "known", "facts"],
        document.assets().iter().map(|asset| {
            let facts: Vec<_> = asset
                .attributes
                .iter()
                .take(4)
                .map(|(key, value)| format!("{key}={}", super::short(value, 30)))
                .collect();
            [
                asset.layer.clone(),
                asset.kind.as_str().to_owned(),
                asset.name.clone(),
                asset.confidence.as_str().to_owned(),
                facts.join(" "),
            ]
        }),
    ));
    if !document.relations().is_empty() {
        section(&mut text, &format!("{} relations", document.relations().len()));
        for relation in document.relations() {
            let _ = writeln!(text, "  {} {} {}", relation.from, relation.kind.as_str(), relation.to);
        }
    }
    text
}

/// One line: how many of which kind.
pub(super) fn summary(document: &Document) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for asset in document.assets() {
        *kinds.entry(asset.kind.as_str()).or_default() += 1;
    }
    let kinds: Vec<_> = kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    format!(
        "{} assets ({}), {} relations\n",
        document.assets().len(),
        kinds.join(", "),
        document.relations().len()
    )
}
