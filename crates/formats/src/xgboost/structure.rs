//! Whether the trees are what the numbers around them say.

use super::Xgboost;
use super::tree::Tree;
use crate::Defect;

/// Most classes and outputs that any data set has.
const CLASSES: f64 = 1e7;
/// Most features; hashed ones are many.
const FEATURES: f64 = 4_294_967_296.0;
/// Defects told for one file.
const MOST: usize = 16;

/// Checks a model, counting its trees.
pub(super) fn check(tree: &Tree, xgboost: &mut Xgboost, defects: &mut Vec<Defect>) {
    let learner = tree.get("learner");
    let parameters = learner.get("learner_model_param");
    let mut wrong = |code, detail: String| {
        if defects.len() < MOST {
            defects.push(Defect::whole(code, detail));
        }
    };
    for (key, most) in [("num_class", CLASSES), ("num_target", CLASSES), ("num_feature", FEATURES)] {
        let value = parameters.get(key);
        if value.is_null() {
            continue;
        }
        match value.number() {
            Some(number) if (0.0..=most).contains(&number) && number.fract() == 0.0 => {}
            _ => wrong("xgboost-parameter", format!("`{key}` is {}", shown(value))),
        }
    }
    let base = parameters.get("base_score");
    if let Some(text) = base.text()
        && text
            .trim_matches(['[', ']'])
            .split(',')
            .any(|part| !part.trim().parse::<f64>().is_ok_and(f64::is_finite))
    {
        wrong("xgboost-parameter", format!("`base_score` is {}", shown(base)));
    }
    let objective = &xgboost.objective;
    if !objective
        .chars()
        .all(|char| char.is_ascii_alphanumeric() || matches!(char, ':' | '_' | '-' | '.' | '@'))
    {
        wrong("xgboost-objective", format!("the objective is called `{}`", objective.escape_debug()));
    }
    let booster = learner.get("gradient_booster");
    if !matches!(xgboost.booster.as_str(), "" | "gbtree" | "gblinear" | "dart") {
        wrong("xgboost-booster", format!("the booster is called `{}`", xgboost.booster.escape_debug()));
    }
    let model = [booster.get("model"), booster.at("gbtree.model")].into_iter().find(|model| !model.is_null());
    let Some(model) = model else { return };
    let trees = model.get("trees").items();
    xgboost.trees = trees.len();
    let stated = model.at("gbtree_model_param.num_trees");
    if stated.number().is_some_and(|number| number != trees.len() as f64) {
        wrong("xgboost-tree-count", format!("{} trees are stated, {} are there", shown(stated), trees.len()));
    }
    let groups = model.get("tree_info");
    if !groups.is_null() && groups.length() != trees.len() {
        wrong("xgboost-tree-count", format!("{} trees and {} groups for them", trees.len(), groups.length()));
    }
    let number = |key: &str| parameters.get(key).number().unwrap_or(0.0);
    let outputs = number("num_class").max(1.0) * number("num_target").max(1.0);
    let outside = |group: &&f64| !(0.0..outputs).contains(*group);
    if let Some(group) = groups.numbers().unwrap_or_default().iter().find(outside) {
        wrong("xgboost-group", format!("a tree is for output {group}, there are {outputs}"));
    }
    if let Some(weights) = booster.get("weight_drop").numbers()
        && weights.len() != trees.len()
    {
        wrong("xgboost-tree-count", format!("{} trees and {} weights for them", trees.len(), weights.len()));
    }
    let ends = model.get("iteration_indptr").numbers().unwrap_or_default();
    let in_order = ends.windows(2).all(|pair| pair[0] <= pair[1]);
    if !in_order || ends.iter().any(|end| !(0.0..=trees.len() as f64).contains(end)) {
        wrong("xgboost-tree-count", format!("rounds of boosting end outside the {} trees", trees.len()));
    }
    let features = number("num_feature");
    for (index, tree) in trees.iter().enumerate() {
        if let Err((code, detail)) = check_tree(tree, features) {
            wrong(code, format!("tree {index}: {detail}"));
        }
    }
}

fn shown(tree: &Tree) -> String {
    match tree {
        Tree::Text(text) => text.chars().take(40).collect(),
        Tree::Number(number) => number.to_string(),
        Tree::Null => "nothing".to_owned(),
        _ => "no number".to_owned(),
    }
}

type Wrong = (&'static str, String);

fn check_tree(tree: &Tree, features: f64) -> Result<(), Wrong> {
    let number = |key: &str| tree.at("tree_param").get(key).number();
    let array = |key: &str| tree.get(key).numbers();
    let (Some(left), Some(right)) = (array("left_children"), array("right_children")) else { return Ok(()) };
    let nodes = left.len();
    if number("size_leaf_vector").is_some_and(|size| !(0.0..=CLASSES).contains(&size)) {
        let size = number("size_leaf_vector").unwrap_or_default();
        return Err(("xgboost-parameter", format!("leaves of {size} values")));
    }
    if number("num_nodes").is_some_and(|stated| stated != nodes as f64) {
        let stated = number("num_nodes").unwrap_or_default();
        return Err(("xgboost-node-count", format!("{stated} nodes are stated, {nodes} are there")));
    }
    for key in
        ["right_children", "parents", "split_indices", "split_conditions", "default_left", "split_type"]
    {
        let length = tree.get(key).length();
        let may_be_missing = tree.get(key).is_null();
        if !may_be_missing && length != nodes {
            return Err(("xgboost-array-length", format!("`{key}` has {length} elements for {nodes} nodes")));
        }
    }
    for key in ["sum_hessian", "loss_changes", "base_weights"] {
        let length = tree.get(key).length();
        let may_be_missing = tree.get(key).is_null();
        if !may_be_missing && nodes > 0 && (!length.is_multiple_of(nodes) || length == 0) {
            return Err(("xgboost-array-length", format!("`{key}` has {length} elements for {nodes} nodes")));
        }
    }
    for key in ["base_weights", "split_conditions", "sum_hessian", "loss_changes"] {
        if array(key).is_some_and(|values| values.iter().any(|value| value.is_nan())) {
            return Err(("xgboost-not-a-number", format!("`{key}` has values that are no numbers")));
        }
    }
    check_categories(tree, nodes)?;
    let split = array("split_indices").unwrap_or_default();
    let own_features = number("num_feature").filter(|own| *own > 0.0).unwrap_or(features).max(features);
    // From the root every node is reached at most once, by the arrows that prediction follows.
    let mut seen = vec![false; nodes];
    let mut open = vec![0_usize];
    while let Some(node) = open.pop() {
        match seen.get_mut(node) {
            Some(seen) if *seen => {
                return Err((
                    "xgboost-cycle",
                    format!("two ways lead to node {node}: prediction may never end"),
                ));
            }
            Some(seen) => *seen = true,
            None if nodes == 0 => return Err(("xgboost-node-count", "a tree without nodes".to_owned())),
            None => return Err(("xgboost-child", format!("node {node} of {nodes} is asked for"))),
        }
        let children = [left.get(node), right.get(node)].map(|child| child.copied().unwrap_or(-1.0));
        if children[0] == -1.0 {
            continue;
        }
        if split.get(node).is_some_and(|feature| !(0.0..own_features.max(1.0)).contains(feature)) {
            let feature = split.get(node).copied().unwrap_or_default();
            return Err((
                "xgboost-feature",
                format!("node {node} asks for feature {feature} of {own_features}"),
            ));
        }
        for child in children {
            if !(0.0..nodes as f64).contains(&child) {
                return Err(("xgboost-child", format!("node {node} has child {child} of {nodes}")));
            }
            open.push(child as usize);
        }
    }
    let parents = array("parents").unwrap_or_default();
    let outside = |parent: &&f64| **parent != 2_147_483_647.0 && !(-1.0..nodes as f64).contains(*parent);
    if let Some(parent) = parents.iter().find(outside) {
        return Err(("xgboost-parent", format!("a node has parent {parent} of {nodes}")));
    }
    Ok(())
}

fn check_categories(tree: &Tree, nodes: usize) -> Result<(), Wrong> {
    let array = |key: &str| tree.get(key).numbers().unwrap_or_default();
    let (segments, sizes) = (array("categories_segments"), array("categories_sizes"));
    let categories = array("categories").len() as f64;
    if segments.len() != sizes.len() || segments.len() != array("categories_nodes").len() {
        return Err((
            "xgboost-category",
            "segments, sizes and nodes of categories differ in number".to_owned(),
        ));
    }
    for (start, size) in segments.iter().zip(sizes) {
        if *start < 0.0 || *size < 0.0 || start + size > categories {
            return Err((
                "xgboost-category",
                format!("categories {start} to {} of {categories}", start + size),
            ));
        }
    }
    let outside = |node: &&f64| !(0.0..nodes as f64).contains(*node);
    match array("categories_nodes").iter().find(outside) {
        Some(node) => Err(("xgboost-category", format!("categories for node {node} of {nodes}"))),
        None => Ok(()),
    }
}
