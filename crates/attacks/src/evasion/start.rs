//! A first wrong point for attacks that walk along the boundary by labels alone.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::result::l2;
use crate::samples::Samples;
use crate::target::Bounds;

/// Other samples looked at.
const LOOKED_AT: usize = 256;

/// Points proposed at once.
const BATCH: usize = 10;

/// Points to try: samples of other classes, nearest first, and then noise.
pub(crate) struct Start {
    bounds: Bounds,
    width: usize,
    others: Vec<f32>,
    asked: bool,
    tries: u32,
}

impl Start {
    /// For one sample; `tries` bounds the random points.
    pub(crate) fn new(samples: &Samples, sample: usize, bounds: Bounds, tries: u32) -> Self {
        let (original, label, width) = (samples.row(sample), samples.labels[sample], samples.width());
        let mut others: Vec<(f32, usize)> = (1..samples.len().min(LOOKED_AT))
            .map(|step| (sample + step) % samples.len())
            .filter(|other| samples.labels[*other] != label)
            .map(|other| (l2(original, samples.row(other)), other))
            .collect();
        others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        // Samples may lie outside of the box; what is asked may not.
        let others = others.iter().take(BATCH).flat_map(|(_, other)| samples.row(*other));
        let others = others.map(|x| bounds.clamp(*x)).collect();
        Self { bounds, width, others, asked: false, tries }
    }

    /// Appends points to try; none when there are no more.
    pub(crate) fn ask(&mut self, random: &mut Pcg64, points: &mut Vec<f32>) {
        if !self.asked && !self.others.is_empty() {
            points.append(&mut self.others);
            self.asked = true;
            return;
        }
        let count = self.tries.min(BATCH as u32);
        self.tries -= count;
        let (low, high) = (self.bounds.low, self.bounds.high);
        points.extend((0..count as usize * self.width).map(|_| low + (high - low) * random.random::<f32>()));
    }
}
