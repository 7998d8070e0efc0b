//! What training minimises. One method per file.

mod climb;
pub(crate) mod fast;
mod ibp;
mod noise;
mod pgd;
mod standard;
mod trades;

pub(crate) use climb::{Ball, climb, scatter};

use super::HardenError;
use super::trainee::{Trainee, Weights};

/// A way to train. All sizes of balls are in units of the input and in the L-infinity norm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// On the samples as they are.
    Standard,
    /// On examples of projected gradient descent (Madry et al., ICLR 2018).
    Pgd {
        /// Largest change of an element.
        eps: f32,
        /// Steps per example.
        steps: u32,
        /// Change per step.
        step: f32,
    },
    /// Accuracy and closeness of answers apart (Zhang et al., TRADES, ICML 2019).
    Trades {
        /// Largest change of an element.
        eps: f32,
        /// Steps per example.
        steps: u32,
        /// Change per step.
        step: f32,
        /// Weight of the closeness, `1/lambda` of the paper.
        beta: f32,
    },
    /// On examples of one step from a random start (Wong et al., Fast is better than free, ICLR 2020).
    Fast {
        /// Largest change of an element.
        eps: f32,
        /// The step; the paper takes 1.25 eps.
        step: f32,
    },
    /// With Gaussian noise on the samples (Cohen et al., ICML 2019), for randomised smoothing.
    Noise {
        /// Standard deviation; noisy samples are not clipped to the bounds.
        sigma: f32,
    },
    /// On the worst logits that interval bounds allow (Gowal et al., 2018, arXiv:1810.12715).
    Ibp {
        /// Largest change of an element.
        eps: f32,
    },
}

impl Method {
    /// The word for it, `pgd`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Pgd { .. } => "pgd",
            Self::Trades { .. } => "trades",
            Self::Fast { .. } => "fast",
            Self::Noise { .. } => "noise",
            Self::Ibp { .. } => "ibp",
        }
    }

    /// Size of the ball it trains for; 0 for methods that know none.
    pub const fn eps(self) -> f32 {
        match self {
            Self::Standard | Self::Noise { .. } => 0.0,
            Self::Pgd { eps, .. } | Self::Trades { eps, .. } | Self::Fast { eps, .. } | Self::Ibp { eps } => {
                eps
            }
        }
    }

    /// Evasion attacks of [`crate::evasion::ATTACKS`] that are of the kind it trains on.
    pub const fn attacks(self) -> &'static [&'static str] {
        match self {
            Self::Standard | Self::Ibp { .. } => &[],
            Self::Pgd { .. } | Self::Trades { .. } => {
                &["apgd-ce-linf", "fgsm-linf", "pgd-linf", "universal-linf"]
            }
            Self::Fast { .. } => &["fgsm-linf"],
            Self::Noise { .. } => &["noise-linf"],
        }
    }

    /// Its numbers, for the record.
    pub fn parameters(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Standard => Vec::new(),
            Self::Pgd { eps, steps, step } => {
                vec![("eps", eps.to_string()), ("step", step.to_string()), ("steps", steps.to_string())]
            }
            Self::Trades { eps, steps, step, beta } => vec![
                ("beta", beta.to_string()),
                ("eps", eps.to_string()),
                ("step", step.to_string()),
                ("steps", steps.to_string()),
            ],
            Self::Fast { eps, step } => vec![("eps", eps.to_string()), ("step", step.to_string())],
            Self::Noise { sigma } => vec![("sigma", sigma.to_string())],
            Self::Ibp { eps } => vec![("eps", eps.to_string())],
        }
    }

    pub(crate) fn check(self) -> Result<(), &'static str> {
        let positive = |value: f32| value > 0.0 && value.is_finite();
        match self {
            Self::Standard => Ok(()),
            Self::Noise { sigma } if !positive(sigma) => Err("sigma must be a number above 0"),
            Self::Noise { .. } => Ok(()),
            other if !positive(other.eps()) => Err("eps must be a number above 0"),
            Self::Pgd { steps, step, .. } | Self::Trades { steps, step, .. }
                if steps == 0 || steps > 10_000 || !positive(step) =>
            {
                Err("there must be 1 to 10000 steps of a size above 0")
            }
            Self::Trades { beta, .. } if !positive(beta) => Err("beta must be a number above 0"),
            Self::Fast { step, .. } if !positive(step) => Err("the step must be a number above 0"),
            _ => Ok(()),
        }
    }

    /// Loss and gradients of one shard.
    pub(crate) fn shard(
        self,
        trainee: &Trainee,
        weights: &Weights,
        shard: &Shard<'_>,
    ) -> Result<Slopes, HardenError> {
        match self {
            Self::Standard => standard::slopes(trainee, weights, shard, &shard.inputs),
            Self::Pgd { eps, steps, step } => {
                let ball = Ball { eps, step, steps, bounds: shard.bounds };
                pgd::slopes(trainee, weights, shard, &ball)
            }
            Self::Trades { eps, steps, step, beta } => {
                let ball = Ball { eps, step, steps, bounds: shard.bounds };
                trades::slopes(trainee, weights, shard, &ball, beta)
            }
            Self::Fast { eps, step } => {
                let ball = Ball { eps, step, steps: 1, bounds: shard.bounds };
                fast::slopes(trainee, weights, shard, &ball)
            }
            Self::Noise { sigma } => noise::slopes(trainee, weights, shard, sigma),
            Self::Ibp { eps } => ibp::slopes(trainee, weights, shard, eps),
        }
    }
}

/// Samples whose gradients are computed together.
pub(crate) struct Shard<'a> {
    /// Their elements.
    pub(crate) inputs: Vec<f32>,
    /// Their classes.
    pub(crate) labels: Vec<usize>,
    /// For each the number of its stream of random numbers.
    pub(crate) streams: Vec<usize>,
    /// Weight of one sample: one by the size of the batch.
    pub(crate) scale: f32,
    /// Share of all steps that is done.
    pub(crate) done: f64,
    pub(crate) seed: u64,
    pub(crate) bounds: crate::target::Bounds,
    pub(crate) name: &'a str,
}

/// Sum of the losses of a shard, and gradients by each weight.
pub(crate) struct Slopes {
    pub(crate) loss: f64,
    pub(crate) by_weights: Vec<Vec<f32>>,
}
