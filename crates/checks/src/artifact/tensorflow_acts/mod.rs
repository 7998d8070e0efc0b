//! What running a TensorFlow graph does beyond computing: files, addresses, Python, operators of others.
//!
//! Operators are judged with their arguments: constants are followed through joins, choices and function calls to
//! the operator that opens them.

mod judge;
mod known;
mod path;
mod places;
mod trace;

use vauban_domain::Severity;
use vauban_formats::tensorflow::{Node, TensorFlow};

pub(super) use known::{is_extension, is_known};
pub(super) use path::{Spot, spot};
pub(super) use places::power;

/// Kind of effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Calls Python.
    Code,
    /// Reads or writes files.
    Files,
    /// Reaches the network.
    Network,
    /// Takes memory or time without bound.
    Exhaustion,
    /// An operator that TensorFlow does not ship.
    Custom,
}

/// One thing that a graph does.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) kind: Kind,
    pub(super) severity: Severity,
    /// Stable name, `ReadFile /etc/passwd`.
    pub(super) name: String,
    /// Graph and node.
    pub(super) place: String,
    /// What happens, for people.
    pub(super) message: String,
    /// The nodes that lead here.
    pub(super) chain: String,
}

/// Everything that the graph and its functions do beyond computing, each operator and place once.
pub(super) fn acts(model: &TensorFlow) -> Vec<Act> {
    judge::Judge::new(model).acts()
}

/// Name of the node that an input comes from.
fn base(input: &str) -> &str {
    input.trim_start_matches('^').split(':').next().unwrap_or_default()
}

/// A node as one line of a listing.
fn line(node: &Node) -> String {
    let value = node.constant.as_ref().and_then(|constant| constant.texts.first());
    let value =
        value.map_or_else(String::new, |text| format!(" = {:?}", text.chars().take(120).collect::<String>()));
    let inputs = node.inputs.iter().take(4).map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("{} = {}({inputs}){value}", node.name, node.op)
}
