//! The smallest change that makes an ensemble wrong about a sample: sound and, given steps enough, exact.
//!
//! Kantchelian et al., "Evasion and Hardening of Tree Ensemble Classifiers" (ICML 2016), state the problem; here it is
//! solved by branch and bound over boxes of cells instead of a MILP.

use rayon::prelude::*;

use super::cells::Cells;
use super::ensemble::{Aggregate, Ensemble, EnsembleError};
use super::leaf_tuple::leaf_tuple;
use super::search::{Known, Problem};
use super::target::TreeTarget;
use crate::evasion::Norm;
use crate::samples::Samples;
use crate::target::{Bounds, LabelTarget as _};

/// What is asked about each sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// Norm of the change: [`Norm::Linf`], [`Norm::L2`] or [`Norm::L1`].
    pub norm: Norm,
    /// Whether changed inputs must stay inside the target's bounds.
    pub bounded: bool,
    /// Boxes looked at per sample before the answer is given with a gap; a bound on time that is the same everywhere.
    pub steps: u64,
    /// Nothing farther away is looked for; infinite for the smallest change wherever it is.
    pub radius: f64,
    /// Seed of the attack that looks for a first example.
    pub seed: u64,
    /// By how much another class must win. 0 takes a tie for a change where this crate's order of classes says so, and keeps
    /// `lower` below every tie, as libraries break them differently; a little more looks past ties.
    pub margin: f64,
}

impl Default for Question {
    fn default() -> Self {
        Self { norm: Norm::Linf, bounded: true, steps: 20_000, radius: f64::INFINITY, seed: 1, margin: 0.0 }
    }
}

/// What is proven about one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// No input nearer than this, real or 32-bit, has another label; 0 if the sample itself is wrong.
    pub lower: f64,
    /// Distance of the example, or the question's radius if there is none.
    pub upper: f64,
    /// The nearest input found with another label; it was run through the model again.
    pub example: Option<Vec<f32>>,
    /// Whether every box was settled. `lower` and `upper` then differ by no more than the gap between an open end of a
    /// box and the next 32-bit number, unless a win within the rounding of sums lies nearer.
    pub complete: bool,
    /// Boxes looked at.
    pub steps: u64,
}

/// Why nothing can be proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The trees are not of the kind that is verified.
    #[error(transparent)]
    Ensemble(#[from] EnsembleError),
    /// The sample is not one of the model's inputs.
    #[error("the sample cannot be verified: {0}")]
    Sample(String),
}

/// Margin of `rival` over `own` in a list of weights.
fn difference(weights: &[(u32, f64)], own: Option<usize>, rival: Option<usize>) -> f64 {
    let of = |output: Option<usize>| -> f64 {
        output.map_or(0.0, |output| {
            weights.iter().filter(|(at, _)| *at as usize == output).map(|(_, weight)| weight).sum()
        })
    };
    of(rival) - of(own)
}

/// Outputs that speak for the own class and for each rival; a single output speaks for class 1, class 0 has none.
fn rivals(ensemble: &Ensemble, label: usize) -> Vec<(Option<usize>, Option<usize>)> {
    match ensemble.outputs() {
        1 if label == 0 => vec![(None, Some(0))],
        1 => vec![(Some(0), None)],
        outputs => {
            (0..outputs).filter(|rival| *rival != label).map(|rival| (Some(label), Some(rival))).collect()
        }
    }
}

/// The smallest change of `row` that takes the label `label` away, with proof.
///
/// `row` holds [`Ensemble::width`] finite numbers; the certificate is about finite inputs, not about missing values.
///
/// # Errors
/// [`VerifyError`] when the ensemble takes minima or maxima of trees, or the sample is no input of it.
pub fn verify(
    target: &TreeTarget,
    row: &[f32],
    label: usize,
    question: &Question,
) -> Result<Verdict, VerifyError> {
    let cells = Cells::new(&target.ensemble)?;
    one(target, &cells, row, label, question, 0)
}

/// [`verify`] for every sample, in order; the trees are cut into cells once.
///
/// # Errors
/// As [`verify`].
pub fn verify_all(
    target: &TreeTarget,
    samples: &Samples,
    question: &Question,
) -> Result<Vec<Verdict>, VerifyError> {
    samples
        .check(target.width(), target.classes())
        .map_err(|error| VerifyError::Sample(error.to_string()))?;
    let cells = Cells::new(&target.ensemble)?;
    (0..samples.len())
        .into_par_iter()
        .map(|index| one(target, &cells, samples.row(index), samples.labels[index] as usize, question, index))
        .collect()
}

pub(crate) fn check(
    target: &TreeTarget,
    row: &[f32],
    label: usize,
    bounds: Option<Bounds>,
) -> Result<(), VerifyError> {
    let wrong = |what: String| Err(VerifyError::Sample(what));
    if row.len() != target.width() {
        return wrong(format!("it has {} values, the model takes {}", row.len(), target.width()));
    }
    if label >= target.classes() {
        return wrong(format!("the label {label} is not one of {} classes", target.classes()));
    }
    if row.iter().any(|value| !value.is_finite()) {
        return wrong("a value is missing or infinite".to_owned());
    }
    if let Some(bounds) = bounds
        && row.iter().any(|value| !(bounds.low..=bounds.high).contains(value))
    {
        return wrong(format!("a value lies outside the bounds {} to {}", bounds.low, bounds.high));
    }
    if matches!(target.ensemble.aggregate, Aggregate::Min | Aggregate::Max) {
        return Err(EnsembleError::Unsupported("the smallest or largest leaf as score".to_owned()).into());
    }
    Ok(())
}

fn one(
    target: &TreeTarget,
    cells: &Cells,
    row: &[f32],
    label: usize,
    question: &Question,
    index: usize,
) -> Result<Verdict, VerifyError> {
    let bounds = question.bounded.then_some(target.bounds);
    check(target, row, label, bounds)?;
    if target.label(row) as usize != label {
        return Ok(Verdict { lower: 0.0, upper: 0.0, example: Some(row.to_vec()), complete: true, steps: 0 });
    }
    let ensemble = &target.ensemble;
    let scale =
        if ensemble.aggregate == Aggregate::Average { 1.0 / ensemble.trees().max(1) as f64 } else { 1.0 };
    let home: Vec<u32> = cells
        .features
        .iter()
        .enumerate()
        .map(|(position, feature)| cells.cell(position, row[*feature]) as u32)
        .collect();
    let near: Vec<Vec<f64>> = cells
        .features
        .iter()
        .enumerate()
        .map(|(position, feature)| {
            (0..cells.count(position)).map(|cell| cells.distance(position, cell, row[*feature])).collect()
        })
        .collect();
    let mut known = Known { best: None, cutoff: question.radius, unsettled: f64::INFINITY, steps: 0 };
    let wins = |row: &[f32]| {
        target.label(row) as usize != label
            && (question.margin <= 0.0 || target.lead(row, label) >= question.margin)
    };
    if let Some((infimum, example)) =
        leaf_tuple(target, cells, row, label, bounds, question.norm, question.seed, index)
        && infimum < known.cutoff
        && wins(&example)
    {
        known.cutoff = infimum;
        known.best = Some((infimum, example));
    }
    let slack = slack(ensemble, cells, scale);
    let (mut lower, mut complete) = (f64::INFINITY, true);
    let all = rivals(ensemble, label);
    for (at, (own, rival)) in all.iter().enumerate() {
        let margins: Vec<f64> = cells
            .leaves
            .iter()
            .map(|leaf| difference(&ensemble.weights[leaf.clone()], *own, *rival) * scale)
            .collect();
        let base = |output: Option<usize>| output.map_or(0.0, |output| ensemble.base[output]);
        let constant = base(*rival) - base(*own) - question.margin.max(0.0);
        let problem = Problem {
            cells,
            margins: &margins,
            constant,
            slack,
            norm: question.norm,
            row,
            bounds,
            home: home.clone(),
            near: near.clone(),
        };
        let left = question.steps.saturating_sub(known.steps) / (all.len() - at) as u64;
        let own_lower = settle(&problem, &mut known, left, &wins);
        complete &= own_lower.1;
        lower = lower.min(own_lower.0);
    }
    let upper =
        known.best.as_ref().map_or(question.radius, |(_, example)| attained(row, example, question.norm));
    Ok(Verdict {
        lower: lower.min(known.unsettled).min(known.cutoff),
        upper,
        example: known.best.map(|(_, example)| example),
        complete,
        steps: known.steps,
    })
}

/// How far a margin may be off where the model is served: every addition rounds by a share of the sum so far, and so
/// does the link function.
fn slack(ensemble: &Ensemble, cells: &Cells, scale: f64) -> f64 {
    let largest = |weights: &[(u32, f64)]| weights.iter().map(|(_, weight)| weight.abs()).fold(0.0, f64::max);
    let ends = cells.tree_leaves.iter();
    let trees: f64 = ends
        .map(|leaves| {
            cells.leaves[leaves.clone()]
                .iter()
                .map(|leaf| largest(&ensemble.weights[leaf.clone()]))
                .fold(0.0, f64::max)
        })
        .sum();
    let base = ensemble.base.iter().map(|base| base.abs()).fold(0.0, f64::max);
    ensemble.rounding * ((ensemble.trees() + 4) as f64 * 2.0 * (trees * scale + base) + 1.0)
}

/// A lower bound for one rival, and whether its search ended.
fn settle(
    problem: &Problem<'_>,
    known: &mut Known,
    steps: u64,
    wins: &dyn Fn(&[f32]) -> bool,
) -> (f64, bool) {
    let begin = known.steps;
    let open = problem.search(known, steps / 2, wins);
    if open.is_infinite() {
        return (f64::INFINITY, true);
    }
    // Not settled: the same search within smaller radii, where fewer boxes are left, raises the lower bound.
    let mut lower = open.max(problem.refuted(known.cutoff));
    let mut high = if known.cutoff.is_finite() { known.cutoff } else { 2.0 * lower + 1e-3 };
    for _ in 0..12 {
        let left = steps.saturating_sub(known.steps - begin);
        let middle = f64::midpoint(lower, high);
        if left == 0 || middle <= lower || middle >= high {
            break;
        }
        let mut within = Known { best: None, cutoff: middle, unsettled: known.unsettled, steps: known.steps };
        let open = problem.search(&mut within, left.div_ceil(4), wins);
        known.steps = within.steps;
        known.unsettled = within.unsettled;
        if let Some((infimum, example)) = within.best {
            known.cutoff = known.cutoff.min(infimum);
            known.best = Some((infimum, example));
            high = infimum;
            if open.is_infinite() {
                return (infimum, true);
            }
        } else if open.is_infinite() {
            lower = middle;
        } else {
            lower = lower.max(open.min(middle));
            high = middle;
        }
    }
    (lower, false)
}

/// Distance of an example in 64 bits.
pub(crate) fn attained(row: &[f32], example: &[f32], norm: Norm) -> f64 {
    let parts = row.iter().zip(example).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
    match norm {
        Norm::L1 => parts.sum(),
        Norm::L2 => parts.map(|part| part * part).sum::<f64>().sqrt(),
        Norm::Linf | Norm::Unbounded => parts.fold(0.0, f64::max),
    }
}
