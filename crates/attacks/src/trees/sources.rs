//! From what the parsers read to an [`Ensemble`], with each library's own comparison.

use vauban_formats::lightgbm::LightgbmTrees;
use vauban_formats::onnx::Onnx;
use vauban_formats::sklearn_trees::SklearnTrees;
use vauban_formats::tree_nodes::TreeNodes;
use vauban_formats::xgboost::XgboostTrees;

use super::ensemble::{Aggregate, Builder, EnsembleError, floor_f32};
use super::target::{Link, TreeTarget};
use crate::network::Context;
use crate::network::operators::tree_target;

fn broken(what: impl Into<String>) -> EnsembleError {
    EnsembleError::Broken(what.into())
}

/// Adds a tree; `threshold` turns a stored threshold into the largest input that goes left.
fn add(
    builder: &mut Builder,
    tree: &TreeNodes,
    threshold: fn(f64) -> f64,
    weight: &dyn Fn(usize, f64) -> (u32, f64),
) -> Result<(), EnsembleError> {
    if let Some(unusual) = &tree.unusual {
        return Err(EnsembleError::Unsupported(unusual.clone()));
    }
    let count = tree.left.len();
    let lengths = [tree.right.len(), tree.feature.len(), tree.threshold.len()];
    if count == 0
        || lengths.iter().any(|length| *length != count)
        || tree.outputs == 0
        || tree.value.len() != count.saturating_mul(tree.outputs)
        || !(tree.default_left.is_empty() || tree.default_left.len() == count)
    {
        return Err(broken("the lists of a tree are not equally long, or empty"));
    }
    let first = builder.next();
    builder.root(first);
    let child = |child: i64| {
        let inside = usize::try_from(child).ok().filter(|child| *child < count);
        inside.map(|child| first + child).ok_or_else(|| broken(format!("there is no node {child}")))
    };
    for node in 0..count {
        if tree.left[node] < 0 {
            let values = &tree.value[node * tree.outputs..(node + 1) * tree.outputs];
            builder.leaf(values.iter().enumerate().map(|(output, value)| weight(output, *value)));
            continue;
        }
        let feature = usize::try_from(tree.feature[node]).map_err(|_| broken("a feature is negative"))?;
        let children = [child(tree.left[node])?, child(tree.right[node])?];
        let missing_left = tree.default_left.get(node).copied().unwrap_or(false);
        builder.split(feature, threshold(tree.threshold[node]), missing_left, children)?;
    }
    Ok(())
}

/// Logit of a probability, finite.
fn logit(share: f64) -> Result<f64, EnsembleError> {
    if share > 0.0 && share < 1.0 {
        Ok((share / (1.0 - share)).ln())
    } else {
        Err(broken(format!("the base score {share} is no probability")))
    }
}

/// A classifier from an XGBoost model: `binary:logistic`, `reg:logistic`, `multi:softprob`, `multi:softmax`.
///
/// XGBoost compares 32-bit numbers by `<` and sums in 32 bits.
///
/// # Errors
/// [`EnsembleError`] names the objective, booster or split that is not supported, or what is broken.
pub fn from_xgboost(model: &XgboostTrees) -> Result<TreeTarget, EnsembleError> {
    let classes = model.model.classes;
    let (outputs, link) = match model.model.objective.as_str() {
        "binary:logistic" | "reg:logistic" => (1, Link::Logistic),
        "multi:softprob" | "multi:softmax" if (2..=100_000).contains(&classes) => {
            (classes as usize, Link::Softmax)
        }
        other => return Err(EnsembleError::Unsupported(format!("the objective `{other}`"))),
    };
    if !matches!(model.model.booster.as_str(), "gbtree" | "dart") {
        return Err(EnsembleError::Unsupported(format!("the booster `{}`", model.model.booster)));
    }
    if model.targets > 1 {
        return Err(EnsembleError::Unsupported(format!("{} targets at once", model.targets)));
    }
    let mut base = match model.base_score[..] {
        [] => vec![if link == Link::Logistic { 0.5 } else { 0.0 }; outputs],
        [one] => vec![one; outputs],
        _ if model.base_score.len() == outputs => model.base_score.clone(),
        _ => return Err(broken(format!("{} base scores for {outputs} outputs", model.base_score.len()))),
    };
    if link == Link::Logistic {
        base = base
            .into_iter()
            .map(|share| logit(share).map(|logit| f64::from(logit as f32)))
            .collect::<Result<_, _>>()?;
    }
    if model.trees.is_empty() || model.groups.len() != model.trees.len() {
        return Err(broken(format!(
            "{} trees and {} groups for them",
            model.trees.len(),
            model.groups.len()
        )));
    }
    if !(model.weights.is_empty() || model.weights.len() == model.trees.len()) {
        return Err(broken("there is not one weight for each tree"));
    }
    let mut builder = Builder::default();
    for (index, tree) in model.trees.iter().enumerate() {
        let group = u32::try_from(model.groups[index]).map_err(|_| broken("a group is negative"))?;
        let scale = model.weights.get(index).copied().unwrap_or(1.0);
        let before = |threshold: f64| f64::from((threshold as f32).next_down());
        add(&mut builder, tree, before, &|_, value| (group, f64::from(value as f32) * scale))?;
    }
    let mut ensemble = builder.finish(base, Aggregate::Sum)?;
    ensemble.rounding = f64::from(f32::EPSILON);
    let width = usize::try_from(model.model.features).ok().filter(|width| *width <= 1 << 24);
    let width = width.ok_or_else(|| broken("more features than the limit"))?;
    Ok(TreeTarget::new(ensemble.with_width(width), link))
}

/// A classifier from a LightGBM model: `binary`, `multiclass`, `multiclassova`, `cross_entropy`.
///
/// LightGBM compares 64-bit numbers by `<=`; inputs here are 32-bit numbers, which it takes exactly.
///
/// # Errors
/// [`EnsembleError`] names the objective or split that is not supported, or what is broken.
pub fn from_lightgbm(model: &LightgbmTrees) -> Result<TreeTarget, EnsembleError> {
    let mut words = model.model.objective.split_whitespace();
    let objective = words.next().unwrap_or_default();
    let sigmoid =
        words.find_map(|word| word.strip_prefix("sigmoid:")).map_or(Some(1.0), |text| text.parse().ok());
    let sigmoid: f64 = sigmoid
        .filter(|value: &f64| *value > 0.0 && value.is_finite())
        .ok_or_else(|| broken("`sigmoid` is no positive number"))?;
    let outputs = usize::try_from(model.outputs).ok().filter(|outputs| (1..=100_000).contains(outputs));
    let outputs = outputs.ok_or_else(|| broken(format!("{} trees to a round", model.outputs)))?;
    let link = match objective {
        "binary" | "cross_entropy" if outputs == 1 => Link::Logistic,
        "multiclass" if outputs > 1 => Link::Softmax,
        "multiclassova" if outputs > 1 => Link::Logistic,
        other => return Err(EnsembleError::Unsupported(format!("the objective `{other}`"))),
    };
    if model.trees.is_empty() || !model.trees.len().is_multiple_of(outputs) {
        return Err(broken(format!("{} trees do not fill rounds of {outputs}", model.trees.len())));
    }
    let rounds = if model.average { (model.trees.len() / outputs) as f64 } else { 1.0 };
    // The link stretches the sums; winners stay the same, and probabilities come out right.
    let scale = if link == Link::Logistic { sigmoid } else { 1.0 } / rounds;
    let mut builder = Builder::default();
    for (index, tree) in model.trees.iter().enumerate() {
        let output = (index % outputs) as u32;
        add(&mut builder, tree, |threshold| threshold, &|_, value| (output, value * scale))?;
    }
    let ensemble = builder.finish(vec![0.0; outputs], Aggregate::Sum)?;
    let width = usize::try_from(model.model.features).ok().filter(|width| *width <= 1 << 24);
    let width = width.ok_or_else(|| broken("more features than the limit"))?;
    Ok(TreeTarget::new(ensemble.with_width(width), link))
}

/// A classifier from scikit-learn's arrays: base plus the sum of leaves, class 1 where it is positive, or one score a
/// class.
///
/// scikit-learn casts inputs to 32 bits and compares them with 64-bit thresholds by `<=`.
///
/// # Errors
/// [`EnsembleError`] says what is broken.
pub fn from_sklearn(model: &SklearnTrees) -> Result<TreeTarget, EnsembleError> {
    let outputs = model.base.len();
    let mut builder = Builder::default();
    for (index, tree) in model.trees.iter().enumerate() {
        let output = model.outputs.get(index).copied().unwrap_or(0);
        let output = u32::try_from(output).map_err(|_| broken("an output is negative"))?;
        if tree.outputs > 1 && tree.outputs != outputs {
            return Err(broken(format!("leaves of {} values for {outputs} outputs", tree.outputs)));
        }
        let several = tree.outputs > 1;
        add(&mut builder, tree, floor_f32, &|at, value| (if several { at as u32 } else { output }, value))?;
    }
    let ensemble = builder.finish(model.base.clone(), Aggregate::Sum)?;
    if model.features != 0 && model.features < ensemble.width() {
        let (used, stated) = (ensemble.width(), model.features);
        return Err(broken(format!("a split asks for feature {}, rows have {stated}", used - 1)));
    }
    let ensemble = ensemble.with_width(model.features);
    let link = if outputs == 1 { Link::Logistic } else { Link::Identity };
    Ok(TreeTarget::new(ensemble, link))
}

/// Operators that may stand around the trees: none of them changes what wins.
const AROUND: &[&str] = &["Cast", "Identity", "Normalizer", "ZipMap"];

/// A classifier from an ONNX model that is one `TreeEnsembleClassifier`.
///
/// # Errors
/// [`EnsembleError`] names the operators that stand beside the trees, or what is broken.
pub fn from_onnx(onnx: &Onnx, bytes: &[u8]) -> Result<TreeTarget, EnsembleError> {
    let graph = onnx.graph.as_ref().ok_or_else(|| broken("the file holds no graph"))?;
    let is_trees = |op: &str| op == "TreeEnsembleClassifier";
    let others: Vec<&str> = graph
        .nodes
        .iter()
        .map(|node| node.op.as_str())
        .filter(|op| !is_trees(op) && !AROUND.contains(op))
        .collect();
    if !others.is_empty() {
        return Err(EnsembleError::Unsupported(format!("beside the trees {}", others.join(", "))));
    }
    let place = graph.nodes.iter().position(|node| is_trees(&node.op));
    let place = place.ok_or_else(|| EnsembleError::Unsupported("no `TreeEnsembleClassifier`".to_owned()))?;
    // What comes before it must be harmless too: a normaliser there would mix the features.
    if let Some(node) =
        graph.nodes[..place].iter().find(|node| !matches!(node.op.as_str(), "Cast" | "Identity"))
    {
        return Err(EnsembleError::Unsupported(format!("`{}` before the trees", node.op)));
    }
    if graph.nodes.iter().filter(|node| is_trees(&node.op)).count() > 1 {
        return Err(EnsembleError::Unsupported("more than one ensemble".to_owned()));
    }
    let node = &graph.nodes[place];
    let opset = onnx.opset(&node.domain).unwrap_or(1);
    let context = Context { node, opset, bytes, initialisers: &graph.initialisers };
    let mut target = tree_target(&context)?;
    target.ensemble.rounding = f64::from(f32::EPSILON);
    Ok(target)
}
