//! The options of attacks on served models.

use std::path::PathBuf;

use clap::Args;

/// How to ask an endpoint that is given as PATH, and what is permitted there.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "Served models (PATH is http://… or https://…: naming it permits exactly that host and path)"
)]
pub(crate) struct Serving {
    /// How it is asked; `v2` is the Open Inference Protocol of KServe, Triton and MLServer.
    #[arg(long, value_name = "PROTOCOL", value_parser = ["custom", "mlflow", "sagemaker", "tensorflow", "v2"])]
    pub(crate) protocol: Option<String>,

    /// Rows that may be sent in all, over all runs with the same journal.
    #[arg(long, value_name = "N", requires = "protocol")]
    pub(crate) budget: Option<u64>,

    /// File for what was sent and answered; the same command goes on from it and repeats no row.
    #[arg(long, value_name = "FILE", requires = "protocol")]
    pub(crate) journal: Option<PathBuf>,

    /// Requests per second, at most.
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    pub(crate) rate: f64,

    /// Rows in one request, at most.
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub(crate) batch: u32,

    /// Name of the model's input, where it has several.
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) input_name: String,

    /// Name of the output, or key of the answers: `predict_proba`.
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) output_name: String,

    /// Form of the body: inputs, instances or dataframe_split for mlflow, csv or json for sagemaker.
    #[arg(long, value_name = "FORM", value_parser = ["csv", "dataframe_split", "inputs", "instances", "json"])]
    pub(crate) body_format: Option<String>,

    /// What the model answers with, where the first answer does not show it; `probability` is that of class 1.
    #[arg(long, value_name = "WHAT", value_parser = ["labels", "probability", "scores"])]
    pub(crate) answers: Option<String>,

    /// Names of the classes in the order of their numbers.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) label_names: Vec<String>,

    /// Number of classes, where neither answers nor labels show it.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) classes: u32,

    /// Smallest value of an input.
    #[arg(long, value_name = "VALUE", default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) low: f64,

    /// Largest value of an input.
    #[arg(long, value_name = "VALUE", default_value_t = 1.0, allow_negative_numbers = true)]
    pub(crate) high: f64,

    /// JSON body of protocol custom, with `$inputs` for the list of rows or `$input` for one.
    #[arg(long, value_name = "JSON", default_value = "", hide_default_value = true)]
    pub(crate) body: String,

    /// JSON pointer to the answers of protocol custom.
    #[arg(long, value_name = "POINTER", default_value = "", hide_default_value = true)]
    pub(crate) pointer: String,

    /// Environment variable that holds a bearer token.
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) token_env: String,

    /// Attacks the targets that vauban.toml declares, with the credentials that it names. Read the file first: it says where
    /// they are sent.
    #[arg(long)]
    pub(crate) live: bool,
}
