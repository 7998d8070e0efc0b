//! `Conv` as a matrix product over unrolled windows.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Tensor, Value};
use super::super::{Matrix, multiply};
use super::Prepared;
use super::window::{Layout, Window, join, split};

/// Columns of one product: enough to fill the registers, few enough to stay in the cache.
const COLUMNS: usize = 512;

struct Convolution {
    window: Window,
    groups: usize,
}

/// Extents of one call.
struct Extents {
    samples: usize,
    channels: usize,
    filters: usize,
    groups: usize,
    layout: Layout,
    rank: usize,
}

impl Extents {
    /// Input channels of one group.
    fn depth(&self) -> usize {
        self.channels / self.groups
    }

    /// Elements under one window.
    fn taps(&self) -> usize {
        self.depth() * self.layout.kernel[0] * self.layout.kernel[1]
    }

    /// Filters of one group.
    fn height(&self) -> usize {
        self.filters / self.groups
    }

    fn input_area(&self) -> usize {
        self.layout.input[0] * self.layout.input[1]
    }

    /// Samples whose windows go into one product.
    fn batch(&self) -> usize {
        (COLUMNS / self.layout.outputs().max(1)).clamp(1, self.samples.max(1))
    }
}

impl Convolution {
    fn extents(&self, x: &Tensor, w: &Tensor) -> Result<Extents, KernelError> {
        let (samples, channels, input) = split(&x.shape)?;
        let (filters, depth, kernel) = split(&w.shape)?;
        if x.shape.len() != w.shape.len()
            || depth.checked_mul(self.groups) != Some(channels)
            || filters % self.groups != 0
        {
            return Err(KernelError(format!(
                "filters {:?} in {} groups do not fit the input {:?}",
                w.shape, self.groups, x.shape
            )));
        }
        if kernel.contains(&0) {
            return Err(KernelError("a filter is empty".to_owned()));
        }
        let layout = self.window.layout(input, Some(kernel))?;
        Ok(Extents { samples, channels, filters, groups: self.groups, layout, rank: x.shape.len() })
    }
}

/// Calls `see` for each run of a window row that lies inside the input: tap, column, input position, length, step.
fn runs(extents: &Extents, mut see: impl FnMut(usize, usize, usize, usize, usize)) {
    let layout = &extents.layout;
    let [kernel_height, kernel_width] = layout.kernel;
    let (stride, width) = (layout.strides[1], layout.output[1]);
    for channel in 0..extents.depth() {
        for row in 0..kernel_height {
            for column in 0..kernel_width {
                let tap = (channel * kernel_height + row) * kernel_width + column;
                let shift = column * layout.dilations[1];
                // Outputs whose input position `output * stride + shift - before` lies inside the row.
                let first = layout.before[1].saturating_sub(shift).div_ceil(stride);
                let last =
                    (layout.input[1] + layout.before[1]).saturating_sub(shift).div_ceil(stride).min(width);
                if first >= last {
                    continue;
                }
                for output in 0..layout.output[0] {
                    let Some(y) = layout.position(0, output, row) else { continue };
                    let x = first * stride + shift - layout.before[1];
                    let position = (channel * layout.input[0] + y) * layout.input[1] + x;
                    see(tap, output * width + first, position, last - first, stride);
                }
            }
        }
    }
}

/// Unrolls the windows of `count` samples of one group into a matrix of taps by (sample, output).
fn unroll(x: &[f32], extents: &Extents, first: usize, count: usize, group: usize, columns: &mut [f32]) {
    columns.fill(0.0);
    let (outputs, area) = (extents.layout.outputs(), extents.input_area());
    let width = count * outputs;
    for sample in 0..count {
        let channel = (first + sample) * extents.channels + group * extents.depth();
        let image = &x[channel * area..];
        runs(extents, |tap, column, position, length, step| {
            let start = tap * width + sample * outputs + column;
            let target = &mut columns[start..start + length];
            if step == 1 {
                target.copy_from_slice(&image[position..position + length]);
            } else {
                target.iter_mut().enumerate().for_each(|(index, to)| *to = image[position + index * step]);
            }
        });
    }
}

/// Adds the unrolled windows back onto the input they were taken from.
fn roll(columns: &[f32], extents: &Extents, first: usize, count: usize, group: usize, x: &mut [f32]) {
    let (outputs, area) = (extents.layout.outputs(), extents.input_area());
    let width = count * outputs;
    for sample in 0..count {
        let channel = (first + sample) * extents.channels + group * extents.depth();
        let image = &mut x[channel * area..];
        runs(extents, |tap, column, position, length, step| {
            let start = tap * width + sample * outputs + column;
            let source = &columns[start..start + length];
            if step == 1 {
                image[position..position + length].iter_mut().zip(source).for_each(|(to, from)| *to += from);
            } else {
                source.iter().enumerate().for_each(|(index, from)| image[position + index * step] += from);
            }
        });
    }
}

/// Where the outputs of one filter lie in the (sample, filter, output) order of the tensor.
fn place(extents: &Extents, sample: usize, group: usize, filter: usize) -> std::ops::Range<usize> {
    let outputs = extents.layout.outputs();
    let start = (sample * extents.filters + group * extents.height() + filter) * outputs;
    start..start + outputs
}

impl Kernel for Convolution {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (x, w, bias) = (inputs.float(0)?, inputs.float(1)?, inputs.optional_float(2)?);
        let extents = self.extents(x, w)?;
        if bias.is_some_and(|bias| bias.data.len() != extents.filters) {
            return Err(KernelError("there is not one bias per filter".to_owned()));
        }
        let (taps, height, outputs) = (extents.taps(), extents.height(), extents.layout.outputs());
        let shape = join(extents.samples, extents.filters, extents.layout.output, extents.rank);
        let mut y = Tensor::filled(&shape, 0.0)?;
        let batch = extents.batch();
        let mut columns = Tensor::filled(&[taps, batch * outputs], 0.0)?.data;
        let mut product = vec![0.0; height * batch * outputs];
        for first in (0..extents.samples).step_by(batch) {
            let count = batch.min(extents.samples - first);
            let width = count * outputs;
            for group in 0..self.groups {
                unroll(&x.data, &extents, first, count, group, &mut columns[..taps * width]);
                let filters = Matrix::new(&w.data[group * height * taps..], height, taps);
                multiply(1.0, filters, Matrix::new(&columns, taps, width), 0.0, &mut product);
                for filter in 0..height {
                    let bias = bias.map_or(0.0, |bias| bias.data[group * height + filter]);
                    for sample in 0..count {
                        let source = &product[filter * width + sample * outputs..][..outputs];
                        let target = &mut y.data[place(&extents, first + sample, group, filter)];
                        target.iter_mut().zip(source).for_each(|(to, from)| *to = from + bias);
                    }
                }
            }
        }
        Ok(vec![Value::Float(y)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let above = pass.gradient()?;
        let (x, w) = (pass.inputs.float(0)?, pass.inputs.float(1)?);
        let extents = self.extents(x, w)?;
        let (taps, height, outputs) = (extents.taps(), extents.height(), extents.layout.outputs());
        let batch = extents.batch();
        let wants = [pass.wants(0), pass.wants(1), pass.wants(2)];
        let mut by_x = if wants[0] { Some(Tensor::filled(&x.shape, 0.0)?) } else { None };
        let mut by_w = if wants[1] { Some(Tensor::filled(&w.shape, 0.0)?) } else { None };
        let mut by_bias = if wants[2] { Some(Tensor::filled(&[extents.filters], 0.0)?) } else { None };
        let mut columns = Tensor::filled(&[taps, batch * outputs], 0.0)?.data;
        let mut product = vec![0.0; height * batch * outputs];
        for first in (0..extents.samples).step_by(batch) {
            let count = batch.min(extents.samples - first);
            let width = count * outputs;
            for group in 0..self.groups {
                for filter in 0..height {
                    for sample in 0..count {
                        let source = &above.data[place(&extents, first + sample, group, filter)];
                        product[filter * width + sample * outputs..][..outputs].copy_from_slice(source);
                        if let Some(by_bias) = &mut by_bias {
                            by_bias.data[group * height + filter] += source.iter().sum::<f32>();
                        }
                    }
                }
                let gradient = Matrix::new(&product, height, width);
                let filters = group * height * taps;
                if let Some(by_w) = &mut by_w {
                    unroll(&x.data, &extents, first, count, group, &mut columns[..taps * width]);
                    let windows = Matrix::new(&columns, taps, width).transposed();
                    multiply(1.0, gradient, windows, 1.0, &mut by_w.data[filters..][..height * taps]);
                }
                if let Some(by_x) = &mut by_x {
                    let filters = Matrix::new(&w.data[filters..], height, taps).transposed();
                    multiply(1.0, filters, gradient, 0.0, &mut columns);
                    roll(&columns, &extents, first, count, group, &mut by_x.data);
                }
            }
        }
        Ok([by_x, by_w, by_bias].into_iter().take(pass.wanted.len()).collect())
    }
}

pub(crate) fn convolution(context: &Context<'_>) -> Prepared {
    let groups = usize::try_from(context.int("group", 1)).ok().filter(|groups| *groups > 0);
    let groups = groups.ok_or_else(|| KernelError("`group` must be positive".to_owned()))?;
    Ok(Box::new(Convolution { window: Window::new(context)?, groups }))
}
