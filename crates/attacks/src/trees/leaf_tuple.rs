//! A fast attack on tree ensembles: steps from one tuple of leaves to a neighbour, nearer and nearer.
//!
//! After Zhang et al., "An Efficient Adversarial Attack for Tree Ensembles" (NeurIPS 2020): the trees only see which leaves
//! a row falls in, so that a step changes one feature to another cell, and no query falls between two steps. Gives an
//! upper bound; [`super::verify`] begins with it.

use rand::RngExt as _;
use rayon::prelude::*;

use super::VerifyError;
use super::cells::{CellNode, Cells};
use super::target::TreeTarget;
use super::verify::attained;
use crate::evasion::{Norm, SampleResult, generator};
use crate::samples::Samples;
use crate::target::{Bounds, LabelTarget as _};

/// Tries from other starting points.
const RESTARTS: usize = 4;
/// Steps uphill of one try: more than features that have to change together.
const CLIMB: usize = 40;
/// Tries to come nearer.
const SHRINK: usize = 60;

struct Walk<'a> {
    target: &'a TreeTarget,
    cells: &'a Cells,
    label: usize,
    near: Vec<Vec<f64>>,
    home: Vec<u32>,
    ends: Vec<(u32, u32)>,
    /// Trees that ask for each feature.
    users: Vec<Vec<usize>>,
}

impl Walk<'_> {
    fn leaf(&self, root: u32, at: &[u32]) -> &[(u32, f64)] {
        let mut node = root;
        loop {
            match self.cells.nodes[node as usize] {
                CellNode::Leaf(leaf) => {
                    return &self.target.ensemble.weights[self.cells.leaves[leaf as usize].clone()];
                }
                CellNode::Split { feature, cell, left, right } => {
                    node = if at[feature as usize] <= cell { left } else { right };
                }
            }
        }
    }

    fn sums(&self, at: &[u32]) -> Vec<f64> {
        let mut sums: Vec<f64> = vec![0.0; self.target.ensemble.outputs()];
        for root in &self.cells.roots {
            for (output, weight) in self.leaf(*root, at) {
                sums[*output as usize] += weight;
            }
        }
        sums
    }

    /// Best rival minus own class, from the sums of leaves.
    fn margin(&self, sums: &[f64]) -> f64 {
        let ensemble = &self.target.ensemble;
        let scale = match ensemble.aggregate {
            super::Aggregate::Average => 1.0 / ensemble.trees().max(1) as f64,
            _ => 1.0,
        };
        let score = |output: usize| sums[output] * scale + ensemble.base[output];
        if sums.len() == 1 {
            return if self.label == 0 { score(0) } else { -score(0) };
        }
        let rivals = (0..sums.len()).filter(|output| *output != self.label).map(score);
        rivals.fold(f64::NEG_INFINITY, f64::max) - score(self.label)
    }

    /// Changes one feature at a time to the best cell nearer than `radius`, until a rival wins.
    fn climb(&self, at: &mut [u32], radius: f64) -> bool {
        let mut sums = self.sums(at);
        let mut margin = self.margin(&sums);
        for _ in 0..CLIMB {
            if margin > 0.0 {
                return true;
            }
            let mut best: Option<(usize, u32, Vec<f64>)> = None;
            for position in 0..at.len() {
                let own = at[position];
                let mut without = sums.clone();
                for tree in &self.users[position] {
                    for (output, weight) in self.leaf(self.cells.roots[*tree], at) {
                        without[*output as usize] -= weight;
                    }
                }
                for cell in self.ends[position].0..=self.ends[position].1 {
                    if cell == own || self.near[position][cell as usize] >= radius {
                        continue;
                    }
                    at[position] = cell;
                    let mut with = without.clone();
                    for tree in &self.users[position] {
                        for (output, weight) in self.leaf(self.cells.roots[*tree], at) {
                            with[*output as usize] += weight;
                        }
                    }
                    let new = self.margin(&with);
                    if new > margin + 1e-12 {
                        margin = new;
                        best = Some((position, cell, with));
                    }
                }
                at[position] = own;
            }
            let Some((position, cell, with)) = best else { return false };
            at[position] = cell;
            sums = with;
        }
        margin > 0.0
    }

    /// Takes back every change that is not needed, farthest first.
    fn tidy(&self, at: &mut [u32]) {
        let mut order: Vec<usize> =
            (0..at.len()).filter(|position| at[*position] != self.home[*position]).collect();
        let far = |position: usize, at: &[u32]| self.near[position][at[position] as usize];
        order.sort_by(|a, b| far(*b, at).total_cmp(&far(*a, at)));
        for position in order {
            while at[position] != self.home[position] {
                let before = at[position];
                at[position] = if before > self.home[position] { before - 1 } else { before + 1 };
                if self.margin(&self.sums(at)) <= 0.0 {
                    at[position] = before;
                    break;
                }
            }
        }
    }

    fn distance(&self, at: &[u32], norm: Norm) -> f64 {
        let parts = at.iter().enumerate().map(|(position, cell)| self.near[position][*cell as usize]);
        match norm {
            Norm::L1 => parts.sum(),
            Norm::L2 => parts.map(|part| part * part).sum::<f64>().sqrt(),
            Norm::Linf | Norm::Unbounded => parts.fold(0.0, f64::max),
        }
    }
}

/// Attacks every sample inside the target's bounds, looking for the smallest change in `norm`.
///
/// The trees themselves are read, so that [`SampleResult::queries`] counts one check of each example found.
///
/// # Errors
/// [`VerifyError`] as [`super::verify`].
pub fn attack(
    target: &TreeTarget,
    samples: &Samples,
    norm: Norm,
    seed: u64,
) -> Result<Vec<SampleResult>, VerifyError> {
    samples
        .check(target.width(), target.classes())
        .map_err(|error| VerifyError::Sample(error.to_string()))?;
    let cells = Cells::new(&target.ensemble)?;
    (0..samples.len())
        .into_par_iter()
        .map(|index| {
            let (row, label) = (samples.row(index), samples.labels[index] as usize);
            super::verify::check(target, row, label, Some(target.bounds))?;
            let mut result = SampleResult::untouched();
            if target.label(row) as usize != label {
                result.was_wrong();
                return Ok(result);
            }
            let found = leaf_tuple(target, &cells, row, label, Some(target.bounds), norm, seed, index);
            if let Some((_, example)) = found {
                result.succeed(row, &example);
                result.queries = 1;
            }
            Ok(result)
        })
        .collect()
}

/// The nearest example found, with the infimum of distances in its box; it was run through the model.
#[allow(clippy::too_many_arguments)]
pub(crate) fn leaf_tuple(
    target: &TreeTarget,
    cells: &Cells,
    row: &[f32],
    label: usize,
    bounds: Option<Bounds>,
    norm: Norm,
    seed: u64,
    index: usize,
) -> Option<(f64, Vec<f32>)> {
    let positions = 0..cells.features.len();
    let value = |position: usize| row[cells.features[position]];
    let mut users = vec![Vec::new(); cells.features.len()];
    for (tree, root) in cells.roots.iter().enumerate() {
        let mut open = vec![*root];
        while let Some(node) = open.pop() {
            if let CellNode::Split { feature, left, right, .. } = cells.nodes[node as usize] {
                if users[feature as usize].last() != Some(&tree) {
                    users[feature as usize].push(tree);
                }
                open.extend([left, right]);
            }
        }
    }
    let walk = Walk {
        target,
        cells,
        label,
        near: positions
            .clone()
            .map(|position| {
                (0..cells.count(position))
                    .map(|cell| cells.distance(position, cell, value(position)))
                    .collect()
            })
            .collect(),
        home: positions.clone().map(|position| cells.cell(position, value(position)) as u32).collect(),
        ends: positions.map(|position| cells.inside(position, bounds)).collect(),
        users,
    };
    let mut random = generator(seed, "leaf-tuple", index);
    let mut best: Option<(f64, Vec<f32>)> = None;
    for restart in 0..RESTARTS {
        let mut radius = best.as_ref().map_or(f64::INFINITY, |(distance, _)| *distance);
        let mut at = walk.home.clone();
        if restart > 0 {
            for (position, cell) in at.iter_mut().enumerate() {
                let any = random.random_range(walk.ends[position].0..=walk.ends[position].1);
                if walk.near[position][any as usize] < radius {
                    *cell = any;
                }
            }
        }
        for _ in 0..SHRINK {
            if !walk.climb(&mut at, radius) {
                break;
            }
            walk.tidy(&mut at);
            let mut example = row.to_vec();
            let realised = cells.features.iter().enumerate().try_for_each(|(position, feature)| {
                let nearest = cells.nearest(position, at[position] as usize, row[*feature], bounds)?;
                example[*feature] = nearest;
                Some(())
            });
            if realised.is_none() || target.label(&example) as usize == label {
                break;
            }
            let distance = walk.distance(&at, norm);
            debug_assert!(attained(row, &example, norm) + 1e-9 >= distance);
            if best.as_ref().is_none_or(|(nearest, _)| distance < *nearest) {
                best = Some((distance, example));
            }
            // No cell as far as the farthest may be used again. In the other norms this looks at fewer than it could.
            radius = walk.distance(&at, Norm::Linf);
            for (position, cell) in at.iter_mut().enumerate() {
                while walk.near[position][*cell as usize] >= radius && *cell != walk.home[position] {
                    *cell = if *cell > walk.home[position] { *cell - 1 } else { *cell + 1 };
                }
            }
        }
    }
    best
}
