//! `TreeEnsembleClassifier` and `TreeEnsembleRegressor`.

use std::collections::BTreeMap;

use super::super::super::kernel::{Context, Flow, Inputs, Kernel, KernelError};
use super::super::super::tensor::{Tensor, Value};
use super::{PostTransform, Prepared, class_labels, classified, features, logistic};
use crate::trees::{Aggregate, Builder, Ensemble, EnsembleError, Link, TreeTarget};

/// The trees, and what the operator does with their sums.
struct Trees {
    ensemble: Ensemble,
    post_transform: PostTransform,
    /// Labels of a classifier, and whether all its weights are positive; `None` for a regressor.
    labels: Option<(Vec<i64>, bool)>,
}

impl Kernel for Trees {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (x, rows, columns) = features(inputs)?;
        let (width, outputs) = (self.ensemble.width(), self.ensemble.outputs());
        if columns < width {
            return Err(KernelError(format!("the trees look at {width} features, given are {columns}")));
        }
        let mut scores = Tensor::filled(&[rows, outputs], 0.0)?.data;
        let mut sums = vec![0.0; outputs];
        for (row, scores) in x.data.chunks_exact(columns.max(1)).zip(scores.chunks_exact_mut(outputs)) {
            self.ensemble.score(row, &mut sums);
            scores.iter_mut().zip(&sums).for_each(|(score, sum)| *score = *sum as f32);
        }
        let Some((labels, all_positive)) = &self.labels else {
            scores.chunks_exact_mut(outputs).for_each(|row| self.post_transform.apply(row));
            return Ok(vec![Value::Float(Tensor::new(vec![rows, outputs], scores)?)]);
        };
        if outputs == 1 {
            // The one score speaks for the second class: as a share, as a logit, or as a plain margin.
            let both = |score: &f32| match (all_positive, self.post_transform) {
                (true, _) => [1.0 - score, *score],
                (false, PostTransform::Logistic) => [logistic(-score), logistic(*score)],
                (false, _) => [-score, *score],
            };
            scores = scores.iter().flat_map(both).collect();
        } else {
            scores.chunks_exact_mut(outputs).for_each(|row| self.post_transform.apply(row));
        }
        classified(labels, scores, rows)
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }
}

/// Names of the attributes that hold the leaves' weights.
struct LeafNames {
    trees: &'static str,
    nodes: &'static str,
    targets: &'static str,
    weights: &'static str,
}

fn trees(context: &Context<'_>, names: &LeafNames, scores: usize) -> Result<Trees, KernelError> {
    let refused = |what: &str| KernelError(format!("the trees are not whole: {what}"));
    let ints = |name: &str| context.ints(name).unwrap_or_default();
    let (trees, ids) = (ints("nodes_treeids"), ints("nodes_nodeids"));
    let (yes, no) = (ints("nodes_truenodeids"), ints("nodes_falsenodeids"));
    let (features, missing) = (ints("nodes_featureids"), ints("nodes_missing_value_tracks_true"));
    let values = if context.node.attribute("nodes_values").is_some() {
        "nodes_values"
    } else {
        "nodes_values_as_tensor"
    };
    let (values, modes) = (context.floats(values)?, context.texts("nodes_modes"));
    let count = trees.len();
    if [ids.len(), yes.len(), no.len(), features.len(), values.len(), modes.len()]
        .iter()
        .any(|length| *length != count)
    {
        return Err(refused("the lists of nodes are not equally long"));
    }
    let numbers: BTreeMap<(i64, i64), usize> =
        trees.iter().zip(ids).enumerate().map(|(index, (tree, id))| ((*tree, *id), index)).collect();
    let find =
        |tree: i64, id: i64| numbers.get(&(tree, id)).copied().ok_or_else(|| refused("a node is missing"));

    let (leaf_trees, leaf_nodes, targets) = (ints(names.trees), ints(names.nodes), ints(names.targets));
    let tensor_name = format!("{}_as_tensor", names.weights);
    let weights = if context.node.attribute(names.weights).is_some() { names.weights } else { &tensor_name };
    let weights = context.floats(weights)?;
    if [leaf_nodes.len(), targets.len(), weights.len()].iter().any(|length| *length != leaf_trees.len()) {
        return Err(refused("the lists of leaves are not equally long"));
    }
    let mut leaves: Vec<Vec<(u32, f64)>> = vec![Vec::new(); count];
    for index in 0..leaf_trees.len() {
        let target = usize::try_from(targets[index]).ok().filter(|target| *target < scores);
        let target = target.ok_or_else(|| refused("a leaf speaks for a class that is not there"))?;
        leaves[find(leaf_trees[index], leaf_nodes[index])?].push((target as u32, f64::from(weights[index])));
    }

    let mut builder = Builder::default();
    let broken = |error: EnsembleError| KernelError(error.to_string());
    let mut has_parent = vec![false; count];
    // Second halves of the tests for (in)equality, which come behind all nodes.
    let mut halves = Vec::new();
    for index in 0..count {
        let mode = modes[index].as_slice();
        if mode == b"LEAF" {
            builder.leaf(std::mem::take(&mut leaves[index]));
            continue;
        }
        if !leaves[index].is_empty() {
            return Err(refused("a branch has weights"));
        }
        let feature = usize::try_from(features[index]).map_err(|_| refused("a feature is negative"))?;
        let (yes, no) = (find(trees[index], yes[index])?, find(trees[index], no[index])?);
        // A node with two parents, or a cycle, would make the walk endless or the tree no tree.
        if yes == no
            || std::mem::replace(&mut has_parent[yes], true)
            || std::mem::replace(&mut has_parent[no], true)
        {
            return Err(refused("a node has two parents"));
        }
        let missing = missing.get(index).copied().unwrap_or(0) != 0;
        // Every test is brought to `x <= threshold`, which of 32-bit numbers `x < t` is with the number before `t`.
        let (at, before) = (f64::from(values[index]), f64::from(values[index].next_down()));
        let half = count + halves.len();
        let (threshold, missing_left, children) = match mode {
            b"BRANCH_LEQ" => (at, missing, [yes, no]),
            b"BRANCH_LT" => (before, missing, [yes, no]),
            b"BRANCH_GTE" => (before, !missing, [no, yes]),
            b"BRANCH_GT" => (at, !missing, [no, yes]),
            b"BRANCH_EQ" => {
                halves.push((feature, before, [no, yes]));
                (at, missing, [half, no])
            }
            b"BRANCH_NEQ" => {
                halves.push((feature, before, [yes, no]));
                (at, false, [half, yes])
            }
            _ => return Err(refused("a node has an unknown mode")),
        };
        builder.split(feature, threshold, missing_left, children).map_err(broken)?;
    }
    for (feature, threshold, children) in halves {
        builder.split(feature, threshold, false, children).map_err(broken)?;
    }
    let roots: Vec<usize> = (0..count).filter(|index| !has_parent[*index]).collect();
    let distinct: std::collections::BTreeSet<i64> = trees.iter().copied().collect();
    if roots.len() != distinct.len() {
        return Err(refused("a tree has no root, or more than one"));
    }
    roots.iter().for_each(|root| builder.root(*root));
    let base =
        if context.node.attribute("base_values").is_some() { "base_values" } else { "base_values_as_tensor" };
    let aggregate = match context.text("aggregate_function", "SUM")? {
        "SUM" => Aggregate::Sum,
        "AVERAGE" => Aggregate::Average,
        "MIN" => Aggregate::Min,
        "MAX" => Aggregate::Max,
        other => return Err(KernelError(format!("the aggregate `{other}` is not supported"))),
    };
    let mut base: Vec<f64> = context.floats(base)?.into_iter().map(f64::from).collect();
    base.resize(scores, 0.0);
    let ensemble = builder.finish(base, aggregate).map_err(broken)?;
    Ok(Trees { ensemble, post_transform: PostTransform::new(context)?, labels: None })
}

pub(crate) fn classifier(context: &Context<'_>) -> Prepared {
    Ok(Box::new(classifier_trees(context)?))
}

/// The classifier as a target by itself.
pub(crate) fn tree_target(context: &Context<'_>) -> Result<TreeTarget, EnsembleError> {
    let trees = classifier_trees(context).map_err(|error| EnsembleError::Broken(error.0))?;
    let mut ensemble = trees.ensemble;
    let all_positive = trees.labels.is_some_and(|(_, all_positive)| all_positive);
    let link = match trees.post_transform {
        PostTransform::SoftmaxZero => {
            return Err(EnsembleError::Unsupported("the post transform `SOFTMAX_ZERO`".to_owned()));
        }
        // The one score is a share, which wins from one half on.
        _ if ensemble.outputs() == 1 && all_positive => {
            ensemble.base.iter_mut().for_each(|base| *base -= 0.5);
            Link::Identity
        }
        PostTransform::None => Link::Identity,
        PostTransform::Logistic => Link::Logistic,
        PostTransform::Softmax => {
            if ensemble.outputs() == 1 {
                Link::Identity
            } else {
                Link::Softmax
            }
        }
    };
    Ok(TreeTarget::new(ensemble, link))
}

fn classifier_trees(context: &Context<'_>) -> Result<Trees, KernelError> {
    let names = LeafNames {
        trees: "class_treeids",
        nodes: "class_nodeids",
        targets: "class_ids",
        weights: "class_weights",
    };
    let labels = class_labels(context, "classlabels_int64s", "classlabels_strings");
    if labels.is_empty() {
        return Err(KernelError("the classes are not named".to_owned()));
    }
    // Two classes and leaves that speak for one only: a single score.
    let targets = context.ints("class_ids").unwrap_or_default();
    let single = labels.len() == 2 && targets.iter().all(|target| Some(target) == targets.first());
    let mut trees = if single {
        let zeros = vec![0; targets.len()];
        let mut node = context.node.clone();
        for attribute in node.attributes.iter_mut().filter(|attribute| attribute.name == "class_ids") {
            attribute.value = vauban_formats::onnx::AttributeValue::Ints(zeros.clone());
        }
        self::trees(&Context { node: &node, ..*context }, &names, 1)?
    } else {
        self::trees(context, &names, labels.len())?
    };
    let all_positive = trees.ensemble.weights.iter().all(|(_, weight)| *weight >= 0.0);
    trees.labels = Some((labels, all_positive));
    Ok(trees)
}

pub(crate) fn regressor(context: &Context<'_>) -> Prepared {
    let names = LeafNames {
        trees: "target_treeids",
        nodes: "target_nodeids",
        targets: "target_ids",
        weights: "target_weights",
    };
    let targets =
        usize::try_from(context.int("n_targets", 1)).ok().filter(|targets| (1..1 << 20).contains(targets));
    let targets = targets.ok_or_else(|| KernelError("`n_targets` is out of range".to_owned()))?;
    Ok(Box::new(trees(context, &names, targets)?))
}
