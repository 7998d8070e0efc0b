//! `MaxPool` and `AveragePool`.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Tensor, Value, size};
use super::Prepared;
use super::window::{Layout, Window, join, split};

struct Max(Window);

/// For each output, the input positions under its window, all windows alike in length.
///
/// A tap in the padding repeats the window's first real one, which changes no maximum; a window that lies wholly in
/// the padding points behind the image. One table serves all channels and keeps the inner loop free of branches.
fn taps(layout: &Layout) -> Vec<usize> {
    let area = layout.input[0] * layout.input[1];
    let mut table = Vec::with_capacity(layout.outputs() * layout.kernel[0] * layout.kernel[1]);
    for row in 0..layout.output[0] {
        for column in 0..layout.output[1] {
            let start = table.len();
            for y in (0..layout.kernel[0]).filter_map(|at| layout.position(0, row, at)) {
                for x in (0..layout.kernel[1]).filter_map(|at| layout.position(1, column, at)) {
                    table.push(y * layout.input[1] + x);
                }
            }
            let first = table.get(start).copied().unwrap_or(area);
            table.resize(start + layout.kernel[0] * layout.kernel[1], first);
        }
    }
    table
}

/// The largest input under a window; NaN wins as in other runtimes.
fn largest(image: &[f32], window: &[usize]) -> f32 {
    window.iter().fold(f32::NEG_INFINITY, |most, position| {
        let value = image.get(*position).copied().unwrap_or(f32::NEG_INFINITY);
        if value > most || value.is_nan() { value } else { most }
    })
}

/// Position of the largest input under a window, the first of equals.
fn place_of_largest(image: &[f32], window: &[usize]) -> usize {
    let start = (window[0], f32::NEG_INFINITY);
    let (best, _) = window.iter().fold(start, |(best, most), position| {
        let value = image.get(*position).copied().unwrap_or(f32::NEG_INFINITY);
        let better = value > most;
        (if better { *position } else { best }, if better { value } else { most })
    });
    best
}

impl Max {
    /// Layout over an image and its window table.
    fn windows(&self, input: [usize; 2]) -> Result<(Layout, Vec<usize>), KernelError> {
        let layout = self.0.layout(input, None)?;
        size(&[layout.outputs(), layout.kernel[0], layout.kernel[1]])?;
        Ok((layout, taps(&layout)))
    }
}

impl Kernel for Max {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let x = inputs.float(0)?;
        let (samples, channels, input) = split(&x.shape)?;
        let (layout, table) = self.windows(input)?;
        let mut y = Tensor::filled(&join(samples, channels, layout.output, x.shape.len()), 0.0)?;
        let planes = x.data.chunks_exact((input[0] * input[1]).max(1));
        for (image, values) in planes.zip(y.data.chunks_exact_mut(layout.outputs().max(1))) {
            // The usual window, of a length the compiler knows.
            if layout.kernel == [2, 2] {
                for (value, window) in values.iter_mut().zip(table.as_chunks::<4>().0) {
                    *value = largest(image, window);
                }
                continue;
            }
            let windows = table.chunks_exact(layout.kernel[0] * layout.kernel[1]);
            values.iter_mut().zip(windows).for_each(|(value, window)| *value = largest(image, window));
        }
        Ok(vec![Value::Float(y)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let above = pass.gradient()?;
        let x = pass.inputs.float(0)?;
        let (_, _, input) = split(&x.shape)?;
        let (layout, table) = self.windows(input)?;
        let mut gradient = Tensor::filled(&x.shape, 0.0)?;
        let area = (input[0] * input[1]).max(1);
        let planes = x.data.chunks_exact(area).zip(gradient.data.chunks_exact_mut(area));
        for ((image, gradient), above) in planes.zip(above.data.chunks_exact(layout.outputs().max(1))) {
            for (above, window) in above.iter().zip(table.chunks_exact(layout.kernel[0] * layout.kernel[1])) {
                if let Some(sum) = gradient.get_mut(place_of_largest(image, window)) {
                    *sum += above;
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
