//! Operators that keep the order of elements and change the shape, and `Concat`.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Array, Tensor, Value, axis, size};
use super::Prepared;

/// The new shape, given the inputs.
type NewShape = Box<dyn Fn(&Inputs<'_>) -> Result<Vec<usize>, KernelError> + Send + Sync>;

struct Reshape(NewShape);

impl Kernel for Reshape {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let shape = (self.0)(inputs)?;
        Ok(vec![match inputs.value(0)? {
            Value::Float(x) => Value::Float(Array::new(shape, x.data.clone())?),
            Value::Int(x) => Value::Int(Array::new(shape, x.data.clone())?),
        }])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = pass.gradient()?;
        gradient.shape.clone_from(&pass.inputs.float(0)?.shape);
        pass.only_first(gradient)
    }
}

fn prepared(
    shape: impl Fn(&Inputs<'_>) -> Result<Vec<usize>, KernelError> + Send + Sync + 'static,
) -> Prepared {
    Ok(Box::new(Reshape(Box::new(shape))))
}

pub(crate) fn identity(_: &Context<'_>) -> Prepared {
    prepared(|inputs| Ok(inputs.value(0)?.shape().to_vec()))
}

/// Dropout does nothing when a model runs; a model that asks for training mode is refused.
pub(crate) fn dropout(_: &Context<'_>) -> Prepared {
    prepared(|inputs| {
        if inputs.optional_ints(2)?.is_some_and(|training| training.first() == Some(&1)) {
            return Err(KernelError(
                "training mode is not supported; export the model for inference".to_owned(),
            ));
        }
        Ok(inputs.value(0)?.shape().to_vec())
    })
}

pub(crate) fn flatten(context: &Context<'_>) -> Prepared {
    let number = context.int("axis", 1);
    prepared(move |inputs| {
        let shape = inputs.value(0)?.shape();
        let axis = if number == shape.len() as i64 { shape.len() } else { axis(number, shape.len())? };
        Ok(vec![size(&shape[..axis])?, size(&shape[axis..])?])
    })
}

pub(crate) fn reshape(context: &Context<'_>) -> Prepared {
    let keep_zero = context.int("allowzero", 0) != 0;
    let attribute = context.ints("shape").map(<[i64]>::to_vec);
    prepared(move |inputs| {
        let own = inputs.value(0)?.shape();
        let stated = match &attribute {
            Some(shape) => shape,
            None => &inputs.int(1)?.data,
        };
        let refused = || KernelError(format!("{own:?} cannot be reshaped to {stated:?}"));
        let mut shape = Vec::with_capacity(stated.len());
        let mut open = None;
        for (index, extent) in stated.iter().enumerate() {
            shape.push(match extent {
                0 if !keep_zero => *own.get(index).ok_or_else(refused)?,
                -1 if open.is_none() => {
                    open = Some(index);
                    1
                }
                extent => usize::try_from(*extent).map_err(|_| refused())?,
            });
        }
        if let Some(index) = open {
            let known = size(&shape)?;
            shape[index] = size(own)?.checked_div(known).ok_or_else(refused)?;
        }
        if size(&shape)? == size(own)? { Ok(shape) } else { Err(refused()) }
    })
}

/// Axes from the attribute, or from the second input in newer operator sets.
fn axes(attribute: Option<&Vec<i64>>, inputs: &Inputs<'_>) -> Result<Option<Vec<i64>>, KernelError> {
    Ok(match attribute {
        Some(axes) => Some(axes.clone()),
        None => inputs.optional_ints(1)?.map(<[i64]>::to_vec),
    })
}

pub(crate) fn squeeze(context: &Context<'_>) -> Prepared {
    let attribute = context.ints("axes").map(<[i64]>::to_vec);
    prepared(move |inputs| {
        let shape = inputs.value(0)?.shape();
        let Some(axes) = axes(attribute.as_ref(), inputs)? else {
            return Ok(shape.iter().copied().filter(|extent| *extent != 1).collect());
        };
        let mut gone = vec![false; shape.len()];
        for number in axes {
            let axis = axis(number, shape.len())?;
            if shape[axis] != 1 {
                return Err(KernelError(format!("axis {axis} of {shape:?} is not 1")));
            }
            gone[axis] = true;
        }
        Ok(shape.iter().zip(gone).filter(|(_, gone)| !gone).map(|(extent, _)| *extent).collect())
    })
}

pub(crate) fn unsqueeze(context: &Context<'_>) -> Prepared {
    let attribute = context.ints("axes").map(<[i64]>::to_vec);
    prepared(move |inputs| {
        let shape = inputs.value(0)?.shape();
        let axes = axes(attribute.as_ref(), inputs)?.unwrap_or_default();
        let rank = shape.len() + axes.len();
        let mut new = vec![false; rank];
        for number in &axes {
            new[axis(*number, rank)?] = true;
        }
        let mut old = shape.iter();
        Ok(new.iter().map(|new| if *new { 1 } else { old.next().copied().unwrap_or(1) }).collect())
    })
}

struct Concat {
    axis: i64,
}

fn join<'a, T: Copy + 'a>(parts: &[&'a Array<T>], number: i64) -> Result<Array<T>, KernelError> {
    let Some(first) = parts.first() else { return Err(KernelError("nothing to join".to_owned())) };
    let axis = axis(number, first.shape.len())?;
    let mut shape = first.shape.clone();
    shape[axis] = 0;
    for part in parts {
        let fits = part.shape.len() == shape.len()
            && part
                .shape
                .iter()
                .zip(&shape)
                .enumerate()
                .all(|(index, (own, all))| index == axis || own == all);
        if !fits {
            return Err(KernelError(format!("{:?} does not join {:?}", part.shape, first.shape)));
        }
        shape[axis] += part.shape[axis];
    }
    let mut data = Vec::with_capacity(size(&shape)?);
    for block in 0..size(&shape[..axis])? {
        for part in parts {
            let run = part.shape[axis..].iter().product::<usize>();
            data.extend_from_slice(&part.data[block * run..(block + 1) * run]);
        }
    }
    Ok(Array { shape, data })
}

impl Kernel for Concat {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let count = inputs.0.len();
        if matches!(inputs.value(0)?, Value::Int(_)) {
            let parts = (0..count).map(|index| inputs.int(index)).collect::<Result<Vec<_>, _>>()?;
            return Ok(vec![Value::Int(join(&parts, self.axis)?)]);
        }
        let parts = (0..count).map(|index| inputs.float(index)).collect::<Result<Vec<_>, _>>()?;
        Ok(vec![Value::Float(join(&parts, self.axis)?)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let above = pass.gradient()?;
        let axis = axis(self.axis, above.shape.len())?;
        let total = above.shape[axis..].iter().product::<usize>();
        let mut offset = 0;
        let mut gradients = Vec::new();
        for index in 0..pass.inputs.0.len() {
            let part = pass.inputs.float(index)?;
            let run = part.shape[axis..].iter().product::<usize>();
            let gradient = if pass.wants(index) {
                let mut gradient = Tensor::filled(&part.shape, 0.0)?;
                let rows = above.data.chunks_exact(total.max(1));
                for (to, from) in gradient.data.chunks_exact_mut(run.max(1)).zip(rows) {
                    to.copy_from_slice(&from[offset..offset + run]);
                }
                Some(gradient)
            } else {
                None
            };
            gradients.push(gradient);
            offset += run;
        }
        Ok(gradients)
    }
}

pub(crate) fn concat(context: &Context<'_>) -> Prepared {
    Ok(Box::new(Concat { axis: context.int("axis", 1) }))
}
