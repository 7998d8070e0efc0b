//! Branch and bound over boxes of cells: the nearest box in which a rival wins.

use std::collections::BTreeMap;

use super::cells::{CellNode, Cells};
use crate::evasion::Norm;
use crate::target::Bounds;

/// One rival against the own class, around one sample.
pub(crate) struct Problem<'a> {
    pub(crate) cells: &'a Cells,
    /// Rival minus own class, by leaf.
    pub(crate) margins: &'a [f64],
    /// The same of the base scores.
    pub(crate) constant: f64,
    /// Largest error of a sum where the model is served: a margin above minus this may be a win.
    pub(crate) slack: f64,
    pub(crate) norm: Norm,
    pub(crate) row: &'a [f32],
    pub(crate) bounds: Option<Bounds>,
    /// Cell of the sample, by position.
    pub(crate) home: Vec<u32>,
    /// Distance of each cell, by position.
    pub(crate) near: Vec<Vec<f64>>,
}

/// A box of cells, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) low: Vec<u32>,
    pub(crate) high: Vec<u32>,
}

/// What is known about the distance so far, over all rivals.
pub(crate) struct Known {
    /// Nearest example: its infimum over its box, and itself.
    pub(crate) best: Option<(f64, Vec<f32>)>,
    /// Nothing at this distance or farther is looked for.
    pub(crate) cutoff: f64,
    /// Nearest box in which a rival may win, but only by the rounding of sums or between two 32-bit numbers.
    pub(crate) unsettled: f64,
    /// Boxes looked at.
    pub(crate) steps: u64,
}

impl Problem<'_> {
    /// Everything the bounds allow.
    pub(crate) fn whole(&self) -> Region {
        let ends: Vec<(u32, u32)> =
            (0..self.home.len()).map(|position| self.cells.inside(position, self.bounds)).collect();
        Region {
            low: ends.iter().map(|ends| ends.0).collect(),
            high: ends.iter().map(|ends| ends.1).collect(),
        }
    }

    /// The cell of a box nearest to the sample.
    fn nearest(&self, region: &Region, position: usize) -> u32 {
        self.home[position].clamp(region.low[position], region.high[position])
    }

    /// Distance of a box: infimum over its points.
    pub(crate) fn distance(&self, region: &Region) -> f64 {
        let parts =
            (0..self.home.len()).map(|position| self.near[position][self.nearest(region, position) as usize]);
        match self.norm {
            Norm::L1 => parts.sum(),
            Norm::L2 => parts.map(|part| part * part).sum::<f64>().sqrt(),
            Norm::Linf | Norm::Unbounded => parts.fold(0.0, f64::max),
        }
    }

    /// Takes away the cells that are not nearer than `cutoff`; `false` if none is left.
    pub(crate) fn clip(&self, region: &mut Region, cutoff: f64) -> bool {
        if cutoff.is_infinite() {
            return true;
        }
        let near = |position: usize, cell: u32| self.near[position][cell as usize];
        let least: Vec<f64> =
            (0..self.home.len()).map(|position| near(position, self.nearest(region, position))).collect();
        // A little room, so that rounding takes no cell away that belongs here.
        let room = 1.0 + 1e-12;
        let spent: f64 = match self.norm {
            Norm::L1 => least.iter().sum(),
            Norm::L2 => least.iter().map(|part| part * part).sum(),
            Norm::Linf | Norm::Unbounded => 0.0,
        };
        for (position, own) in least.iter().enumerate() {
            let reach = match self.norm {
                Norm::L1 => (cutoff - (spent - own)) * room,
                Norm::L2 => (cutoff * cutoff - (spent - own * own)).max(0.0).sqrt() * room,
                Norm::Linf | Norm::Unbounded => cutoff,
            };
            let home = self.home[position];
            while region.low[position] < home.min(region.high[position])
                && near(position, region.low[position]) >= reach
            {
                region.low[position] += 1;
            }
            while region.high[position] > home.max(region.low[position])
                && near(position, region.high[position]) >= reach
            {
                region.high[position] -= 1;
            }
        }
        self.distance(region) < cutoff
    }

    /// Largest margin of the leaves below `node` that the box reaches.
    fn largest(&self, node: u32, region: &Region) -> f64 {
        match self.cells.nodes[node as usize] {
            CellNode::Leaf(leaf) => self.margins[leaf as usize],
            CellNode::Split { feature, cell, left, right } => {
                let feature = feature as usize;
                if region.high[feature] <= cell {
                    self.largest(left, region)
                } else if region.low[feature] > cell {
                    self.largest(right, region)
                } else {
                    self.largest(left, region).max(self.largest(right, region))
                }
            }
        }
    }

    /// Largest sum of a leaf below `node` and one below `other` that the box reaches together.
    fn largest_pair(&self, node: u32, other: u32, region: &mut Region) -> f64 {
        match self.cells.nodes[node as usize] {
            CellNode::Leaf(leaf) => self.margins[leaf as usize] + self.largest(other, region),
            CellNode::Split { feature, cell, left, right } => {
                let feature = feature as usize;
                let (low, high) = (region.low[feature], region.high[feature]);
                if high <= cell {
                    return self.largest_pair(left, other, region);
                }
                if low > cell {
                    return self.largest_pair(right, other, region);
                }
                region.high[feature] = cell;
                let below = self.largest_pair(left, other, region);
                region.high[feature] = high;
                region.low[feature] = cell + 1;
                let above = self.largest_pair(right, other, region);
                region.low[feature] = low;
                below.max(above)
            }
        }
    }

    /// The first split of a tree that the box does not decide.
    fn open_split(&self, root: u32, region: &Region) -> Option<(u32, u32, u32, u32)> {
        let mut at = root;
        loop {
            let CellNode::Split { feature, cell, left, right } = self.cells.nodes[at as usize] else {
                return None;
            };
            if region.high[feature as usize] <= cell {
                at = left;
            } else if region.low[feature as usize] > cell {
                at = right;
            } else {
                return Some((feature, cell, left, right));
            }
        }
    }

    /// Upper bound of the margin in the box: of each tree alone, and if that does not do, of pairs of trees.
    ///
    /// Chen et al., "Robustness Verification of Tree-based Models" (NeurIPS 2019), bounds groups of trees the same way.
    pub(crate) fn bound(&self, region: &mut Region) -> f64 {
        let single: f64 =
            self.constant + self.cells.roots.iter().map(|root| self.largest(*root, region)).sum::<f64>();
        if single < -self.slack {
            return single;
        }
        let mut open = Vec::new();
        let mut sum = self.constant;
        for root in &self.cells.roots {
            match self.open_split(*root, region) {
                Some((feature, ..)) => open.push((feature, *root)),
                None => sum += self.largest(*root, region),
            }
        }
        // Trees that begin with the same feature exclude each other's leaves most.
        open.sort_unstable();
        for pair in open.chunks(2) {
            sum += match pair {
                [(_, first), (_, second)] => self.largest_pair(*first, *second, region),
                rest => rest.iter().map(|(_, root)| self.largest(*root, region)).sum(),
            };
        }
        // Summed in another order, the pairs may round above the single trees.
        sum.min(single)
    }

    /// The split that tells most about the margin: feature and last cell of the left side.
    fn branch(&self, region: &Region) -> Option<(usize, u32)> {
        let mut gains = BTreeMap::<(u32, u32), f64>::new();
        for root in &self.cells.roots {
            if let Some((feature, cell, left, right)) = self.open_split(*root, region) {
                let gain = (self.largest(left, region) - self.largest(right, region)).abs();
                *gains.entry((feature, cell)).or_default() += gain;
            }
        }
        let mut best: Option<((u32, u32), f64)> = None;
        for (split, gain) in gains {
            if best.is_none_or(|(_, most)| gain > most) {
                best = Some((split, gain));
            }
        }
        best.map(|((feature, cell), _)| (feature as usize, cell))
    }

    /// The 32-bit row of the box that is nearest to the sample, if the box holds one.
    fn example(&self, region: &Region) -> Option<Vec<f32>> {
        let mut row = self.row.to_vec();
        for (position, feature) in self.cells.features.iter().enumerate() {
            let cell = self.nearest(region, position) as usize;
            row[*feature] = self.cells.nearest(position, cell, self.row[*feature], self.bounds)?;
        }
        Some(row)
    }

    /// Looks for examples nearer than `known.cutoff` until none is left or `steps` boxes were looked at; says how far
    /// the nearest box is that was left, infinite if none was.
    ///
    /// `wins` tells whether a row is an example.
    pub(crate) fn search(&self, known: &mut Known, steps: u64, wins: &dyn Fn(&[f32]) -> bool) -> f64 {
        let mut open = vec![self.whole()];
        let mut left = steps;
        while let Some(mut region) = open.pop() {
            if !self.clip(&mut region, known.cutoff) {
                continue;
            }
            if left == 0 {
                open.push(region);
                return open.iter().map(|region| self.distance(region)).fold(f64::INFINITY, f64::min);
            }
            left -= 1;
            known.steps += 1;
            let distance = self.distance(&region);
            let bound = self.bound(&mut region);
            // What cannot win beyond doubt says nothing new once a doubt this near is known.
            if bound < -self.slack || (bound <= self.slack && distance >= known.unsettled) {
                continue;
            }
            if let Some(example) = self.example(&region)
                && wins(&example)
            {
                known.best = Some((distance, example));
                known.cutoff = distance;
                continue;
            }
            let Some((feature, cell)) = self.branch(&region) else {
                known.unsettled = known.unsettled.min(distance);
                continue;
            };
            let (mut below, mut above) = (region.clone(), region);
            below.high[feature] = cell;
            above.low[feature] = cell + 1;
            let sums = [&below, &above]
                .map(|side| self.cells.roots.iter().map(|root| self.largest(*root, side)).sum::<f64>());
            // The more promising side is popped first.
            if sums[0] > sums[1] {
                open.extend([above, below]);
            } else {
                open.extend([below, above]);
            }
        }
        f64::INFINITY
    }

    /// The largest radius (a distance of some cell, at most `most`) within which the bound alone refutes the rival.
    pub(crate) fn refuted(&self, most: f64) -> f64 {
        let mut radii: Vec<f64> =
            self.near.iter().flatten().copied().filter(|radius| *radius > 0.0 && *radius <= most).collect();
        radii.sort_by(f64::total_cmp);
        radii.dedup();
        let whole = self.whole();
        let holds = |radius: f64| {
            let mut region = whole.clone();
            for position in 0..self.home.len() {
                let inside = |cell: u32| self.near[position][cell as usize] < radius;
                let home = self.home[position];
                while region.low[position] < home && !inside(region.low[position]) {
                    region.low[position] += 1;
                }
                while region.high[position] > home && !inside(region.high[position]) {
                    region.high[position] -= 1;
                }
            }
            self.bound(&mut region) < -self.slack
        };
        let (mut low, mut high) = (0, radii.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if holds(radii[middle]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.checked_sub(1).map_or(0.0, |index| radii[index])
    }
}
