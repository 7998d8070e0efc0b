//! Operators that act on each element alone.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Tensor, Value};
use super::Prepared;

/// `y = value(x)` with `dy/dx = slope(x, y)`.
struct Elementwise<V, S> {
    value: V,
    slope: S,
}

impl<V, S> Kernel for Elementwise<V, S>
where
    V: Fn(f32) -> f32 + Send + Sync,
    S: Fn(f32, f32) -> f32 + Send + Sync,
{
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let x = inputs.float(0)?;
        let data = x.data.iter().map(|x| (self.value)(*x)).collect();
        Ok(vec![Value::Float(Tensor { shape: x.shape.clone(), data })])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = pass.gradient()?;
        let (x, y) = (pass.inputs.float(0)?, pass.outputs.float(0)?);
        for ((gradient, x), y) in gradient.data.iter_mut().zip(&x.data).zip(&y.data) {
            *gradient *= (self.slope)(*x, *y);
        }
        pass.only_first(gradient)
    }
}

fn elementwise(
    value: impl Fn(f32) -> f32 + Send + Sync + 'static,
    slope: impl Fn(f32, f32) -> f32 + Send + Sync + 'static,
) -> Prepared {
    Ok(Box::new(Elementwise { value, slope }))
}

pub(crate) fn abs(_: &Context<'_>) -> Prepared {
    elementwise(f32::abs, |x, _| if x == 0.0 { 0.0 } else { x.signum() })
}

pub(crate) fn cos(_: &Context<'_>) -> Prepared {
    elementwise(f32::cos, |x, _| -x.sin())
}

pub(crate) fn elu(context: &Context<'_>) -> Prepared {
    let alpha = context.float("alpha", 1.0);
    elementwise(
        move |x| if x > 0.0 { x } else { alpha * x.exp_m1() },
        move |x, y| if x > 0.0 { 1.0 } else { y + alpha },
    )
}

pub(crate) fn erf(_: &Context<'_>) -> Prepared {
    elementwise(error_function, |x, _| std::f32::consts::FRAC_2_SQRT_PI * (-x * x).exp())
}

pub(crate) fn exp(_: &Context<'_>) -> Prepared {
    elementwise(f32::exp, |_, y| y)
}

pub(crate) fn gelu(context: &Context<'_>) -> Prepared {
    const INVERSE_SQRT_TAU: f32 = 0.398_942_3;
    if context.text("approximate", "none")? == "tanh" {
        const SCALE: f32 = 0.797_884_6; // sqrt(2 / pi)
        let inner = |x: f32| (SCALE * (x + 0.044_715 * x * x * x)).tanh();
        return elementwise(
            move |x| 0.5 * x * (1.0 + inner(x)),
            move |x, _| {
                let t = inner(x);
                0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * SCALE * (1.0 + 3.0 * 0.044_715 * x * x)
            },
        );
    }
    let below = |x: f32| 0.5 * (1.0 + error_function(x * std::f32::consts::FRAC_1_SQRT_2));
    elementwise(move |x| x * below(x), move |x, _| below(x) + x * INVERSE_SQRT_TAU * (-0.5 * x * x).exp())
}

pub(crate) fn hard_sigmoid(context: &Context<'_>) -> Prepared {
    let (alpha, beta) = (context.float("alpha", 0.2), context.float("beta", 0.5));
    elementwise(
        move |x| (alpha * x + beta).clamp(0.0, 1.0),
        move |_, y| if y > 0.0 && y < 1.0 { alpha } else { 0.0 },
    )
}

pub(crate) fn hard_swish(_: &Context<'_>) -> Prepared {
    let gate = |x: f32| (x / 6.0 + 0.5).clamp(0.0, 1.0);
    elementwise(
        move |x| x * gate(x),
        move |x, _| gate(x) + if (-3.0..3.0).contains(&x) { x / 6.0 } else { 0.0 },
    )
}

pub(crate) fn leaky_relu(context: &Context<'_>) -> Prepared {
    let alpha = context.float("alpha", 0.01);
    elementwise(move |x| if x < 0.0 { alpha * x } else { x }, move |x, _| if x < 0.0 { alpha } else { 1.0 })
}

pub(crate) fn log(_: &Context<'_>) -> Prepared {
    elementwise(f32::ln, |x, _| 1.0 / x)
}

pub(crate) fn mish(_: &Context<'_>) -> Prepared {
    elementwise(
        |x| x * soft_plus(x).tanh(),
        |x, _| {
            let t = soft_plus(x).tanh();
            t + x * (1.0 - t * t) * logistic(x)
        },
    )
}

pub(crate) fn neg(_: &Context<'_>) -> Prepared {
    elementwise(|x| -x, |_, _| -1.0)
}

pub(crate) fn reciprocal(_: &Context<'_>) -> Prepared {
    elementwise(|x| 1.0 / x, |_, y| -y * y)
}

pub(crate) fn relu(_: &Context<'_>) -> Prepared {
    // `max` would turn NaN into 0 and hide a broken model.
    elementwise(|x| if x < 0.0 { 0.0 } else { x }, |x, _| if x > 0.0 { 1.0 } else { 0.0 })
}

pub(crate) fn selu(context: &Context<'_>) -> Prepared {
    let (alpha, gamma) = (context.float("alpha", 1.673_263_2), context.float("gamma", 1.050_701));
    elementwise(
        move |x| gamma * if x > 0.0 { x } else { alpha * x.exp_m1() },
        move |x, y| if x > 0.0 { gamma } else { y + gamma * alpha },
    )
}

pub(crate) fn sigmoid(_: &Context<'_>) -> Prepared {
    elementwise(logistic, |_, y| y * (1.0 - y))
}

pub(crate) fn sin(_: &Context<'_>) -> Prepared {
    elementwise(f32::sin, |x, _| x.cos())
}

pub(crate) fn softplus(_: &Context<'_>) -> Prepared {
    elementwise(soft_plus, |x, _| logistic(x))
}

pub(crate) fn sqrt(_: &Context<'_>) -> Prepared {
    elementwise(f32::sqrt, |_, y| 0.5 / y)
}

pub(crate) fn tanh(_: &Context<'_>) -> Prepared {
    elementwise(f32::tanh, |_, y| 1.0 - y * y)
}

/// Clamping between two optional bounds, which are attributes up to operator set 10 and inputs after.
struct Clip {
    low: f32,
    high: f32,
}

impl Clip {
    fn bounds(&self, inputs: &Inputs<'_>) -> Result<(f32, f32), KernelError> {
        let bound = |index: usize, default: f32| -> Result<f32, KernelError> {
            Ok(inputs.optional_float(index)?.and_then(|bound| bound.data.first().copied()).unwrap_or(default))
        };
        Ok((bound(1, self.low)?, bound(2, self.high)?))
    }
}

impl Kernel for Clip {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (x, (low, high)) = (inputs.float(0)?, self.bounds(inputs)?);
        let data = x.data.iter().map(|x| x.max(low).min(high)).collect();
        Ok(vec![Value::Float(Tensor { shape: x.shape.clone(), data })])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = pass.gradient()?;
        let (x, (low, high)) = (pass.inputs.float(0)?, self.bounds(&pass.inputs)?);
        for (gradient, x) in gradient.data.iter_mut().zip(&x.data) {
            if *x < low || *x > high {
                *gradient = 0.0;
            }
        }
        pass.only_first(gradient)
    }
}

pub(crate) fn clip(context: &Context<'_>) -> Prepared {
    Ok(Box::new(Clip { low: context.float("min", f32::MIN), high: context.float("max", f32::MAX) }))
}

/// 1 / (1 + exp(-x)) without overflow.
pub(crate) fn logistic(x: f32) -> f32 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

fn soft_plus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The error function in double precision: Abramowitz and Stegun 7.1.5 (series) and 7.1.14 (continued fraction).
fn error_function(x: f32) -> f32 {
    let z = f64::from(x.abs());
    let value = if z < 2.5 {
        let (mut term, mut sum, mut n) = (z, z, 0.0);
        while term.abs() > 1e-17 * sum.abs() && n < 200.0 {
            n += 1.0;
            term *= -z * z / n;
            sum += term / (2.0 * n + 1.0);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    } else if z < 6.0 {
        let fraction = (1..=60).rev().fold(z, |below, k| z + f64::from(k) / 2.0 / below);
        1.0 - (-z * z).exp() / (fraction * std::f64::consts::PI.sqrt())
    } else {
        1.0
    };
    if x.is_nan() { x } else { (value as f32).copysign(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_function_agrees_with_tables() {
        // Abramowitz and Stegun, table 7.1.
        for (x, value) in
            [(0.5, 0.520_499_9), (1.0, 0.842_700_8), (2.0, 0.995_322_3), (2.6, 0.999_764), (3.0, 0.999_977_9)]
        {
            assert!((error_function(x) - value).abs() < 1e-6, "{x}");
            assert!((error_function(-x) + value).abs() < 1e-6, "-{x}");
        }
    }
}
