//! `MaxPool` and `AveragePool`.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Tensor, Value};
use super::Prepared;
use super::window::{Layout, Window, join, split};

struct Max(Window);

/// Position of the largest input under a window, the first of equals; NaN wins as in other runtimes.
fn largest(image: &[f32], layout: &Layout, row: usize, column: usize) -> Option<usize> {
    let mut best: Option<usize> = None;
    for y in (0..layout.kernel[0]).filter_map(|at| layout.position(0, row, at)) {
        for x in (0..layout.kernel[1]).filter_map(|at| layout.position(1, column, at)) {
            let position = y * layout.input[1] + x;
            if best.is_none_or(|best| image[position] > image[best] || image[position].is_nan()) {
                best = Some(position);
            }
        }
    }
    best
}

impl Kernel for Max {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let x = inputs.float(0)?;
        let (samples, channels, input) = split(&x.shape)?;
        let layout = self.0.layout(input, None)?;
        let mut y = Tensor::filled(&join(samples, channels, layout.output, x.shape.len()), 0.0)?;
        let planes = x.data.chunks_exact((input[0] * input[1]).max(1));
        for (image, output) in planes.zip(y.data.chunks_exact_mut(layout.outputs().max(1))) {
            for (index, value) in output.iter_mut().enumerate() {
                let (row, column) = (index / layout.output[1], index % layout.output[1]);
                *value = largest(image, &layout, row, column).map_or(f32::NEG_INFINITY, |best| image[best]);
            }
        }
        Ok(vec![Value::Float(y)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let above = pass.gradient()?;
        let x = pass.inputs.float(0)?;
        let (_, _, input) = split(&x.shape)?;
        let layout = self.0.layout(input, None)?;
        let mut gradient = Tensor::filled(&x.shape, 0.0)?;
        let area = (input[0] * input[1]).max(1);
        let planes = x.data.chunks_exact(area).zip(gradient.data.chunks_exact_mut(area));
        for ((image, gradient), above) in planes.zip(above.data.chunks_exact(layout.outputs().max(1))) {
            for (index, value) in above.iter().enumerate() {
                let (row, column) = (index / layout.output[1], index % layout.output[1]);
                if let Some(best) = largest(image, &layout, row, column) {
                    gradient[best] += value;
                }
            }
        }
        pass.only_first(gradient)
    }
}

pub(crate) fn max(context: &Context<'_>) -> Prepared {
    if context.node.outputs.get(1).is_some_and(|name| !name.is_empty()) {
        return Err(KernelError("the second output, positions of the maxima, is not supported".to_owned()));
    }
    Ok(Box::new(Max(Window::new(context)?)))
}

struct Average {
    window: Window,
    count_padding: bool,
}

impl Average {
    /// Number of values a window's sum is divided by.
    fn divisor(&self, layout: &Layout, row: usize, column: usize) -> f32 {
        let count = |axis: usize, output: usize| {
            (0..layout.kernel[axis])
                .filter(|at| {
                    if self.count_padding {
                        let padded = layout.input[axis] + layout.before[axis] + layout.after[axis];
                        output * layout.strides[axis] + at * layout.dilations[axis] < padded
                    } else {
                        layout.position(axis, output, *at).is_some()
                    }
                })
                .count()
        };
        (count(0, row) * count(1, column)).max(1) as f32
    }

    /// Calls `see` with output index, input position and weight for every pair that touches.
    fn visit(&self, layout: &Layout, mut see: impl FnMut(usize, usize, f32)) {
        for row in 0..layout.output[0] {
            for column in 0..layout.output[1] {
                let weight = 1.0 / self.divisor(layout, row, column);
                for y in (0..layout.kernel[0]).filter_map(|at| layout.position(0, row, at)) {
                    for x in (0..layout.kernel[1]).filter_map(|at| layout.position(1, column, at)) {
                        see(row * layout.output[1] + column, y * layout.input[1] + x, weight);
                    }
                }
            }
        }
    }
}

impl Kernel for Average {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let x = inputs.float(0)?;
        let (samples, channels, input) = split(&x.shape)?;
        let layout = self.window.layout(input, None)?;
        let mut y = Tensor::filled(&join(samples, channels, layout.output, x.shape.len()), 0.0)?;
        let planes = x.data.chunks_exact((input[0] * input[1]).max(1));
        for (image, output) in planes.zip(y.data.chunks_exact_mut(layout.outputs().max(1))) {
            self.visit(&layout, |to, from, weight| output[to] += weight * image[from]);
        }
        Ok(vec![Value::Float(y)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let above = pass.gradient()?;
        let x = pass.inputs.float(0)?;
        let (_, _, input) = split(&x.shape)?;
        let layout = self.window.layout(input, None)?;
        let mut gradient = Tensor::filled(&x.shape, 0.0)?;
        let planes = gradient.data.chunks_exact_mut((input[0] * input[1]).max(1));
        for (gradient, above) in planes.zip(above.data.chunks_exact(layout.outputs().max(1))) {
            self.visit(&layout, |from, to, weight| gradient[to] += weight * above[from]);
        }
        pass.only_first(gradient)
    }
}

pub(crate) fn average(context: &Context<'_>) -> Prepared {
    let count_padding = context.int("count_include_pad", 0) != 0;
    Ok(Box::new(Average { window: Window::new(context)?, count_padding }))
}
