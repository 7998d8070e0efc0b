//! Permission to attack a model behind an endpoint, as `vauban.toml` or the command line states it.

use std::collections::BTreeMap;

use crate::{Locator, Timestamp};

/// An endpoint that may be attacked: where, how it is asked, and within which bounds. No secret is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredTarget {
    /// Name, by which tests call it.
    pub name: String,
    /// Address: host and path are permitted exactly as they stand.
    pub url: String,
    /// `custom`, `mlflow`, `sagemaker`, `tensorflow` or `v2`.
    pub protocol: String,
    /// Name of the model, where the address does not hold it.
    pub model: String,
    /// Version of the model; empty for the server's choice.
    pub version: String,
    /// Name of the input; empty for the only one.
    pub input: String,
    /// Name of the output or key that holds the answers; empty for the likeliest.
    pub output: String,
    /// Form of the body, where the protocol knows several: `inputs`, `instances`, `dataframe_split`, `csv`, `json`.
    pub format: String,
    /// Names of columns, for data frames.
    pub columns: Vec<String>,
    /// Element type of protocol v2, `FP32` or `FP64`; empty for what the server tells.
    pub datatype: String,
    /// Body of the custom protocol, with `$inputs` or `$input` where rows go.
    pub body: String,
    /// JSON pointer to the answers of the custom protocol.
    pub pointer: String,
    /// `scores`, `probability` (of class 1), `labels`, or empty for what the first answer shows.
    pub answers: String,
    /// Names of the classes in the order of their numbers.
    pub labels: Vec<String>,
    /// Number of classes; 0 for what the first answer and the samples show.
    pub classes: u32,
    /// Extents of one sample; empty for those of the inputs.
    pub shape: Vec<u64>,
    /// Smallest value of an input element.
    pub low: f64,
    /// Largest value of an input element.
    pub high: f64,
    /// Headers to send as they stand; no secrets.
    pub headers: BTreeMap<String, String>,
    /// Headers whose values are in environment variables: header, name of the variable.
    pub headers_env: BTreeMap<String, String>,
    /// Environment variable that holds a bearer token; empty for none.
    pub token_env: String,
    /// Rows that may be sent in all.
    pub budget: u64,
    /// Requests per second.
    pub requests_per_second: f64,
    /// Rows in one request.
    pub batch: u32,
    /// Seconds an answer may take.
    pub timeout_seconds: u32,
    /// Start of the window in which it may be asked.
    pub from: Option<Timestamp>,
    /// End of the window.
    pub until: Option<Timestamp>,
    /// File for what was sent and answered; empty for `vauban-journal/NAME.jsonl`.
    pub journal: String,
    /// Where it is declared.
    pub locator: Locator,
}

impl Default for DeclaredTarget {
    fn default() -> Self {
        let text = String::new;
        Self {
            name: text(),
            url: text(),
            protocol: text(),
            model: text(),
            version: text(),
            input: text(),
            output: text(),
            format: text(),
            columns: Vec::new(),
            datatype: text(),
            body: text(),
            pointer: text(),
            answers: text(),
            labels: Vec::new(),
            classes: 0,
            shape: Vec::new(),
            low: 0.0,
            high: 1.0,
            headers: BTreeMap::new(),
            headers_env: BTreeMap::new(),
            token_env: text(),
            budget: 0,
            requests_per_second: 10.0,
            batch: 32,
            timeout_seconds: 30,
            from: None,
            until: None,
            journal: text(),
            locator: Locator::file(""),
        }
    }
}
