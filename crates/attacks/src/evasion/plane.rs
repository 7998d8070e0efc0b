//! The smallest change, inside the box of valid inputs, that makes a linear function rise by a given amount.

use super::Norm;
use super::ball::sign;
use crate::target::Bounds;

/// Writes the smallest `change` in `norm` (maximum norm, else Euclidean) with `slopes * change = rise` and
/// `point + change` in the box; where no such change exists, the one that comes closest. A negative rise is a fall.
///
/// Exact: elements that meet their bound are fixed there and the rest share what is left (Croce and Hein, Minimally
/// Distorted Adversarial Examples, ICML 2020, section 2).
pub(crate) fn smallest_change(
    norm: Norm,
    point: &[f32],
    slopes: &[f32],
    rise: f32,
    bounds: Bounds,
    change: &mut Vec<f32>,
) {
    let flip = if rise < 0.0 { -1.0 } else { 1.0 };
    let room = |x: f32, slope: f32| {
        let room = if slope * flip > 0.0 { bounds.high - x } else { x - bounds.low };
        room.max(0.0)
    };
    // With "level" s, element i changes by min(s, room_i) in the maximum norm and by min(s * |slope_i|, room_i) in the
    // Euclidean norm; the rise is a rising function of s.
    let rate = |slope: f32| if norm == Norm::Linf { 1.0 } else { slope.abs() };
    let mut level = 0.0_f32;
    loop {
        let (mut fixed, mut free) = (0.0_f64, 0.0_f64);
        for (x, slope) in point.iter().zip(slopes) {
            let (weight, room) = (f64::from(slope.abs()), room(*x, *slope));
            if level * rate(*slope) < room {
                free += weight * f64::from(rate(*slope));
            } else {
                fixed += weight * f64::from(room);
            }
        }
        let wanted = f64::from(rise.abs()) - fixed;
        let next = if free > 0.0 { (wanted / free) as f32 } else { f32::INFINITY };
        // The level only rises, and each time at least one element meets its bound, so this ends.
        let settled = next.is_nan() || next <= level;
        if settled || next == f32::INFINITY {
            level = level.max(if next.is_finite() { next } else { f32::MAX });
            break;
        }
        let more = point.iter().zip(slopes).any(|(x, slope)| {
            let (rate, room) = (rate(*slope), room(*x, *slope));
            level * rate < room && next * rate >= room
        });
        level = next;
        if !more {
            break;
        }
    }
    change.clear();
    change.extend(point.iter().zip(slopes).map(|(x, slope)| {
        let size = (level * rate(*slope)).min(room(*x, *slope));
        if *slope == 0.0 || size.is_nan() { 0.0 } else { size * sign(*slope) * flip }
    }));
}

/// Length of a change in `norm` (maximum norm, else Euclidean).
pub(crate) fn length(norm: Norm, change: &[f32]) -> f32 {
    match norm {
        Norm::Linf => change.iter().fold(0.0, |most, x| most.max(x.abs())),
        _ => super::ball::euclid(change.iter().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_kept_and_the_rest_shares() {
        let (bounds, mut change) = (Bounds::default(), Vec::new());
        // In the open: the change is along the slopes.
        smallest_change(Norm::L2, &[0.5, 0.5], &[3.0, 4.0], 0.5, bounds, &mut change);
        assert!((change[0] - 0.06).abs() < 1e-6 && (change[1] - 0.08).abs() < 1e-6, "{change:?}");
        smallest_change(Norm::Linf, &[0.5, 0.5], &[3.0, -4.0], -0.7, bounds, &mut change);
        assert!((change[0] + 0.1).abs() < 1e-6 && (change[1] - 0.1).abs() < 1e-6, "{change:?}");
        // The second element has .05 of room, the first does the rest.
        smallest_change(Norm::L2, &[0.5, 0.95], &[3.0, 4.0], 0.5, bounds, &mut change);
        assert!((change[0] - 0.1).abs() < 1e-6 && (change[1] - 0.05).abs() < 1e-6, "{change:?}");
        // Out of reach: as far as it goes.
        smallest_change(Norm::Linf, &[0.5, 0.75], &[1.0, 1.0], 9.0, bounds, &mut change);
        assert_eq!(change, [0.5, 0.25]);
        smallest_change(Norm::L2, &[0.5, 0.75], &[0.0, 0.0], 1.0, bounds, &mut change);
        assert_eq!(change, [0.0, 0.0]);
    }
}
