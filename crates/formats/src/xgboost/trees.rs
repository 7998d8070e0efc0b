//! The trees themselves, for whoever wants to run the model and not only look at it.
//!
//! Source: XGBoost `doc/model.schema`, `src/tree/tree_model.cc`, `src/learner.cc` of 3.2.

use super::tree::{Reader, Tree};
use super::{Encoding, Xgboost};
use crate::tree_nodes::TreeNodes;
use crate::{Defect, Input};

/// A boosted model with its trees.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct XgboostTrees {
    /// What is known without the trees.
    pub model: Xgboost,
    /// Score before the first tree, on the scale the objective predicts; one value, or one an output.
    pub base_score: Vec<f64>,
    /// Targets of a model with several; 1 if nothing is stated.
    pub targets: u64,
    /// The trees.
    pub trees: Vec<TreeNodes>,
    /// Output that each tree adds to.
    pub groups: Vec<i64>,
    /// Weight of each tree (`dart`); empty where all count fully.
    pub weights: Vec<f64>,
}

/// Reads a model with its trees from JSON or UBJSON; the old binary format gives a defect and no trees.
pub fn read_trees(input: &Input<'_>) -> (XgboostTrees, Vec<Defect>) {
    let (model, mut defects) = super::read(input);
    let encoding = model.encoding;
    let mut read = XgboostTrees { model, targets: 1, ..XgboostTrees::default() };
    if encoding == Encoding::Binary {
        let detail = "trees of the old binary format are not read; save the model as JSON";
        defects.push(Defect::whole("xgboost-binary", detail));
        return (read, defects);
    }
    if !defects.is_empty() {
        return (read, defects);
    }
    let mut reader = Reader::new(input.bytes, input.budget);
    let tree = if encoding == Encoding::Ubjson { reader.ubjson(0) } else { reader.json(0) };
    match tree {
        Ok(tree) => fill(&tree, &mut read),
        Err(defect) => defects.push(defect),
    }
    (read, defects)
}

fn fill(tree: &Tree, read: &mut XgboostTrees) {
    let learner = tree.get("learner");
    let parameters = learner.get("learner_model_param");
    let base = parameters.get("base_score");
    read.base_score = match base.text() {
        Some(text) => {
            text.trim_matches(['[', ']']).split(',').filter_map(|part| part.trim().parse().ok()).collect()
        }
        None => base.number().into_iter().collect(),
    };
    read.targets = parameters.get("num_target").number().unwrap_or(1.0).max(1.0) as u64;
    let booster = learner.get("gradient_booster");
    let model = [booster.get("model"), booster.at("gbtree.model")].into_iter().find(|model| !model.is_null());
    let Some(model) = model else { return };
    let integers = |tree: &Tree| -> Vec<i64> {
        tree.numbers().unwrap_or_default().iter().map(|number| *number as i64).collect()
    };
    read.groups = integers(model.get("tree_info"));
    read.weights = booster.get("weight_drop").numbers().unwrap_or_default().to_vec();
    for tree in model.get("trees").items() {
        let numbers = |key: &str| tree.get(key).numbers().unwrap_or_default().to_vec();
        let vector = tree.at("tree_param.size_leaf_vector").number().unwrap_or(1.0);
        let unusual = if numbers("split_type").iter().any(|kind| *kind != 0.0) {
            Some("a categorical split".to_owned())
        } else if vector > 1.0 {
            Some("leaves that hold a vector".to_owned())
        } else {
            None
        };
        read.trees.push(TreeNodes {
            left: integers(tree.get("left_children")),
            right: integers(tree.get("right_children")),
            feature: integers(tree.get("split_indices")),
            // A leaf's value stands where a split has its threshold.
            threshold: numbers("split_conditions"),
            default_left: numbers("default_left").iter().map(|truth| *truth != 0.0).collect(),
            value: numbers("split_conditions"),
            outputs: 1,
            unusual,
        });
    }
}
