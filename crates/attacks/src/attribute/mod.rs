//! Attribute inference: a hidden column of a record, guessed from its other columns and the model.
//!
//! Every value the column may take is put in and the model asked; the value that fits what is known best is the guess
//! (Fredrikson et al., Privacy in Pharmacogenetics, USENIX Security 2014; Mehnaz et al., Are Your Sensitive Attributes
//! Private?, USENIX Security 2022). What counts is the lift over guesses that never ask the model: much of what such
//! attacks find is imputation (Jayaraman and Evans, Are Attribute Inference Attacks Just Imputation?, CCS 2022).

mod baseline;
mod evidence;
mod guess;
mod measure;

use vauban_domain::Interval;

use crate::evasion::generator;
use crate::samples::{Samples, SamplesError};
use crate::surrogate::Training;
use crate::target::{Access, TargetError};
use rand::seq::SliceRandom as _;

/// Name in measurements.
pub const NAME: &str = "attribute-inference";

/// Metric in measurements.
pub const METRIC: &str = "attribute-lift";

/// ATLAS techniques exercised, with edition.
pub const TECHNIQUES: &[&str] = &["AML.T0024.001@2026.09"];

/// Most values a hidden column may take.
pub const MOST_VALUES: usize = 64;

/// Fewest records without a hidden column.
const FEWEST: usize = 20;

/// Why no attribute could be inferred.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// The columns are none, all, named twice or outside the input.
    #[error("the hidden columns {columns:?} are not some of {width}, each named once; name fewer or others")]
    Columns {
        /// As given.
        columns: Vec<usize>,
        /// Elements of one sample.
        width: usize,
    },
    /// Not a discrete attribute.
    #[error("the hidden columns take {0} values among the known records; 2 to 64 can be guessed")]
    Values(usize),
    /// Too few records.
    #[error("{0} known records are too few; give at least 20")]
    TooFew(usize),
    /// Records do not fit the model.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The target failed, refused or had its budget spent: half a table of answers would bias the guesses.
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// What the attacker knows of a record beside its other columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    /// Its true class; guesses without the model know it too.
    Label,
    /// What the model answered to it, from a log or a screen; guesses without the model do not have it.
    Answer,
}

impl Known {
    /// The lower-case word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Answer => "answer",
        }
    }
}

/// How to infer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// The hidden columns; several that belong together, such as a one-hot code, are guessed as one.
    pub columns: Vec<usize>,
    /// What is known beside the other columns.
    pub known: Known,
    /// How the networks of baseline and attack are trained; holds the seed.
    pub training: Training,
}

impl Parameters {
    /// Hides `columns` and knows the true class.
    pub fn new(columns: Vec<usize>, seed: u64) -> Self {
        Self { columns, known: Known::Label, training: Training { hidden: 32, epochs: 60, seed } }
    }
}

/// How often one way of guessing was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Name, `naive-bayes`, `confidence`.
    pub name: &'static str,
    /// Records guessed right.
    pub right: u64,
}

/// The result.
#[derive(Debug, Clone, PartialEq)]
pub struct Inference {
    /// As asked.
    pub parameters: Parameters,
    /// Whether scores were used, or labels only.
    pub by_scores: bool,
    /// Values that the column takes.
    pub values: usize,
    /// Records with a hidden column.
    pub trials: u64,
    /// Ways of guessing that ask the model.
    pub attacks: Vec<Score>,
    /// Ways of guessing that do not.
    pub baselines: Vec<Score>,
    /// The attack that was best on known records set apart, and speaks for all.
    pub attack: Score,
    /// The baseline that was best on the hidden records themselves, which favours it.
    pub baseline: Score,
    /// Accuracy of the attack less that of the baseline, -1 to 1.
    pub lift: f64,
    /// 95 % interval of the lift, over the same records.
    pub interval: Interval,
    /// Queries answered.
    pub queries: u64,
}

/// Guesses the hidden columns of `hidden`, whose values there only score the guesses, with the help of the complete
/// records `known` of the same kind. Both ask one query per record and value; [`Known::Answer`] one more per record.
///
/// A quarter of the known records picks the attack, the others train attacks and baselines.
///
/// # Errors
/// [`AttributeError`] when columns or records do not fit, or the target fails or refuses.
pub fn run(
    target: Access<'_>,
    hidden: &Samples,
    known: &Samples,
    parameters: &Parameters,
) -> Result<Inference, AttributeError> {
    let (width, classes) = (target.labels().width(), target.labels().classes());
    hidden.check(width, classes)?;
    known.check(width, classes)?;
    let columns = &parameters.columns;
    let twice = |index: usize| columns[..index].contains(&columns[index]);
    if columns.is_empty()
        || columns.len() >= width
        || columns.iter().any(|column| *column >= width)
        || (0..columns.len()).any(twice)
    {
        return Err(AttributeError::Columns { columns: columns.clone(), width });
    }
    if known.len() < FEWEST {
        return Err(AttributeError::TooFew(known.len()));
    }
    let mut values: Vec<Vec<f32>> = (0..known.len()).map(|row| value(known.row(row), columns)).collect();
    values.sort_by(|a, b| order(a, b));
    values.dedup_by(|a, b| order(a, b).is_eq());
    if !(2..=MOST_VALUES).contains(&values.len()) {
        return Err(AttributeError::Values(values.len()));
    }
    let place = |samples: &Samples| -> Vec<Option<usize>> {
        (0..samples.len())
            .map(|row| {
                let value = value(samples.row(row), columns);
                values.binary_search_by(|other| order(other, &value)).ok()
            })
            .collect()
    };
    let (truth, known_truth) = (place(hidden), place(known));

    let mut shuffled: Vec<usize> = (0..known.len()).collect();
    shuffled.shuffle(&mut generator(parameters.training.seed, NAME, 0));
    let (apart, training) = shuffled.split_at(known.len() / 4);
    let evidence = evidence::gather(target, [hidden, known], &values, &known_truth, parameters)?;
    let [hidden_evidence, known_evidence] = &evidence.tables;
    let known_truth: Vec<usize> = known_truth.into_iter().map(Option::unwrap_or_default).collect();
    let knowledge = guess::Knowledge {
        known,
        truth: &known_truth,
        evidence: known_evidence,
        rows: training,
        values: values.len(),
        classes,
        parameters,
    };

    let baselines = knowledge.baselines(hidden);
    let attacks = knowledge.attacks(hidden, hidden_evidence, evidence.by_scores);
    let rehearsed = knowledge.attacks(known, known_evidence, evidence.by_scores);
    let score = |(name, guesses): &(&'static str, Vec<usize>)| Score {
        name,
        right: guesses.iter().zip(&truth).filter(|(guess, truth)| Some(**guess) == **truth).count() as u64,
    };
    let rehearsal = |index: usize| {
        let guesses = &rehearsed[index].1;
        apart.iter().filter(|row| guesses[**row] == known_truth[**row]).count()
    };
    // The first of equals, so the plainest.
    let picked = (0..attacks.len()).rev().max_by_key(|index| rehearsal(*index)).unwrap_or_default();
    let best = (0..baselines.len()).rev().max_by_key(|index| score(&baselines[*index]).right);
    let best = best.unwrap_or_default();
    let pairs = attacks[picked].1.iter().zip(&baselines[best].1).zip(&truth);
    let (mut gained, mut lost) = (0, 0);
    for ((attack, baseline), truth) in pairs {
        let (attack, baseline) = (Some(*attack) == *truth, Some(*baseline) == *truth);
        gained += u64::from(attack && !baseline);
        lost += u64::from(baseline && !attack);
    }
    let trials = hidden.len() as u64;
    Ok(Inference {
        parameters: parameters.clone(),
        by_scores: evidence.by_scores,
        values: values.len(),
        trials,
        attack: score(&attacks[picked]),
        baseline: score(&baselines[best]),
        attacks: attacks.iter().map(score).collect(),
        baselines: baselines.iter().map(score).collect(),
        lift: (gained as f64 - lost as f64) / trials.max(1) as f64,
        interval: paired(gained, lost, trials),
        queries: evidence.queries,
    })
}

fn value(row: &[f32], columns: &[usize]) -> Vec<f32> {
    columns.iter().map(|column| row[*column]).collect()
}

fn order(a: &[f32], b: &[f32]) -> std::cmp::Ordering {
    let first = a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
    first.unwrap_or(std::cmp::Ordering::Equal)
}

/// 95 % interval of the difference of two shares of the same `trials`, half a record added to each kind so that it never
/// shrinks to a point (Agresti and Min, Statistics in Medicine 24, 2005).
fn paired(gained: u64, lost: u64, trials: u64) -> Interval {
    const Z: f64 = 1.959_963_984_540_054;
    let (gained, lost, n) = (gained as f64 + 0.5, lost as f64 + 0.5, trials as f64 + 2.0);
    let middle = (gained - lost) / n;
    let half = Z * ((gained + lost) - (gained - lost).powi(2) / n).max(0.0).sqrt() / n;
    Interval { low: (middle - half).max(-1.0), high: (middle + half).min(1.0), level: 0.95 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_lift_holds_it_and_never_is_a_point() {
        let none = paired(0, 0, 50);
        assert!(none.low < -0.02 && none.high > 0.02, "{none:?}");
        let some = paired(40, 10, 100);
        assert!(some.low > 0.15 && some.low < 0.3 && some.high > 0.3 && some.high < 0.45, "{some:?}");
        let mirrored = paired(10, 40, 100);
        assert!((some.low + mirrored.high).abs() < 1e-12);
    }
}
