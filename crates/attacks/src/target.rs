//! The model under test, by what an attacker can get out of it: labels, scores, or gradients.
//!
//! Access is in the type: an attack that needs gradients takes a [`GradientTarget`], so it cannot be pointed at a
//! service that only answers with labels. `connect` implements these traits for served models.

use std::fmt;

/// Why a target did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The budget of queries is used up; the attack keeps what it has.
    #[error("the budget of queries is spent")]
    BudgetSpent,
    /// A control refused the query; the attack keeps what it has.
    #[error("the target refused the query: {0}")]
    Refused(String),
    /// The target is broken or was asked something impossible.
    #[error("the target failed: {0}")]
    Failed(String),
}

/// Smallest and largest value an input element may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Smallest.
    pub low: f32,
    /// Largest.
    pub high: f32,
}

impl Bounds {
    /// `value` moved into the bounds.
    pub fn clamp(self, value: f32) -> f32 {
        value.max(self.low).min(self.high)
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self { low: 0.0, high: 1.0 }
    }
}

/// A classifier that answers with the winning class only.
///
/// Inputs are rows of [`LabelTarget::width`] elements, one sample after the other.
pub trait LabelTarget: Sync {
    /// Elements of one sample.
    fn width(&self) -> usize;

    /// Number of classes.
    fn classes(&self) -> usize;

    /// The box every input lies in.
    fn bounds(&self) -> Bounds {
        Bounds::default()
    }

    /// Whether queries must come one batch after the other, because their order changes the answers or is recorded.
    fn in_order(&self) -> bool {
        false
    }

    /// Operators between input and scores that let no gradient pass, as `Operator (node)`; empty when none is known.
    fn gradient_breaks(&self) -> &[String] {
        &[]
    }

    /// The target with smooth stand-ins for the steps that break its gradient: scores are its own, gradients are
    /// approximate (BPDA; Athalye, Carlini, Wagner, ICML 2018). `None` when there is nothing to stand in for, or when a
    /// step has no stand-in.
    fn straight_through(&self) -> Option<&dyn GradientTarget> {
        None
    }

    /// The winning class of each row.
    ///
    /// # Errors
    /// [`TargetError`] when the target refuses, fails or the budget is spent.
    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError>;
}

/// A classifier that answers with a score per class; larger is likelier.
pub trait ScoreTarget: LabelTarget {
    /// Scores, one row of [`LabelTarget::classes`] per sample.
    ///
    /// # Errors
    /// [`TargetError`] when the target refuses, fails or the budget is spent.
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError>;
}

/// Writes the gradient of a loss by the logits of one row: row number, its logits, where to write.
pub type Cotangent<'a> = dyn Fn(usize, &[f32], &mut [f32]) + Sync + 'a;

/// What one forward and backward pass gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients {
    /// Logits, one row per sample.
    pub logits: Vec<f32>,
    /// Gradient of the loss by the input, one row per sample.
    pub inputs: Vec<f32>,
}

/// A classifier that can be differentiated by its input.
pub trait GradientTarget: ScoreTarget {
    /// Logits and the gradient of a loss by the inputs; the loss is given by its gradient by the logits. Logits are
    /// the scores before a final softmax if the model has one, else the scores.
    ///
    /// # Errors
    /// [`TargetError`] when the target refuses, fails or the budget is spent.
    fn gradients(&self, inputs: &[f32], cotangent: &Cotangent<'_>) -> Result<Gradients, TargetError>;
}

/// A target together with the strongest access it grants.
#[derive(Clone, Copy)]
pub enum Access<'a> {
    /// Labels only.
    Labels(&'a dyn LabelTarget),
    /// Scores and labels.
    Scores(&'a dyn ScoreTarget),
    /// Gradients, scores and labels.
    Gradients(&'a dyn GradientTarget),
}

impl<'a> Access<'a> {
    /// The target as one that answers with labels, which all do.
    pub fn labels(self) -> &'a dyn LabelTarget {
        match self {
            Self::Labels(target) => target,
            Self::Scores(target) => target,
            Self::Gradients(target) => target,
        }
    }

    /// The target as one that answers with scores, if it does.
    pub fn scores(self) -> Option<&'a dyn ScoreTarget> {
        match self {
            Self::Labels(_) => None,
            Self::Scores(target) => Some(target),
            Self::Gradients(target) => Some(target),
        }
    }

    /// The target as one that can be differentiated, if it can.
    pub fn gradients(self) -> Option<&'a dyn GradientTarget> {
        match self {
            Self::Gradients(target) => Some(target),
            _ => None,
        }
    }

    /// The word for the level of access.
    pub fn level(self) -> AccessLevel {
        match self {
            Self::Labels(_) => AccessLevel::Labels,
            Self::Scores(_) => AccessLevel::Scores,
            Self::Gradients(_) => AccessLevel::Gradients,
        }
    }
}

/// What an attacker sees, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// The winning class.
    Labels,
    /// A score per class.
    Scores,
    /// The model itself.
    Gradients,
}

impl AccessLevel {
    /// The lower-case word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Scores => "scores",
            Self::Gradients => "gradients",
        }
    }
}

impl fmt::Display for AccessLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Index of the largest score; the first of equals, and 0 for a row of NaN.
pub fn winner(scores: &[f32]) -> u32 {
    let mut best = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[best] || (scores[best].is_nan() && !score.is_nan()) {
            best = class;
        }
    }
    best as u32
}
