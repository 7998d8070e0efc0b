//! What `vauban attack` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use vauban_domain::Severity;

use super::{Numbers, Output, Serving, Subject};

const EXAMPLES: &str = "\
Examples:
  vauban attack model.onnx --inputs x.npy --labels y.npy --eps 0.1
      the standard evaluation: strong attacks in sequence, worst case per sample, checks for masked gradients
  vauban attack new.onnx --inputs x.npy --labels y.npy --against old.onnx --gate
      exits with 1 if the new version is measurably less robust than the old one
  vauban attack model.onnx --inputs x.npy --labels y.npy --format junit --output attack.xml
      the checks as test results
  vauban attack --list
      every attack with its access, norm and paper";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AttackArguments {
    #[command(flatten)]
    pub(crate) subject: Subject,
    #[command(flatten)]
    pub(crate) output: Output,

    /// Inputs for PATH, which then is a model: NPY (samples first), CSV or Parquet.
    #[arg(long, value_name = "FILE", help_heading = "Model and data")]
    pub(crate) inputs: Option<PathBuf>,

    /// Labels of the inputs: integers. Without it they are a column of the inputs.
    #[arg(long, value_name = "FILE", requires = "inputs", help_heading = "Model and data")]
    pub(crate) labels: Option<PathBuf>,

    /// Column of the inputs that holds the labels; the last unless given.
    #[arg(long, value_name = "NAME", conflicts_with = "labels", help_heading = "Model and data")]
    pub(crate) label_column: Option<String>,

    /// Columns of tabular inputs and what they may become (TOML): a second attack then keeps to types, ranges, mutability,
    /// costs and relations.
    #[arg(long, value_name = "FILE", requires = "inputs", help_heading = "Model and data")]
    pub(crate) schema: Option<PathBuf>,

    /// Column whose values an attacker tries to infer from the others and the model's answers: a number from 0, or a name of
    /// the schema. May be given several times.
    #[arg(long, value_name = "COLUMN", requires = "inputs", help_heading = "Model and data")]
    pub(crate) hidden_column: Vec<String>,

    /// Prints a first schema for tabular data (CSV, Parquet or NPY) and stops: types, ranges and one-hot groups as the data shows
    /// them, to be corrected by someone who knows the columns.
    #[arg(long, value_name = "DATA", help_heading = "Model and data")]
    pub(crate) draft_schema: Option<PathBuf>,

    /// Inputs that the model was trained on: says whether its answers give their membership away.
    #[arg(long, value_name = "FILE", requires = "inputs", help_heading = "Model and data")]
    pub(crate) train_inputs: Option<PathBuf>,

    /// Labels of the inputs it was trained on; a column of them unless given.
    #[arg(long, value_name = "FILE", requires = "train_inputs", help_heading = "Model and data")]
    pub(crate) train_labels: Option<PathBuf>,

    /// Group of each sample (one column), for a breakdown of robust accuracy.
    #[arg(long, value_name = "FILE", requires = "inputs", help_heading = "Model and data")]
    pub(crate) groups: Option<PathBuf>,

    /// Norm that changes are measured in.
    #[arg(long, value_enum, default_value_t = NormName::Linf, help_heading = "Threat model")]
    pub(crate) norm: NormName,

    /// Largest change of an input, in that norm.
    #[arg(long, value_name = "EPS", default_value_t = 0.1, help_heading = "Threat model")]
    pub(crate) eps: f64,

    /// Certifies the model under Gaussian noise of this deviation, too (randomised smoothing, L2).
    #[arg(
        long,
        value_name = "SIGMA",
        default_value_t = 0.0,
        hide_default_value = true,
        help_heading = "Attacks"
    )]
    pub(crate) smoothing: f64,

    /// Samples to attack, at most.
    #[arg(long, value_name = "N", default_value_t = 1000, help_heading = "Threat model")]
    pub(crate) samples: u32,

    /// Queries per sample and attack, at most.
    #[arg(long, value_name = "N", default_value_t = 5000, help_heading = "Threat model")]
    pub(crate) queries: u32,

    /// Which attacks to run on a model that is given with its data.
    #[arg(long, value_enum, default_value_t = SuiteName::Standard, help_heading = "Attacks")]
    pub(crate) suite: SuiteName,

    /// Runs this attack instead of a suite's. May be given several times.
    #[arg(long, value_name = "NAME", help_heading = "Attacks")]
    pub(crate) attack: Vec<String>,

    /// Decides a property of the model in VNNLIB and stops: prints unsat, sat with an input, or unknown, as VNN-COMP reads them;
    /// exits with 0, 1 or 2.
    #[arg(long, value_name = "VNNLIB", help_heading = "Attacks")]
    pub(crate) property: Option<PathBuf>,

    /// Lists every attack and stops.
    #[arg(long, help_heading = "Attacks")]
    pub(crate) list: bool,

    /// Writes the inputs that the model misreads, with their row numbers and labels, as NPY files into this folder.
    #[arg(long, value_name = "FOLDER", help_heading = "Results")]
    pub(crate) save: Option<PathBuf>,

    /// Compares with the last version, sample by sample: a model, or what an earlier run wrote with --format json.
    #[arg(long, value_name = "MODEL|JSON", requires = "inputs", help_heading = "Results")]
    pub(crate) against: Option<PathBuf>,

    /// Exits with 1 when the model is measurably less robust than the one of --against.
    #[arg(long, requires = "against", help_heading = "Results")]
    pub(crate) gate: bool,

    /// Robust accuracy below which the model is called weak.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, help_heading = "Results")]
    pub(crate) minimum_robust_accuracy: f64,

    /// Exits with 1 when a finding is at least this severe.
    #[arg(long, value_name = "SEVERITY", help_heading = "Results")]
    pub(crate) fail_on: Option<Severity>,

    #[command(flatten)]
    pub(crate) numbers: Numbers,

    #[command(flatten)]
    pub(crate) serving: Serving,
}

/// A norm by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NormName {
    /// The largest change of an element.
    Linf,
    /// The Euclidean distance.
    L2,
    /// The sum of all changes.
    L1,
}

/// A suite by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SuiteName {
    /// A few attacks of every kind on all samples, and a copy of the model.
    Quick,
    /// Strong attacks in sequence on what still stands.
    Standard,
    /// Every attack on all samples, and a copy of the model.
    Full,
}

impl NormName {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Linf => "linf",
            Self::L2 => "l2",
            Self::L1 => "l1",
        }
    }
}

impl SuiteName {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}
