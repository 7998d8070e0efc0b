//! Sliding windows over one or two spatial axes, shared by convolution and pooling.

use super::super::kernel::{Context, KernelError};

/// Attributes of a sliding window; a single spatial axis is treated as two, the first of extent 1.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    kernel: Option<[usize; 2]>,
    strides: [usize; 2],
    dilations: [usize; 2],
    /// Padding before and after each axis.
    pads: [[usize; 2]; 2],
    automatic: Automatic,
    ceil: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Automatic {
    No,
    SameUpper,
    SameLower,
    Valid,
}

/// A window laid over an input of known extents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) input: [usize; 2],
    pub(crate) output: [usize; 2],
    pub(crate) kernel: [usize; 2],
    pub(crate) strides: [usize; 2],
    pub(crate) dilations: [usize; 2],
    /// Padding before each axis.
    pub(crate) before: [usize; 2],
    /// Padding after each axis.
    pub(crate) after: [usize; 2],
}

/// Larger extents than any real window; keeps the arithmetic far from overflow.
const MOST: i64 = 1 << 20;

fn pair(context: &Context<'_>, name: &str, default: usize, least: i64) -> Result<[usize; 2], KernelError> {
    let values = context.ints(name).unwrap_or_default();
    if values.iter().any(|value| !(least..=MOST).contains(value)) {
        return Err(KernelError(format!("`{name}` is out of range: {values:?}")));
    }
    let value = |index: usize| values[index] as usize;
    match values.len() {
        0 => Ok([default; 2]),
        1 => Ok([default, value(0)]),
        2 => Ok([value(0), value(1)]),
        _ => Err(KernelError("more than two spatial axes are not supported".to_owned())),
    }
}

impl Window {
    pub(crate) fn new(context: &Context<'_>) -> Result<Self, KernelError> {
        let kernel = match context.ints("kernel_shape") {
            Some(_) => Some(pair(context, "kernel_shape", 1, 1)?),
            None => None,
        };
        let pads = context.ints("pads").unwrap_or_default();
        if pads.iter().any(|pad| !(0..=MOST).contains(pad)) {
            return Err(KernelError(format!("`pads` is out of range: {pads:?}")));
        }
        let pad = |index: usize| pads[index] as usize;
        let pads = match pads.len() {
            0 => [[0; 2]; 2],
            2 => [[0, 0], [pad(0), pad(1)]],
            4 => [[pad(0), pad(2)], [pad(1), pad(3)]],
            _ => return Err(KernelError("more than two spatial axes are not supported".to_owned())),
        };
        let automatic = match context.text("auto_pad", "NOTSET")? {
            "NOTSET" | "" => Automatic::No,
            "SAME_UPPER" => Automatic::SameUpper,
            "SAME_LOWER" => Automatic::SameLower,
            "VALID" => Automatic::Valid,
            other => return Err(KernelError(format!("`auto_pad` cannot be `{other}`"))),
        };
        Ok(Self {
            kernel,
            strides: pair(context, "strides", 1, 1)?,
            dilations: pair(context, "dilations", 1, 1)?,
            pads,
            automatic,
            ceil: context.int("ceil_mode", 0) != 0,
        })
    }

    /// Lays the window over spatial extents; `kernel` stands in for an absent `kernel_shape`.
    pub(crate) fn layout(
        &self,
        input: [usize; 2],
        kernel: Option<[usize; 2]>,
    ) -> Result<Layout, KernelError> {
        let kernel =
            kernel.or(self.kernel).ok_or_else(|| KernelError("`kernel_shape` is missing".to_owned()))?;
        let mut layout = Layout {
            input,
            output: [0; 2],
            kernel,
            strides: self.strides,
            dilations: self.dilations,
            before: [0; 2],
            after: [0; 2],
        };
        for axis in 0..2 {
            let (stride, extent) = (self.strides[axis], input[axis]);
            let reach = (kernel[axis] - 1) * self.dilations[axis] + 1;
            match self.automatic {
                Automatic::No => {
                    [layout.before[axis], layout.after[axis]] = self.pads[axis];
                }
                Automatic::Valid => {}
                Automatic::SameUpper | Automatic::SameLower => {
                    let total = (extent.div_ceil(stride).max(1) - 1).saturating_mul(stride) + reach;
                    let total = total.saturating_sub(extent);
                    let less = total / 2;
                    layout.before[axis] =
                        if self.automatic == Automatic::SameUpper { less } else { total - less };
                    layout.after[axis] = total - layout.before[axis];
                }
            }
            let padded = extent + layout.before[axis] + layout.after[axis];
            let room = padded
                .checked_sub(reach)
                .ok_or_else(|| KernelError(format!("the window of {reach} does not fit {padded} values")))?;
            layout.output[axis] = if self.ceil {
                let outputs = room.div_ceil(stride) + 1;
                // A window that would start in the padding behind the input is left out.
                if (outputs - 1) * stride >= extent + layout.before[axis] { outputs - 1 } else { outputs }
            } else {
                room / stride + 1
            };
        }
        Ok(layout)
    }
}

impl Layout {
    /// Input position under element `at` of the window of output `output`, or `None` in the padding.
    pub(crate) fn position(&self, axis: usize, output: usize, at: usize) -> Option<usize> {
        (output * self.strides[axis] + at * self.dilations[axis])
            .checked_sub(self.before[axis])
            .filter(|position| *position < self.input[axis])
    }

    /// Number of outputs of one channel.
    pub(crate) fn outputs(&self) -> usize {
        self.output[0] * self.output[1]
    }
}

/// Samples, channels and spatial extents of an input of three or four axes.
pub(crate) fn split(shape: &[usize]) -> Result<(usize, usize, [usize; 2]), KernelError> {
    match shape {
        [samples, channels, width] => Ok((*samples, *channels, [1, *width])),
        [samples, channels, height, width] => Ok((*samples, *channels, [*height, *width])),
        _ => Err(KernelError(format!("one or two spatial axes are supported, not the shape {shape:?}"))),
    }
}

/// The shape of an output, with as many axes as the input had.
pub(crate) fn join(samples: usize, channels: usize, spatial: [usize; 2], rank: usize) -> Vec<usize> {
    if rank == 3 {
        vec![samples, channels, spatial[1]]
    } else {
        vec![samples, channels, spatial[0], spatial[1]]
    }
}
