//! XGBoost models: JSON, UBJSON and the binary format of before 2.1. Their loader trusts every index in a tree, so all
//! are checked here.
//!
//! Sources: XGBoost documentation "Introduction to Model IO" and `doc/model.schema`; `src/tree/tree_model.cc`,
//! `src/gbm/gbtree_model.cc`, `src/learner.cc` of 1.7.

mod binary;
mod structure;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
mod trees;

use crate::search::holds;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};
use tree::{Reader, Tree};
pub use trees::{XgboostTrees, read_trees};

/// How XGBoost models are found and read.
pub const FORMAT: Format =
    Format { name: "xgboost", extensions: &["bst", "deprecated", "ubj", "xgb"], recognise, parse };

/// A boosted model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Xgboost {
    /// How it is written.
    pub encoding: Encoding,
    /// Version that says it wrote the file, `3.2.0`.
    pub version: String,
    /// `gbtree`, `gblinear`, `dart`.
    pub booster: String,
    /// Name of the objective.
    pub objective: String,
    /// Features as stated.
    pub features: u64,
    /// Classes as stated; 0 for regression and two classes.
    pub classes: u64,
    /// Trees that are there.
    pub trees: usize,
    /// Attributes that whoever saved the model added, and names of features.
    pub texts: Vec<(String, String)>,
}

/// How a model is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// JSON.
    #[default]
    Json,
    /// UBJSON.
    Ubjson,
    /// The old binary format.
    Binary,
}

/// Bytes that are looked at to recognise a model.
const HEAD: usize = 4 << 10;

fn encoding(input: &Input<'_>) -> Option<Encoding> {
    let head = input.head(HEAD);
    let says = |word: &[u8]| holds(head, word);
    match head.trim_ascii_start() {
        [b'{', b'i' | b'U' | b'I' | b'l' | b'L' | b'$' | b'#', ..] if says(b"learner") => {
            Some(Encoding::Ubjson)
        }
        [b'{', b'i' | b'U' | b'I' | b'l' | b'L', ..] if input.extension() == "ubj" => Some(Encoding::Ubjson),
        [b'{', ..] if says(b"\"learner\"") => Some(Encoding::Json),
        _ if input.bytes.starts_with(b"binf") || binary::begins(input.bytes) => Some(Encoding::Binary),
        _ => None,
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    match encoding(input) {
        Some(Encoding::Binary) if !input.bytes.starts_with(b"binf") => Recognised::ByShape,
        Some(_) => Recognised::ByMagic,
        None => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (xgboost, defects) = read(input);
    let look = |(key, text): &(String, String)| crate::arrow::metadata_value(input, key, text.as_bytes());
    let members = xgboost.texts.iter().filter(|(_, text)| text.len() > 16).filter_map(look).collect();
    Parsed { format: FORMAT.name, facts: Facts::Xgboost(xgboost), defects, members }
}

/// Reads a model.
pub fn read(input: &Input<'_>) -> (Xgboost, Vec<Defect>) {
    let encoding = encoding(input).unwrap_or_default();
    let mut xgboost = Xgboost { encoding, ..Xgboost::default() };
    let mut defects = Vec::new();
    if encoding == Encoding::Binary {
        binary::read(input, &mut xgboost, &mut defects);
        return (xgboost, defects);
    }
    if input.bytes.len() > input.budget.limits.text_bytes.saturating_mul(4) {
        defects.push(Defect::whole("limit-text", format!("a model of {} bytes", input.bytes.len())));
        return (xgboost, defects);
    }
    let mut reader = Reader::new(input.bytes, input.budget);
    let tree = if encoding == Encoding::Ubjson { reader.ubjson(0) } else { reader.json(0) };
    match tree {
        Ok(tree) => {
            let rest = reader.rest();
            if !rest.is_empty() {
                let detail = format!("{} bytes behind the model", rest.len());
                defects.push(Defect::at("xgboost-trailing", rest.start as u64, detail));
            }
            describe(&tree, &mut xgboost);
            structure::check(&tree, &mut xgboost, &mut defects);
        }
        Err(defect) => defects.push(defect),
    }
    (xgboost, defects)
}

fn describe(tree: &Tree, xgboost: &mut Xgboost) {
    let version: Vec<String> =
        tree.get("version").numbers().unwrap_or_default().iter().map(|part| format!("{part}")).collect();
    xgboost.version = version.join(".");
    let learner = tree.get("learner");
    xgboost.booster = learner.at("gradient_booster.name").text().unwrap_or_default().to_owned();
    xgboost.objective = learner.at("objective.name").text().unwrap_or_default().to_owned();
    let number =
        |key: &str| learner.get("learner_model_param").get(key).number().unwrap_or(0.0).max(0.0) as u64;
    xgboost.features = number("num_feature");
    xgboost.classes = number("num_class");
    for (key, value) in learner.get("attributes").entries() {
        xgboost.texts.push((key.clone(), value.text().unwrap_or_default().to_owned()));
    }
    for name in learner.get("feature_names").items().iter().filter_map(Tree::text).take(100_000) {
        xgboost.texts.push(("feature_names".to_owned(), name.to_owned()));
    }
}
