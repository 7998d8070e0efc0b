//! Own samples, then mixtures of two of them: inputs that look natural and lie between classes.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::strategy::{Own, Propose, Seen};
use crate::evasion::normal;

/// Noise of every second mixture, in shares of the box.
pub(super) const NOISE: f32 = 0.15;

pub(super) struct Mixtures;

impl Propose for Mixtures {
    fn next(&mut self, own: &Own<'_>, seen: &Seen<'_>, count: usize, random: &mut Pcg64) -> Vec<f32> {
        let asked = seen.rows();
        let mut batch = Vec::with_capacity(count * own.width());
        for number in asked..asked + count {
            let other = random.random_range(0..own.count());
            let fresh = number < own.count();
            let share: f32 = if fresh { 0.0 } else { random.random() };
            let noise = if !fresh && number.is_multiple_of(2) { NOISE } else { 0.0 };
            batch.extend(mix(own, (number, other), share, noise, random));
        }
        batch
    }
}

/// The point at `share` of the way from one own sample to another, with Gaussian `noise` in shares of the box.
pub(super) fn mix(
    own: &Own<'_>,
    (from, to): (usize, usize),
    share: f32,
    noise: f32,
    random: &mut Pcg64,
) -> Vec<f32> {
    let (bounds, span) = (own.bounds, own.span());
    let pairs = own.row(from).iter().zip(own.row(to));
    pairs
        .map(|(a, b)| {
            let shift = if noise > 0.0 { noise * normal(random).0 } else { 0.0 };
            bounds.clamp(a + share * (b - a) + shift * span)
        })
        .collect()
}
