//! The same again: answers, attacks and examples must repeat.

use vauban_domain::{SanityCheck, SanityVerdict};

use super::{Look, Probe, not_run, share, verdict};
use crate::samples::Samples;
use crate::suite::{Standing, within};
use crate::target::{LabelTarget, TargetError};

/// Examples asked about again at most, at hand and at a service.
const EXAMPLES: usize = 200;
const REMOTE_EXAMPLES: usize = 20;

/// Answers that change from one query to the next come from a randomised model: its gradients must be averaged (EOT)
/// before they mean anything.
pub(super) fn same_answer(probe: &Probe<'_>) -> Look {
    if probe.rows.is_empty() {
        return not_run("no sample is read right");
    }
    let (same, what) = if let Some(target) = probe.all.target.scores() {
        let (one, other) = (target.scores(&probe.samples.inputs)?, target.scores(&probe.samples.inputs)?);
        let classes = target.classes().max(1);
        let rows = one.chunks_exact(classes).zip(other.chunks_exact(classes));
        let close = |(one, other): (&[f32], &[f32])| {
            one.iter().zip(other).all(|(one, other)| (one - other).abs() <= 1e-4 * one.abs().max(1.0))
        };
        (rows.map(close).collect::<Vec<bool>>(), "scores")
    } else {
        let target = probe.all.target.labels();
        let (one, other) = (target.labels(&probe.samples.inputs)?, target.labels(&probe.samples.inputs)?);
        (one.iter().zip(&other).map(|(one, other)| one == other).collect(), "labels")
    };
    let differ = share(&same, false);
    Ok((
        verdict(differ == 0.0),
        format!("{what} differ between two equal queries on {differ:.3} of the samples"),
    ))
}

/// The same seed must give the same attack.
pub(super) fn same_attack(probe: &Probe<'_>) -> Look {
    if probe.all.target.labels().in_order() {
        return not_run("would cost a service as many queries again");
    }
    let seed = probe.all.scope.seed;
    let kind = if probe.differentiable().is_some() { "pgd" } else { "square" };
    let (Some(one), Some(other)) = (probe.broken(kind, 1.0, seed)?, probe.broken(kind, 1.0, seed)?) else {
        return not_run("needs gradients or scores");
    };
    let differ = one.iter().zip(&other).filter(|(one, other)| one != other).count();
    Ok((
        verdict(differ == 0),
        format!("{kind} with the same seed differs on {differ} of {} samples", one.len()),
    ))
}

/// An answer must not depend on what else is asked with it.
pub(super) fn alone(probe: &Probe<'_>) -> Look {
    let target = probe.all.target.labels();
    if probe.rows.is_empty() {
        return not_run("no sample is read right");
    }
    let count = probe.samples.len().min(20);
    let batch = target.labels(&probe.samples.first(count).inputs)?;
    let mut differ = 0;
    for (row, label) in batch.iter().enumerate() {
        differ += usize::from(target.labels(probe.samples.row(row))? != [*label]);
    }
    Ok((
        verdict(differ == 0),
        format!("{differ} of {count} samples are read otherwise alone than in a batch"),
    ))
}

/// The examples that count, with the label each must not be given.
fn examples(target: &dyn LabelTarget, standing: &Standing, samples: &Samples) -> Vec<(usize, Vec<f32>)> {
    let most = if target.in_order() { REMOTE_EXAMPLES } else { EXAMPLES };
    (0..samples.len())
        .filter(|row| standing.broken_by[*row].is_some())
        .filter_map(|row| standing.closest[row].as_ref().map(|known| (row, known.elements.clone())))
        .take(most)
        .collect()
}

/// Examples must lie in the box and in the ball.
pub(super) fn inside(probe: &Probe<'_>) -> Look {
    let found = examples(probe.all.target.labels(), probe.all.standing, probe.all.samples);
    if found.is_empty() {
        return not_run("no example was found");
    }
    let (bounds, eps) = (probe.all.target.labels().bounds(), probe.all.scope.eps);
    let outside = found
        .iter()
        .filter(|(row, elements)| {
            let known = probe.all.standing.closest[*row].as_ref();
            let far = known.is_none_or(|known| !within(known.distance, eps));
            far || elements.iter().any(|x| !x.is_finite() || *x < bounds.low || *x > bounds.high)
        })
        .count();
    Ok((
        verdict(outside == 0),
        format!("{outside} of {} examples lie outside the box or the ball", found.len()),
    ))
}

/// Examples must be misread when they are asked about alone, as stored.
pub(super) fn still_misread(probe: &Probe<'_>) -> Look {
    let found = examples(probe.all.target.labels(), probe.all.standing, probe.all.samples);
    if found.is_empty() {
        return not_run("no example was found");
    }
    let misread = count_of(&misread(probe.all.target.labels(), probe.all.samples, &found)?);
    let count = found.len();
    Ok((
        verdict(misread == count),
        format!("{misread} of {count} examples are misread when asked about again"),
    ))
}

/// Which of `found` the target misreads, asked one by one.
fn misread(
    target: &dyn LabelTarget,
    samples: &Samples,
    found: &[(usize, Vec<f32>)],
) -> Result<Vec<bool>, TargetError> {
    found
        .iter()
        .map(|(row, elements)| {
            let label = target.labels(elements)?.first().copied();
            Ok(label.is_none_or(|label| i64::from(label) != samples.labels[*row]))
        })
        .collect()
}

/// How many are true.
fn count_of(flags: &[bool]) -> usize {
    flags.iter().filter(|flag| **flag).count()
}

/// Examples that live between two levels of a picture, or in the seventh decimal of a table, cannot be delivered. An
/// attacker rounds to the nearest level, or away from the sample where the nearest does not do.
pub(super) fn survive_rounding(probe: &Probe<'_>) -> Look {
    let (target, samples) = (probe.all.target.labels(), probe.all.samples);
    let found = examples(target, probe.all.standing, samples);
    if found.is_empty() {
        return not_run("no example was found");
    }
    let bounds = target.bounds();
    let pictures = samples.shape.len() >= 3;
    let levels = if pictures { 255.0 } else { 1e6 };
    let range = f64::from(probe.range().max(f32::MIN_POSITIVE));
    let rounded = |away: bool| -> Vec<(usize, Vec<f32>)> {
        found
            .iter()
            .map(|(row, elements)| {
                let pairs = elements.iter().zip(samples.row(*row));
                let on_grid = pairs.map(|(x, original)| {
                    let level = f64::from(x - bounds.low) / range * levels;
                    let level = match x.total_cmp(original) {
                        std::cmp::Ordering::Greater if away => level.ceil(),
                        std::cmp::Ordering::Less if away => level.floor(),
                        _ => level.round(),
                    };
                    bounds.clamp(bounds.low + (level / levels * range) as f32)
                });
                (*row, on_grid.collect())
            })
            .collect()
    };
    let nearest = misread(target, samples, &rounded(false))?;
    let outward = misread(target, samples, &rounded(true))?;
    let survive = nearest.iter().zip(&outward).filter(|(near, out)| **near || **out).count();
    let count = found.len();
    let grid = if pictures { "256 levels" } else { "six decimals" };
    // The closest examples lie on the boundary, where rounding decides; that half survive is enough to be real.
    Ok((
        verdict(2 * survive >= count),
        format!(
            "{survive} of {count} examples are misread after rounding to {grid}, {} to the nearest",
            count_of(&nearest)
        ),
    ))
}

/// Asks a deployed endpoint about inputs that the model itself misreads: rows of elements with the true class of each.
///
/// # Errors
/// When the endpoint fails; a refusal or a spent budget is a check that was not run.
pub fn through_endpoint(
    endpoint: &dyn LabelTarget,
    elements: &[f32],
    labels: &[i64],
) -> Result<SanityCheck, TargetError> {
    let rows = elements.chunks_exact(endpoint.width().max(1)).zip(labels).take(EXAMPLES);
    let seen: Result<Vec<bool>, TargetError> = rows
        .map(|(row, truth)| Ok(endpoint.labels(row)?.first().is_none_or(|label| i64::from(*label) != *truth)))
        .collect();
    let (verdict, detail) = match seen {
        Ok(seen) if seen.is_empty() => (SanityVerdict::NotRun, "no example was found".to_owned()),
        Ok(seen) => {
            let (misread, count) = (count_of(&seen), seen.len());
            (
                verdict(2 * misread >= count),
                format!("{misread} of {count} examples are misread by the endpoint, too"),
            )
        }
        Err(TargetError::Failed(why)) => return Err(TargetError::Failed(why)),
        Err(stopped) => (SanityVerdict::NotRun, stopped.to_string()),
    };
    Ok(SanityCheck { name: "examples-misread-by-the-endpoint".into(), verdict, detail })
}
