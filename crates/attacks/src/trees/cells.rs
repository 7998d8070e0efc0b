//! The thresholds cut each feature into cells `(l, u]`; all inputs in one cell of every feature look alike to the trees.

use super::ensemble::{Ensemble, EnsembleError, Node};
use crate::target::Bounds;

/// A node that tests cells instead of numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CellNode {
    /// Left where the cell of the feature (a position in [`Cells::features`]) is at most `cell`.
    Split { feature: u32, cell: u32, left: u32, right: u32 },
    /// Margin of the leaf, by its place in a list.
    Leaf(u32),
}

/// The ensemble over cells.
pub(crate) struct Cells {
    /// Features that a split asks for, rising.
    pub(crate) features: Vec<usize>,
    /// Rising thresholds of each of them: cell `i` is `(thresholds[i - 1], thresholds[i]]`.
    pub(crate) thresholds: Vec<Vec<f64>>,
    pub(crate) nodes: Vec<CellNode>,
    pub(crate) roots: Vec<u32>,
    /// Weights of each leaf in `nodes`: `start..end` of the ensemble's list.
    pub(crate) leaves: Vec<std::ops::Range<usize>>,
    /// Which of these are each tree's.
    pub(crate) tree_leaves: Vec<std::ops::Range<usize>>,
}

/// Most nodes after splits shared by several parents are copied out.
const NODES: usize = 1 << 24;
/// Deepest tree.
const DEPTH: usize = 256;

impl Cells {
    pub(crate) fn new(ensemble: &Ensemble) -> Result<Self, EnsembleError> {
        let mut cuts = std::collections::BTreeMap::<usize, Vec<f64>>::new();
        for node in &ensemble.nodes {
            if let Node::Split { feature, threshold, .. } = node {
                cuts.entry(*feature as usize).or_default().push(*threshold);
            }
        }
        for thresholds in cuts.values_mut() {
            thresholds.sort_by(f64::total_cmp);
            thresholds.dedup();
        }
        let features: Vec<usize> = cuts.keys().copied().collect();
        let thresholds = cuts.into_values().collect();
        let mut cells = Self {
            features,
            thresholds,
            nodes: Vec::new(),
            roots: Vec::new(),
            leaves: Vec::new(),
            tree_leaves: Vec::new(),
        };
        for root in &ensemble.roots {
            let first = cells.leaves.len();
            let place = cells.copy(ensemble, *root, 0)?;
            cells.tree_leaves.push(first..cells.leaves.len());
            cells.roots.push(place);
        }
        Ok(cells)
    }

    fn copy(&mut self, ensemble: &Ensemble, node: u32, depth: usize) -> Result<u32, EnsembleError> {
        if depth > DEPTH || self.nodes.len() >= NODES {
            return Err(EnsembleError::Unsupported(format!(
                "trees deeper than {DEPTH} splits or with more than {NODES} nodes"
            )));
        }
        let place = self.nodes.len() as u32;
        match ensemble.nodes[node as usize] {
            Node::Leaf { start, count } => {
                self.nodes.push(CellNode::Leaf(self.leaves.len() as u32));
                self.leaves.push(start as usize..(start + count) as usize);
            }
            Node::Split { feature, threshold, left, right, .. } => {
                let position = self.features.partition_point(|known| *known < feature as usize);
                let cell = self.thresholds[position].partition_point(|known| *known < threshold) as u32;
                self.nodes.push(CellNode::Leaf(0));
                let left = self.copy(ensemble, left, depth + 1)?;
                let right = self.copy(ensemble, right, depth + 1)?;
                self.nodes[place as usize] = CellNode::Split { feature: position as u32, cell, left, right };
            }
        }
        Ok(place)
    }

    /// Number of cells of the feature at `position`.
    pub(crate) fn count(&self, position: usize) -> usize {
        self.thresholds[position].len() + 1
    }

    /// Ends of a cell: open below, closed above.
    pub(crate) fn ends(&self, position: usize, cell: usize) -> (f64, f64) {
        let thresholds = &self.thresholds[position];
        (
            cell.checked_sub(1).map_or(f64::NEG_INFINITY, |before| thresholds[before]),
            thresholds.get(cell).copied().unwrap_or(f64::INFINITY),
        )
    }

    /// Cell of a value.
    pub(crate) fn cell(&self, position: usize, value: f32) -> usize {
        self.thresholds[position].partition_point(|threshold| *threshold < f64::from(value))
    }

    /// First and last cell of a feature that hold values inside the bounds.
    pub(crate) fn inside(&self, position: usize, bounds: Option<Bounds>) -> (u32, u32) {
        match bounds {
            Some(bounds) => (self.cell(position, bounds.low) as u32, self.cell(position, bounds.high) as u32),
            None => (0, self.thresholds[position].len() as u32),
        }
    }

    /// How far a value is from a cell: the infimum over real numbers.
    pub(crate) fn distance(&self, position: usize, cell: usize, value: f32) -> f64 {
        let (low, high) = self.ends(position, cell);
        let value = f64::from(value);
        (low - value).max(value - high).max(0.0)
    }

    /// The 32-bit number of a cell that is nearest to `value`; `None` if there is none between its ends and bounds.
    pub(crate) fn nearest(
        &self,
        position: usize,
        cell: usize,
        value: f32,
        bounds: Option<Bounds>,
    ) -> Option<f32> {
        let (low, high) = self.ends(position, cell);
        let wide = f64::from(value);
        let found = if wide > high {
            super::ensemble::floor_f32(high) as f32
        } else if wide <= low {
            (super::ensemble::floor_f32(low) as f32).next_up()
        } else {
            value
        };
        let in_bounds = bounds.is_none_or(|bounds| (bounds.low..=bounds.high).contains(&found));
        let inside = f64::from(found) > low && f64::from(found) <= high;
        (in_bounds && inside && found.is_finite()).then_some(found)
    }
}
