//! A decision tree as arrays, the way every library of boosted trees and forests stores it.

/// One tree: parallel arrays with an entry per node; the root is node 0.
///
/// Only read, not checked: children may point anywhere, values may be no numbers. Whoever walks it looks first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TreeNodes {
    /// Child taken when the test holds; negative at a leaf.
    pub left: Vec<i64>,
    /// Child taken otherwise; negative at a leaf.
    pub right: Vec<i64>,
    /// Feature tested.
    pub feature: Vec<i64>,
    /// What it is compared with.
    pub threshold: Vec<f64>,
    /// Whether a missing value goes left; empty if nothing is said about missing values.
    pub default_left: Vec<bool>,
    /// Values of each node, `outputs` to a node; only those of leaves mean something.
    pub value: Vec<f64>,
    /// Numbers a leaf holds.
    pub outputs: usize,
    /// What the splits do beyond comparing a number with a threshold, in the library's words: `categorical split`.
    pub unusual: Option<String>,
}
