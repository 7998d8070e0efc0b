//! Which samples still stand, and the closest example against each that does not.

use crate::evasion::{Norm, SampleResult};
use crate::samples::Samples;

/// A misread input close to a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Distance in the norm of the threat model.
    pub distance: f32,
    /// The attack that found it.
    pub attack: &'static str,
    /// Its elements.
    pub elements: Vec<f32>,
}

/// What is known about each sample so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    norm: Norm,
    eps: f32,
    /// Whether the model is wrong on the sample itself.
    pub wrong_before: Vec<bool>,
    /// The first attack that broke it inside the ball.
    pub broken_by: Vec<Option<&'static str>>,
    /// The closest example found, inside the ball or not.
    pub closest: Vec<Option<Example>>,
}

impl Standing {
    /// All stand but those the model gets wrong unchanged.
    pub(crate) fn new(norm: Norm, eps: f32, wrong_before: Vec<bool>) -> Self {
        let count = wrong_before.len();
        Self { norm, eps, wrong_before, broken_by: vec![None; count], closest: vec![None; count] }
    }

    /// Whether `sample` is right under everything tried.
    pub fn held(&self, sample: usize) -> bool {
        !self.wrong_before[sample] && self.broken_by[sample].is_none()
    }

    /// Samples that hold.
    pub fn held_count(&self) -> usize {
        (0..self.wrong_before.len()).filter(|sample| self.held(*sample)).count()
    }

    /// Samples that the model gets right unchanged, and of these only the unbroken ones if so asked.
    pub(crate) fn rows(&self, only_held: bool) -> Vec<usize> {
        (0..self.wrong_before.len())
            .filter(|sample| if only_held { self.held(*sample) } else { !self.wrong_before[*sample] })
            .collect()
    }

    /// Whether an attack's result counts inside the ball, whatever norm the attack works in.
    pub(crate) fn inside(&self, result: &SampleResult) -> bool {
        result.adversarial.is_some() && within(result.distance(self.norm), self.eps)
    }

    /// Takes in what `attack` did to `rows`; says how many it broke that stood until now. Examples are moved out of the
    /// results, which keep their distances.
    pub(crate) fn take(
        &mut self,
        attack: &'static str,
        rows: &[usize],
        results: &mut [SampleResult],
    ) -> usize {
        let mut first = 0;
        for (row, result) in rows.iter().zip(results) {
            let inside = self.inside(result);
            let Some(elements) = result.adversarial.take() else { continue };
            if inside && self.broken_by[*row].is_none() {
                self.broken_by[*row] = Some(attack);
                first += 1;
            }
            let distance = result.distance(self.norm);
            let closer = self.closest[*row].as_ref().is_none_or(|known| distance < known.distance);
            if closer && self.norm != Norm::Unbounded {
                self.closest[*row] = Some(Example { distance, attack, elements });
            }
        }
        first
    }

    /// Accuracy when every example found up to `distance` counts.
    pub(crate) fn accuracy_at(&self, distance: f32) -> f64 {
        let held = (0..self.wrong_before.len()).filter(|row| {
            let broken = self.closest[*row].as_ref().is_some_and(|known| within(known.distance, distance));
            !self.wrong_before[*row] && !broken
        });
        held.count() as f64 / self.wrong_before.len().max(1) as f64
    }
}

/// Whether a distance is at most `eps`: moving by eps and subtracting again may be off by a rounding.
pub(crate) fn within(distance: f32, eps: f32) -> bool {
    distance <= eps * (1.0 + 1e-4) + 1e-6
}

/// The rows of `samples`, as samples of their own.
pub fn pick(samples: &Samples, rows: &[usize]) -> Samples {
    let mut shape = samples.shape.clone();
    if let Some(count) = shape.first_mut() {
        *count = rows.len();
    }
    Samples {
        inputs: rows.iter().flat_map(|row| samples.row(*row)).copied().collect(),
        shape,
        labels: rows.iter().map(|row| samples.labels[*row]).collect(),
    }
}
