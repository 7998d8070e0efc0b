//! YAML and JSON as a tree that keeps the order of keys, walked for mentions.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::mention::{Mention, ids, in_value, name_key, shortened};
use crate::yaml::{read_all_in_order, read_in_order};

/// Keys beside an id that say which framework it is of.
const FRAMEWORK_KEYS: [&str; 5] = ["framework", "source", "source_name", "standard", "taxonomy"];

/// A value, scalars as text.
enum Node {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// All mentions of a document, or `None` when it is not YAML (which includes JSON) within bounds.
pub(super) fn mentions(text: &str) -> Option<Vec<Mention>> {
    let node = read_in_order::<Node>(text).or_else(|_| read_all_in_order(text).map(Node::List)).ok()?;
    let mut walk = Walk { lines: Lines::new(text), keys: Vec::new(), found: Vec::new() };
    walk.node(&node, "");
    Some(walk.found)
}

struct Walk<'a> {
    lines: Lines<'a>,
    keys: Vec<String>,
    found: Vec<Mention>,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node, path: &str) {
        match node {
            Node::Scalar(text) => self.value(text, path, None),
            Node::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.node(item, &format!("{path}[{at}]"));
                }
            }
            Node::Map(entries) => {
                let texts: BTreeMap<&str, &str> = entries.iter().filter_map(text_entry).collect();
                let depth = self.keys.len();
                let framework = FRAMEWORK_KEYS.iter().filter_map(|key| texts.get(key));
                self.keys.extend(framework.map(|text| shortened(text)));
                for (key, value) in entries {
                    self.entry(&texts, key, value, path);
                }
                self.keys.truncate(depth);
            }
        }
    }

    fn entry(&mut self, texts: &BTreeMap<&str, &str>, key: &str, value: &Node, path: &str) {
        let inner = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        // An id as key: its value, or the name inside its value, is its name.
        let named = match value {
            Node::Scalar(text) => Some(text.as_str()),
            Node::Map(inner) => {
                inner.iter().filter_map(text_entry).find(|(key, _)| *key == "name").map(|(_, name)| name)
            }
            Node::List(_) => None,
        };
        self.value(key, path, named);
        self.keys.push(key.to_owned());
        match value {
            Node::Scalar(text) => {
                let name = name_key(key).and_then(|name| texts.get(name.as_str()).copied());
                self.value(text, &inner, name);
            }
            Node::List(_) | Node::Map(_) => self.node(value, &inner),
        }
        self.keys.pop();
    }

    fn value(&mut self, text: &str, path: &str, name: Option<&str>) {
        if ids(text).is_empty() {
            return;
        }
        let mut found = in_value(text, 0, path, &self.keys);
        for mention in &mut found {
            mention.line = self.lines.of(&mention.written);
            if let Some(name) = name.filter(|_| mention.written == text.trim()) {
                // A crosswalk maps ids to ids; an id is nobody's name.
                mention.name = ids(name).is_empty().then(|| shortened(name));
            }
        }
        self.found.append(&mut found);
    }
}

fn text_entry((key, node): &(String, Node)) -> Option<(&str, &str)> {
    match node {
        Node::Scalar(text) => Some((key.as_str(), text.as_str())),
        Node::List(_) | Node::Map(_) => None,
    }
}

/// Finds the line of each mention by searching on from the one before; a tree carries no positions.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    fn of(&mut self, needle: &str) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(found) = rest.find(needle) else {
            // An alias or an escaped character: keep the last known line.
            return self.line;
        };
        self.line += rest.get(..found).map_or(0, |before| before.matches('\n').count());
        self.at += found + needle.len();
        self.line
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(String::new()))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(String::new()))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = access.next_entry::<Node, Node>()? {
            let key = match key {
                Node::Scalar(text) => text,
                Node::List(_) | Node::Map(_) => String::new(),
            };
            entries.push((key, value));
        }
        Ok(Node::Map(entries))
    }
}
