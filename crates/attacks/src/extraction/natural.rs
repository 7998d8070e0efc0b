//! Own samples alone; when they run out, the same again with a little noise, so that no query is asked twice.

use rand_pcg::Pcg64;

use super::mixtures::mix;
use super::strategy::{Own, Propose, Seen};

/// Noise of repeats, in shares of the box.
const NOISE: f32 = 0.05;

pub(super) struct Natural;

impl Propose for Natural {
    fn next(&mut self, own: &Own<'_>, seen: &Seen<'_>, count: usize, random: &mut Pcg64) -> Vec<f32> {
        let asked = seen.rows();
        (asked..asked + count)
            .flat_map(|number| {
                let noise = if number < own.count() { 0.0 } else { NOISE };
                mix(own, (number, number), 0.0, noise, random)
            })
            .collect()
    }
}
