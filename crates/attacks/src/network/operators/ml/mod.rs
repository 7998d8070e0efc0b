//! Classical models of the `ai.onnx.ml` domain. They run forward only; scores follow onnxruntime's conventions.

pub(crate) mod features;
pub(crate) mod linear;
pub(crate) mod svm;
pub(crate) mod tree;

use super::super::kernel::{Context, Inputs, KernelError};
use super::super::tensor::{Array, Tensor, Value};
use super::Prepared;
use super::unary::logistic;

/// What happens to the scores of a row at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PostTransform {
    None,
    Softmax,
    SoftmaxZero,
    Logistic,
}

impl PostTransform {
    fn new(context: &Context<'_>) -> Result<Self, KernelError> {
        Ok(match context.text("post_transform", "NONE")? {
            "NONE" => Self::None,
            "SOFTMAX" => Self::Softmax,
            "SOFTMAX_ZERO" => Self::SoftmaxZero,
            "LOGISTIC" => Self::Logistic,
            other => return Err(KernelError(format!("the post transform `{other}` is not supported"))),
        })
    }

    fn apply(self, row: &mut [f32]) {
        match self {
            Self::None => {}
            Self::Logistic => row.iter_mut().for_each(|score| *score = logistic(*score)),
            Self::Softmax | Self::SoftmaxZero => {
                // `SOFTMAX_ZERO` leaves scores of exactly zero at zero.
                let counted = |score: f32| self == Self::Softmax || score != 0.0;
                let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let sum: f32 =
                    row.iter().filter(|score| counted(**score)).map(|score| (score - top).exp()).sum();
                for score in row.iter_mut().filter(|score| counted(**score)) {
                    *score = (*score - top).exp() / sum;
                }
            }
        }
    }
}

/// Class labels of a classifier: integers, or positions where they are texts.
fn class_labels(context: &Context<'_>, ints: &str, texts: &str) -> Vec<i64> {
    match context.ints(ints) {
        Some(labels) if !labels.is_empty() => labels.to_vec(),
        _ => (0..context.texts(texts).len() as i64).collect(),
    }
}

/// Rows and columns of the features; a single vector is one row.
fn features<'a>(inputs: &Inputs<'a>) -> Result<(&'a Tensor, usize, usize), KernelError> {
    let x = inputs.float(0)?;
    match x.shape[..] {
        [columns] => Ok((x, 1, columns)),
        [rows, columns] => Ok((x, rows, columns)),
        _ => Err(KernelError(format!("a table of features is needed, not the shape {:?}", x.shape))),
    }
}

/// Label and score outputs from rows of scores.
fn classified(labels: &[i64], scores: Vec<f32>, rows: usize) -> Result<Vec<Value>, KernelError> {
    let classes = labels.len();
    let winners: Vec<i64> =
        scores.chunks_exact(classes.max(1)).map(|row| labels[crate::target::winner(row) as usize]).collect();
    Ok(vec![
        Value::Int(Array::new(vec![rows], winners)?),
        Value::Float(Tensor::new(vec![rows, classes], scores)?),
    ])
}
