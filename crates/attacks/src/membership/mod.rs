//! Membership inference: was a sample among the training data?
//!
//! Signals of one answer ([`threshold`]), likelihood ratios against shadow models ([`lira`], [`rmia`]), and labels only
//! ([`label_only`]). Every result is a whole [`Roc`]: the mean hides what happens at few false positives.

pub mod label_only;
pub mod lira;
mod measure;
pub mod rmia;
mod roc;
mod shadow;
pub mod threshold;

pub use measure::{METRIC, measurements};
pub use roc::Roc;
pub use shadow::Shadows;

use crate::extraction::probabilities;
use crate::samples::{Samples, SamplesError};
use crate::surrogate::Training;
use crate::target::{Access, TargetError};

/// ATLAS techniques exercised, with edition.
pub const TECHNIQUES: &[&str] = &["AML.T0024.000@2026.09"];

/// Why membership could not be inferred.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MembershipError {
    /// Tables do not fit each other.
    #[error("{got} values do not fit {expected} samples; give one row of samples per model")]
    Shape {
        /// Samples.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// A confidence is no probability.
    #[error("the confidence {0} is no probability; give values from 0 to 1")]
    Probability(f32),
    /// Too little to split or to compare.
    #[error(
        "{0} samples are too few, or no shadow model is asked for; membership needs two of each kind and a model"
    )]
    TooFew(usize),
    /// Members and others do not fit the model.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The target failed.
    #[error(transparent)]
    Target(#[from] TargetError),
}

impl Shadows {
    fn fits(&self, target: &[f32]) -> Result<(), MembershipError> {
        if target.len() == self.samples() {
            return Ok(());
        }
        Err(MembershipError::Shape { expected: self.samples(), got: target.len() })
    }
}

/// How to infer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Shadow models to train; 0 leaves out the attacks that need them.
    pub shadows: usize,
    /// How each is trained.
    pub training: Training,
    /// Noisy copies of each sample that the label-only attack asks for; 0 leaves it out.
    pub copies: usize,
    /// Seed.
    pub seed: u64,
}

impl Parameters {
    /// Sixteen shadow models and sixteen noisy copies.
    pub fn new(seed: u64) -> Self {
        Self { shadows: 16, training: Training { hidden: 64, epochs: 60, seed }, copies: 16, seed }
    }
}

/// What one attack gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Inference {
    /// Name, `lira-offline`.
    pub attack: &'static str,
    /// How well it tells members from others.
    pub roc: Roc,
    /// Queries to the target.
    pub queries: u64,
}

/// The attacks on confidences alone, sorted by name: `lira-offline`, `lira-online`, `rmia`, `yeom-loss`.
///
/// `target` holds the probability that the model under test gives to the true class of each sample, `members` says
/// which of them it was trained on; that truth scores the attacks, and gives RMIA its population of others.
///
/// # Errors
/// [`MembershipError`] when the tables do not fit or one kind of sample is missing.
pub fn from_confidences(
    target: &[f32],
    members: &[bool],
    shadows: &Shadows,
) -> Result<Vec<Inference>, MembershipError> {
    shadows.fits(target)?;
    if members.len() != target.len() {
        return Err(MembershipError::Shape { expected: target.len(), got: members.len() });
    }
    if let Some(value) = target.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(MembershipError::Probability(*value));
    }
    let others: Vec<usize> = (0..target.len()).filter(|sample| !members[*sample]).collect();
    let loss = target.iter().map(|p| f64::from(*p).max(1e-12).ln()).collect();
    let scores: [(&'static str, Vec<f64>); 4] = [
        ("lira-offline", lira::offline(target, shadows)?),
        ("lira-online", lira::online(target, shadows)?),
        ("rmia", rmia::offline(target, shadows, &others, rmia::OFFLINE_SLOPE)?),
        ("yeom-loss", loss),
    ];
    scores.into_iter().map(|(attack, scores)| infer(attack, &scores, members, 0)).collect()
}

/// Attacks a model with every attack its access and `parameters` allow; sorted by name.
///
/// `members` were in its training data, `others` come from the same source but were not. Shadow models are trained
/// on halves of both together, as an auditor can who owns the data.
///
/// # Errors
/// [`MembershipError`] when samples do not fit, are fewer than two of a kind, or the target fails or refuses: half a
/// pool would bias the comparison.
pub fn run(
    target: Access<'_>,
    members: &Samples,
    others: &Samples,
    parameters: &Parameters,
) -> Result<Vec<Inference>, MembershipError> {
    let (width, classes) = (target.labels().width(), target.labels().classes());
    if members.len() < 2 || others.len() < 2 {
        return Err(MembershipError::TooFew(members.len().min(others.len())));
    }
    members.check(width, classes)?;
    others.check(width, classes)?;
    let total = members.len() + others.len();
    let both = Samples {
        inputs: [&members.inputs[..], &others.inputs].concat(),
        shape: vec![total, width],
        labels: [&members.labels[..], &others.labels].concat(),
    };
    let is_member: Vec<bool> = (0..total).map(|sample| sample < members.len()).collect();
    let answers = probabilities::ask(target, &both.inputs)?;
    let mut inferences = Vec::new();
    let queries = total as u64;
    if target.scores().is_some() {
        let rows: Vec<(&[f32], usize)> = answers
            .chunks_exact(classes)
            .zip(&both.labels)
            .map(|(row, label)| (row, *label as usize))
            .collect();
        for signal in
            threshold::SIGNALS.iter().filter(|signal| signal.name != "yeom-loss" || parameters.shadows == 0)
        {
            let scores: Vec<f64> = rows.iter().map(|(row, class)| (signal.score)(row, *class)).collect();
            inferences.push(infer(signal.name, &scores, &is_member, queries)?);
        }
        if parameters.shadows > 0 {
            let space = (classes, target.labels().bounds());
            let shadows = Shadows::train(&both, space, parameters.shadows, &parameters.training)?;
            let own = shadow::own_class(&answers, &both.labels, classes);
            let with = from_confidences(&own, &is_member, &shadows)?;
            inferences.extend(with.into_iter().map(|inference| Inference { queries, ..inference }));
        }
    }
    let (gap, agreement, asked) = label_only::scores(target, &both, parameters.copies, parameters.seed)?;
    inferences.push(infer(label_only::GAP, &gap, &is_member, queries)?);
    if parameters.copies > 0 {
        inferences.push(infer(label_only::NOISE, &agreement, &is_member, asked)?);
    }
    inferences.sort_by_key(|inference| inference.attack);
    Ok(inferences)
}

fn infer(
    attack: &'static str,
    scores: &[f64],
    members: &[bool],
    queries: u64,
) -> Result<Inference, MembershipError> {
    let side = |member: bool| -> Vec<f64> {
        scores.iter().zip(members).filter(|(_, is)| **is == member).map(|(score, _)| *score).collect()
    };
    let roc = Roc::new(&side(true), &side(false)).ok_or(MembershipError::TooFew(0))?;
    Ok(Inference { attack, roc, queries })
}
