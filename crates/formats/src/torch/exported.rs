//! Exported programs: which operators and expressions their JSON names.
//!
//! The loader turns both into Python objects: targets by walking attributes from `torch`, expressions with SymPy, which
//! evaluates them. Source: PyTorch's `torch/_export/serde/serialize.py`, `deserialize_operator` and `_parse_sym_expr`.

use std::collections::BTreeSet;

use crate::yaml::{Node, Value};
use crate::{Limits, json};

/// A name or expression in an exported program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// What the loader does with it.
    pub role: Role,
    /// As written.
    pub text: String,
}

/// What a loader does with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Looked up and called as an operator.
    Target,
    /// Evaluated as an expression.
    Expression,
}

/// Mentions kept.
const KEPT: usize = 10_000;
/// Nesting that is followed.
const DEPTH: u32 = 64;

/// Whether a member is code that the machine runs as it is.
pub(super) fn is_native(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "so" | "dll" | "dylib" | "pyd" | "cubin" | "hsaco" | "fatbin" | "o" | "a" | "exe")
        || name.contains(".so.")
}

/// Adds what a JSON member names.
pub(super) fn read(text: &str, limits: &Limits, mentions: &mut BTreeSet<Mention>) {
    let (tree, _) = json::read_text(text, limits);
    walk(&tree, mentions, 0);
}

fn walk(node: &Node, mentions: &mut BTreeSet<Mention>, depth: u32) {
    if depth > DEPTH || mentions.len() >= KEPT {
        return;
    }
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| walk(item, mentions, depth + 1)),
        Value::Map(entries) => {
            for entry in entries {
                let role = match entry.key.as_str() {
                    "target" => Some(Role::Target),
                    "expr_str" => Some(Role::Expression),
                    _ => None,
                };
                match (role, &entry.node.value) {
                    (Some(role), Value::Scalar { text, .. }) => {
                        let mention = Mention { role, text: text.clone() };
                        mentions.insert(mention);
                    }
                    _ => walk(&entry.node, mentions, depth + 1),
                }
            }
        }
        _ => {}
    }
}
