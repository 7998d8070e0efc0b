//! The structure: trees of splits `x <= threshold`, leaves with a weight for each output.

/// Why trees do not make an ensemble.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnsembleError {
    /// The trees are broken: indices, lengths, cycles, values.
    #[error("the trees are not whole: {0}")]
    Broken(String),
    /// The trees do something that is not supported.
    #[error("the trees use {0}, which is not supported")]
    Unsupported(String),
}

/// How the leaves of a row become its scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Sum,
    Average,
    Min,
    Max,
}

/// A node. Children come in any order, but no walk ends in a circle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Node {
    /// Left where the feature is at most the threshold, right where it is larger.
    Split { feature: u32, threshold: f64, missing_left: bool, left: u32, right: u32 },
    /// Weights `start..start + count` of the ensemble's list.
    Leaf { start: u32, count: u32 },
}

/// Trees whose leaves are summed up; inputs are 32-bit numbers, as XGBoost, scikit-learn and ONNX take them.
///
/// Every test is brought to `x <= threshold` over 32-bit inputs: `x < t` holds for the same numbers as `x <= t'` with the
/// number `t'` before `t`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    pub(crate) nodes: Vec<Node>,
    pub(crate) roots: Vec<u32>,
    /// Output and weight.
    pub(crate) weights: Vec<(u32, f64)>,
    pub(crate) base: Vec<f64>,
    pub(crate) width: usize,
    pub(crate) aggregate: Aggregate,
    /// Largest relative rounding of one addition where the model is served.
    pub(crate) rounding: f64,
}

impl Ensemble {
    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    /// Features of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Scores of a row; 1 for a margin between two classes.
    pub fn outputs(&self) -> usize {
        self.base.len()
    }

    /// The same trees over rows with more features than the splits ask for.
    #[must_use]
    pub fn with_width(mut self, width: usize) -> Self {
        self.width = self.width.max(width);
        self
    }

    fn leaf(&self, root: u32, row: &[f32]) -> &[(u32, f64)] {
        let mut at = root;
        loop {
            match self.nodes[at as usize] {
                Node::Leaf { start, count } => {
                    return &self.weights[start as usize..(start + count) as usize];
                }
                Node::Split { feature, threshold, missing_left, left, right } => {
                    let x = f64::from(row[feature as usize]);
                    at = if x <= threshold || (missing_left && x.is_nan()) { left } else { right };
                }
            }
        }
    }

    /// Scores of one row before any link function, summed in 64 bits.
    ///
    /// `row` holds at least [`Ensemble::width`] values, `scores` exactly [`Ensemble::outputs`].
    pub fn score(&self, row: &[f32], scores: &mut [f64]) {
        let start = match self.aggregate {
            Aggregate::Sum | Aggregate::Average => 0.0,
            Aggregate::Min => f64::INFINITY,
            Aggregate::Max => f64::NEG_INFINITY,
        };
        scores.fill(start);
        for root in &self.roots {
            for (output, weight) in self.leaf(*root, row) {
                let score = &mut scores[*output as usize];
                match self.aggregate {
                    Aggregate::Sum | Aggregate::Average => *score += weight,
                    Aggregate::Min => *score = score.min(*weight),
                    Aggregate::Max => *score = score.max(*weight),
                }
            }
        }
        for (score, base) in scores.iter_mut().zip(&self.base) {
            if self.aggregate == Aggregate::Average {
                *score /= self.roots.len().max(1) as f64;
            } else if score.is_infinite() {
                *score = 0.0;
            }
            *score += base;
        }
    }
}

/// Puts nodes together and looks whether they are trees.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    nodes: Vec<Node>,
    weights: Vec<(u32, f64)>,
    roots: Vec<u32>,
    width: usize,
}

/// Most nodes of one ensemble.
const NODES: usize = 1 << 26;

fn broken(what: impl Into<String>) -> EnsembleError {
    EnsembleError::Broken(what.into())
}

impl Builder {
    /// Place of the next node.
    pub(crate) fn next(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a leaf.
    pub(crate) fn leaf(&mut self, weights: impl IntoIterator<Item = (u32, f64)>) -> usize {
        let start = self.weights.len();
        self.weights.extend(weights);
        // Lists that outgrow 32 bits are refused in `finish`.
        let (start, count) = (start as u32, (self.weights.len() - start) as u32);
        self.nodes.push(Node::Leaf { start, count });
        self.nodes.len() - 1
    }

    /// Adds a split `x <= threshold`; children are places of nodes, now or later.
    pub(crate) fn split(
        &mut self,
        feature: usize,
        threshold: f64,
        missing_left: bool,
        children: [usize; 2],
    ) -> Result<usize, EnsembleError> {
        if threshold.is_nan() {
            return Err(broken("a threshold is no number"));
        }
        if feature > 1 << 24 || children.iter().any(|child| *child > NODES) {
            return Err(broken("a feature or child is numbered past the limit"));
        }
        self.width = self.width.max(feature + 1);
        let [left, right] = children.map(|child| child as u32);
        self.nodes.push(Node::Split { feature: feature as u32, threshold, missing_left, left, right });
        Ok(self.nodes.len() - 1)
    }

    /// Says that a tree begins at `node`.
    pub(crate) fn root(&mut self, node: usize) {
        self.roots.push(node as u32);
    }

    /// The ensemble with a base score for each output.
    ///
    /// # Errors
    /// [`EnsembleError::Broken`] when a child is missing, a walk may never end, or a leaf speaks for no output.
    pub(crate) fn finish(self, base: Vec<f64>, aggregate: Aggregate) -> Result<Ensemble, EnsembleError> {
        let Self { nodes, weights, roots, width } = self;
        if nodes.len() > NODES || weights.len() > NODES {
            return Err(broken("more nodes than the limit"));
        }
        if base.is_empty() || base.iter().any(|value| !value.is_finite()) {
            return Err(broken("the base score is missing or not finite"));
        }
        if weights.iter().any(|(output, weight)| *output as usize >= base.len() || !weight.is_finite()) {
            return Err(broken("a leaf's value is not finite, or for an output that is not there"));
        }
        let count = nodes.len() as u32;
        let inside = |node: u32| node < count;
        let wrong = |node: &Node| match node {
            Node::Split { left, right, .. } => !inside(*left) || !inside(*right),
            Node::Leaf { .. } => false,
        };
        if nodes.iter().any(wrong) || !roots.iter().all(|root| inside(*root)) {
            return Err(broken("a node is missing"));
        }
        if has_cycle(&nodes, &roots) {
            return Err(broken("two nodes lead to each other"));
        }
        Ok(Ensemble { nodes, roots, weights, base, width, aggregate, rounding: f64::EPSILON })
    }
}

/// Whether a walk from a root may come back; without recursion, as a hostile tree may be deep.
fn has_cycle(nodes: &[Node], roots: &[u32]) -> bool {
    // 0 not seen, 1 on the way, 2 done.
    let mut state = vec![0_u8; nodes.len()];
    let mut open: Vec<(u32, bool)> = roots.iter().map(|root| (*root, false)).collect();
    while let Some((node, leaving)) = open.pop() {
        let at = node as usize;
        if leaving {
            state[at] = 2;
            continue;
        }
        match state[at] {
            1 => return true,
            2 => continue,
            _ => {}
        }
        let Node::Split { left, right, .. } = nodes[at] else {
            state[at] = 2;
            continue;
        };
        state[at] = 1;
        open.push((node, true));
        for child in [right, left] {
            match state[child as usize] {
                1 => return true,
                2 => {}
                _ => open.push((child, false)),
            }
        }
    }
    false
}

/// The largest 32-bit number that is at most `threshold`: for 32-bit `x`, `x <= threshold` means the same with both.
pub(crate) fn floor_f32(threshold: f64) -> f64 {
    let near = threshold as f32;
    f64::from(if f64::from(near) > threshold { near.next_down() } else { near })
}
