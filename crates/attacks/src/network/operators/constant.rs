//! Operators whose output does not depend on the values that flow in.

use super::super::kernel::{Context, Flow, Inputs, Kernel, KernelError};
use super::super::tensor::{Array, Value};
use super::Prepared;

struct Constant(Value);

impl Kernel for Constant {
    fn forward(&self, _: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        Ok(vec![self.0.clone()])
    }

    fn flow(&self) -> Flow {
        Flow::ShapeOnly
    }
}

pub(crate) fn constant(context: &Context<'_>) -> Prepared {
    let value = if let Some(value) = context.tensor("value")? {
        value
    } else if let Some(ints) = context.ints("value_ints") {
        Value::Int(Array::new(vec![ints.len()], ints.to_vec())?)
    } else if context.node.attribute("value_floats").is_some() {
        let floats = context.floats("value_floats")?;
        Value::Float(Array::new(vec![floats.len()], floats)?)
    } else if context.node.attribute("value_int").is_some() {
        Value::Int(Array::filled(&[], context.int("value_int", 0))?)
    } else if context.node.attribute("value_float").is_some() {
        Value::Float(Array::filled(&[], context.float("value_float", 0.0))?)
    } else {
        return Err(KernelError("only numeric constants are supported".to_owned()));
    };
    Ok(Box::new(Constant(value)))
}

struct OfShape(Value);

impl Kernel for OfShape {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let extents = &inputs.int(0)?.data;
        let shape: Option<Vec<usize>> = extents.iter().map(|extent| usize::try_from(*extent).ok()).collect();
        let shape = shape.ok_or_else(|| KernelError(format!("{extents:?} is no shape")))?;
        Ok(vec![match &self.0 {
            Value::Float(value) => Value::Float(Array::filled(&shape, first(value)?)?),
            Value::Int(value) => Value::Int(Array::filled(&shape, first(value)?)?),
        }])
    }

    fn flow(&self) -> Flow {
        Flow::ShapeOnly
    }
}

fn first<T: Copy>(array: &Array<T>) -> Result<T, KernelError> {
    array.data.first().copied().ok_or_else(|| KernelError("the constant is empty".to_owned()))
}

pub(crate) fn of_shape(context: &Context<'_>) -> Prepared {
    let value = match context.tensor("value")? {
        Some(value) => value,
        None => Value::Float(Array::filled(&[1], 0.0)?),
    };
    Ok(Box::new(OfShape(value)))
}

struct Shape {
    start: i64,
    end: Option<i64>,
}

impl Kernel for Shape {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let shape = inputs.value(0)?.shape();
        let rank = shape.len() as i64;
        let place = |index: i64| {
            let index = if index < 0 { index.saturating_add(rank) } else { index };
            usize::try_from(index.clamp(0, rank)).unwrap_or(0)
        };
        let (start, end) = (place(self.start), self.end.map_or(shape.len(), place));
        let data: Vec<i64> =
            shape.get(start..end).unwrap_or_default().iter().map(|extent| *extent as i64).collect();
        Ok(vec![Value::Int(Array { shape: vec![data.len()], data })])
    }

    fn flow(&self) -> Flow {
        Flow::ShapeOnly
    }
}

pub(crate) fn shape(context: &Context<'_>) -> Prepared {
    let end = context.node.attribute("end").is_some().then(|| context.int("end", 0));
    Ok(Box::new(Shape { start: context.int("start", 0), end }))
}
