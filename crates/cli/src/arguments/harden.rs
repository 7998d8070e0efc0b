//! `vauban harden`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct HardenArguments {
    /// The model: ONNX, weights inside the file.
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,

    /// Inputs to train on, or to calibrate controls with: NPY, samples first.
    #[arg(long, value_name = "NPY")]
    pub(crate) inputs: PathBuf,

    /// Labels of the inputs: NPY, integers.
    #[arg(long, value_name = "NPY")]
    pub(crate) labels: PathBuf,

    /// Inputs to judge with; the training does not see them.
    #[arg(long, value_name = "NPY")]
    pub(crate) eval_inputs: PathBuf,

    /// Labels of the inputs to judge with.
    #[arg(long, value_name = "NPY")]
    pub(crate) eval_labels: PathBuf,

    /// Tries controls in front of the model instead of training it.
    #[arg(long, conflicts_with = "output")]
    pub(crate) controls: bool,

    /// How to train: standard, pgd, trades, fast, noise (for randomised smoothing) or ibp (certified).
    #[arg(long, value_name = "METHOD", default_value = "pgd")]
    pub(crate) method: String,

    /// Largest change of any input value, in training and in judging; the deviation of the noise.
    #[arg(long, value_name = "EPS", default_value_t = 0.1)]
    pub(crate) eps: f32,

    /// Steps of pgd and trades.
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) steps: u32,

    /// Weight of robustness in trades.
    #[arg(long, value_name = "BETA", default_value_t = 6.0)]
    pub(crate) beta: f32,

    /// Passes over the training data.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) epochs: u32,

    /// Rate of the optimiser (Adam) at the start; falls to 0 along a cosine.
    #[arg(long, value_name = "RATE", default_value_t = 0.001)]
    pub(crate) rate: f32,

    /// Samples per step.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub(crate) batch: usize,

    /// Samples to judge with, at most.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(crate) samples: usize,

    /// Queries per sample and attack when judging.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) queries: u32,

    /// Seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Where the hardened model goes: ONNX.
    #[arg(long, short, value_name = "FILE", required_unless_present = "controls")]
    pub(crate) output: Option<PathBuf>,

    /// Where the card goes: JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) card: Option<PathBuf>,
}
