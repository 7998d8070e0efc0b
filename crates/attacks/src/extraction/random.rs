//! Points drawn uniformly from the box: all an attacker without any sample can do (Tramèr et al., USENIX Security 2016).

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::strategy::{Own, Propose, Seen};

pub(super) struct Random;

impl Propose for Random {
    fn next(&mut self, own: &Own<'_>, _: &Seen<'_>, count: usize, random: &mut Pcg64) -> Vec<f32> {
        let (low, span) = (own.bounds.low, own.span());
        (0..count * own.width()).map(|_| low + span * random.random::<f32>()).collect()
    }
}
