//! The elements of the document, each with an address of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    bill::{self, Licence},
    tree,
};

/// Blank node of the one creation info.
pub(super) const CREATION: &str = "_:creationinfo";

pub(super) struct Graph {
    space: String,
    nodes: BTreeMap<String, Value>,
    licences: BTreeSet<String>,
}

impl Graph {
    pub(super) fn new(review: &str) -> Self {
        let space = format!("https://spdx.org/spdxdocs/vauban-{}#", tree::uuid(review));
        Self { space, nodes: BTreeMap::new(), licences: BTreeSet::new() }
    }

    /// The address of whatever is called `name` here.
    pub(super) fn id(&self, name: &str) -> String {
        format!("{}{}", self.space, tree::percent(name))
    }

    /// Adds an element.
    pub(super) fn add(&mut self, id: &str, kind: &str, mut body: Value) {
        body["type"] = json!(kind);
        body["spdxId"] = json!(id);
        body["creationInfo"] = json!(CREATION);
        self.nodes.insert(id.to_owned(), body);
    }

    /// Adds a relationship; none without an end.
    pub(super) fn relate(&mut self, name: &str, from: &str, kind: &str, to: Vec<String>, more: Value) {
        self.relate_as("Relationship", name, from, kind, to, more);
    }

    /// Adds a relationship of a class of its own.
    pub(super) fn relate_as(
        &mut self,
        class: &str,
        name: &str,
        from: &str,
        kind: &str,
        to: Vec<String>,
        mut more: Value,
    ) {
        if to.is_empty() {
            return;
        }
        more["from"] = json!(from);
        more["relationshipType"] = json!(kind);
        more["to"] = json!(to);
        let id = self.id(&format!("relationship/{name}"));
        self.add(&id, class, more);
    }

    /// The licence with this text, added once.
    pub(super) fn licence(&mut self, text: &str) -> String {
        let id = self.id(&format!("licence/{text}"));
        if self.licences.insert(text.to_owned()) {
            let body =
                match bill::licence(text) {
                    Licence::Id(expression) | Licence::Expression(expression) => {
                        json!({"simplelicensing_licenseExpression": expression})
                    }
                    Licence::Name(name) => {
                        let word: String =
                            name.chars()
                                .map(|letter| {
                                    if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' }
                                })
                                .collect();
                        let reference = format!("LicenseRef-{}", word.trim_matches('-'));
                        let own = self.id(&format!("licence-text/{text}"));
                        self.add(
                            &own,
                            "simplelicensing_SimpleLicensingText",
                            json!({
                                "name": name,
                                "simplelicensing_licenseText": format!("Named in the source as: {name}"),
                            }),
                        );
                        json!({
                            "simplelicensing_licenseExpression": reference,
                            "simplelicensing_customIdToUri":
                                [{"type": "DictionaryEntry", "key": reference, "value": own}],
                        })
                    }
                };
            self.add(&id, "simplelicensing_LicenseExpression", body);
        }
        id
    }

    pub(super) fn has_licences(&self) -> bool {
        !self.licences.is_empty()
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.nodes.contains_key(id)
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.nodes.keys().cloned().collect()
    }

    pub(super) fn into_nodes(self) -> impl Iterator<Item = Value> {
        self.nodes.into_values()
    }
}
