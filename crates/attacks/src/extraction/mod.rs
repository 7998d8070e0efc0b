//! Model extraction: a copy trained on the answers to queries (Tramèr et al., USENIX Security 2016; queries built from
//! the copy's boundary after Papernot et al., Practical Black-Box Attacks, AsiaCCS 2017).

mod active;
mod compare;
mod jacobian;
mod mixtures;
mod natural;
pub(crate) mod probabilities;
mod random;
mod strategy;

pub use compare::{COMPARISON, compare};
pub use strategy::Strategy;

use rand::seq::SliceRandom as _;
use vauban_domain::Interval;

use crate::evasion::generator;
use crate::samples::Samples;
use crate::surrogate::Training;
use crate::target::{Access, TargetError, winner};
use strategy::{Own, Seen};

/// Name in measurements.
pub const NAME: &str = "extraction";

/// ATLAS techniques exercised, with edition.
pub const TECHNIQUES: &[&str] = &["AML.T0024.002@2026.09", "AML.T0005.001@2026.09", "AML.T0040@2026.09"];

/// How to copy.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Query counts at which the copy is trained anew and measured, rising; the last is the budget.
    pub checkpoints: Vec<usize>,
    /// How queries are chosen.
    pub strategy: Strategy,
    /// Samples that the attacker has at most; never more than the first half of them.
    pub own: usize,
    /// Units of each of the two hidden layers.
    pub hidden: usize,
    /// Passes over the answers per training.
    pub epochs: usize,
    /// Seed.
    pub seed: u64,
}

impl Parameters {
    /// Checkpoints that double up to `budget` queries, asked by [`Strategy::Mixtures`] of the whole first half.
    pub fn with_budget(budget: usize, seed: u64) -> Self {
        let mut checkpoints: Vec<usize> =
            std::iter::successors(Some(budget), |count| (count / 2 >= 25).then_some(count / 2))
                .take(6)
                .collect();
        checkpoints.reverse();
        Self { checkpoints, strategy: Strategy::default(), own: usize::MAX, hidden: 64, epochs: 60, seed }
    }
}

/// How good the copy was after some queries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fidelity {
    /// Queries answered.
    pub queries: u64,
    /// Held-out samples on which the copy agrees with the model.
    pub agreed: u64,
    /// Held-out samples whose true class the copy gives.
    pub right: u64,
    /// Held-out samples.
    pub trials: u64,
}

impl Fidelity {
    /// Share of agreement.
    pub fn share(&self) -> f64 {
        self.agreed as f64 / self.trials.max(1) as f64
    }

    /// Interval of the share of agreement.
    pub fn interval(&self) -> Interval {
        Interval::wilson(self.agreed, self.trials)
    }

    /// Accuracy of the copy on the task itself, 0 to 1.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.trials.max(1) as f64
    }

    /// Interval of the accuracy.
    pub fn accuracy_interval(&self) -> Interval {
        Interval::wilson(self.right, self.trials)
    }
}

/// The result of an extraction.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// Fidelity at each checkpoint reached.
    pub fidelity: Vec<Fidelity>,
    /// Queries answered in all.
    pub queries: u64,
    /// Whether the target refused before the budget was spent.
    pub cut_short: bool,
    /// Whether scores were used, or labels only.
    pub by_scores: bool,
}

/// Queries sent at once.
const BATCH: usize = 64;

/// Copies the target by queries of [`Parameters::strategy`].
///
/// The attacker owns the first half of `samples`, or [`Parameters::own`] of it, without their labels. The other half is
/// held out: the model's own answers on it, asked of `judge` and not counted, decide how alike the two are, its true
/// labels how much the copy is worth. `judge` is the bare model where `target` stands behind controls.
///
/// # Errors
/// When a target fails for another reason than a spent budget or a refusal, or when there are no samples of its width.
pub fn run(
    target: Access<'_>,
    judge: Access<'_>,
    samples: &Samples,
    parameters: &Parameters,
) -> Result<Extraction, TargetError> {
    let (width, classes) = (target.labels().width(), target.labels().classes());
    if width == 0 || classes == 0 || samples.is_empty() || samples.inputs.len() != samples.len() * width {
        return Err(TargetError::Failed(format!(
            "{} values of {} samples do not fit {classes} classes of inputs with {width} elements",
            samples.inputs.len(),
            samples.len(),
        )));
    }
    let bounds = target.labels().bounds();
    let mut random = generator(parameters.seed, NAME, 0);
    let half = samples.len().div_ceil(2);
    let (held_out, classes_held_out) = (&samples.inputs[half * width..], &samples.labels[half..]);
    let by_scores = target.scores().is_some();
    let mut extraction = Extraction { fidelity: Vec::new(), queries: 0, cut_short: false, by_scores };
    let truth = match judge.labels().labels(held_out) {
        Ok(truth) => truth,
        // A judge that is asked through a budget may have spent it: then there is nothing to compare with.
        Err(TargetError::BudgetSpent | TargetError::Refused(_)) => {
            return Ok(Extraction { cut_short: true, ..extraction });
        }
        Err(error) => return Err(error),
    };

    let mut order: Vec<usize> = (0..half).collect();
    order.shuffle(&mut random);
    order.truncate(parameters.own.max(1));
    let training = Training { hidden: parameters.hidden, epochs: parameters.epochs, seed: parameters.seed };
    let own = Own { samples, order, classes, bounds, training };
    let mut strategy = parameters.strategy.start();
    let (mut inputs, mut answers) = (Vec::new(), Vec::new());
    for checkpoint in &parameters.checkpoints {
        while inputs.len() / width < *checkpoint && !extraction.cut_short {
            let count = BATCH.min(checkpoint - inputs.len() / width);
            let seen = Seen { width, classes, inputs: &inputs, answers: &answers };
            let batch = strategy.next(&own, &seen, count, &mut random);
            match probabilities::ask(target, &batch) {
                Ok(answer) => {
                    inputs.extend(batch);
                    answers.extend(answer);
                }
                Err(TargetError::BudgetSpent | TargetError::Refused(_)) => extraction.cut_short = true,
                Err(error) => return Err(error),
            }
        }
        extraction.queries = (inputs.len() / width) as u64;
        if inputs.is_empty() {
            break;
        }
        let copy = own.copy(&Seen { width, classes, inputs: &inputs, answers: &answers });
        let mut step =
            Fidelity { queries: extraction.queries, agreed: 0, right: 0, trials: truth.len() as u64 };
        let scores = copy.logits(held_out);
        for ((row, model), label) in scores.chunks_exact(classes).zip(&truth).zip(classes_held_out) {
            let copied = winner(row);
            step.agreed += u64::from(copied == *model);
            step.right += u64::from(i64::from(copied) == *label);
        }
        extraction.fidelity.push(step);
        if extraction.cut_short {
            break;
        }
    }
    Ok(extraction)
}
