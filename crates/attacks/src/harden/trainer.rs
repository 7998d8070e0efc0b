//! The loop: epochs, minibatches in a seeded order, the best weights by held-out samples.
//!
//! A batch is cut into fixed shards whose gradients are computed on any number of threads and summed in order, so
//! the same seed gives the same bytes.

use rand::seq::SliceRandom as _;
use rayon::prelude::*;
use vauban_formats::onnx::Onnx;
use vauban_formats::onnx::write::replace_weights;

use super::methods::{Ball, Shard, Slopes, climb, fast};
use super::optimise::State;
use super::trainee::{Frozen, Trainee, Weights};
use super::{HardenError, Method, Recipe, interval, loss};
use crate::evasion::generator;
use crate::network::Value;
use crate::samples::Samples;
use crate::target::{LabelTarget as _, winner};

/// Samples of a shard: enough for a matrix product, few enough to feed several threads from one batch.
const SHARD: usize = 32;

/// Steps of the walk that judges held-out samples.
const JUDGE_STEPS: u32 = 10;

/// What an epoch gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// Its number, from 1.
    pub number: u32,
    /// Mean loss over the epoch.
    pub loss: f64,
    /// Accuracy on the held-out samples; `None` if none were held out.
    pub clean: Option<f64>,
    /// The same under ten steps of PGD (under bounds for `ibp`); `None` if the method knows no ball.
    pub robust: Option<f64>,
    /// Whether its weights are the best so far.
    pub best: bool,
}

/// A hardened model.
#[derive(Debug, Clone, PartialEq)]
pub struct Hardened {
    /// The file: the original with other weights.
    pub model: Vec<u8>,
    /// What each epoch gave.
    pub epochs: Vec<Epoch>,
    /// The epoch whose weights were kept, from 1.
    pub kept: u32,
    /// Names of the weights that were trained.
    pub trained: Vec<String>,
    /// Float initialisers that were not, and why.
    pub frozen: Vec<Frozen>,
    /// Training samples used for steps, and held out.
    pub samples: (usize, usize),
    /// What a reader must know: stopped early, statistics frozen.
    pub notes: Vec<String>,
}

/// Trains the model in `onnx`, parsed from `bytes`, on `samples`; `observe` is told about every epoch and ends the
/// training by returning `false`, which keeps the best weights so far.
///
/// # Errors
/// [`HardenError`] for recipes, models and samples that do not go together, and for a loss that is no number.
pub fn harden(
    onnx: &Onnx,
    bytes: &[u8],
    samples: &Samples,
    recipe: &Recipe,
    observe: &mut dyn FnMut(&Epoch) -> bool,
) -> Result<Hardened, HardenError> {
    recipe.check()?;
    let trainee = Trainee::new(onnx, bytes)?;
    samples.check(trainee.target.width(), trainee.target.classes())?;
    if samples.inputs.iter().any(|value| !value.is_finite()) {
        return Err(HardenError::Recipe("the samples hold values that are not finite".to_owned()));
    }
    if matches!(recipe.method, Method::Ibp { .. }) {
        let unknown = interval::unknown(&trainee);
        if !unknown.is_empty() {
            return Err(HardenError::Bounds(unknown));
        }
    }
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.shuffle(&mut generator(recipe.seed, "harden-split", 0));
    let held = ((samples.len() as f64 * recipe.held_out) as usize).min(samples.len() - 1);
    let held_out = Held::new(samples, &order[..held]);
    let mut run = Run { trainee: &trainee, samples, recipe, order: order[held..].to_vec() };

    let mut weights = trainee.weights();
    let sizes: Vec<usize> =
        weights.iter().map(|(_, value)| value.shape().iter().product::<usize>()).collect();
    let mut state = State::new(recipe.optimiser, recipe.weight_decay, &sizes);
    let mut best: Option<(f64, f64, u32, Weights)> = None;
    let (mut epochs, mut notes) = (Vec::new(), Vec::new());
    for number in 1..=recipe.epochs {
        let loss = run.epoch(number, &mut weights, &mut state)?;
        if !loss.is_finite() {
            return Err(HardenError::Diverged { epoch: number });
        }
        let (clean, robust) = held_out.judge(&trainee, &weights, recipe.method)?;
        // The ball of certified training grows with the epochs: while nothing is certified yet, later is nearer to it.
        let second = match recipe.method {
            Method::Ibp { .. } if robust == Some(0.0) => f64::from(number),
            _ => clean.unwrap_or(0.0),
        };
        let rank = (robust.or(clean).unwrap_or(f64::from(number)), second);
        let better = best.as_ref().is_none_or(|(first, second, ..)| rank >= (*first, *second));
        let epoch = Epoch { number, loss, clean, robust, best: better };
        if better {
            best = Some((rank.0, rank.1, number, weights.clone()));
        }
        let go_on = observe(&epoch);
        epochs.push(epoch);
        let top = best.as_ref().map_or(0.0, |(first, ..)| *first);
        if matches!(recipe.method, Method::Fast { .. })
            && robust.is_some_and(|robust| fast::overfitted(robust, top))
        {
            notes.push(format!(
                "stopped after epoch {number}: catastrophic overfitting, robust accuracy on held-out samples fell \
                 to {:.3} from {top:.3}",
                robust.unwrap_or(0.0)
            ));
            break;
        }
        if !go_on {
            notes.push(format!("stopped after epoch {number} of {} as asked", recipe.epochs));
            break;
        }
    }
    let (.., kept, weights) = best.ok_or_else(|| HardenError::Recipe("there was no epoch".to_owned()))?;
    if held == 0 && matches!(recipe.method, Method::Fast { .. }) {
        notes.push("no samples were held out, so catastrophic overfitting was not looked for".to_owned());
    }
    if trainee.target.network.steps.iter().any(|step| step.operator.name == "BatchNormalization") {
        notes.push(
            "batch normalisation kept the statistics of the file; scale and shift were trained".to_owned(),
        );
    }
    if trainee.target.network.steps.iter().any(|step| step.operator.name == "Dropout") {
        notes.push("dropout was off, as it is in an exported model".to_owned());
    }
    let model = replace_weights(onnx, bytes, &trainee.named(&weights))?;
    Ok(Hardened {
        model,
        epochs,
        kept,
        trained: trainee.names,
        frozen: trainee.frozen,
        samples: (samples.len() - held, held),
        notes,
    })
}

struct Run<'a> {
    trainee: &'a Trainee,
    samples: &'a Samples,
    recipe: &'a Recipe,
    order: Vec<usize>,
}

impl Run<'_> {
    /// One pass over the training samples; the mean loss.
    fn epoch(&mut self, number: u32, weights: &mut Weights, state: &mut State) -> Result<f64, HardenError> {
        let recipe = self.recipe;
        self.order.shuffle(&mut generator(recipe.seed, "harden-order", number as usize));
        let per_epoch = self.order.len().div_ceil(recipe.batch) as f64;
        let total = per_epoch * f64::from(recipe.epochs);
        let mut loss = 0.0;
        for (index, batch) in self.order.chunks(recipe.batch).enumerate() {
            let done = (per_epoch * f64::from(number - 1) + index as f64) / total;
            let parts: Vec<Result<Slopes, HardenError>> = batch
                .par_chunks(self.trainee.rows(SHARD))
                .map(|rows| {
                    let shard = self.shard(rows, number, batch.len(), done);
                    recipe.method.shard(self.trainee, weights, &shard)
                })
                .collect();
            let mut sum: Option<Slopes> = None;
            for part in parts {
                let part = part?;
                match &mut sum {
                    None => sum = Some(part),
                    Some(sum) => {
                        sum.loss += part.loss;
                        for (all, own) in sum.by_weights.iter_mut().zip(&part.by_weights) {
                            all.iter_mut().zip(own).for_each(|(all, own)| *all += own);
                        }
                    }
                }
            }
            let Some(slopes) = sum else { continue };
            loss += slopes.loss;
            state.advance();
            let rate = recipe.rate * recipe.schedule.factor(done);
            for (index, ((_, value), slopes)) in weights.iter_mut().zip(&slopes.by_weights).enumerate() {
                if let Value::Float(tensor) = value {
                    state.apply(index, &mut tensor.data, slopes, rate);
                }
            }
        }
        Ok(loss / self.order.len().max(1) as f64)
    }

    fn shard(&self, rows: &[usize], epoch: u32, batch: usize, done: f64) -> Shard<'static> {
        Shard {
            inputs: rows.iter().flat_map(|row| self.samples.row(*row)).copied().collect(),
            labels: rows.iter().map(|row| label(self.samples, *row)).collect(),
            streams: rows.iter().map(|row| epoch as usize * self.samples.len() + row).collect(),
            scale: 1.0 / batch as f32,
            done,
            seed: self.recipe.seed,
            bounds: self.trainee.target.bounds(),
            name: "harden",
        }
    }
}

/// The class of a sample that was checked.
fn label(samples: &Samples, row: usize) -> usize {
    usize::try_from(samples.labels[row]).unwrap_or(0)
}

/// Samples that choose the best epoch.
struct Held {
    inputs: Vec<f32>,
    labels: Vec<usize>,
}

impl Held {
    fn new(samples: &Samples, rows: &[usize]) -> Self {
        Self {
            inputs: rows.iter().flat_map(|row| samples.row(*row)).copied().collect(),
            labels: rows.iter().map(|row| label(samples, *row)).collect(),
        }
    }

    /// Clean and robust accuracy, where there are samples and a ball.
    fn judge(
        &self,
        trainee: &Trainee,
        weights: &Weights,
        method: Method,
    ) -> Result<(Option<f64>, Option<f64>), HardenError> {
        if self.labels.is_empty() {
            return Ok((None, None));
        }
        let (width, eps) = (trainee.target.width().max(1), method.eps());
        let size = trainee.rows(SHARD);
        let judged: Vec<Result<(usize, usize), HardenError>> = self
            .inputs
            .par_chunks(size * width)
            .zip(self.labels.par_chunks(size))
            .map(|(rows, labels)| {
                let clean = right(trainee, weights, rows, labels)?;
                let robust = match method {
                    _ if eps == 0.0 => 0,
                    Method::Ibp { .. } => {
                        let proven = interval::certified(trainee, weights, rows, labels, eps)?;
                        proven.iter().filter(|proven| **proven).count()
                    }
                    _ => {
                        let bounds = trainee.target.bounds();
                        let ball = Ball { eps, step: eps / 4.0, steps: JUDGE_STEPS, bounds };
                        let points =
                            climb(trainee, weights, rows, rows.to_vec(), &ball, |row, logits, above| {
                                loss::climb(logits, labels[row], above);
                            })?;
                        right(trainee, weights, &points, labels)?
                    }
                };
                Ok((clean, robust))
            })
            .collect();
        let (mut clean, mut robust) = (0, 0);
        for part in judged {
            let part = part?;
            clean += part.0;
            robust += part.1;
        }
        let share = |count: usize| count as f64 / self.labels.len() as f64;
        Ok((Some(share(clean)), (eps > 0.0).then(|| share(robust))))
    }
}

/// Rows the model gets right.
fn right(trainee: &Trainee, weights: &Weights, rows: &[f32], labels: &[usize]) -> Result<usize, HardenError> {
    let tape = trainee.record(weights, rows)?;
    let logits = trainee.logits(&tape)?.data.chunks_exact(trainee.target.classes());
    Ok(logits.zip(labels).filter(|(row, label)| winner(row) as usize == **label).count())
}
