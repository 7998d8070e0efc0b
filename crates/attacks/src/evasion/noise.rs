//! Random noise: the control that every real attack must beat.

use rand::RngExt as _;

use super::driver::unless_stopped;
use super::{Attack, Modality, Norm, SampleResult, Terms, generator, groups};
use crate::samples::Samples;
use crate::target::{AccessLevel, LabelTarget, TargetError};

/// Draws of noise per sample.
const DRAWS: u32 = 20;

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "noise-linf",
    title: "random signs of size eps, 20 draws",
    paper: "control; compare Carlini et al., On Evaluating Adversarial Robustness, arXiv:1902.06705, section 5",
    access: AccessLevel::Labels,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0043.001@2026.09"],
    parameters: &[("draws", "20")],
    run: |access, samples, terms| Some(run(access.labels(), samples, terms)),
};

/// Adds random signs of size eps, up to 20 times.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn LabelTarget,
    samples: &Samples,
    terms: &Terms,
) -> Result<Vec<SampleResult>, TargetError> {
    let bounds = target.bounds();
    groups(target, samples.len(), 128, |range| {
        let mut results = vec![SampleResult::untouched(); range.len()];
        let mut random: Vec<_> =
            range.clone().map(|sample| generator(terms.seed, ATTACK.name, sample)).collect();
        for draw in 0..=DRAWS {
            let active: Vec<usize> = (0..range.len())
                .filter(|index| !results[*index].success && results[*index].queries < terms.queries)
                .collect();
            if active.is_empty() {
                break;
            }
            let mut points = Vec::with_capacity(active.len() * samples.width());
            for index in &active {
                let row = samples.row(range.start + index);
                // The first query asks about the sample itself.
                points.extend(row.iter().map(|x| match draw {
                    0 => *x,
                    _ if random[*index].random::<bool>() => bounds.clamp(x + terms.eps),
                    _ => bounds.clamp(x - terms.eps),
                }));
            }
            let Some(labels) = unless_stopped(target.labels(&points))? else {
                active.iter().for_each(|index| results[*index].cut_short = true);
                break;
            };
            for ((index, label), point) in active.iter().zip(labels).zip(points.chunks_exact(samples.width()))
            {
                let (result, sample) = (&mut results[*index], range.start + index);
                result.queries += 1;
                if i64::from(label) != samples.labels[sample] {
                    if draw == 0 { result.was_wrong() } else { result.succeed(samples.row(sample), point) }
                }
            }
        }
        Ok(results)
    })
}
