//! Operators on two or more arrays that broadcast against each other.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Array, Tensor, Value, broadcast, broadcast_index, repeats, size};
use super::Prepared;

/// `y = value(a, b)`, with the derivatives by `a` and `b`, and the same on integers for shape arithmetic.
struct Binary {
    value: fn(f32, f32) -> f32,
    by_left: fn(f32, f32) -> f32,
    by_right: fn(f32, f32) -> f32,
    integer: Option<fn(i64, i64) -> Option<i64>>,
}

/// Where each element of the result comes from in one operand.
enum Source {
    Same,
    Repeat(usize),
    Table(Vec<usize>),
}

impl Source {
    fn new(from: &[usize], to: &[usize]) -> Result<Self, KernelError> {
        if from == to {
            Ok(Self::Same)
        } else if repeats(from, to) {
            Ok(Self::Repeat(from.iter().product::<usize>().max(1)))
        } else {
            broadcast_index(from, to).map(Self::Table)
        }
    }

    fn at(&self, index: usize) -> usize {
        match self {
            Self::Same => index,
            Self::Repeat(length) => index % length,
            Self::Table(table) => table[index],
        }
    }
}

/// Combines two arrays element by element; used by the discrete operators too.
pub(crate) fn combine<T: Copy, R>(
    a: &Array<T>,
    b: &Array<T>,
    mut value: impl FnMut(T, T) -> R,
) -> Result<Array<R>, KernelError> {
    let shape = broadcast(&a.shape, &b.shape)?;
    let data = if a.shape == b.shape {
        a.data.iter().zip(&b.data).map(|(a, b)| value(*a, *b)).collect()
    } else {
        let count = size(&shape)?;
        let (left, right) = (Source::new(&a.shape, &shape)?, Source::new(&b.shape, &shape)?);
        (0..count).map(|index| value(a.data[left.at(index)], b.data[right.at(index)])).collect()
    };
    Ok(Array { shape, data })
}

impl Kernel for Binary {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        match (inputs.value(0)?, inputs.value(1)?) {
            (Value::Float(a), Value::Float(b)) => Ok(vec![Value::Float(combine(a, b, self.value)?)]),
            (Value::Int(a), Value::Int(b)) => {
                let integer =
                    self.integer.ok_or_else(|| KernelError("not supported on integers".to_owned()))?;
                let sum = combine(a, b, integer)?;
                let data: Option<Vec<i64>> = sum.data.into_iter().collect();
                let data =
                    data.ok_or_else(|| KernelError("integer overflow or division by zero".to_owned()))?;
                Ok(vec![Value::Int(Array { shape: sum.shape, data })])
            }
            _ => Err(KernelError("one operand holds floats, the other integers".to_owned())),
        }
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let gradient = pass.gradient()?;
        let (a, b) = (pass.inputs.float(0)?, pass.inputs.float(1)?);
        let (left, right) =
            (Source::new(&a.shape, &gradient.shape)?, Source::new(&b.shape, &gradient.shape)?);
        let mut gradients = vec![None, None];
        for (index, (operand, own, slope)) in
            [(a, &left, self.by_left), (b, &right, self.by_right)].into_iter().enumerate()
        {
            if !pass.wants(index) {
                continue;
            }
            let mut sum = Tensor::filled(&operand.shape, 0.0)?;
            for (position, gradient) in gradient.data.iter().enumerate() {
                let (a, b) = (a.data[left.at(position)], b.data[right.at(position)]);
                sum.data[own.at(position)] += gradient * slope(a, b);
            }
            gradients[index] = Some(sum);
        }
        Ok(gradients)
    }
}

pub(crate) fn add(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Binary {
        value: |a, b| a + b,
        by_left: |_, _| 1.0,
        by_right: |_, _| 1.0,
        integer: Some(i64::checked_add),
    }))
}

pub(crate) fn sub(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Binary {
        value: |a, b| a - b,
        by_left: |_, _| 1.0,
        by_right: |_, _| -1.0,
        integer: Some(i64::checked_sub),
    }))
}

pub(crate) fn mul(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Binary {
        value: |a, b| a * b,
        by_left: |_, b| b,
        by_right: |a, _| a,
        integer: Some(i64::checked_mul),
    }))
}

pub(crate) fn div(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Binary {
        value: |a, b| a / b,
        by_left: |_, b| 1.0 / b,
        by_right: |a, b| -a / (b * b),
        integer: Some(i64::checked_div),
    }))
}

pub(crate) fn pow(_: &Context<'_>) -> Prepared {
    fn raise(a: f32, b: f32) -> f32 {
        if b == 2.0 { a * a } else { a.powf(b) }
    }
    Ok(Box::new(Binary {
        value: raise,
        by_left: |a, b| b * raise(a, b - 1.0),
        by_right: |a, b| if a > 0.0 { a.powf(b) * a.ln() } else { 0.0 },
        integer: None,
    }))
}

pub(crate) fn prelu(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Binary {
        value: |a, b| if a < 0.0 { a * b } else { a },
        by_left: |a, b| if a < 0.0 { b } else { 1.0 },
        by_right: |a, _| a.min(0.0),
        integer: None,
    }))
}

/// Folds a binary operator over any number of inputs.
struct Variadic(Binary);

impl Kernel for Variadic {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let mut result = inputs.float(0)?.clone();
        for index in 1..inputs.0.len() {
            result = combine(&result, inputs.float(index)?, self.0.value)?;
        }
        Ok(vec![Value::Float(result)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut above = pass.gradient()?;
        let count = pass.inputs.0.len();
        // The partial results once more, then back through them.
        let mut partial = vec![pass.inputs.float(0)?.clone()];
        for index in 1..count {
            let next = combine(&partial[index - 1], pass.inputs.float(index)?, self.0.value)?;
            partial.push(next);
        }
        let mut gradients = vec![None; count];
        for index in (1..count).rev() {
            let left = Value::Float(partial[index - 1].clone());
            let operands = [Some(&left), pass.inputs.0[index]];
            let step = Backward {
                inputs: Inputs(&operands),
                outputs: pass.outputs,
                gradients: vec![Some(above)],
                wanted: &[true, true],
            };
            let mut both = self.0.backward(step)?.into_iter();
            let missing = || KernelError("a gradient is missing".to_owned());
            above = both.next().flatten().ok_or_else(missing)?;
            gradients[index] = both.next().flatten().filter(|_| pass.wants(index));
        }
        gradients[0] = Some(above);
        Ok(gradients)
    }
}

pub(crate) fn sum(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Variadic(Binary {
        value: |a, b| a + b,
        by_left: |_, _| 1.0,
        by_right: |_, _| 1.0,
        integer: None,
    })))
}

pub(crate) fn max(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Variadic(Binary {
        value: |a, b| if b > a { b } else { a },
        by_left: |a, b| f32::from(u8::from(b <= a)),
        by_right: |a, b| f32::from(u8::from(b > a)),
        integer: None,
    })))
}

pub(crate) fn min(_: &Context<'_>) -> Prepared {
    Ok(Box::new(Variadic(Binary {
        value: |a, b| if b < a { b } else { a },
        by_left: |a, b| f32::from(u8::from(b >= a)),
        by_right: |a, b| f32::from(u8::from(b < a)),
        integer: None,
    })))
}
