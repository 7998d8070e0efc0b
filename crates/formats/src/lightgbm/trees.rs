//! The trees themselves, from a text model or from the JSON that `dump_model` writes.
//!
//! Source: LightGBM `src/io/tree.cpp` (`Tree::ToString`, `ToJSON`, `GetDecisionType`), version 4.

use super::Lightgbm;
use crate::tree_nodes::TreeNodes;
use crate::xgboost::tree::{Reader, Tree};
use crate::{Defect, Input};

/// A boosted model with its trees.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LightgbmTrees {
    /// What is known without the trees.
    pub model: Lightgbm,
    /// Trees to a round of boosting: tree `i` adds to output `i % outputs`.
    pub outputs: u64,
    /// Whether the trees' values are averaged (random forests).
    pub average: bool,
    /// The trees.
    pub trees: Vec<TreeNodes>,
}

/// Bits of `decision_type`.
const CATEGORICAL: i64 = 1;
const DEFAULT_LEFT: i64 = 2;
/// Deepest tree of a JSON dump: its nesting is followed by recursion.
const DEPTH: usize = 60;

/// Reads a model with its trees.
pub fn read_trees(input: &Input<'_>) -> (LightgbmTrees, Vec<Defect>) {
    if input.bytes.trim_ascii_start().starts_with(b"{") {
        return dumped(input);
    }
    let (model, defects) = super::read(input);
    let mut read = LightgbmTrees { model, outputs: 1, ..LightgbmTrees::default() };
    if !defects.is_empty() {
        return (read, defects);
    }
    let text = String::from_utf8_lossy(input.bytes);
    let mut block = super::Block::new();
    let mut in_header = true;
    for line in text.lines() {
        let ends = line == "end of trees";
        if ends || line.starts_with("Tree=") {
            if in_header {
                let number = block.get("num_tree_per_iteration").and_then(|value| value.trim().parse().ok());
                read.outputs = number.unwrap_or(read.model.classes.max(1));
                in_header = false;
            } else {
                read.trees.push(block_tree(&block));
            }
            block.clear();
            if ends {
                return (read, defects);
            }
        } else if line == "average_output" {
            read.average = true;
        } else if let Some((key, value)) = line.split_once('=') {
            block.insert(key, value);
        }
    }
    if !in_header {
        read.trees.push(block_tree(&block));
    }
    (read, defects)
}

fn block_tree(block: &super::Block<'_>) -> TreeNodes {
    let floats = |key: &str| -> Vec<f64> {
        let text = block.get(key).copied().unwrap_or_default();
        text.split_whitespace().map(|word| word.parse().unwrap_or(f64::NAN)).collect()
    };
    let mut nodes = TreeNodes { outputs: 1, ..TreeNodes::default() };
    let (left, right) = (super::integers(block, "left_child"), super::integers(block, "right_child"));
    let inner = left.len();
    // Leaves are counted from -1 downwards; here they follow the splits.
    let place = |child: &i64| if *child < 0 { inner as i64 + !*child } else { *child };
    nodes.left = left.iter().map(place).collect();
    nodes.right = right.iter().map(place).collect();
    nodes.feature = super::integers(block, "split_feature");
    nodes.threshold = floats("threshold");
    nodes.threshold.resize(inner, f64::NAN);
    let decisions = super::integers(block, "decision_type");
    for (decision, threshold) in decisions.iter().zip(&nodes.threshold) {
        nodes.default_left.push(missing_left(
            decision & DEFAULT_LEFT != 0,
            (decision >> 2) & 3 == 2,
            *threshold,
        ));
        if decision & CATEGORICAL != 0 {
            nodes.unusual = Some("a categorical split".to_owned());
        } else if (decision >> 2) & 3 == 1 {
            nodes.unusual = Some("a split that takes zero for a missing value".to_owned());
        }
    }
    nodes.default_left.resize(inner, false);
    if block.get("is_linear").is_some_and(|value| value.trim() == "1") {
        nodes.unusual = Some("a leaf with a linear model".to_owned());
    }
    nodes.value = vec![0.0; inner];
    for value in floats("leaf_value") {
        leaf(&mut nodes, value);
    }
    nodes
}

/// Where NaN goes: to the default side if it means missing, else it is taken for zero.
fn missing_left(default_left: bool, nan_is_missing: bool, threshold: f64) -> bool {
    if nan_is_missing { default_left } else { threshold >= 0.0 }
}

fn leaf(nodes: &mut TreeNodes, value: f64) {
    nodes.left.push(-1);
    nodes.right.push(-1);
    nodes.feature.push(-1);
    nodes.threshold.push(0.0);
    nodes.default_left.push(false);
    nodes.value.push(value);
}

fn dumped(input: &Input<'_>) -> (LightgbmTrees, Vec<Defect>) {
    let mut read = LightgbmTrees { outputs: 1, ..LightgbmTrees::default() };
    let tree = match Reader::new(input.bytes, input.budget).json(0) {
        Ok(tree) => tree,
        Err(defect) => return (read, vec![defect]),
    };
    let mut defects = Vec::new();
    let text = |key: &str| tree.get(key).text().unwrap_or_default().to_owned();
    let number = |key: &str| tree.get(key).number();
    let listed = tree.get("tree_info").items();
    read.model = Lightgbm {
        version: text("version"),
        objective: text("objective"),
        features: number("max_feature_idx").unwrap_or(-1.0).max(-1.0) as u64 + 1,
        classes: number("num_class").unwrap_or(1.0).max(0.0) as u64,
        trees: listed.len(),
    };
    if number("max_feature_idx").is_none_or(|most| most < 0.0) {
        defects.push(Defect::whole("lightgbm-parameter", "`max_feature_idx` is not there or no number"));
    }
    read.outputs = number("num_tree_per_iteration").unwrap_or(1.0).max(0.0) as u64;
    read.average = tree.get("average_output") == &Tree::Bool(true);
    for (index, tree) in listed.iter().enumerate() {
        let mut nodes = TreeNodes { outputs: 1, ..TreeNodes::default() };
        match dumped_node(tree.get("tree_structure"), &mut nodes, 0) {
            Ok(_) => read.trees.push(nodes),
            Err(detail) => {
                defects.push(Defect::whole("lightgbm-dump", format!("tree {index}: {detail}")));
                break;
            }
        }
    }
    (read, defects)
}

fn dumped_node(tree: &Tree, nodes: &mut TreeNodes, depth: usize) -> Result<i64, String> {
    if depth > DEPTH {
        return Err("it is deeper than is looked at; save the model as text".to_owned());
    }
    let at = nodes.left.len();
    if let Some(value) = tree.get("leaf_value").number() {
        leaf(nodes, value);
        return Ok(at as i64);
    }
    let number = |key: &str| tree.get(key).number().ok_or_else(|| format!("a split has no `{key}`"));
    if tree.get("decision_type").text() != Some("<=") {
        nodes.unusual = Some("a categorical split".to_owned());
    } else if tree.get("missing_type").text() == Some("Zero") {
        nodes.unusual = Some("a split that takes zero for a missing value".to_owned());
    }
    let threshold = if nodes.unusual.is_some() { f64::NAN } else { number("threshold")? };
    leaf(nodes, 0.0);
    nodes.feature[at] = number("split_feature")? as i64;
    nodes.threshold[at] = threshold;
    let (default_left, missing) = (tree.get("default_left"), tree.get("missing_type").text());
    nodes.default_left[at] =
        missing_left(default_left == &Tree::Bool(true), missing == Some("NaN"), threshold);
    nodes.left[at] = dumped_node(tree.get("left_child"), nodes, depth + 1)?;
    nodes.right[at] = dumped_node(tree.get("right_child"), nodes, depth + 1)?;
    Ok(at as i64)
}
