//! Model extraction: a copy trained on the answers to queries (Tramèr et al., USENIX Security 2016; queries built from
//! the copy's boundary after Papernot et al., Practical Black-Box Attacks, AsiaCCS 2017).

pub(crate) mod probabilities;

use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use crate::evasion::{generator, normal};
use crate::samples::Samples;
use crate::surrogate::{Surrogate, Training};
use crate::target::{Access, TargetError, winner};

/// Name in measurements.
pub const NAME: &str = "extraction";

/// ATLAS techniques exercised, with edition.
pub const TECHNIQUES: &[&str] = &["AML.T0024.002@2026.09", "AML.T0005.001@2026.09", "AML.T0040@2026.09"];

/// How to copy.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Query counts at which the copy is trained anew and measured, rising; the last is the budget.
    pub checkpoints: Vec<usize>,
    /// Units of each of the two hidden layers.
    pub hidden: usize,
    /// Passes over the answers per training.
    pub epochs: usize,
    /// Seed.
    pub seed: u64,
}

impl Parameters {
    /// Checkpoints that double up to `budget` queries.
    pub fn with_budget(budget: usize, seed: u64) -> Self {
        let mut checkpoints: Vec<usize> =
            std::iter::successors(Some(budget), |count| (count / 2 >= 25).then_some(count / 2))
                .take(6)
                .collect();
        checkpoints.reverse();
        Self { checkpoints, hidden: 64, epochs: 60, seed }
    }
}

/// How good the copy was after some queries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fidelity {
    /// Queries answered.
    pub queries: u64,
    /// Held-out samples on which the copy agrees with the model.
    pub agreed: u64,
    /// Held-out samples.
    pub trials: u64,
}

impl Fidelity {
    /// Share of agreement.
    pub fn share(&self) -> f64 {
        self.agreed as f64 / self.trials.max(1) as f64
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

/// Copies the target: a third of the queries are natural samples, a third mixtures of two, a third mixtures with noise.
///
/// The attacker owns the first half of `samples` without their labels. The other half is held out: the model's own
/// answers on it, asked of `judge` and not counted, decide how alike the two are. `judge` is the bare model where
/// `target` stands behind controls.
///
/// # Errors
/// When a target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: Access<'_>,
    judge: Access<'_>,
    samples: &Samples,
    parameters: &Parameters,
) -> Result<Extraction, TargetError> {
    let (width, classes) = (target.labels().width(), target.labels().classes());
    let bounds = target.labels().bounds();
    let mut random = generator(parameters.seed, NAME, 0);
    let owned = samples.len().div_ceil(2);
    let held_out = &samples.inputs[owned * width..];
    let by_scores = target.scores().is_some();
    let truth = match judge.labels().labels(held_out) {
        Ok(truth) => truth,
        // A judge that is asked through a budget may have spent it: then there is nothing to compare with.
        Err(TargetError::BudgetSpent | TargetError::Refused(_)) => {
            return Ok(Extraction { fidelity: Vec::new(), queries: 0, cut_short: true, by_scores });
        }
        Err(error) => return Err(error),
    };

    let mut order: Vec<usize> = (0..owned).collect();
    order.shuffle(&mut random);
    let (mut inputs, mut answers) = (Vec::new(), Vec::new());
    let mut extraction = Extraction { fidelity: Vec::new(), queries: 0, cut_short: false, by_scores };
    for checkpoint in &parameters.checkpoints {
        while inputs.len() / width < *checkpoint && !extraction.cut_short {
            let asked = inputs.len() / width;
            let count = BATCH.min(checkpoint - asked);
            let mut batch = Vec::with_capacity(count * width);
            for number in asked..asked + count {
                let own = samples.row(order[number % owned]);
                let other = samples.row(order[random.random_range(0..owned)]);
                let share: f32 = match number / owned {
                    0 => 0.0,
                    _ => random.random(),
                };
                let noise = if number / owned > 0 && number % 2 == 0 { 0.15 } else { 0.0 };
                batch.extend(own.iter().zip(other).map(|(a, b)| {
                    let shift = if noise > 0.0 { noise * normal(&mut random).0 } else { 0.0 };
                    bounds.clamp(a + share * (b - a) + shift * (bounds.high - bounds.low))
                }));
            }
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
        let training =
            Training { hidden: parameters.hidden, epochs: parameters.epochs, seed: parameters.seed };
        let copy = Surrogate::train(&inputs, &answers, (width, classes, bounds), &training);
        let scores = copy.logits(held_out);
        let agreed =
            scores.chunks_exact(classes).zip(&truth).filter(|(row, label)| winner(row) == **label).count();
        extraction.fidelity.push(Fidelity {
            queries: extraction.queries,
            agreed: agreed as u64,
            trials: truth.len() as u64,
        });
        if extraction.cut_short {
            break;
        }
    }
    Ok(extraction)
}
