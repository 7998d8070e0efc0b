//! Targets around targets: a budget, a recorder, and the controls of a served model.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::target::{
    Bounds, Cotangent, GradientTarget, Gradients, LabelTarget, ScoreTarget, TargetError, winner,
};

/// How many queries an attack may spend. One row asked, with or without its gradient, is one query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Per sample.
    pub queries_per_sample: u32,
    /// In all.
    pub total: u64,
}

impl Budget {
    /// A budget without limits.
    pub const UNLIMITED: Self = Self { queries_per_sample: u32::MAX, total: u64::MAX };

    /// What each of `samples` may spend, so that neither limit is passed whatever the order of execution.
    pub fn per_sample(self, samples: usize) -> u32 {
        let share = self.total / (samples.max(1) as u64);
        self.queries_per_sample.min(u32::try_from(share).unwrap_or(u32::MAX))
    }
}

/// Counts the queries to a target and stops when a total is spent.
pub struct Metered<'a, T: ?Sized> {
    target: &'a T,
    total: u64,
    used: AtomicU64,
}

impl<'a, T: LabelTarget + ?Sized> Metered<'a, T> {
    /// Lets through at most `total` queries.
    pub fn new(target: &'a T, total: u64) -> Self {
        Self { target, total, used: AtomicU64::new(0) }
    }

    /// Queries let through so far.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn pay(&self, inputs: &[f32]) -> Result<(), TargetError> {
        let rows = (inputs.len() / self.target.width().max(1)) as u64;
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(rows).filter(|after| *after <= self.total)
            })
            .map(drop)
            .map_err(|_| TargetError::BudgetSpent)
    }
}

impl<T: LabelTarget + ?Sized> LabelTarget for Metered<'_, T> {
    fn width(&self) -> usize {
        self.target.width()
    }

    fn classes(&self) -> usize {
        self.target.classes()
    }

    fn bounds(&self) -> Bounds {
        self.target.bounds()
    }

    fn in_order(&self) -> bool {
        self.target.in_order()
    }

    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        self.pay(inputs)?;
        self.target.labels(inputs)
    }
}

impl<T: ScoreTarget + ?Sized> ScoreTarget for Metered<'_, T> {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        self.pay(inputs)?;
        self.target.scores(inputs)
    }
}

impl<T: GradientTarget + ?Sized> GradientTarget for Metered<'_, T> {
    fn gradients(&self, inputs: &[f32], cotangent: &Cotangent<'_>) -> Result<Gradients, TargetError> {
        self.pay(inputs)?;
        self.target.gradients(inputs, cotangent)
    }
}

/// One recorded query: a row that was asked, and the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The input row.
    pub input: Vec<f32>,
    /// What came back.
    pub answer: Answer,
}

/// What came back for one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The winning class.
    Label(u32),
    /// A score per class.
    Scores(Vec<f32>),
    /// The query was refused.
    Refused,
}

/// Records every row asked and its answer, in order.
pub struct RecordingTarget<'a, T: ?Sized> {
    target: &'a T,
    queries: Mutex<Vec<Query>>,
}

impl<'a, T: LabelTarget + ?Sized> RecordingTarget<'a, T> {
    /// Records what goes to `target`.
    pub fn new(target: &'a T) -> Self {
        Self { target, queries: Mutex::new(Vec::new()) }
    }

    /// What was asked so far, in order.
    pub fn into_queries(self) -> Vec<Query> {
        self.queries.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn record<R>(
        &self,
        inputs: &[f32],
        result: &Result<R, TargetError>,
        answers: impl FnOnce(&R) -> Vec<Answer>,
    ) {
        let rows = inputs.chunks_exact(self.target.width().max(1));
        let answers = match result {
            Ok(result) => answers(result),
            Err(TargetError::Refused(_)) => vec![Answer::Refused; rows.len()],
            Err(_) => return,
        };
        let mut queries = self.queries.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        queries.extend(rows.zip(answers).map(|(input, answer)| Query { input: input.to_vec(), answer }));
    }
}

impl<T: LabelTarget + ?Sized> LabelTarget for RecordingTarget<'_, T> {
    fn width(&self) -> usize {
        self.target.width()
    }

    fn classes(&self) -> usize {
        self.target.classes()
    }

    fn bounds(&self) -> Bounds {
        self.target.bounds()
    }

    fn in_order(&self) -> bool {
        true
    }

    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        let result = self.target.labels(inputs);
        self.record(inputs, &result, |labels| labels.iter().map(|label| Answer::Label(*label)).collect());
        result
    }
}

impl<T: ScoreTarget + ?Sized> ScoreTarget for RecordingTarget<'_, T> {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        let result = self.target.scores(inputs);
        let classes = self.target.classes().max(1);
        self.record(inputs, &result, |scores| {
            scores.chunks_exact(classes).map(|row| Answer::Scores(row.to_vec())).collect()
        });
        result
    }
}

impl<T: GradientTarget + ?Sized> GradientTarget for RecordingTarget<'_, T> {
    fn gradients(&self, inputs: &[f32], cotangent: &Cotangent<'_>) -> Result<Gradients, TargetError> {
        let result = self.target.gradients(inputs, cotangent);
        let classes = self.target.classes().max(1);
        self.record(inputs, &result, |gradients| {
            gradients.logits.chunks_exact(classes).map(|row| Answer::Scores(row.to_vec())).collect()
        });
        result
    }
}

/// Controls that stand between an attacker and a served model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controls {
    /// Scores are rounded to this many decimals.
    pub decimals: Option<u32>,
    /// Only the winning class keeps its score, the others answer 0.
    pub top_score_only: bool,
    /// Scores are withheld: the winning class answers 1, the others 0.
    pub labels_only: bool,
    /// Queries after this many are refused.
    pub refuse_after: Option<u64>,
}

/// A target seen through [`Controls`]; it never gives gradients.
pub struct ControlledTarget<'a, T: ?Sized> {
    target: &'a T,
    controls: Controls,
    asked: AtomicU64,
    refused: AtomicU64,
}

impl<'a, T: LabelTarget + ?Sized> ControlledTarget<'a, T> {
    /// Puts `controls` in front of `target`.
    pub fn new(target: &'a T, controls: Controls) -> Self {
        Self { target, controls, asked: AtomicU64::new(0), refused: AtomicU64::new(0) }
    }

    /// Queries refused so far.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Lets a batch through whole or not at all.
    fn admit(&self, inputs: &[f32]) -> Result<(), TargetError> {
        let Some(most) = self.controls.refuse_after else { return Ok(()) };
        let rows = (inputs.len() / self.target.width().max(1)) as u64;
        let admitted = self
            .asked
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |asked| {
                asked.checked_add(rows).filter(|after| *after <= most)
            })
            .is_ok();
        if admitted {
            return Ok(());
        }
        self.refused.fetch_add(rows, Ordering::Relaxed);
        Err(TargetError::Refused(format!("more than {most} queries")))
    }
}

impl<T: LabelTarget + ?Sized> LabelTarget for ControlledTarget<'_, T> {
    fn width(&self) -> usize {
        self.target.width()
    }

    fn classes(&self) -> usize {
        self.target.classes()
    }

    fn bounds(&self) -> Bounds {
        self.target.bounds()
    }

    fn in_order(&self) -> bool {
        self.controls.refuse_after.is_some() || self.target.in_order()
    }

    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        self.admit(inputs)?;
        self.target.labels(inputs)
    }
}

impl<T: ScoreTarget + ?Sized> ScoreTarget for ControlledTarget<'_, T> {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        self.admit(inputs)?;
        let mut scores = self.target.scores(inputs)?;
        for row in scores.chunks_exact_mut(self.target.classes().max(1)) {
            let top = winner(row) as usize;
            for (class, score) in row.iter_mut().enumerate() {
                if self.controls.labels_only {
                    *score = f32::from(u8::from(class == top));
                } else if self.controls.top_score_only && class != top {
                    *score = 0.0;
                }
                if let Some(decimals) = self.controls.decimals {
                    let scale = 10.0_f64.powi(decimals.min(9).cast_signed());
                    *score = ((f64::from(*score) * scale).round() / scale) as f32;
                }
            }
        }
        Ok(scores)
    }
}
