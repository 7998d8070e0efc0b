//! Hardening: a model trained to hold against attacks, written back as ONNX, and what that cost.
//!
//! [`harden`] trains the weights of an exported classifier in place. What is measured before and after
//! ([`evaluate`]) is the file that is delivered, by attacks the training did not use.

mod card;
mod evaluate;
pub mod interval;
mod loss;
mod methods;
mod optimise;
mod trainee;
mod trainer;

use vauban_formats::onnx::write::WriteError;

pub use card::{Card, Rated, Version};
pub use evaluate::{Evaluation, Share, evaluate};
pub(crate) use loss::log_sum_exp;
pub use methods::Method;
pub use optimise::{Optimiser, Schedule};
pub use trainee::Frozen;
pub use trainer::{Epoch, Hardened, harden};

use crate::network::{KernelError, LoadError};
use crate::samples::SamplesError;
use crate::target::TargetError;

/// How to train.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// What is minimised.
    pub method: Method,
    /// How weights follow their gradients.
    pub optimiser: Optimiser,
    /// Rate at the start, above 0.
    pub rate: f32,
    /// What becomes of the rate.
    pub schedule: Schedule,
    /// Pull of the weights towards zero, 0 for none.
    pub weight_decay: f32,
    /// Passes over the training data, at least 1.
    pub epochs: u32,
    /// Samples per step, at least 1.
    pub batch: usize,
    /// Share of the training data held out to choose the best epoch, 0 to 0.5; with 0 the last epoch is kept.
    pub held_out: f64,
    /// Seed.
    pub seed: u64,
}

impl Recipe {
    /// Adam with a cosine rate from 0.001, batches of 64 samples, a tenth held out.
    pub const fn new(method: Method, epochs: u32, seed: u64) -> Self {
        Self {
            method,
            optimiser: Optimiser::Adam,
            rate: 0.001,
            schedule: Schedule::Cosine,
            weight_decay: 0.0,
            epochs,
            batch: 64,
            held_out: 0.1,
            seed,
        }
    }

    /// Whether the numbers make sense.
    fn check(&self) -> Result<(), HardenError> {
        let wrong = |why: &str| Err(HardenError::Recipe(why.to_owned()));
        if self.epochs == 0 || self.batch == 0 {
            return wrong("epochs and batch must be at least 1");
        }
        if !(self.rate > 0.0 && self.rate.is_finite()) {
            return wrong("the rate must be a number above 0");
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return wrong("the weight decay must be 0 or more");
        }
        if !(0.0..=0.5).contains(&self.held_out) {
            return wrong("the share held out must lie between 0 and 0.5");
        }
        self.method.check().map_err(|why| HardenError::Recipe(why.to_owned()))
    }
}

/// Why a model could not be hardened.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HardenError {
    /// The model cannot be run here.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The samples do not fit the model.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// A number of the recipe makes no sense.
    #[error("the recipe makes no sense: {0}")]
    Recipe(String),
    /// Operators between input and logits have no gradient.
    #[error("the model cannot be trained: no gradient passes {}", .0.join(", "))]
    Gradient(Vec<String>),
    /// No weight can be trained.
    #[error("the model holds no weights that can be trained{}", .0.first().map_or_else(String::new, |frozen| format!(": `{}`: {}", frozen.name, frozen.why)))]
    NoWeights(Vec<Frozen>),
    /// Interval bounds are not implemented for these operators.
    #[error("interval bounds do not know {}; use another method", .0.join(", "))]
    Bounds(Vec<String>),
    /// The loss is no number any more.
    #[error("training diverged in epoch {epoch}; lower the rate")]
    Diverged {
        /// The epoch, from 1.
        epoch: u32,
    },
    /// An operator failed.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The weights cannot be written back.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The model failed under attack.
    #[error(transparent)]
    Target(#[from] TargetError),
}
