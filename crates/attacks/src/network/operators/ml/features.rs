//! Preparation of features: `Scaler`, `Normalizer`, `ArrayFeatureExtractor`; and `ZipMap`.

use super::super::super::kernel::{Backward, Context, Flow, InputGradients, Inputs, Kernel, KernelError};
use super::super::super::tensor::{Array, Value};
use super::Prepared;

/// `(x - offset) * scale` per column.
struct Scaler {
    offset: Vec<f32>,
    scale: Vec<f32>,
}

fn entry(values: &[f32], column: usize, default: f32) -> f32 {
    if values.len() == 1 { values[0] } else { values.get(column).copied().unwrap_or(default) }
}

impl Kernel for Scaler {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let mut y = inputs.float(0)?.clone();
        let columns = y.shape.last().copied().unwrap_or(1).max(1);
        for row in y.data.chunks_mut(columns) {
            for (column, value) in row.iter_mut().enumerate() {
                *value = (*value - entry(&self.offset, column, 0.0)) * entry(&self.scale, column, 1.0);
            }
        }
        Ok(vec![Value::Float(y)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = pass.gradient()?;
        let columns = gradient.shape.last().copied().unwrap_or(1).max(1);
        for row in gradient.data.chunks_mut(columns) {
            for (column, value) in row.iter_mut().enumerate() {
                *value *= entry(&self.scale, column, 1.0);
            }
        }
        pass.only_first(gradient)
    }
}

pub(crate) fn scaler(context: &Context<'_>) -> Prepared {
    Ok(Box::new(Scaler { offset: context.floats("offset")?, scale: context.floats("scale")? }))
}

/// Rows divided by their norm.
enum Normalizer {
    Max,
    L1,
    L2,
}

impl Kernel for Normalizer {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let mut y = inputs.float(0)?.clone();
        let columns = y.shape.last().copied().unwrap_or(1).max(1);
        for row in y.data.chunks_mut(columns) {
            let norm = match self {
                Self::Max => row.iter().fold(0.0_f32, |norm, x| norm.max(x.abs())),
                Self::L1 => row.iter().map(|x| x.abs()).sum(),
                Self::L2 => row.iter().map(|x| x * x).sum::<f32>().sqrt(),
            };
            if norm != 0.0 {
                row.iter_mut().for_each(|x| *x /= norm);
            }
        }
        Ok(vec![Value::Float(y)])
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }
}

pub(crate) fn normalizer(context: &Context<'_>) -> Prepared {
    Ok(Box::new(match context.text("norm", "MAX")? {
        "MAX" => Normalizer::Max,
        "L1" => Normalizer::L1,
        "L2" => Normalizer::L2,
        other => return Err(KernelError(format!("the norm `{other}` is not supported"))),
    }))
}

/// Columns picked by number.
struct ArrayFeatureExtractor;

fn pick<T: Copy>(x: &Array<T>, columns: &[i64]) -> Result<Array<T>, KernelError> {
    let width = x.shape.last().copied().unwrap_or(1).max(1);
    let picked: Option<Vec<usize>> =
        columns.iter().map(|column| usize::try_from(*column).ok().filter(|column| *column < width)).collect();
    let picked = picked.ok_or_else(|| KernelError(format!("a column of {columns:?} is not there")))?;
    let data: Vec<T> =
        x.data.chunks_exact(width).flat_map(|row| picked.iter().map(|column| row[*column])).collect();
    let shape = if x.shape.len() < 2 {
        vec![1, picked.len()]
    } else {
        [&x.shape[..x.shape.len() - 1], &[picked.len()]].concat()
    };
    Array::new(shape, data)
}

impl Kernel for ArrayFeatureExtractor {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let columns = &inputs.int(1)?.data;
        Ok(vec![match inputs.value(0)? {
            Value::Float(x) => Value::Float(pick(x, columns)?),
            Value::Int(x) => Value::Int(pick(x, columns)?),
        }])
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }
}

pub(crate) fn array_feature_extractor(_: &Context<'_>) -> Prepared {
    Ok(Box::new(ArrayFeatureExtractor))
}

/// Turns rows of scores into maps from class to score; here the rows stay rows, in the order of the classes.
struct ZipMap;

impl Kernel for ZipMap {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        Ok(vec![Value::Float(inputs.float(0)?.clone())])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let gradient = pass.gradient()?;
        pass.only_first(gradient)
    }
}

pub(crate) fn zip_map(_: &Context<'_>) -> Prepared {
    Ok(Box::new(ZipMap))
}
