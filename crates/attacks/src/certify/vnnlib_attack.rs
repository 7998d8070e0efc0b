//! The attack that looks for values that satisfy a property.

use rand::RngExt as _;
use vauban_formats::vnnlib::{Atom, Variable};

use super::chain::CertifyError;
use super::relax::Bounds;
use super::vnnlib::{Counterexample, excess, failed};
use crate::OnnxTarget;
use crate::target::GradientTarget as _;

/// How often, and how far.
pub(super) struct Start {
    pub(super) starts: u32,
    pub(super) steps: u32,
}

/// The 32-bit number nearest to `value` between two ends, if there is one.
fn inside(value: f64, low: f64, high: f64) -> Option<f32> {
    let mut near = value.clamp(low, high) as f32;
    if f64::from(near) < low {
        near = near.next_up();
    } else if f64::from(near) > high {
        near = near.next_down();
    }
    (low..=high).contains(&f64::from(near)).then_some(near)
}

/// Steps along the sign of the gradient of the atom that is furthest from holding, from the middle of the box and from
/// random points; else the gradient in the middle, zero where the model grants none.
///
/// `region` is a box with every low end at most the high one.
pub(super) fn attack(
    target: &OnnxTarget,
    region: &Bounds,
    goals: &[&Atom],
    begin: Start,
    random: &mut impl rand::Rng,
) -> Result<Result<Counterexample, Vec<f32>>, CertifyError> {
    let ends = || region.low.iter().copied().zip(region.high.iter().copied());
    let mut slopes = vec![0.0; region.low.len()];
    for start in 0..begin.starts {
        let point: Option<Vec<f32>> = ends()
            .map(|(low, high)| {
                let share = if start == 0 { 0.5 } else { random.random::<f64>() };
                inside(low + share * (high - low), low, high)
            })
            .collect();
        // A box between two neighbouring 32-bit numbers.
        let Some(mut point) = point else { break };
        for step in 0..=begin.steps {
            let worst = |outputs: &[f32]| {
                let by = |a: &&&Atom, b: &&&Atom| excess(a, &[], outputs).total_cmp(&excess(b, &[], outputs));
                goals.iter().max_by(by).copied()
            };
            let cotangent = |_: usize, outputs: &[f32], gradient: &mut [f32]| {
                gradient.fill(0.0);
                for (variable, factor) in worst(outputs).map_or(&[][..], |atom| &atom.terms[..]) {
                    if let Variable::Output(at) = variable {
                        gradient[*at as usize] += *factor as f32;
                    }
                }
            };
            let pass = target.gradients(&point, &cotangent).map_err(failed)?;
            if goals.iter().all(|atom| excess(atom, &[], &pass.logits) <= 0.0) {
                return Ok(Ok(Counterexample { inputs: point, outputs: pass.logits }));
            }
            if start == 0 && step == 0 {
                slopes.clone_from(&pass.inputs);
            }
            let size = 0.5 * (1.0 - f64::from(step) / f64::from(begin.steps + 1));
            for ((value, slope), (low, high)) in point.iter_mut().zip(&pass.inputs).zip(ends()) {
                if *slope != 0.0 {
                    let moved = f64::from(*value) - size * (high - low) * f64::from(slope.signum());
                    *value = inside(moved, low, high).unwrap_or(*value);
                }
            }
        }
    }
    Ok(Err(slopes))
}
