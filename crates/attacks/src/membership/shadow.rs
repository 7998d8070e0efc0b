//! Shadow models: what a model of this kind answers with and without a sample among its training data.

use rand::seq::SliceRandom as _;
use rayon::prelude::*;

use super::MembershipError;
use crate::evasion::generator;
use crate::extraction::probabilities;
use crate::samples::Samples;
use crate::surrogate::{Surrogate, Training};
use crate::target::Bounds;

/// Probabilities that shadow models give to the true class of each sample, and which samples each was trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct Shadows {
    samples: usize,
    /// One row of samples per model.
    confidences: Vec<f32>,
    inside: Vec<bool>,
}

impl Shadows {
    /// From probabilities of the true class, one row of `samples` per shadow model, and whether the sample was among
    /// the training data of that model.
    ///
    /// # Errors
    /// [`MembershipError::Shape`] when the two are no equal tables of `samples` columns,
    /// [`MembershipError::Probability`] when a value is no number from 0 to 1.
    pub fn new(samples: usize, confidences: Vec<f32>, inside: Vec<bool>) -> Result<Self, MembershipError> {
        if samples == 0 || confidences.is_empty() || confidences.len() != inside.len() {
            return Err(MembershipError::Shape { expected: samples, got: confidences.len() });
        }
        if !confidences.len().is_multiple_of(samples) {
            return Err(MembershipError::Shape { expected: samples, got: confidences.len() });
        }
        match confidences.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            Some(value) => Err(MembershipError::Probability(*value)),
            None => Ok(Self { samples, confidences, inside }),
        }
    }

    /// Trains `count` models (rounded up to an even number) on halves of `samples`; each pair of models splits the
    /// samples anew between its two, so every sample is inside half of the models.
    ///
    /// # Errors
    /// [`MembershipError::TooFew`] for fewer than four samples or no model.
    pub fn train(
        samples: &Samples,
        (classes, bounds): (usize, Bounds),
        count: usize,
        training: &Training,
    ) -> Result<Self, MembershipError> {
        let (total, width) = (samples.len(), samples.width());
        if total < 4 || count == 0 || width == 0 {
            return Err(MembershipError::TooFew(total));
        }
        samples.check(width, classes)?;
        let models: Vec<(Vec<f32>, Vec<bool>)> = (0..count.div_ceil(2) * 2)
            .into_par_iter()
            .map(|model| {
                let mut order: Vec<usize> = (0..total).collect();
                order.shuffle(&mut generator(training.seed, "membership-split", model / 2));
                let (first, second) = order.split_at(total / 2);
                let own = if model % 2 == 0 { first } else { second };
                let mut inside = vec![false; total];
                let mut inputs = Vec::with_capacity(own.len() * width);
                let mut answers = vec![0.0; own.len() * classes];
                for (place, row) in own.iter().enumerate() {
                    inside[*row] = true;
                    inputs.extend_from_slice(samples.row(*row));
                    answers[place * classes + samples.labels[*row] as usize] = 1.0;
                }
                let training = Training { seed: training.seed.wrapping_add(model as u64), ..*training };
                let shadow = Surrogate::train(&inputs, &answers, (width, classes, bounds), &training);
                let mut scores = shadow.logits(&samples.inputs);
                softmax(&mut scores, classes);
                (own_class(&scores, &samples.labels, classes), inside)
            })
            .collect();
        let (confidences, inside): (Vec<_>, Vec<_>) = models.into_iter().unzip();
        Self::new(total, confidences.concat(), inside.concat())
    }

    /// Samples scored.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Number of models.
    pub fn models(&self) -> usize {
        self.confidences.len() / self.samples
    }

    /// The probabilities that models trained with (`inside`) or without the sample give to its class.
    pub(super) fn of(&self, sample: usize, inside: bool) -> impl Iterator<Item = f64> + '_ {
        let rows = self.confidences.chunks_exact(self.samples).zip(self.inside.chunks_exact(self.samples));
        rows.filter(move |(_, is)| is[sample] == inside).map(move |(row, _)| f64::from(row[sample]))
    }
}

fn softmax(scores: &mut [f32], classes: usize) {
    scores.chunks_exact_mut(classes).for_each(probabilities::softmax);
}

/// The probability of the true class of each row.
pub(super) fn own_class(scores: &[f32], labels: &[i64], classes: usize) -> Vec<f32> {
    let rows = scores.chunks_exact(classes.max(1)).zip(labels);
    rows.map(|(row, label)| row.get(*label as usize).copied().unwrap_or(0.0).clamp(0.0, 1.0)).collect()
}
