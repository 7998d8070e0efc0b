//! `TreeEnsembleClassifier` and `TreeEnsembleRegressor`.

use std::collections::BTreeMap;

use super::super::super::kernel::{Context, Flow, Inputs, Kernel, KernelError};
use super::super::super::tensor::{Tensor, Value};
use super::{PostTransform, Prepared, class_labels, classified, features, logistic};

#[derive(Clone, Copy)]
enum Test {
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    Equal,
    NotEqual,
}

/// A node of a tree; children always come later, so that a walk ends.
enum Node {
    Branch { feature: usize, test: Test, threshold: f32, missing: bool, yes: usize, no: usize },
    Leaf { weights: Vec<(usize, f32)> },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Aggregate {
    Sum,
    Average,
    Min,
    Max,
}

struct Ensemble {
    nodes: Vec<Node>,
    roots: Vec<usize>,
    base: Vec<f32>,
    scores: usize,
    width: usize,
    aggregate: Aggregate,
    post_transform: PostTransform,
    /// Labels of a classifier, and whether all its weights are positive; `None` for a regressor.
    labels: Option<(Vec<i64>, bool)>,
}

impl Ensemble {
    fn leaf(&self, root: usize, row: &[f32]) -> &[(usize, f32)] {
        let mut at = root;
        loop {
            match &self.nodes[at] {
                Node::Leaf { weights } => return weights,
                Node::Branch { feature, test, threshold, missing, yes, no } => {
                    let x = row[*feature];
                    let holds = match test {
                        Test::LessOrEqual => x <= *threshold,
                        Test::Less => x < *threshold,
                        Test::GreaterOrEqual => x >= *threshold,
                        Test::Greater => x > *threshold,
                        Test::Equal => x == *threshold,
                        Test::NotEqual => x != *threshold,
                    };
                    at = if holds || (*missing && x.is_nan()) { *yes } else { *no };
                }
            }
        }
    }

    fn score(&self, row: &[f32], scores: &mut [f32]) {
        // Summed in double precision, as hundreds of small steps are.
        let start = match self.aggregate {
            Aggregate::Sum | Aggregate::Average => 0.0,
            Aggregate::Min => f64::INFINITY,
            Aggregate::Max => f64::NEG_INFINITY,
        };
        let mut sums = vec![start; self.scores];
        for root in &self.roots {
            for (target, weight) in self.leaf(*root, row) {
                let (sum, weight) = (&mut sums[*target], f64::from(*weight));
                match self.aggregate {
                    Aggregate::Sum | Aggregate::Average => *sum += weight,
                    Aggregate::Min => *sum = sum.min(weight),
                    Aggregate::Max => *sum = sum.max(weight),
                }
            }
        }
        for (index, (score, sum)) in scores.iter_mut().zip(sums).enumerate() {
            let sum = match self.aggregate {
                Aggregate::Average => sum / self.roots.len().max(1) as f64,
                _ if sum.is_infinite() => 0.0,
                _ => sum,
            };
            *score = (sum + f64::from(self.base.get(index).copied().unwrap_or(0.0))) as f32;
        }
    }
}

impl Kernel for Ensemble {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (x, rows, columns) = features(inputs)?;
        if columns < self.width {
            return Err(KernelError(format!(
                "the trees look at {} features, given are {columns}",
                self.width
            )));
        }
        let mut scores = Tensor::filled(&[rows, self.scores], 0.0)?.data;
        let table = x.data.chunks_exact(columns.max(1));
        for (row, scores) in table.zip(scores.chunks_exact_mut(self.scores.max(1))) {
            self.score(row, scores);
        }
        let Some((labels, all_positive)) = &self.labels else {
            scores.chunks_exact_mut(self.scores.max(1)).for_each(|row| self.post_transform.apply(row));
            return Ok(vec![Value::Float(Tensor::new(vec![rows, self.scores], scores)?)]);
        };
        if self.scores == 1 {
            // The one score speaks for the second class: as a share, as a logit, or as a plain margin.
            let both = |score: &f32| match (all_positive, self.post_transform) {
                (true, _) => [1.0 - score, *score],
                (false, PostTransform::Logistic) => [logistic(-score), logistic(*score)],
                (false, _) => [-score, *score],
            };
            scores = scores.iter().flat_map(both).collect();
        } else {
            scores.chunks_exact_mut(self.scores).for_each(|row| self.post_transform.apply(row));
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

fn ensemble(context: &Context<'_>, names: &LeafNames, scores: usize) -> Result<Ensemble, KernelError> {
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

    let mut nodes = Vec::with_capacity(count);
    let mut has_parent = vec![false; count];
    let mut width = 0;
    for index in 0..count {
        let test = match modes[index].as_slice() {
            b"LEAF" => {
                nodes.push(Node::Leaf { weights: Vec::new() });
                continue;
            }
            b"BRANCH_LEQ" => Test::LessOrEqual,
            b"BRANCH_LT" => Test::Less,
            b"BRANCH_GTE" => Test::GreaterOrEqual,
            b"BRANCH_GT" => Test::Greater,
            b"BRANCH_EQ" => Test::Equal,
            b"BRANCH_NEQ" => Test::NotEqual,
            _ => return Err(refused("a node has an unknown mode")),
        };
        let feature = usize::try_from(features[index]).map_err(|_| refused("a feature is negative"))?;
        width = width.max(feature.saturating_add(1));
        let (yes, no) = (find(trees[index], yes[index])?, find(trees[index], no[index])?);
        // A node with two parents, or a cycle, would make the walk endless or the tree no tree.
        if yes == no
            || std::mem::replace(&mut has_parent[yes], true)
            || std::mem::replace(&mut has_parent[no], true)
        {
            return Err(refused("a node has two parents"));
        }
        let missing = missing.get(index).copied().unwrap_or(0) != 0;
        nodes.push(Node::Branch { feature, test, threshold: values[index], missing, yes, no });
    }
    let roots: Vec<usize> = (0..count).filter(|index| !has_parent[*index]).collect();
    let distinct: std::collections::BTreeSet<i64> = trees.iter().copied().collect();
    if roots.len() != distinct.len() {
        return Err(refused("a tree has no root, or more than one"));
    }

    let (leaf_trees, leaf_nodes, targets) = (ints(names.trees), ints(names.nodes), ints(names.targets));
    let tensor_name = format!("{}_as_tensor", names.weights);
    let weights = if context.node.attribute(names.weights).is_some() { names.weights } else { &tensor_name };
    let weights = context.floats(weights)?;
    if [leaf_nodes.len(), targets.len(), weights.len()].iter().any(|length| *length != leaf_trees.len()) {
        return Err(refused("the lists of leaves are not equally long"));
    }
    for index in 0..leaf_trees.len() {
        let target = usize::try_from(targets[index]).ok().filter(|target| *target < scores);
        let target = target.ok_or_else(|| refused("a leaf speaks for a class that is not there"))?;
        match &mut nodes[find(leaf_trees[index], leaf_nodes[index])?] {
            Node::Leaf { weights: own } => own.push((target, weights[index])),
            Node::Branch { .. } => return Err(refused("a branch has weights")),
        }
    }
    let base =
        if context.node.attribute("base_values").is_some() { "base_values" } else { "base_values_as_tensor" };
    let aggregate = match context.text("aggregate_function", "SUM")? {
        "SUM" => Aggregate::Sum,
        "AVERAGE" => Aggregate::Average,
        "MIN" => Aggregate::Min,
        "MAX" => Aggregate::Max,
        other => return Err(KernelError(format!("the aggregate `{other}` is not supported"))),
    };
    Ok(Ensemble {
        nodes,
        roots,
        base: context.floats(base)?,
        scores,
        width,
        aggregate,
        post_transform: PostTransform::new(context)?,
        labels: None,
    })
}

pub(crate) fn classifier(context: &Context<'_>) -> Prepared {
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
        ensemble(&Context { node: &node, ..*context }, &names, 1)?
    } else {
        ensemble(context, &names, labels.len())?
    };
    let all_positive = trees.nodes.iter().all(|node| match node {
        Node::Leaf { weights } => weights.iter().all(|(_, weight)| *weight >= 0.0),
        Node::Branch { .. } => true,
    });
    trees.labels = Some((labels, all_positive));
    Ok(Box::new(trees))
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
    Ok(Box::new(ensemble(context, &names, targets)?))
}
