//! `Softmax` and `LogSoftmax`.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Tensor, Value, axis};
use super::Prepared;

struct Softmax {
    axis: i64,
    /// Up to operator set 12 everything from the axis on is one row.
    flat: bool,
    logarithm: bool,
}

impl Softmax {
    /// Length of a row and the distance between its elements.
    fn rows(&self, x: &Tensor) -> Result<(usize, usize), KernelError> {
        let axis = axis(self.axis, x.shape.len())?;
        let behind = |start: usize| x.shape[start..].iter().product::<usize>().max(1);
        Ok(if self.flat { (behind(axis), 1) } else { (x.shape[axis], behind(axis + 1)) })
    }
}

/// Calls `see` with the positions of every row.
fn each_row(total: usize, length: usize, step: usize, mut see: impl FnMut(&mut dyn Iterator<Item = usize>)) {
    for block in 0..total / (length * step).max(1) {
        for offset in 0..step {
            let start = block * length * step + offset;
            see(&mut (0..length).map(|index| start + index * step));
        }
    }
}

impl Kernel for Softmax {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let mut y = inputs.float(0)?.clone();
        let (length, step) = self.rows(&y)?;
        let data = &mut y.data;
        let mut positions = Vec::with_capacity(length);
        each_row(data.len(), length, step, |row| {
            positions.clear();
            positions.extend(row);
            let top = positions.iter().fold(f32::NEG_INFINITY, |top, index| top.max(data[*index]));
            let sum: f32 = positions.iter().map(|index| (data[*index] - top).exp()).sum();
            let shift = top + sum.ln();
            for index in &positions {
                data[*index] =
                    if self.logarithm { data[*index] - shift } else { (data[*index] - top).exp() / sum };
            }
        });
        Ok(vec![Value::Float(y)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = pass.gradient()?;
        let y = pass.outputs.float(0)?;
        let (length, step) = self.rows(y)?;
        let mut positions = Vec::with_capacity(length);
        each_row(y.data.len(), length, step, |row| {
            positions.clear();
            positions.extend(row);
            let sum: f32 = positions
                .iter()
                .map(|index| gradient.data[*index] * if self.logarithm { 1.0 } else { y.data[*index] })
                .sum();
            for index in &positions {
                let (above, y) = (gradient.data[*index], y.data[*index]);
                gradient.data[*index] =
                    if self.logarithm { above - y.exp() * sum } else { y * (above - sum) };
            }
        });
        pass.only_first(gradient)
    }
}

fn prepare(context: &Context<'_>, logarithm: bool) -> Prepared {
    let flat = context.opset < 13;
    Ok(Box::new(Softmax { axis: context.int("axis", if flat { 1 } else { -1 }), flat, logarithm }))
}

pub(crate) fn log_softmax(context: &Context<'_>) -> Prepared {
    prepare(context, true)
}

pub(crate) fn softmax(context: &Context<'_>) -> Prepared {
    prepare(context, false)
}
