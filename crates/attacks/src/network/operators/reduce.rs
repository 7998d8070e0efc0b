//! Reductions over axes: sum, mean, largest, smallest, and the global pools.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Tensor, Value, axis, broadcast_index};
use super::Prepared;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sum,
    Mean,
    Max,
    Min,
}

enum Axes {
    /// Stated in an attribute; `None` means all.
    Attribute(Option<Vec<i64>>),
    /// In the second input, if given.
    Input,
    /// All but samples and channels.
    Spatial,
}

struct Reduce {
    kind: Kind,
    axes: Axes,
    keep: bool,
    /// No axes means no reduction instead of a full one.
    empty_is_none: bool,
}

/// Shape with reduced axes kept as 1, the result's shape, and the result element for each input element.
type Table = (Vec<usize>, Vec<usize>, Vec<usize>);

impl Reduce {
    /// For each axis, whether it is reduced.
    fn reduced(&self, inputs: &Inputs<'_>, rank: usize) -> Result<Vec<bool>, KernelError> {
        let axes = match &self.axes {
            Axes::Attribute(axes) => axes.clone(),
            Axes::Input => inputs.optional_ints(1)?.map(<[i64]>::to_vec),
            Axes::Spatial => Some((2..rank as i64).collect()),
        };
        let Some(axes) = axes.filter(|axes| !axes.is_empty()) else {
            return Ok(vec![!self.empty_is_none; rank]);
        };
        let mut reduced = vec![false; rank];
        for number in axes {
            reduced[axis(number, rank)?] = true;
        }
        Ok(reduced)
    }

    fn table(&self, inputs: &Inputs<'_>) -> Result<Table, KernelError> {
        let x = inputs.float(0)?;
        let reduced = self.reduced(inputs, x.shape.len())?;
        let pairs = || x.shape.iter().zip(&reduced);
        let kept: Vec<usize> = pairs().map(|(extent, reduced)| if *reduced { 1 } else { *extent }).collect();
        let shape = if self.keep {
            kept.clone()
        } else {
            pairs().filter(|(_, reduced)| !**reduced).map(|(extent, _)| *extent).collect()
        };
        let table = broadcast_index(&kept, &x.shape)?;
        Ok((kept, shape, table))
    }
}

impl Kernel for Reduce {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let x = inputs.float(0)?;
        let (kept, shape, table) = self.table(inputs)?;
        let start = match self.kind {
            Kind::Sum | Kind::Mean => 0.0,
            Kind::Max => f64::NEG_INFINITY,
            Kind::Min => f64::INFINITY,
        };
        let mut sums = vec![start; super::super::tensor::size(&kept)?];
        for (index, x) in table.iter().zip(&x.data) {
            let (sum, x) = (&mut sums[*index], f64::from(*x));
            match self.kind {
                Kind::Sum | Kind::Mean => *sum += x,
                Kind::Max => *sum = if x > *sum { x } else { *sum },
                Kind::Min => *sum = if x < *sum { x } else { *sum },
            }
        }
        let count =
            if self.kind == Kind::Mean { (x.data.len() / sums.len().max(1)).max(1) as f64 } else { 1.0 };
        Ok(vec![Value::Float(Tensor { shape, data: sums.iter().map(|sum| (sum / count) as f32).collect() })])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let above = pass.gradient()?;
        let (x, y) = (pass.inputs.float(0)?, pass.outputs.float(0)?);
        let (_, _, table) = self.table(&pass.inputs)?;
        let mut gradient = Tensor::filled(&x.shape, 0.0)?;
        let share = (above.data.len().max(1) as f32) / (x.data.len().max(1) as f32);
        let mut taken = vec![false; above.data.len()];
        for ((index, x), gradient) in table.iter().zip(&x.data).zip(&mut gradient.data) {
            *gradient = match self.kind {
                Kind::Sum => above.data[*index],
                Kind::Mean => above.data[*index] * share,
                // The first of equals takes all, as in pooling.
                Kind::Max | Kind::Min if *x == y.data[*index] && !taken[*index] => {
                    taken[*index] = true;
                    above.data[*index]
                }
                Kind::Max | Kind::Min => 0.0,
            };
        }
        pass.only_first(gradient)
    }
}

/// Axes moved from attribute to input at operator set `moved`.
fn reduce(context: &Context<'_>, kind: Kind, moved: i64) -> Prepared {
    let axes = if context.opset >= moved {
        Axes::Input
    } else {
        Axes::Attribute(context.ints("axes").map(<[i64]>::to_vec))
    };
    let empty_is_none = context.int("noop_with_empty_axes", 0) != 0;
    Ok(Box::new(Reduce { kind, axes, keep: context.int("keepdims", 1) != 0, empty_is_none }))
}

pub(crate) fn max(context: &Context<'_>) -> Prepared {
    reduce(context, Kind::Max, 18)
}

pub(crate) fn mean(context: &Context<'_>) -> Prepared {
    reduce(context, Kind::Mean, 18)
}

pub(crate) fn min(context: &Context<'_>) -> Prepared {
    reduce(context, Kind::Min, 18)
}

pub(crate) fn sum(context: &Context<'_>) -> Prepared {
    reduce(context, Kind::Sum, 13)
}

pub(crate) fn global_average(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Reduce { kind: Kind::Mean, axes: Axes::Spatial, keep: true, empty_is_none: true }))
}

pub(crate) fn global_max(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Reduce { kind: Kind::Max, axes: Axes::Spatial, keep: true, empty_is_none: true }))
}
