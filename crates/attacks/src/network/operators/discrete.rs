//! Operators that are steps: they run forward, and a gradient ends at them. Rounding of every kind can be looked
//! through: its backward pass is that of the identity.

use super::super::kernel::{Backward, Context, Flow, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Array, Tensor, Value, axis, strides};
use super::Prepared;
use super::arithmetic::combine;

/// A step function of each element, and whether it follows the identity.
struct Step {
    step: fn(f32) -> f32,
    rounds: bool,
}

impl Kernel for Step {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let x = inputs.float(0)?;
        Ok(vec![Value::Float(Tensor {
            shape: x.shape.clone(),
            data: x.data.iter().map(|x| (self.step)(*x)).collect(),
        })])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        if !self.rounds {
            return Err(KernelError("the operator has no gradient".to_owned()));
        }
        let gradient = pass.gradient()?;
        pass.only_first(gradient)
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }

    fn straight_through(&self) -> bool {
        self.rounds
    }
}

pub(crate) fn ceil(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Step { step: f32::ceil, rounds: true }))
}

pub(crate) fn floor(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Step { step: f32::floor, rounds: true }))
}

pub(crate) fn round(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Step { step: f32::round_ties_even, rounds: true }))
}

pub(crate) fn sign(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Step { step: |x| if x == 0.0 { 0.0 } else { x.signum() }, rounds: false }))
}

/// A comparison or logical combination of two arrays.
struct Compare {
    float: fn(f32, f32) -> bool,
    int: fn(i64, i64) -> bool,
}

impl Kernel for Compare {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        Ok(vec![Value::Int(match (inputs.value(0)?, inputs.value(1)?) {
            (Value::Float(a), Value::Float(b)) => combine(a, b, |a, b| i64::from((self.float)(a, b)))?,
            (Value::Int(a), Value::Int(b)) => combine(a, b, |a, b| i64::from((self.int)(a, b)))?,
            _ => return Err(KernelError("one operand holds floats, the other integers".to_owned())),
        })])
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }
}

pub(crate) fn and(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Compare { float: |a, b| a != 0.0 && b != 0.0, int: |a, b| a != 0 && b != 0 }))
}

pub(crate) fn equal(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Compare { float: |a, b| a == b, int: |a, b| a == b }))
}

pub(crate) fn greater(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Compare { float: |a, b| a > b, int: |a, b| a > b }))
}

pub(crate) fn less(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Compare { float: |a, b| a < b, int: |a, b| a < b }))
}

struct Not;

impl Kernel for Not {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let x = inputs.int(0)?;
        let data = x.data.iter().map(|x| i64::from(*x == 0)).collect();
        Ok(vec![Value::Int(Array { shape: x.shape.clone(), data })])
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }
}

pub(crate) fn not(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Not))
}

struct ArgMax {
    axis: i64,
    keep: bool,
    last: bool,
}

impl Kernel for ArgMax {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let x = inputs.float(0)?;
        let axis = axis(self.axis, x.shape.len())?;
        let (extent, inner) = (x.shape[axis], strides(&x.shape)[axis]);
        if extent == 0 {
            return Err(KernelError("the axis is empty".to_owned()));
        }
        let mut data = Vec::new();
        for outer in 0..x.data.len() / (extent * inner).max(1) {
            for offset in 0..inner {
                let at = |index: usize| x.data[(outer * extent + index) * inner + offset];
                let better = |a: f32, b: f32| a > b || (self.last && a == b);
                data.push(
                    (1..extent).fold(0, |best, index| if better(at(index), at(best)) { index } else { best })
                        as i64,
                );
            }
        }
        let mut shape = x.shape.clone();
        if self.keep {
            shape[axis] = 1;
        } else {
            shape.remove(axis);
        }
        Ok(vec![Value::Int(Array::new(shape, data)?)])
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }
}

pub(crate) fn arg_max(context: &Context<'_>) -> Prepared {
    Ok(Box::new(ArgMax {
        axis: context.int("axis", 0),
        keep: context.int("keepdims", 1) != 0,
        last: context.int("select_last_index", 0) != 0,
    }))
}

/// Conversion between floats (all held as 32-bit) and integers (all held as 64-bit).
enum Cast {
    Float,
    Int,
    Bool,
}

impl Kernel for Cast {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let value = inputs.value(0)?;
        let shape = value.shape().to_vec();
        Ok(vec![match (self, value) {
            (Self::Float, Value::Float(_)) | (Self::Int, Value::Int(_)) => value.clone(),
            (Self::Float, Value::Int(x)) => {
                Value::Float(Array { shape, data: x.data.iter().map(|x| *x as f32).collect() })
            }
            (Self::Int, Value::Float(x)) => {
                Value::Int(Array { shape, data: x.data.iter().map(|x| *x as i64).collect() })
            }
            (Self::Bool, Value::Float(x)) => {
                Value::Int(Array { shape, data: x.data.iter().map(|x| i64::from(*x != 0.0)).collect() })
            }
            (Self::Bool, Value::Int(x)) => {
                Value::Int(Array { shape, data: x.data.iter().map(|x| i64::from(*x != 0)).collect() })
            }
        }])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let gradient = pass.gradient()?;
        if matches!(self, Self::Bool) {
            return Err(KernelError("the operator has no gradient".to_owned()));
        }
        pass.only_first(gradient)
    }

    fn flow(&self) -> Flow {
        if matches!(self, Self::Float) { Flow::Differentiable } else { Flow::Broken }
    }

    fn straight_through(&self) -> bool {
        matches!(self, Self::Int)
    }
}

pub(crate) fn cast(context: &Context<'_>) -> Prepared {
    Ok(Box::new(match context.int("to", 0) {
        1 | 10 | 11 | 16 => Cast::Float,
        9 => Cast::Bool,
        2..=7 | 12 | 13 => Cast::Int,
        other => return Err(KernelError(format!("a cast to data type {other} is not supported"))),
    }))
}

/// Scale and zero point of one element, per tensor or along an axis.
fn scale_at(scale: &Tensor, zero: Option<&[i64]>, stride: usize, index: usize) -> (f32, i64) {
    let position = if scale.data.len() == 1 { 0 } else { index / stride.max(1) % scale.data.len().max(1) };
    let zero = zero.and_then(|zero| zero.get(position)).copied().unwrap_or(0);
    (scale.data.get(position).copied().unwrap_or(1.0), zero)
}

fn axis_stride(shape: &[usize], number: i64, scale: &Tensor) -> Result<usize, KernelError> {
    if scale.data.len() == 1 {
        return Ok(1);
    }
    let axis = axis(number, shape.len())?;
    if shape[axis] != scale.data.len() {
        return Err(KernelError("as many scales as the axis is long are needed".to_owned()));
    }
    Ok(strides(shape)[axis])
}

/// Rounding to a grid of 256 steps.
struct Quantize {
    axis: i64,
    low: i64,
    high: i64,
}

impl Kernel for Quantize {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (x, scale, zero) = (inputs.float(0)?, inputs.float(1)?, inputs.optional_ints(2)?);
        let stride = axis_stride(&x.shape, self.axis, scale)?;
        let quantize = |(index, x): (usize, &f32)| {
            let (scale, zero) = scale_at(scale, zero, stride, index);
            ((x / scale).round_ties_even() as i64).saturating_add(zero).clamp(self.low, self.high)
        };
        Ok(vec![Value::Int(Array {
            shape: x.shape.clone(),
            data: x.data.iter().enumerate().map(quantize).collect(),
        })])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = pass.gradient()?;
        let (x, scale, zero) = (pass.inputs.float(0)?, pass.inputs.float(1)?, pass.inputs.optional_ints(2)?);
        let stride = axis_stride(&x.shape, self.axis, scale)?;
        for (index, (above, x)) in gradient.data.iter_mut().zip(&x.data).enumerate() {
            let (scale, zero) = scale_at(scale, zero, stride, index);
            let level = ((x / scale).round_ties_even() as i64).saturating_add(zero);
            // Beyond the ends of the grid nothing moves.
            *above = if (self.low..=self.high).contains(&level) { *above / scale } else { 0.0 };
        }
        pass.only_first(gradient)
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }

    fn straight_through(&self) -> bool {
        true
    }
}

pub(crate) fn quantize(context: &Context<'_>) -> Prepared {
    // The grid follows the zero point's element type; without one it is `output_dtype`, by default unsigned.
    let dtype = match context.node.inputs.get(2).filter(|name| !name.is_empty()) {
        None => i32::try_from(context.int("output_dtype", 2)).unwrap_or(0),
        Some(name) => {
            context.initialisers.iter().find(|tensor| tensor.name == *name).map_or(0, |tensor| tensor.dtype.0)
        }
    };
    let (low, high) = match dtype {
        0 | 2 if context.node.inputs.len() < 3 => (0, 255),
        2 => (0, 255),
        3 => (-128, 127),
        _ => return Err(KernelError("only 8-bit grids with a stored zero point are supported".to_owned())),
    };
    Ok(Box::new(Quantize { axis: context.int("axis", 1), low, high }))
}

struct Dequantize {
    axis: i64,
}

impl Kernel for Dequantize {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (x, scale, zero) = (inputs.int(0)?, inputs.float(1)?, inputs.optional_ints(2)?);
        let stride = axis_stride(&x.shape, self.axis, scale)?;
        let restore = |(index, x): (usize, &i64)| {
            let (scale, zero) = scale_at(scale, zero, stride, index);
            x.saturating_sub(zero) as f32 * scale
        };
        Ok(vec![Value::Float(Tensor {
            shape: x.shape.clone(),
            data: x.data.iter().enumerate().map(restore).collect(),
        })])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = pass.gradient()?;
        let (x, scale) = (pass.inputs.int(0)?, pass.inputs.float(1)?);
        let stride = axis_stride(&x.shape, self.axis, scale)?;
        for (index, above) in gradient.data.iter_mut().enumerate() {
            *above *= scale_at(scale, None, stride, index).0;
        }
        pass.only_first(gradient)
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }

    fn straight_through(&self) -> bool {
        true
    }
}

pub(crate) fn dequantize(context: &Context<'_>) -> Prepared {
    Ok(Box::new(Dequantize { axis: context.int("axis", 1) }))
}
