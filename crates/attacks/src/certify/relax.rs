//! Linear bounds carried backwards through the chain (CROWN), and intervals carried forwards.
//!
//! Zhang et al., "Efficient Neural Network Robustness Certification with General Activation Functions" (NeurIPS 2018):
//! a ReLU that may be on or off lies below the line through its two ends and above a line of slope 0 or 1, whichever
//! loses less. Boopathy et al., "CNN-Cert" (AAAI 2019), for largest values of windows. Gowal et al., "On the Effectiveness of Interval Bound Propagation" (2018), for the intervals.

use super::chain::Layer;
use crate::evasion::Norm;

/// Lower and upper bounds of a vector.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
}

impl Bounds {
    /// Keeps the tighter of both.
    pub(crate) fn meet(&mut self, other: &Self) {
        for (low, new) in self.low.iter_mut().zip(&other.low) {
            *low = low.max(*new);
        }
        for (high, new) in self.high.iter_mut().zip(&other.high) {
            *high = high.min(*new);
        }
    }
}

/// The inputs a certificate is about: a ball in a norm, cut by a box.
pub(crate) struct Ball<'a> {
    pub(crate) centre: &'a [f32],
    pub(crate) norm: Norm,
    pub(crate) radius: f64,
    pub(crate) bounds: Bounds,
}

impl Ball<'_> {
    /// Smallest value of a linear function over the ball.
    fn smallest(&self, slopes: &[f64]) -> f64 {
        let boxed = slopes.iter().enumerate().map(|(at, slope)| {
            if *slope >= 0.0 { slope * self.bounds.low[at] } else { slope * self.bounds.high[at] }
        });
        let boxed: f64 = boxed.sum();
        let centre: f64 = slopes.iter().zip(self.centre).map(|(slope, x)| slope * f64::from(*x)).sum();
        match self.norm {
            Norm::L2 => {
                let size = slopes.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
                boxed.max(centre - self.radius * size)
            }
            Norm::L1 => {
                let size = slopes.iter().fold(0.0_f64, |most, slope| most.max(slope.abs()));
                boxed.max(centre - self.radius * size)
            }
            Norm::Linf | Norm::Unbounded => boxed,
        }
    }
}

/// How far 32-bit arithmetic may be off at each output of a layer whose inputs lie in `inputs`.
pub(crate) fn tolerance(layer: &Layer, inputs: &Bounds) -> Vec<f64> {
    // A ReLU does not round, nor does a choice of the largest.
    let Layer::Affine(affine) = layer else { return Vec::new() };
    (0..affine.bias.len())
        .map(|row| {
            let size: f64 = affine
                .row(row)
                .map(|(column, value)| value.abs() * inputs.low[column].abs().max(inputs.high[column].abs()))
                .sum();
            affine.rounding[row] * (size + affine.bias[row].abs()) + f64::from(f32::MIN_POSITIVE)
        })
        .collect()
}

/// Intervals through one layer, outward by the tolerance.
pub(crate) fn interval(layer: &Layer, inputs: &Bounds, room: &[f64]) -> Bounds {
    match layer {
        Layer::Relu => Bounds {
            low: inputs.low.iter().map(|low| low.max(0.0)).collect(),
            high: inputs.high.iter().map(|high| high.max(0.0)).collect(),
        },
        Layer::Max(windows) => {
            let largest = |ends: &[f64]| -> Vec<f64> {
                let of =
                    |output| windows.members(output).map(|at| ends[at]).fold(f64::NEG_INFINITY, f64::max);
                (0..windows.len()).map(of).collect()
            };
            Bounds { low: largest(&inputs.low), high: largest(&inputs.high) }
        }
        Layer::Affine(affine) => {
            let (mut low, mut high) = (Vec::new(), Vec::new());
            for (row, (bias, room)) in affine.bias.iter().zip(room).enumerate() {
                let (mut least, mut most) = (bias - room, bias + room);
                for (column, value) in affine.row(row) {
                    let ends = [value * inputs.low[column], value * inputs.high[column]];
                    least += ends[0].min(ends[1]);
                    most += ends[0].max(ends[1]);
                }
                low.push(least);
                high.push(most);
            }
            Bounds { low, high }
        }
    }
}

/// Lower bound over the ball of `slopes` times the output of layer `last`.
///
/// `known[i]` bounds what goes into layer `i`, and says how far the layer's own arithmetic may be off.
pub(crate) fn backward(
    layers: &[Layer],
    known: &[(Bounds, Vec<f64>)],
    ball: &Ball<'_>,
    last: usize,
    slopes: &[f64],
) -> f64 {
    let mut slopes = slopes.to_vec();
    let (mut constant, mut size) = (0.0, 0.0);
    for (layer, (inputs, room)) in layers[..=last].iter().zip(known).rev() {
        match layer {
            Layer::Affine(affine) => {
                let mut below = vec![0.0; affine.width];
                for (row, slope) in slopes.iter().enumerate().filter(|(_, slope)| **slope != 0.0) {
                    constant += slope * affine.bias[row] - slope.abs() * room[row];
                    size += slope.abs() * affine.bias[row].abs();
                    for (column, value) in affine.row(row) {
                        below[column] += slope * value;
                    }
                }
                slopes = below;
            }
            Layer::Max(windows) => {
                let mut below = vec![0.0; windows.width];
                for (output, slope) in slopes.iter().enumerate().filter(|(_, slope)| **slope != 0.0) {
                    // The largest is at least any of them, and at most the highest end of all.
                    let members = windows.members(output);
                    let Some(best) = members.clone().max_by(|a, b| inputs.low[*a].total_cmp(&inputs.low[*b]))
                    else {
                        continue;
                    };
                    let others = members.filter(|at| *at != best).map(|at| inputs.high[at]);
                    let rival = others.fold(f64::NEG_INFINITY, f64::max);
                    if *slope > 0.0 || rival <= inputs.low[best] {
                        below[best] += slope;
                    } else {
                        let most = slope * rival.max(inputs.high[best]);
                        constant += most;
                        size += most.abs();
                    }
                }
                slopes = below;
            }
            Layer::Relu => {
                for (at, slope) in slopes.iter_mut().enumerate() {
                    let (low, high) = (inputs.low[at], inputs.high[at]);
                    if high <= 0.0 {
                        *slope = 0.0;
                    } else if low < 0.0 {
                        if *slope < 0.0 {
                            let rise = high / (high - low);
                            constant -= *slope * rise * low;
                            size += (*slope * rise * low).abs();
                            *slope *= rise;
                        } else if high <= -low {
                            *slope = 0.0;
                        }
                    }
                }
            }
        }
    }
    let reach: f64 = slopes
        .iter()
        .enumerate()
        .map(|(at, slope)| slope.abs() * ball.bounds.low[at].abs().max(ball.bounds.high[at].abs()))
        .sum();
    // The bound itself is computed in 64 bits, whose rounding is far below one part in a thousand millions.
    ball.smallest(&slopes) + constant - 1e-9 * (size + reach)
}
