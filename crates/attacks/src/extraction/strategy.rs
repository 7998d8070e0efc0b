//! Which inputs an extraction asks about: one strategy per file, and the list of them.

use std::fmt;

use rand_pcg::Pcg64;

use super::{active::Active, jacobian::Jacobian, mixtures::Mixtures, natural::Natural, random::Random};
use crate::samples::Samples;
use crate::surrogate::{Surrogate, Training};
use crate::target::{Bounds, winner};

/// How queries are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Strategy {
    /// Own samples, then mixtures of two where the copy is least sure, far from each other.
    Active,
    /// Own samples, then steps across the boundary of the copy.
    Jacobian,
    /// Own samples, then mixtures of two, every second with noise.
    #[default]
    Mixtures,
    /// Own samples, then the same again with a little noise.
    Natural,
    /// Uniform in the box; needs no sample.
    Random,
}

impl Strategy {
    /// Every strategy, sorted by name.
    pub const ALL: [Self; 5] = [Self::Active, Self::Jacobian, Self::Mixtures, Self::Natural, Self::Random];

    /// The lower-case word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Jacobian => "jacobian",
            Self::Mixtures => "mixtures",
            Self::Natural => "natural",
            Self::Random => "random",
        }
    }

    pub(super) fn start(self) -> Box<dyn Propose> {
        match self {
            Self::Active => Box::new(Active::default()),
            Self::Jacobian => Box::new(Jacobian::default()),
            Self::Mixtures => Box::new(Mixtures),
            Self::Natural => Box::new(Natural),
            Self::Random => Box::new(Random),
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the attacker has before the first query.
pub(super) struct Own<'a> {
    pub(super) samples: &'a Samples,
    /// Rows of `samples` that are the attacker's, in the order of their use; never empty.
    pub(super) order: Vec<usize>,
    pub(super) classes: usize,
    pub(super) bounds: Bounds,
    pub(super) training: Training,
}

impl<'a> Own<'a> {
    pub(super) fn count(&self) -> usize {
        self.order.len()
    }

    pub(super) fn width(&self) -> usize {
        self.samples.width()
    }

    pub(super) fn span(&self) -> f32 {
        self.bounds.high - self.bounds.low
    }

    /// The sample used for query `number`; they come around again.
    pub(super) fn row(&self, number: usize) -> &'a [f32] {
        self.samples.row(self.order[number % self.order.len()])
    }

    /// Own samples for the next queries, as long as there are unused ones.
    pub(super) fn unused(&self, asked: usize, count: usize) -> Vec<f32> {
        (asked..(asked + count).min(self.count())).flat_map(|number| self.row(number)).copied().collect()
    }

    /// A copy of the model from what was answered.
    pub(super) fn copy(&self, seen: &Seen<'_>) -> Surrogate {
        Surrogate::train(seen.inputs, seen.answers, (self.width(), self.classes, self.bounds), &self.training)
    }
}

/// What was asked, and answered.
pub(super) struct Seen<'a> {
    pub(super) width: usize,
    pub(super) classes: usize,
    /// Rows of `width` elements.
    pub(super) inputs: &'a [f32],
    /// Rows of `classes` probabilities.
    pub(super) answers: &'a [f32],
}

impl<'a> Seen<'a> {
    pub(super) fn rows(&self) -> usize {
        self.inputs.len() / self.width
    }

    pub(super) fn row(&self, index: usize) -> &'a [f32] {
        &self.inputs[index * self.width..(index + 1) * self.width]
    }

    pub(super) fn label(&self, index: usize) -> usize {
        winner(&self.answers[index * self.classes..(index + 1) * self.classes]) as usize
    }
}

/// A strategy at work.
pub(super) trait Propose {
    /// The next queries: at least one row, at most `count`.
    fn next(&mut self, own: &Own<'_>, seen: &Seen<'_>, count: usize, random: &mut Pcg64) -> Vec<f32>;
}
