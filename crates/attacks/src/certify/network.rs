//! Certificates for a network: margins, certified accuracy, radii.

use rayon::prelude::*;
use vauban_domain::Interval;

use super::chain::{Affine, CertifyError, Layer, chain};
use super::relax::{Ball, Bounds, backward, interval, tolerance};
use crate::OnnxTarget;
use crate::evasion::Norm;
use crate::samples::Samples;
use crate::target::{self, LabelTarget as _};

/// How a network is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Intervals carried forwards: fast, loose.
    Intervals,
    /// Linear bounds carried backwards (CROWN), with linear bounds for the layers in between where they are small enough
    /// and intervals where not.
    Linear,
}

/// A network whose bounds can be computed.
pub struct BoundedNetwork {
    layers: Vec<Layer>,
    bounds: target::Bounds,
    width: usize,
    classes: usize,
}

/// What is certified for one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certified {
    /// Whether the network is right about the sample itself.
    pub right: bool,
    /// No input nearer than this, inside the bounds, gets another label; 0 if nothing is certified.
    pub radius: f64,
}

/// Largest product of neurons and weights for which layers in between get linear bounds of their own.
const WORK: usize = 1 << 28;

impl BoundedNetwork {
    /// Writes the network out as a chain of affine maps and ReLUs.
    ///
    /// # Errors
    /// [`CertifyError`] names the operators without a bound, or says where the network branches.
    pub fn new(target: &OnnxTarget) -> Result<Self, CertifyError> {
        let layers = chain(target)?;
        Ok(Self { layers, bounds: target.bounds(), width: target.width(), classes: target.classes() })
    }

    /// Lower bound of the smallest margin of class `label` over any other, over all inputs nearer to `row` than `eps` in
    /// `norm` and inside the target's bounds. Positive: nothing in there changes the label.
    ///
    /// Holds for 32-bit arithmetic with the sums of each operator in any order: every layer is widened by one ulp for each
    /// term and 16 more.
    ///
    /// # Errors
    /// [`CertifyError::Sample`] when row or label do not fit the model.
    pub fn margin(
        &self,
        row: &[f32],
        label: usize,
        norm: Norm,
        eps: f64,
        method: Method,
    ) -> Result<f64, CertifyError> {
        let wrong = |what: String| Err(CertifyError::Sample(what));
        if row.len() != self.width || row.iter().any(|value| !value.is_finite()) {
            return wrong(format!("it has {} values, the model takes {} finite ones", row.len(), self.width));
        }
        if label >= self.classes {
            return wrong(format!("the label {label} is not one of {} classes", self.classes));
        }
        if !(eps >= 0.0 && eps.is_finite()) || norm == Norm::Unbounded {
            return wrong("the ball needs a norm and a finite size".to_owned());
        }
        let (low, high) = (f64::from(self.bounds.low), f64::from(self.bounds.high));
        let end = |value: &f32, eps: f64| f64::from(*value) + eps;
        let centre = Bounds {
            low: row.iter().map(|value| end(value, -eps).max(low).min(f64::from(*value))).collect(),
            high: row.iter().map(|value| end(value, eps).min(high).max(f64::from(*value))).collect(),
        };
        let ball = Ball { centre: row, norm, radius: eps, bounds: centre };
        Ok(self.bound(&ball, &self.margins(label), method))
    }

    /// The last map: margins of `label` over every other class.
    fn margins(&self, label: usize) -> Affine {
        let mut affine = Affine {
            width: self.classes,
            starts: vec![0],
            columns: Vec::new(),
            values: Vec::new(),
            bias: Vec::new(),
            rounding: Vec::new(),
        };
        for rival in (0..self.classes).filter(|rival| *rival != label) {
            affine.columns.extend([label as u32, rival as u32]);
            affine.values.extend([1.0, -1.0]);
            affine.starts.push(affine.values.len());
            affine.bias.push(0.0);
            // Logits are compared, not subtracted.
            affine.rounding.push(0.0);
        }
        affine
    }

    /// Linear lower bounds of the rows of `goal`, which come after the logits, over a box of inputs.
    pub(crate) fn lows(&self, region: &Bounds, goal: &Affine) -> Vec<f64> {
        // A box has no need of a centre.
        let ball = Ball { centre: &[], norm: Norm::Linf, radius: 0.0, bounds: region.clone() };
        self.rows(&ball, goal, Method::Linear)
    }

    /// Smallest of the lower bounds of the rows of `goal`, which come after the logits.
    fn bound(&self, ball: &Ball<'_>, goal: &Affine, method: Method) -> f64 {
        self.rows(ball, goal, method).into_iter().fold(f64::INFINITY, f64::min)
    }

    fn rows(&self, ball: &Ball<'_>, goal: &Affine, method: Method) -> Vec<f64> {
        let mut input = ball.bounds.clone();
        let mut known = Vec::new();
        let mut layers = self.layers.clone();
        layers.push(Layer::Affine(goal.clone()));
        let mut weights = 0;
        for (at, layer) in layers.iter().enumerate() {
            let room = tolerance(layer, &input);
            let mut next = interval(layer, &input, &room);
            if may_overflow(&next, &room) {
                return vec![f64::NEG_INFINITY; goal.bias.len()];
            }
            known.push((input, room));
            if let Layer::Affine(affine) = layer {
                weights += affine.values.len();
                let last = at + 1 == layers.len();
                let before_relu = matches!(layers.get(at + 1), Some(Layer::Relu));
                let small = affine.bias.len().saturating_mul(weights) <= WORK;
                let linear = method == Method::Linear && (last || (before_relu && at > 0 && small));
                // Even the first layer gains in the other norms, of which intervals know nothing.
                if linear || (ball.norm != Norm::Linf && method == Method::Linear && before_relu) {
                    next.meet(&linear_bounds(&layers, &known, ball, at, &next, last));
                }
            }
            input = next;
        }
        input.low
    }

    /// The largest radius up to `most` that is certified, found by `halvings` halvings; and whether the sample is right.
    ///
    /// # Errors
    /// As [`BoundedNetwork::margin`].
    pub fn radius(
        &self,
        row: &[f32],
        label: usize,
        norm: Norm,
        most: f64,
        method: Method,
        halvings: u32,
    ) -> Result<Certified, CertifyError> {
        let holds = |eps: f64| Ok::<bool, CertifyError>(self.margin(row, label, norm, eps, method)? > 0.0);
        if !holds(0.0)? {
            return Ok(Certified { right: false, radius: 0.0 });
        }
        if holds(most)? {
            return Ok(Certified { right: true, radius: most });
        }
        let (mut low, mut high) = (0.0, most);
        for _ in 0..halvings {
            let middle = f64::midpoint(low, high);
            if holds(middle)? {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(Certified { right: true, radius: low })
    }

    /// [`BoundedNetwork::radius`] of every sample, in order; 0 where the network is wrong or nothing is certified.
    ///
    /// # Errors
    /// As [`BoundedNetwork::margin`].
    pub fn radii(
        &self,
        samples: &Samples,
        norm: Norm,
        most: f64,
        method: Method,
        halvings: u32,
    ) -> Result<Vec<f64>, CertifyError> {
        samples.check(self.width, self.classes).map_err(|error| CertifyError::Sample(error.to_string()))?;
        (0..samples.len())
            .into_par_iter()
            .map(|at| {
                let label = samples.labels[at] as usize;
                Ok(self.radius(samples.row(at), label, norm, most, method, halvings)?.radius)
            })
            .collect()
    }

    /// How many samples are right and stay right within `eps`, whatever the attack: count, share and its interval.
    ///
    /// # Errors
    /// As [`BoundedNetwork::margin`].
    pub fn certified_accuracy(
        &self,
        samples: &Samples,
        norm: Norm,
        eps: f64,
        method: Method,
    ) -> Result<(usize, f64, Interval), CertifyError> {
        samples.check(self.width, self.classes).map_err(|error| CertifyError::Sample(error.to_string()))?;
        let margins: Vec<f64> = (0..samples.len())
            .into_par_iter()
            .map(|at| self.margin(samples.row(at), samples.labels[at] as usize, norm, eps, method))
            .collect::<Result<_, _>>()?;
        let certified = margins.iter().filter(|margin| **margin > 0.0).count();
        let share = certified as f64 / samples.len() as f64;
        Ok((certified, share, Interval::wilson(certified as u64, samples.len() as u64)))
    }
}

/// Whether 32-bit arithmetic may reach infinity in a layer, on the way to its sums too: then no bound means anything, as
/// what follows may not be a number.
fn may_overflow(outputs: &Bounds, room: &[f64]) -> bool {
    let fits = |value: &f64, most: f64| value.abs() < most;
    let most = f64::from(f32::MAX);
    // The room is at least 16 ulp of the sum of all absolute terms.
    let sums = room.iter().all(|room| fits(room, most * f64::from(f32::EPSILON)));
    !(sums && outputs.low.iter().chain(&outputs.high).all(|end| fits(end, most)))
}

/// Linear bounds of the outputs of layer `at` that may matter: before a ReLU those that may be on or off.
fn linear_bounds(
    layers: &[Layer],
    inputs: &[(Bounds, Vec<f64>)],
    ball: &Ball<'_>,
    at: usize,
    loose: &Bounds,
    last: bool,
) -> Bounds {
    let mut better = loose.clone();
    let mut slopes = vec![0.0; loose.low.len()];
    for output in 0..slopes.len() {
        if !last && (loose.low[output] >= 0.0 || loose.high[output] <= 0.0) {
            continue;
        }
        slopes[output] = 1.0;
        better.low[output] = backward(layers, inputs, ball, at, &slopes);
        if !last {
            slopes[output] = -1.0;
            better.high[output] = -backward(layers, inputs, ball, at, &slopes);
        }
        slopes[output] = 0.0;
    }
    better
}
