//! Groups of samples attacked in step, spread over threads; and the random numbers of a sample.

use std::ops::Range;

use rand::{Rng as _, RngExt as _};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::result::SampleResult;
use crate::target::{LabelTarget, TargetError};

/// Runs `attack` on groups of `size` samples and joins the results in order.
///
/// Groups are the same for any number of threads; a target that must be asked in order gets them one by one.
pub(crate) fn groups<T: LabelTarget + ?Sized>(
    target: &T,
    samples: usize,
    size: usize,
    attack: impl Fn(Range<usize>) -> Result<Vec<SampleResult>, TargetError> + Send + Sync,
) -> Result<Vec<SampleResult>, TargetError> {
    let ranges: Vec<Range<usize>> =
        (0..samples).step_by(size).map(|start| start..(start + size).min(samples)).collect();
    let parts: Vec<Vec<SampleResult>> = if target.in_order() {
        ranges.into_iter().map(attack).collect::<Result<_, _>>()?
    } else {
        ranges.into_par_iter().map(attack).collect::<Result<_, _>>()?
    };
    Ok(parts.concat())
}

/// The random numbers of one sample in one attack.
pub(crate) fn generator(seed: u64, attack: &str, sample: usize) -> Pcg64 {
    // FNV-1a keeps the streams of different attacks apart.
    let name = attack.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    Pcg64::new(u128::from(seed) << 64 | u128::from(name), sample as u128)
}

/// Two independent standard normal numbers (Box and Muller).
pub(crate) fn normal(random: &mut Pcg64) -> (f32, f32) {
    let radius = (-2.0 * (1.0 - random.random::<f32>()).ln()).sqrt();
    let (sine, cosine) = (std::f32::consts::TAU * random.random::<f32>()).sin_cos();
    (radius * cosine, radius * sine)
}

/// Fills `values` with independent standard normal numbers.
pub(crate) fn normals(random: &mut Pcg64, values: &mut [f32]) {
    for pair in values.chunks_mut(2) {
        let (first, second) = normal(random);
        pair[0] = first;
        if let Some(value) = pair.get_mut(1) {
            *value = second;
        }
    }
}

/// Fills `values` with independent random signs, plus or minus 1.
pub(crate) fn signs(random: &mut Pcg64, values: &mut [f32]) {
    for part in values.chunks_mut(64) {
        let bits = random.next_u64();
        for (at, value) in part.iter_mut().enumerate() {
            *value = if bits >> at & 1 == 1 { 1.0 } else { -1.0 };
        }
    }
}

/// A query result, or `None` when the budget is spent or the target refuses; other failures are passed on.
pub(crate) fn unless_stopped<T>(result: Result<T, TargetError>) -> Result<Option<T>, TargetError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(TargetError::BudgetSpent | TargetError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
