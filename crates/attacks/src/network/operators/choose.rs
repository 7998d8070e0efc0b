//! `Where`: one of two arrays by a condition, as masked attention uses it.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Array, Tensor, Value, broadcast, broadcast_index};
use super::Prepared;

struct Where;

fn select<T: Copy>(condition: &Array<i64>, yes: &Array<T>, no: &Array<T>) -> Result<Array<T>, KernelError> {
    let shape = broadcast(&broadcast(&condition.shape, &yes.shape)?, &no.shape)?;
    let (c, y, n) = (
        broadcast_index(&condition.shape, &shape)?,
        broadcast_index(&yes.shape, &shape)?,
        broadcast_index(&no.shape, &shape)?,
    );
    let data = (0..c.len())
        .map(|index| if condition.data[c[index]] != 0 { yes.data[y[index]] } else { no.data[n[index]] })
        .collect();
    Ok(Array { shape, data })
}

impl Kernel for Where {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let condition = inputs.int(0)?;
        match (inputs.value(1)?, inputs.value(2)?) {
            (Value::Float(yes), Value::Float(no)) => Ok(vec![Value::Float(select(condition, yes, no)?)]),
            (Value::Int(yes), Value::Int(no)) => Ok(vec![Value::Int(select(condition, yes, no)?)]),
            _ => Err(KernelError("one choice holds floats, the other integers".to_owned())),
        }
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let gradient = pass.gradient()?;
        let condition = pass.inputs.int(0)?;
        let chosen = broadcast_index(&condition.shape, &gradient.shape)?;
        let mut gradients = vec![None; 3];
        for (index, side) in [(1, true), (2, false)] {
            if !pass.wants(index) {
                continue;
            }
            let operand = pass.inputs.float(index)?;
            let table = broadcast_index(&operand.shape, &gradient.shape)?;
            let mut sum = Tensor::filled(&operand.shape, 0.0)?;
            for (position, value) in gradient.data.iter().enumerate() {
                if (condition.data[chosen[position]] != 0) == side {
                    sum.data[table[position]] += value;
                }
            }
            gradients[index] = Some(sum);
        }
        Ok(gradients)
    }
}

pub(crate) fn choose(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Where))
}
