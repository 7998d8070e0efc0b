//! An ensemble of trees as a target of attacks.

use rayon::prelude::*;

use super::ensemble::Ensemble;
use crate::target::{Bounds, LabelTarget, ScoreTarget, TargetError};

/// How an ensemble's sums become scores of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// As they are; one sum `s` gives the two scores `-s` and `s`.
    Identity,
    /// Logistic function; one sum gives two probabilities.
    Logistic,
    /// Softmax over the outputs.
    Softmax,
}

/// Trees with the meaning of their sums: a classifier.
///
/// One output is the margin of class 1 against class 0, which wins where it is positive; several outputs are one score
/// a class.
#[derive(Debug, Clone)]
pub struct TreeTarget {
    pub(crate) ensemble: Ensemble,
    pub(crate) link: Link,
    pub(crate) bounds: Bounds,
}

impl TreeTarget {
    /// A classifier with inputs in \[0, 1\].
    pub fn new(ensemble: Ensemble, link: Link) -> Self {
        Self { ensemble, link, bounds: Bounds::default() }
    }

    /// The same classifier with inputs in another box.
    #[must_use]
    pub fn with_bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// The same classifier over rows of `width` columns, where some at the end take no part in any split: formats without
    /// the number of columns know only of those that do. A smaller `width` changes nothing.
    #[must_use]
    pub fn with_width(mut self, width: usize) -> Self {
        self.ensemble = self.ensemble.with_width(width);
        self
    }

    /// The trees.
    pub fn ensemble(&self) -> &Ensemble {
        &self.ensemble
    }

    /// Scores of one row, one a class.
    fn row(&self, row: &[f32], sums: &mut [f64], scores: &mut [f32]) {
        self.ensemble.score(row, sums);
        match (self.link, &mut *sums) {
            (Link::Identity, [sum]) => scores.copy_from_slice(&[-*sum as f32, *sum as f32]),
            (_, [sum]) => {
                let share = 1.0 / (1.0 + (-*sum).exp());
                // The other share from its own exponential: `1 - share` would round small ones to zero.
                scores.copy_from_slice(&[(1.0 / (1.0 + sum.exp())) as f32, share as f32]);
            }
            (Link::Softmax, sums) => {
                let top = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = sums.iter().map(|sum| (sum - top).exp()).sum();
                for (score, sum) in scores.iter_mut().zip(sums.iter()) {
                    *score = ((sum - top).exp() / total) as f32;
                }
            }
            (link, sums) => {
                for (score, sum) in scores.iter_mut().zip(sums.iter()) {
                    *score = if link == Link::Logistic { 1.0 / (1.0 + (-sum).exp()) } else { *sum } as f32;
                }
            }
        }
    }

    /// Winning class of one row, from the sums themselves: no link rounds a small margin away.
    pub(crate) fn label(&self, row: &[f32]) -> u32 {
        let mut sums = vec![0.0; self.ensemble.outputs()];
        self.ensemble.score(row, &mut sums);
        match sums[..] {
            [sum] => u32::from(sum > 0.0),
            _ => {
                let mut best = 0;
                for (class, sum) in sums.iter().enumerate() {
                    if *sum > sums[best] {
                        best = class;
                    }
                }
                best as u32
            }
        }
    }

    /// By how much the best other class leads class `label` in sums; negative where none does.
    pub(crate) fn lead(&self, row: &[f32], label: usize) -> f64 {
        let mut sums = vec![0.0; self.ensemble.outputs()];
        self.ensemble.score(row, &mut sums);
        match sums[..] {
            [sum] => {
                if label == 0 {
                    sum
                } else {
                    -sum
                }
            }
            _ => {
                let rivals = sums.iter().enumerate().filter(|(class, _)| *class != label);
                rivals.map(|(_, sum)| *sum).fold(f64::NEG_INFINITY, f64::max) - sums[label]
            }
        }
    }

    fn check(&self, inputs: &[f32]) -> Result<usize, TargetError> {
        let width = self.ensemble.width();
        if width == 0 || !inputs.len().is_multiple_of(width) {
            return Err(TargetError::Failed(format!("{} values are no rows of {width}", inputs.len())));
        }
        Ok(width)
    }
}

impl LabelTarget for TreeTarget {
    fn width(&self) -> usize {
        self.ensemble.width()
    }

    fn classes(&self) -> usize {
        self.ensemble.outputs().max(2)
    }

    fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        let width = self.check(inputs)?;
        Ok(inputs.par_chunks_exact(width).map(|row| self.label(row)).collect())
    }
}

impl ScoreTarget for TreeTarget {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        let (width, classes) = (self.check(inputs)?, self.classes());
        let mut scores = vec![0.0; inputs.len() / width * classes];
        scores.par_chunks_exact_mut(classes).zip(inputs.par_chunks_exact(width)).for_each_init(
            || vec![0.0; self.ensemble.outputs()],
            |sums, (scores, row)| self.row(row, sums, scores),
        );
        Ok(scores)
    }
}
