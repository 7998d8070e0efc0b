//! Membership from labels alone (Choquette-Choo et al., Label-Only Membership Inference Attacks, ICML 2021): members lie
//! further from the boundary, so more of their noisy copies keep the true class.

use crate::evasion::{generator, normal};
use crate::samples::Samples;
use crate::target::{Access, TargetError};

/// Name of the attack that only asks whether the model is right (Yeom et al.): the gap in accuracy.
pub const GAP: &str = "label-gap";

/// Name of the attack by noisy copies.
pub const NOISE: &str = "label-noise";

/// Standard deviations of the noise, in shares of the box; copies take turns.
const SCALES: [f32; 4] = [0.05, 0.1, 0.2, 0.4];

/// For each sample whether the model is right, and the share of itself and its `copies` on which it is right; and the
/// queries asked.
pub(super) fn scores(
    target: Access<'_>,
    samples: &Samples,
    copies: usize,
    seed: u64,
) -> Result<(Vec<f64>, Vec<f64>, u64), TargetError> {
    let (target, width) = (target.labels(), samples.width());
    let right = |labels: &[u32], sample: usize| -> usize {
        labels.iter().filter(|label| i64::from(**label) == samples.labels[sample]).count()
    };
    let bare = target.labels(&samples.inputs)?;
    let gap: Vec<f64> =
        (0..samples.len()).map(|sample| right(&bare[sample..=sample], sample) as f64).collect();
    let bounds = target.bounds();
    let (mut agreement, mut batch) = (Vec::with_capacity(samples.len()), Vec::new());
    for (sample, own) in gap.iter().enumerate() {
        let mut random = generator(seed, NOISE, sample);
        batch.clear();
        for copy in 0..copies {
            let scale = SCALES[copy % SCALES.len()] * (bounds.high - bounds.low);
            let row = samples.inputs[sample * width..(sample + 1) * width].iter();
            batch.extend(row.map(|x| bounds.clamp(x + scale * normal(&mut random).0)));
        }
        let kept = if copies == 0 { 0 } else { right(&target.labels(&batch)?, sample) };
        agreement.push((own + kept as f64) / (copies + 1) as f64);
    }
    Ok((gap, agreement, (samples.len() * (copies + 1)) as u64))
}
