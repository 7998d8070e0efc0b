//! What all tabular attacks share: which samples count, when a row is a success, and how it is made smaller.

use rayon::prelude::*;

use super::repair::Reach;
use super::result::{TabularResult, TabularSample, Unconstrained};
use super::schema::{Schema, SchemaError, range};
use super::{TabularError, TabularTerms};
use crate::samples::Samples;
use crate::target::{Access, GradientTarget, TargetError, winner};

/// Rows in one call of the target.
pub(super) const GROUP: usize = 64;
/// Queries spent on making a success smaller.
const SHRINK: u32 = 40;
/// Steps of the attack that ignores the schema.
const STEPS: u32 = 20;

/// The target, the samples and what is allowed.
pub(super) struct Judge<'a> {
    pub(super) target: Access<'a>,
    pub(super) samples: &'a Samples,
    pub(super) schema: &'a Schema,
    pub(super) terms: &'a TabularTerms,
}

/// The derivative of the margin: best other class minus the true one.
pub(super) fn margin_slope(scores: &[f32], label: usize, gradient: &mut [f32]) {
    gradient.fill(0.0);
    gradient[label] = -1.0;
    gradient[rival(scores, label)] = 1.0;
}

/// Best other score minus the score of `label`; above 0 is a success.
pub(super) fn margin(scores: &[f32], label: usize) -> f64 {
    f64::from(scores[rival(scores, label)]) - f64::from(scores[label])
}

/// The sign, with 0 for 0 and NaN.
pub(super) fn sign(value: f32) -> f32 {
    f32::from(i8::from(value > 0.0) - i8::from(value < 0.0))
}

fn rival(scores: &[f32], label: usize) -> usize {
    let others = (0..scores.len()).filter(|class| *class != label);
    others.max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(label)
}

impl Judge<'_> {
    pub(super) fn label(&self, index: usize) -> usize {
        usize::try_from(self.samples.labels[index]).unwrap_or(0)
    }

    /// Runs `work` on groups of samples and joins what it gives in order.
    pub(super) fn spread<T: Send>(
        &self,
        indices: &[usize],
        size: usize,
        work: impl Fn(&[usize]) -> Result<Vec<T>, TargetError> + Send + Sync,
    ) -> Result<Vec<T>, TargetError> {
        let parts: Vec<Vec<T>> = if self.target.labels().in_order() {
            indices.chunks(size).map(work).collect::<Result<_, _>>()?
        } else {
            indices.par_chunks(size).map(work).collect::<Result<_, _>>()?
        };
        Ok(parts.into_iter().flatten().collect())
    }

    /// Looks at the samples as they are.
    pub(super) fn begin(&self, attack: &'static str) -> Result<TabularResult, TabularError> {
        let target = self.target.labels();
        self.samples.check(target.width(), target.classes())?;
        if self.schema.width() != target.width() {
            return Err(SchemaError::Width { schema: self.schema.width(), sample: target.width() }.into());
        }
        let indices: Vec<usize> = (0..self.samples.len()).collect();
        let samples = self.spread(&indices, GROUP, |indices| {
            let rows: Vec<f32> = indices.iter().flat_map(|index| self.samples.row(*index)).copied().collect();
            let labels = target.labels(&rows)?;
            let looked = indices.iter().zip(labels).map(|(index, label)| TabularSample {
                predicted: label,
                wrong_before: label as usize != self.label(*index),
                invalid_before: self.schema.violations(self.samples.row(*index), None),
                queries: 1,
                ..TabularSample::default()
            });
            Ok(looked.collect())
        })?;
        Ok(TabularResult { attack, terms: *self.terms, samples, access: self.target.level() })
    }

    /// Whether the change is within the number of columns and the cost allowed.
    pub(super) fn within(&self, original: &[f32], row: &[f32]) -> bool {
        self.terms.columns.is_none_or(|most| self.schema.changed(original, row).len() <= most)
            && self.terms.cost.is_none_or(|most| self.schema.cost(original, row) <= most)
    }

    /// Makes `row` valid and takes back the changes of least `weight` until the rest is within the terms; `None` if nothing
    /// allowed is left.
    pub(super) fn admit(
        &self,
        index: usize,
        reach: &Reach,
        row: &[f32],
        weight: impl Fn(usize, &[f32]) -> f64,
    ) -> Option<Vec<f32>> {
        let original = self.samples.row(index);
        let mut row = row.to_vec();
        let mut whole = self.schema.repair(original, reach, &mut row, false);
        for _ in 0..self.schema.units.len() {
            if self.within(original, &row) {
                break;
            }
            let changed = self.schema.changed(original, &row);
            let least = changed.iter().min_by(|a, b| weight(**a, &row).total_cmp(&weight(**b, &row)))?;
            self.revert(*least, original, &mut row);
            whole = self.schema.repair(original, reach, &mut row, false);
        }
        (whole && self.valid(index, reach, &row)).then_some(row)
    }

    fn revert(&self, unit: usize, original: &[f32], row: &mut [f32]) {
        self.schema.units[unit].columns.iter().for_each(|at| row[*at] = original[*at]);
    }

    /// The whole check, from scratch: changed, in reach, within the terms, no violation.
    fn valid(&self, index: usize, reach: &Reach, row: &[f32]) -> bool {
        let original = self.samples.row(index);
        row != original
            && row.iter().zip(&reach.low).zip(&reach.high).all(|((x, low), high)| low <= x && x <= high)
            && self.within(original, row)
            && self.schema.violations(row, Some(original)).is_empty()
    }

    /// Records a row that seemed to succeed: made smaller, checked again, and asked again.
    pub(super) fn accept(
        &self,
        index: usize,
        reach: &Reach,
        mut row: Vec<f32>,
        sample: &mut TabularSample,
        attack: &'static str,
    ) -> Result<(), TargetError> {
        let original = self.samples.row(index);
        let left = SHRINK.min(self.terms.queries.saturating_sub(sample.spent.saturating_add(1)));
        let mut changed = self.schema.changed(original, &row);
        changed.sort_by(|a, b| {
            self.unit_cost(*b, original, &row).total_cmp(&self.unit_cost(*a, original, &row))
        });
        let mut asked = 0;
        for unit in changed {
            let mut smaller = row.clone();
            self.revert(unit, original, &mut smaller);
            self.schema.repair(original, reach, &mut smaller, false);
            let cheaper = self.schema.cost(original, &smaller) <= self.schema.cost(original, &row)
                && self.schema.changed(original, &smaller).len() < self.schema.changed(original, &row).len();
            if asked < left && cheaper && self.valid(index, reach, &smaller) {
                asked += 1;
                let Some(broken) = self.breaks(index, &smaller)? else { break };
                if broken {
                    row = smaller;
                }
            }
        }
        sample.charge(asked + 1);
        let confirmed = self.valid(index, reach, &row) && self.breaks(index, &row)? == Some(true);
        if !confirmed {
            sample.unconfirmed = true;
            return Ok(());
        }
        sample.success = true;
        sample.found_by = attack;
        let names = self.schema.changed(original, &row);
        sample.changed = names.into_iter().map(|unit| self.schema.units[unit].name.clone()).collect();
        sample.gower = self.schema.gower(original, &row);
        sample.cost = self.schema.cost(original, &row);
        sample.example = Some(row);
        Ok(())
    }

    fn unit_cost(&self, unit: usize, original: &[f32], row: &[f32]) -> f64 {
        let mut without = row.to_vec();
        self.revert(unit, original, &mut without);
        self.schema.cost(original, row) - self.schema.cost(original, &without)
    }

    /// Whether the model is wrong on `row`; `None` when the target refuses.
    fn breaks(&self, index: usize, row: &[f32]) -> Result<Option<bool>, TargetError> {
        match self.target.labels().labels(row) {
            Ok(labels) => Ok(labels.first().map(|label| *label as usize != self.label(index))),
            Err(TargetError::BudgetSpent | TargetError::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Projected gradient descent in the box of eps of the ranges that knows nothing of the schema, as generic tools run
    /// it; tells for each sample whether it seemed to succeed and whether that row was valid.
    pub(super) fn unconstrained(
        &self,
        target: &dyn GradientTarget,
        result: &mut TabularResult,
    ) -> Result<(), TargetError> {
        let indices = result.open();
        let found = self.spread(&indices, GROUP, |indices| {
            let width = self.schema.width();
            let start: Vec<f32> =
                indices.iter().flat_map(|index| self.samples.row(*index)).copied().collect();
            let scale: Vec<f32> = self.schema.columns.iter().map(|column| range(column) as f32).collect();
            let eps = self.terms.eps as f32;
            let mut rows = start.clone();
            let climb = |row: usize, logits: &[f32], gradient: &mut [f32]| {
                margin_slope(logits, self.label(indices[row]), gradient);
            };
            let mut broken: Vec<Option<Vec<f32>>> = vec![None; indices.len()];
            for step in 0..=STEPS {
                let answer = match target.gradients(&rows, &climb) {
                    Ok(answer) => answer,
                    Err(TargetError::BudgetSpent | TargetError::Refused(_)) => break,
                    Err(error) => return Err(error),
                };
                let logits = answer.logits.chunks_exact(target.classes());
                for (place, logits) in logits.enumerate() {
                    let row = &mut rows[place * width..][..width];
                    if step > 0
                        && broken[place].is_none()
                        && winner(logits) as usize != self.label(indices[place])
                    {
                        broken[place] = Some(row.to_vec());
                    }
                    for at in 0..width {
                        let (from, reach) = (start[place * width + at], eps * scale[at]);
                        let moved = row[at] + reach / 8.0 * sign(answer.inputs[place * width + at]);
                        row[at] = moved.max(from - reach).min(from + reach);
                    }
                }
            }
            Ok(indices.iter().copied().zip(broken).collect())
        })?;
        for (index, row) in found {
            result.samples[index].unconstrained = Some(match row {
                None => Unconstrained::Held,
                Some(row) if self.schema.violations(&row, Some(self.samples.row(index))).is_empty() => {
                    Unconstrained::Valid
                }
                Some(_) => Unconstrained::Invalid,
            });
        }
        Ok(())
    }
}
