//! The ball around a sample, cut by the box of valid inputs: projections, steepest steps, random points.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{Norm, normal};
use crate::target::Bounds;

/// Share of the elements that a step in the 1-norm moves.
const SPARSE: f32 = 0.05;

/// The points within `eps` of a sample, in `norm`, that are valid inputs.
#[derive(Clone, Copy)]
pub(crate) struct Ball {
    pub(crate) norm: Norm,
    pub(crate) eps: f32,
    pub(crate) bounds: Bounds,
}

impl Ball {
    /// Whether `point` lies inside, but for a rounding.
    pub(crate) fn holds(&self, original: &[f32], point: &[f32]) -> bool {
        let changes = || original.iter().zip(point).map(|(a, b)| f64::from((a - b).abs()));
        let distance = match self.norm {
            Norm::Linf => changes().fold(0.0, f64::max),
            Norm::L2 => changes().map(|change| change * change).sum::<f64>().sqrt(),
            Norm::L1 => changes().sum(),
            Norm::Unbounded => 0.0,
        };
        distance <= f64::from(self.eps) * (1.0 + 1e-4) + 1e-6
            && point.iter().all(|x| (self.bounds.low..=self.bounds.high).contains(x))
    }

    /// Moves `point` to a close point inside: the closest one in the maximum norm and the 1-norm (the latter by Croce and
    /// Hein, Mind the Box, ICML 2021, which projects on ball and box together); for the Euclidean norm, first to the
    /// ball, then to the box, which leaves neither because the sample is inside both.
    pub(crate) fn project(&self, original: &[f32], point: &mut [f32]) {
        match self.norm {
            Norm::Linf => {
                for (x, original) in point.iter_mut().zip(original) {
                    *x = self.bounds.clamp(x.max(original - self.eps).min(original + self.eps));
                }
            }
            Norm::L2 => {
                let length = euclid(original.iter().zip(point.iter()).map(|(a, b)| a - b));
                let share = if length > self.eps { self.eps / length } else { 1.0 };
                for (x, original) in point.iter_mut().zip(original) {
                    *x = self.bounds.clamp(original + share * (*x - original));
                }
            }
            Norm::L1 => self.project_sum(original, point),
            Norm::Unbounded => point.iter_mut().for_each(|x| *x = self.bounds.clamp(*x)),
        }
    }

    fn project_sum(&self, original: &[f32], point: &mut [f32]) {
        // The answer moves element i by min(max(|d_i| - excess, 0), room_i); the sum falls as the excess grows, and bends
        // where an element leaves its bound or stops moving.
        let room = |x: f32, original: f32| {
            if x > original { self.bounds.high - original } else { original - self.bounds.low }
        };
        let moved = |excess: f64, x: f32, original: f32| {
            let change = (f64::from((x - original).abs()) - excess).max(0.0);
            change.min(f64::from(room(x, original).max(0.0)))
        };
        let sum = |excess: f64, point: &[f32]| -> f64 {
            point.iter().zip(original).map(|(x, original)| moved(excess, *x, *original)).sum()
        };
        let most = f64::from(self.eps);
        let mut excess = 0.0;
        if sum(0.0, point) > most {
            let mut bends: Vec<f64> = point
                .iter()
                .zip(original)
                .flat_map(|(x, original)| {
                    let change = f64::from((x - original).abs());
                    [change, change - f64::from(room(*x, *original))]
                })
                .filter(|bend| *bend > 0.0)
                .collect();
            bends.push(0.0);
            bends.sort_by(f64::total_cmp);
            // First bend whose sum fits; the answer lies on the straight piece before it.
            let after = bends.partition_point(|bend| sum(*bend, point) > most).min(bends.len() - 1);
            let (low, high) = (bends[after.saturating_sub(1)], bends[after]);
            let (above, below) = (sum(low, point), sum(high, point));
            let share = if above > below { (above - most) / (above - below) } else { 1.0 };
            excess = low + (high - low) * share;
        }
        for (x, original) in point.iter_mut().zip(original) {
            let change = moved(excess, *x, *original) as f32;
            *x = self.bounds.clamp(if *x > *original { original + change } else { original - change });
        }
    }

    /// Moves `point` by `step` in the direction that climbs fastest; elements that are not numbers do not move.
    ///
    /// In the 1-norm the few steepest elements that have room share the step (Tramer and Boneh, NeurIPS 2019).
    pub(crate) fn climb(&self, point: &mut [f32], gradient: &[f32], step: f32) {
        match self.norm {
            Norm::Linf | Norm::Unbounded => {
                for (x, slope) in point.iter_mut().zip(gradient) {
                    *x += step * sign(*slope);
                }
            }
            Norm::L2 => {
                let scale = largest(gradient);
                let length = euclid(gradient.iter().map(|slope| slope / scale)) * scale;
                if length > 0.0 && length.is_finite() {
                    for (x, slope) in point.iter_mut().zip(gradient) {
                        *x += step * (slope / length);
                    }
                }
            }
            Norm::L1 => {
                let free = |x: f32, slope: f32| {
                    (slope > 0.0 && x < self.bounds.high) || (slope < 0.0 && x > self.bounds.low)
                };
                let mut order: Vec<usize> =
                    (0..point.len()).filter(|index| free(point[*index], gradient[*index])).collect();
                let count = ((point.len() as f32 * SPARSE).ceil() as usize).clamp(1, order.len().max(1));
                order.sort_by(|a, b| gradient[*b].abs().total_cmp(&gradient[*a].abs()).then(a.cmp(b)));
                order.truncate(count);
                let share = step / order.len().max(1) as f32;
                for index in order {
                    point[index] += share * sign(gradient[index]);
                }
            }
        }
    }

    /// A random point inside.
    pub(crate) fn random(&self, original: &[f32], random: &mut Pcg64) -> Vec<f32> {
        let mut point: Vec<f32> = match self.norm {
            Norm::Linf | Norm::Unbounded => {
                original.iter().map(|x| x + self.eps * (2.0 * random.random::<f32>() - 1.0)).collect()
            }
            Norm::L2 => {
                let direction: Vec<f32> = original.iter().map(|_| normal(random).0).collect();
                let length = euclid(direction.iter().copied()).max(f32::MIN_POSITIVE);
                let radius = self.eps * random.random::<f32>().powf(1.0 / original.len().max(1) as f32);
                original.iter().zip(&direction).map(|(x, part)| x + part / length * radius).collect()
            }
            Norm::L1 => {
                // Exponential numbers over their sum are uniform on the simplex.
                let parts: Vec<f32> = original.iter().map(|_| -(1.0 - random.random::<f32>()).ln()).collect();
                let sum: f32 = parts.iter().sum::<f32>().max(f32::MIN_POSITIVE);
                let radius = self.eps * random.random::<f32>();
                original
                    .iter()
                    .zip(&parts)
                    .map(|(x, part)| {
                        let change = part / sum * radius;
                        if random.random::<bool>() { x + change } else { x - change }
                    })
                    .collect()
            }
        };
        self.project(original, &mut point);
        point
    }
}

/// The sign, with 0 for 0 and NaN.
pub(crate) fn sign(value: f32) -> f32 {
    f32::from(i8::from(value > 0.0) - i8::from(value < 0.0))
}

/// Largest absolute value; 1 if all are zero.
fn largest(values: &[f32]) -> f32 {
    let most = values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    if most > 0.0 { most } else { 1.0 }
}

/// Euclidean length.
pub(crate) fn euclid(values: impl Iterator<Item = f32>) -> f32 {
    // Eight sums at once let the additions run side by side.
    let mut sums = [0.0_f32; 8];
    for (index, value) in values.enumerate() {
        sums[index & 7] += value * value;
    }
    sums.iter().sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evasion::generator;

    #[test]
    fn projections_and_random_points_lie_inside_and_leave_inner_points_alone() {
        let mut random = generator(1, "ball", 0);
        let bounds = Bounds::default();
        for norm in [Norm::Linf, Norm::L2, Norm::L1] {
            let ball = Ball { norm, eps: 0.4, bounds };
            for _ in 0..200 {
                let original: Vec<f32> = (0..9).map(|_| random.random::<f32>().powi(3)).collect();
                let mut far: Vec<f32> = original.iter().map(|x| x + normal(&mut random).0).collect();
                ball.project(&original, &mut far);
                assert!(ball.holds(&original, &far), "{norm:?}");
                let inner = ball.random(&original, &mut random);
                assert!(ball.holds(&original, &inner), "{norm:?}");
                let mut again = inner.clone();
                ball.project(&original, &mut again);
                assert!(inner.iter().zip(&again).all(|(a, b)| (a - b).abs() < 1e-5), "{norm:?}");
            }
        }
    }

    #[test]
    fn the_sum_projection_is_the_closest_point_of_ball_and_box() {
        // Element 0 may move by .1 only, so the rest of the sum goes to the others: (.1, .2, .1) by hand.
        let ball = Ball { norm: Norm::L1, eps: 0.4, bounds: Bounds::default() };
        let original = [0.9, 0.5, 0.5];
        let mut point = [1.9, 0.9, 0.2];
        ball.project(&original, &mut point);
        let expected = [1.0, 0.7, 0.4];
        assert!(point.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6), "{point:?}");
    }
}
