//! Jacobian-based augmentation: every point known so far, moved where the copy changes most (Papernot et al.,
//! Practical Black-Box Attacks against Machine Learning, AsiaCCS 2017, sections 4.2 and 4.3).

use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use rand_pcg::Pcg64;

use super::probabilities;
use super::strategy::{Own, Propose, Seen};
use crate::surrogate::Surrogate;
use crate::target::GradientTarget as _;

/// Length of a step per element, in shares of the box. Each point's own lies within half of it around it: points are
/// moved again in later rounds, often the same way, and must not be asked about twice.
const STEP: f32 = 0.1;
/// Rounds before the direction turns: away from the answered class, then back into it.
const PERIOD: usize = 3;

#[derive(Default)]
pub(super) struct Jacobian {
    copy: Option<Surrogate>,
    /// Rows of the present round that were not moved yet.
    left: Vec<usize>,
    rounds: usize,
}

impl Propose for Jacobian {
    fn next(&mut self, own: &Own<'_>, seen: &Seen<'_>, count: usize, random: &mut Pcg64) -> Vec<f32> {
        let asked = seen.rows();
        if asked < own.count() {
            return own.unused(asked, count);
        }
        if self.left.is_empty() {
            self.copy = Some(own.copy(seen));
            self.left = (0..asked).collect();
            // The budget may end within the round; no sample is preferred.
            self.left.shuffle(random);
            self.rounds += 1;
        }
        let rows = self.left.split_off(self.left.len().saturating_sub(count));
        let points: Vec<f32> = rows.iter().flat_map(|row| seen.row(*row)).copied().collect();
        // The sign of the gradient of a probability is that of its logarithm.
        let likelier = |row: usize, logits: &[f32], gradient: &mut [f32]| {
            gradient.copy_from_slice(logits);
            probabilities::softmax(gradient);
            gradient.iter_mut().for_each(|p| *p = -*p);
            if let Some(entry) = rows.get(row).and_then(|row| gradient.get_mut(seen.label(*row))) {
                *entry += 1.0;
            }
        };
        // A copy in memory does not fail; without its gradient the points are asked about as they are.
        let slopes = self.copy.as_ref().and_then(|copy| copy.gradients(&points, &likelier).ok());
        let slopes = slopes.map_or_else(|| vec![0.0; points.len()], |slopes| slopes.inputs);
        let leaving = (self.rounds.saturating_sub(1) / PERIOD).is_multiple_of(2);
        let step = if leaving { -STEP } else { STEP } * own.span();
        let sign = |slope: f32| if slope > 0.0 { 1.0 } else { -f32::from(u8::from(slope < 0.0)) };
        let mut moved = Vec::with_capacity(points.len());
        for (point, slopes) in points.chunks_exact(own.width()).zip(slopes.chunks_exact(own.width())) {
            let step = step * (0.5 + random.random::<f32>());
            moved
                .extend(point.iter().zip(slopes).map(|(x, slope)| own.bounds.clamp(x + step * sign(*slope))));
        }
        moved
    }
}
