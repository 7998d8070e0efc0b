//! Operators that only move elements: each output element is one input element, or padding.
//!
//! An operator says where its elements come from; moving them, and moving gradients back, is common to all.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Array, Tensor, Value, axis, broadcast, broadcast_index, size, strides, walk};
use super::Prepared;

/// Marks an element that comes from nowhere.
const PADDING: usize = usize::MAX;

/// Shape of one output and the input element behind each of its elements.
type Origin = (Vec<usize>, Vec<usize>);

/// Where the elements of each output come from.
trait Rearrange: Send + Sync {
    fn origins(&self, inputs: &Inputs<'_>) -> Result<Vec<Origin>, KernelError>;

    /// What padding holds.
    fn fill(&self, _: &Inputs<'_>) -> Result<f32, KernelError> {
        Ok(0.0)
    }
}

struct Moved<R>(R);

impl<R: Rearrange> Kernel for Moved<R> {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let fill = self.0.fill(inputs)?;
        let origins = self.0.origins(inputs)?.into_iter();
        Ok(match inputs.value(0)? {
            Value::Float(x) => origins
                .map(|(shape, from)| Value::Float(Array { shape, data: take(&x.data, &from, fill) }))
                .collect(),
            Value::Int(x) => origins
                .map(|(shape, from)| Value::Int(Array { shape, data: take(&x.data, &from, fill as i64) }))
                .collect(),
        })
    }

    fn backward(&self, pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = Tensor::filled(&pass.inputs.float(0)?.shape, 0.0)?;
        for ((_, from), above) in self.0.origins(&pass.inputs)?.iter().zip(&pass.gradients) {
            let Some(above) = above else { continue };
            for (index, value) in from.iter().zip(&above.data) {
                if let Some(sum) = gradient.data.get_mut(*index) {
                    *sum += value;
                }
            }
        }
        pass.only_first(gradient)
    }
}

fn take<T: Copy>(data: &[T], from: &[usize], fill: T) -> Vec<T> {
    from.iter().map(|index| data.get(*index).copied().unwrap_or(fill)).collect()
}

/// Integers from an input, or from an attribute in older operator sets.
fn integers<'a>(
    inputs: &Inputs<'a>,
    index: usize,
    attribute: Option<&'a [i64]>,
) -> Result<Option<&'a [i64]>, KernelError> {
    Ok(attribute.or(inputs.optional_ints(index)?))
}

struct Transpose {
    order: Option<Vec<i64>>,
}

impl Rearrange for Transpose {
    fn origins(&self, inputs: &Inputs<'_>) -> Result<Vec<Origin>, KernelError> {
        let shape = inputs.value(0)?.shape();
        let rank = shape.len();
        let order: Vec<usize> = match &self.order {
            None => (0..rank).rev().collect(),
            Some(order) => order.iter().map(|number| axis(*number, rank)).collect::<Result<_, _>>()?,
        };
        let mut seen = order.clone();
        seen.sort_unstable();
        if !seen.into_iter().eq(0..rank) {
            return Err(KernelError(format!("{order:?} is no order of {rank} axes")));
        }
        let own = strides(shape);
        let moved: Vec<usize> = order.iter().map(|axis| shape[*axis]).collect();
        let steps: Vec<usize> = order.iter().map(|axis| own[*axis]).collect();
        let from = walk(&moved, &steps, 0)?;
        Ok(vec![(moved, from)])
    }
}

pub(crate) fn transpose(context: &Context<'_>) -> Prepared {
    Ok(Box::new(Moved(Transpose { order: context.ints("perm").map(<[i64]>::to_vec) })))
}

struct Expand;

impl Rearrange for Expand {
    fn origins(&self, inputs: &Inputs<'_>) -> Result<Vec<Origin>, KernelError> {
        let own = inputs.value(0)?.shape();
        let extents = &inputs.int(1)?.data;
        let wanted: Option<Vec<usize>> = extents.iter().map(|extent| usize::try_from(*extent).ok()).collect();
        let wanted = wanted.ok_or_else(|| KernelError(format!("{extents:?} is no shape")))?;
        let shape = broadcast(own, &wanted)?;
        let from = broadcast_index(own, &shape)?;
        Ok(vec![(shape, from)])
    }
}

pub(crate) fn expand(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Moved(Expand)))
}

struct Gather {
    axis: i64,
}

impl Rearrange for Gather {
    fn origins(&self, inputs: &Inputs<'_>) -> Result<Vec<Origin>, KernelError> {
        let shape = inputs.value(0)?.shape();
        let axis = axis(self.axis, shape.len())?;
        let indices = inputs.int(1)?;
        let extent = shape[axis] as i64;
        let (outer, inner) = (size(&shape[..axis])?, size(&shape[axis + 1..])?);
        let result = [&shape[..axis], &indices.shape, &shape[axis + 1..]].concat();
        let mut from = Vec::with_capacity(size(&result)?);
        for block in 0..outer {
            for index in &indices.data {
                let wrapped = if *index < 0 { index.saturating_add(extent) } else { *index };
                if !(0..extent).contains(&wrapped) {
                    return Err(KernelError(format!("the index {index} is outside an axis of {extent}")));
                }
                let start = (block * shape[axis] + wrapped as usize) * inner;
                from.extend(start..start + inner);
            }
        }
        Ok(vec![(result, from)])
    }
}

pub(crate) fn gather(context: &Context<'_>) -> Prepared {
    Ok(Box::new(Moved(Gather { axis: context.int("axis", 0) })))
}

/// Starts, ends and axes are attributes up to operator set 9 and inputs after.
struct Slice {
    starts: Option<Vec<i64>>,
    ends: Option<Vec<i64>>,
    axes: Option<Vec<i64>>,
}

impl Rearrange for Slice {
    fn origins(&self, inputs: &Inputs<'_>) -> Result<Vec<Origin>, KernelError> {
        let missing = || KernelError("starts and ends are missing".to_owned());
        let shape = inputs.value(0)?.shape();
        let starts = integers(inputs, 1, self.starts.as_deref())?.ok_or_else(missing)?;
        let ends = integers(inputs, 2, self.ends.as_deref())?.ok_or_else(missing)?;
        let axes = integers(inputs, 3, self.axes.as_deref())?;
        let by = inputs.optional_ints(4)?;
        if starts.len() != ends.len()
            || axes.is_some_and(|axes| axes.len() != starts.len())
            || by.is_some_and(|by| by.len() != starts.len())
        {
            return Err(KernelError("starts, ends, axes and steps are not equally many".to_owned()));
        }
        // For each axis the positions that are kept.
        let mut kept: Vec<Vec<usize>> = shape.iter().map(|extent| (0..*extent).collect()).collect();
        for index in 0..starts.len() {
            let axis = axis(axes.map_or(index as i64, |axes| axes[index]), shape.len())?;
            let (extent, step) = (shape[axis] as i64, by.map_or(1, |by| by[index]));
            let wrap = |place: i64| if place < 0 { place.saturating_add(extent) } else { place };
            let (start, end) = (wrap(starts[index]), wrap(ends[index]));
            let position = |place: i64| usize::try_from(place).unwrap_or(0);
            kept[axis] = match step {
                1.. => {
                    let (start, end) = (start.clamp(0, extent), end.clamp(0, extent));
                    (position(start)..position(end)).step_by(position(step)).collect()
                }
                0 => return Err(KernelError("a step of zero".to_owned())),
                _ => {
                    let (start, end) = (start.clamp(-1, extent - 1), end.clamp(-1, extent - 1));
                    let step = position(step.saturating_neg());
                    (position(end + 1)..position(start + 1)).rev().step_by(step).collect()
                }
            };
        }
        let own = strides(shape);
        let result: Vec<usize> = kept.iter().map(Vec::len).collect();
        let mut from = vec![0];
        for (positions, stride) in kept.iter().zip(own) {
            size(&[from.len(), positions.len()])?;
            from = from.iter().flat_map(|base| positions.iter().map(move |at| base + at * stride)).collect();
        }
        Ok(vec![(result, from)])
    }
}

pub(crate) fn slice(context: &Context<'_>) -> Prepared {
    let list = |name: &str| context.ints(name).map(<[i64]>::to_vec);
    Ok(Box::new(Moved(Slice { starts: list("starts"), ends: list("ends"), axes: list("axes") })))
}

struct Split {
    axis: i64,
    parts: usize,
    lengths: Option<Vec<i64>>,
}

impl Rearrange for Split {
    fn origins(&self, inputs: &Inputs<'_>) -> Result<Vec<Origin>, KernelError> {
        let shape = inputs.value(0)?.shape();
        let axis = axis(self.axis, shape.len())?;
        let lengths: Vec<usize> = match integers(inputs, 1, self.lengths.as_deref())? {
            Some(lengths) => {
                lengths.iter().map(|length| usize::try_from(*length).unwrap_or(usize::MAX)).collect()
            }
            None => {
                let chunk = shape[axis].div_ceil(self.parts.max(1));
                (0..self.parts).map(|part| chunk.min(shape[axis].saturating_sub(part * chunk))).collect()
            }
        };
        if lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length)) != Some(shape[axis]) {
            return Err(KernelError(format!("parts of {lengths:?} do not fill an axis of {}", shape[axis])));
        }
        let own = strides(shape);
        let mut start = 0;
        let mut origins = Vec::new();
        for length in lengths {
            let mut part = shape.to_vec();
            part[axis] = length;
            let from = walk(&part, &own, start * own[axis])?;
            origins.push((part, from));
            start += length;
        }
        Ok(origins)
    }
}

pub(crate) fn split(context: &Context<'_>) -> Prepared {
    let lengths = context.ints("split").map(<[i64]>::to_vec);
    Ok(Box::new(Moved(Split { axis: context.int("axis", 0), parts: context.node.outputs.len(), lengths })))
}

/// Padding with a constant; pads and value are attributes up to operator set 10 and inputs after.
struct Pad {
    pads: Option<Vec<i64>>,
    value: f32,
}

impl Rearrange for Pad {
    fn origins(&self, inputs: &Inputs<'_>) -> Result<Vec<Origin>, KernelError> {
        let shape = inputs.value(0)?.shape();
        let pads = integers(inputs, 1, self.pads.as_deref())?;
        let pads = pads.ok_or_else(|| KernelError("`pads` is missing".to_owned()))?;
        if inputs.optional(3).is_some() || pads.len() != 2 * shape.len() {
            return Err(KernelError("`pads` must hold two numbers for every axis".to_owned()));
        }
        let mut result = Vec::new();
        for (index, extent) in shape.iter().enumerate() {
            let padded = (*extent as i64)
                .checked_add(pads[index])
                .and_then(|sum| sum.checked_add(pads[index + shape.len()]))
                .and_then(|sum| usize::try_from(sum).ok());
            result.push(padded.ok_or_else(|| KernelError(format!("pads {pads:?} do not fit {shape:?}")))?);
        }
        let own = strides(shape);
        size(&result)?;
        let mut from = vec![0];
        for (axis, padded) in result.iter().enumerate() {
            let place = |at: usize| {
                usize::try_from(at as i64 - pads[axis])
                    .ok()
                    .filter(|at| *at < shape[axis])
                    .map(|at| at * own[axis])
            };
            from = from
                .iter()
                .flat_map(|base| {
                    (0..*padded).map(move |at| match place(at) {
                        Some(offset) if *base != PADDING => base + offset,
                        _ => PADDING,
                    })
                })
                .collect();
        }
        Ok(vec![(result, from)])
    }

    fn fill(&self, inputs: &Inputs<'_>) -> Result<f32, KernelError> {
        Ok(match inputs.optional(2) {
            Some(Value::Float(value)) => value.data.first().copied().unwrap_or(self.value),
            Some(Value::Int(value)) => value.data.first().map_or(self.value, |value| *value as f32),
            None => self.value,
        })
    }
}

pub(crate) fn pad(context: &Context<'_>) -> Prepared {
    match context.text("mode", "constant")? {
        "constant" => {
            let pads = context.ints("pads").map(<[i64]>::to_vec);
            Ok(Box::new(Moved(Pad { pads, value: context.float("value", 0.0) })))
        }
        other => Err(KernelError(format!("padding by `{other}` is not supported"))),
    }
}
