//! Curves of an evaluation: accuracy against the size of the ball, success against queries, distance.

use vauban_domain::Curve;

use super::{AttackResult, Run, Suite, pick};
use crate::evasion::{self, Attack, Norm};
use crate::target::TargetError;

/// Sizes of the ball at which accuracy is taken, as shares of eps; 0 and 1 are there anyway.
const SHARES: [f32; 6] = [0.125, 0.25, 0.5, 0.75, 1.5, 2.0];

/// Fewer of them for the quick suite.
const QUICK_SHARES: [f32; 4] = [0.25, 0.5, 0.75, 1.5];

/// Balls at which the curve attacks anew.
pub(super) const fn balls(suite: Suite) -> usize {
    match suite {
        Suite::Quick => QUICK_SHARES.len(),
        Suite::Standard | Suite::Full => SHARES.len(),
    }
}

/// Accuracy against the size of the ball from zero up: at each size the strongest cheap attack on what no example that
/// is closer has broken yet, so that the curve never rises. The point at eps is the worst case over all attacks.
pub(super) fn accuracy(run: &mut Run<'_>) -> Result<Curve, TargetError> {
    let shares: &[f32] = if run.scope.suite == Suite::Quick { &QUICK_SHARES } else { &SHARES };
    let eps = run.scope.eps;
    if let Some(attack) = walker(run)
        && let Ok((view, _)) = run.view(attack)
        && run.scope.attacks.is_empty()
    {
        for share in shares {
            let rows: Vec<usize> = run
                .standing
                .rows(false)
                .into_iter()
                .filter(|row| {
                    let known = run.standing.closest[*row].as_ref();
                    known.is_none_or(|known| !super::within(known.distance, eps * share))
                })
                .collect();
            if rows.is_empty() {
                continue;
            }
            let mut terms = run.scope.terms(run.scope.norm, run.samples.width());
            terms.eps *= share;
            let Some(results) = (attack.run)(view, &pick(run.samples, &rows), &terms) else { break };
            run.standing.take(attack.name, &rows, &mut results?);
        }
    }
    let mut points: Vec<(f64, f64)> = [0.0, 1.0]
        .iter()
        .chain(shares)
        .map(|share| {
            let accuracy = match share {
                // Nothing has to move: only samples that are right count.
                0.0 => run.standing.rows(false).len() as f64 / run.samples.len().max(1) as f64,
                share => run.standing.accuracy_at(eps * share),
            };
            (f64::from(eps * share), accuracy)
        })
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(Curve { x: format!("eps, {}", spelled(run.scope.norm)), y: "robust accuracy".to_owned(), points })
}

/// The attack that walks the curve.
fn walker(run: &Run<'_>) -> Option<&'static Attack> {
    let gradients = run.target.gradients().is_some() || run.smooth.is_some();
    let scores = run.target.scores().is_some();
    let names: &[&str] = match (run.scope.norm, gradients, scores) {
        (Norm::Linf, true, _) => &["pgd-linf"],
        (Norm::Linf, false, true) => &["square-linf"],
        (Norm::L2, true, _) => &["pgd-l2"],
        (Norm::L2, false, true) => &["square-l2"],
        (Norm::L1, true, _) => &["pgd-l1"],
        _ => &[],
    };
    names.iter().find_map(|name| evasion::find(name))
}

pub(super) fn spelled(norm: Norm) -> &'static str {
    match norm {
        Norm::Linf => "L-infinity",
        Norm::L2 => "L2",
        Norm::L1 => "L1",
        Norm::Unbounded => "unbounded",
    }
}

/// Share of the attacked samples broken inside the ball against the queries each had cost by then.
pub(super) fn success(run: &Run<'_>, result: &AttackResult) -> Curve {
    let own = evasion::find(result.attack).is_some_and(|attack| attack.norm == Norm::Unbounded);
    let mut costs: Vec<u32> = result
        .samples
        .iter()
        .filter(|sample| run.broke(sample) || (own && sample.success))
        .map(|sample| sample.queries)
        .collect();
    costs.sort_unstable();
    let most = result.samples.iter().map(|sample| sample.queries).max().unwrap_or(0);
    let count = result.samples.len().max(1) as f64;
    // Twelve steps that double: attacks differ by orders of magnitude.
    let mut points: Vec<(f64, f64)> = (0..12)
        .map(|halvings| most >> halvings)
        .filter(|queries| *queries > 0)
        .map(|queries| (f64::from(queries), costs.partition_point(|cost| *cost <= queries) as f64 / count))
        .collect();
    points.reverse();
    points.dedup_by(|a, b| a.0 == b.0);
    Curve { x: "queries per sample, at most".to_owned(), y: "share of samples broken".to_owned(), points }
}

/// Accuracy against the distance an attack of least distance needed, at each tenth of the largest found; a sample on
/// which it found nothing stays right at every distance (a censored observation, not a distance of zero).
pub(super) fn distance(result: &AttackResult, norm: Norm) -> Curve {
    let found = || result.samples.iter().filter(|sample| sample.success && !sample.wrong_before);
    let largest = found().fold(0.0_f32, |most, sample| most.max(sample.distance(norm)));
    let robust_at = |distance: f32| {
        let near = found().filter(|sample| sample.distance(norm) <= distance).count();
        1.0 - near as f64 / result.samples.len().max(1) as f64
    };
    let points = (0..=10)
        .map(|tenth| largest * tenth as f32 / 10.0)
        .map(|distance| (f64::from(distance), robust_at(distance)))
        .collect();
    Curve { x: format!("distance, {}", spelled(norm)), y: "share of samples not broken".to_owned(), points }
}
