//! Samples attacked in step with gradients: what each has spent, and what was found.

use std::ops::Range;

use super::driver::unless_stopped;
use super::{SampleResult, Terms};
use crate::samples::Samples;
use crate::target::{Cotangent, GradientTarget, Gradients, TargetError, winner};

/// Samples that walk together: one forward and backward pass for all.
pub(crate) const GROUP: usize = 128;

/// One group of samples; they are numbered from 0 within it.
pub(crate) struct Pack<'a> {
    pub(crate) target: &'a dyn GradientTarget,
    samples: &'a Samples,
    queries: u32,
    start: usize,
    pub(crate) results: Vec<SampleResult>,
}

impl<'a> Pack<'a> {
    pub(crate) fn new(
        target: &'a dyn GradientTarget,
        samples: &'a Samples,
        terms: &Terms,
        range: &Range<usize>,
    ) -> Self {
        Self {
            target,
            samples,
            queries: terms.queries,
            start: range.start,
            results: vec![SampleResult::untouched(); range.len()],
        }
    }

    /// The true class of a sample.
    pub(crate) fn label(&self, index: usize) -> usize {
        usize::try_from(self.samples.labels[self.start + index]).unwrap_or(0)
    }

    /// A sample as it came.
    pub(crate) fn original(&self, index: usize) -> &'a [f32] {
        self.samples.row(self.start + index)
    }

    /// Elements of a sample.
    pub(crate) fn width(&self) -> usize {
        self.samples.width()
    }

    /// Drops samples that cannot pay `rows` more queries.
    pub(crate) fn admit(&mut self, active: &mut Vec<usize>, rows: u32) {
        let (results, most) = (&mut self.results, self.queries);
        active.retain(|index| {
            let paid = results[*index].queries.saturating_add(rows) <= most;
            results[*index].cut_short |= !paid;
            paid
        });
    }

    /// Drops samples that are done: broken, or cut short.
    pub(crate) fn unbroken(&self, active: &mut Vec<usize>) {
        active.retain(|index| !self.results[*index].success && !self.results[*index].cut_short);
    }

    /// Asks about the samples themselves: those the model gets right, and the scores of all that could be asked.
    pub(crate) fn right(&mut self) -> Result<(Vec<usize>, Vec<Vec<f32>>), TargetError> {
        let mut active: Vec<usize> = (0..self.results.len()).collect();
        let mut scores = vec![Vec::new(); active.len()];
        self.admit(&mut active, 1);
        let points: Vec<f32> = active.iter().flat_map(|index| self.original(*index)).copied().collect();
        let Some(answer) = self.scores(&active, &points)? else { return Ok((Vec::new(), scores)) };
        for (index, row) in active.iter().zip(answer.chunks_exact(self.target.classes())) {
            if winner(row) as usize != self.label(*index) {
                self.results[*index].was_wrong();
            }
            scores[*index] = row.to_vec();
        }
        active.retain(|index| !self.results[*index].success);
        Ok((active, scores))
    }

    /// Scores of `points`, one for each entry of `owners`, which pay; `None` when the target stops answering.
    pub(crate) fn scores(
        &mut self,
        owners: &[usize],
        points: &[f32],
    ) -> Result<Option<Vec<f32>>, TargetError> {
        if owners.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let answer = unless_stopped(self.target.scores(points))?;
        self.count(owners, answer.is_some());
        Ok(answer)
    }

    /// Logits of `points` and gradients there, one for each entry of `owners`, which pay; `None` when the target stops
    /// answering.
    pub(crate) fn gradients(
        &mut self,
        owners: &[usize],
        points: &[f32],
        cotangent: &Cotangent<'_>,
    ) -> Result<Option<Gradients>, TargetError> {
        let answer = unless_stopped(self.target.gradients(points, cotangent))?;
        self.count(owners, answer.is_some());
        if let Some(answer) = &answer {
            for (index, gradient) in owners.iter().zip(answer.inputs.chunks_exact(self.width())) {
                if gradient.iter().all(|slope| *slope == 0.0) {
                    self.results[*index].zero_gradients += 1;
                }
            }
        }
        Ok(answer)
    }

    fn count(&mut self, owners: &[usize], answered: bool) {
        for index in owners {
            let result = &mut self.results[*index];
            if answered { result.queries += 1 } else { result.cut_short = true }
        }
    }

    /// Whether the scores or logits of one row name another class than the true one.
    pub(crate) fn wrong(&self, index: usize, scores: &[f32]) -> bool {
        winner(scores) as usize != self.label(index)
    }

    /// Notes that the model got `example` wrong.
    pub(crate) fn succeed(&mut self, index: usize, example: &[f32]) {
        let original = self.original(index);
        self.results[index].succeed(original, example);
    }

    /// Draws each example found towards its sample: halves the segment between the last wrong and the last right point
    /// `times` times. What is kept was asked about; `distance` says which of two examples is closer.
    pub(crate) fn draw_in(
        &mut self,
        times: u32,
        distance: fn(&SampleResult) -> f32,
    ) -> Result<(), TargetError> {
        let width = self.width();
        let mut active: Vec<usize> =
            (0..self.results.len()).filter(|index| self.results[*index].adversarial.is_some()).collect();
        let far: Vec<Vec<f32>> =
            self.results.iter().map(|result| result.adversarial.clone().unwrap_or_default()).collect();
        // Shares of the way from the sample to the example: right at `low`, wrong at `high`.
        let mut ends = vec![(0.0_f32, 1.0_f32); far.len()];
        for _ in 0..times {
            // An example is there already, so a spent budget here cuts nothing short.
            active.retain(|index| self.results[*index].queries < self.queries);
            if active.is_empty() {
                break;
            }
            let mut points = Vec::with_capacity(active.len() * width);
            for index in &active {
                let share = f32::midpoint(ends[*index].0, ends[*index].1);
                let pairs = self.original(*index).iter().zip(&far[*index]);
                points.extend(pairs.map(|(from, to)| from + share * (to - from)));
            }
            let Some(answer) = self.scores(&active, &points)? else { break };
            let rows = answer.chunks_exact(self.target.classes()).zip(points.chunks_exact(width));
            for (index, (scores, point)) in active.iter().zip(rows) {
                let share = f32::midpoint(ends[*index].0, ends[*index].1);
                if !self.wrong(*index, scores) {
                    ends[*index].0 = share;
                    continue;
                }
                ends[*index].1 = share;
                self.keep_closer(*index, point, distance);
            }
        }
        Ok(())
    }

    /// Keeps `example`, which the model got wrong, if it is the closest so far.
    pub(crate) fn keep_closer(&mut self, index: usize, example: &[f32], distance: fn(&SampleResult) -> f32) {
        let original = self.original(index);
        let result = &mut self.results[index];
        if result.adversarial.is_none() {
            result.succeed(original, example);
            return;
        }
        let mut other = SampleResult::untouched();
        other.succeed(original, example);
        if distance(&other) < distance(result) {
            (result.l1, result.l2, result.linf) = (other.l1, other.l2, other.linf);
            result.adversarial = other.adversarial;
        }
    }
}

/// The rows of `points` that belong to `active`, one after the other.
pub(crate) fn gather(active: &[usize], points: &[f32], width: usize) -> Vec<f32> {
    let mut rows = Vec::with_capacity(active.len() * width);
    for index in active {
        rows.extend_from_slice(&points[index * width..(index + 1) * width]);
    }
    rows
}
