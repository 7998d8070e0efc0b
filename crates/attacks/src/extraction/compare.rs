//! All query strategies with one budget, side by side.

use rayon::prelude::*;
use vauban_domain::{AssetId, Curve, Interval, Measurement, Part};

use super::{Extraction, Parameters, Strategy, TECHNIQUES, run};
use crate::samples::Samples;
use crate::target::{Access, TargetError};

/// Name in measurements.
pub const COMPARISON: &str = "extraction-strategies";

/// Runs every strategy with the checkpoints of `parameters` (its own strategy does not matter) and gives one
/// measurement: the value is the best fidelity at the end of the budget, parts hold the fidelity (by `strategy`) and
/// the accuracy on true labels (by `strategy-accuracy`) of each, and there is one curve of fidelity against queries
/// per strategy. Every strategy asks anew: five budgets are spent, and a target that stops after one lets only the
/// first strategies through, which a note says.
///
/// # Errors
/// When a target fails for another reason than a spent budget or a refusal.
pub fn compare(
    asset: &AssetId,
    target: Access<'_>,
    judge: Access<'_>,
    samples: &Samples,
    parameters: &Parameters,
) -> Result<Measurement, TargetError> {
    let with = |strategy: &Strategy| {
        run(target, judge, samples, &Parameters { strategy: *strategy, ..parameters.clone() })
    };
    // Targets that count or record must see the strategies one after the other.
    let results: Vec<_> = if target.labels().in_order() || judge.labels().in_order() {
        Strategy::ALL.iter().map(with).collect()
    } else {
        Strategy::ALL.par_iter().map(with).collect()
    };
    let mut runs = Vec::new();
    for (strategy, result) in Strategy::ALL.into_iter().zip(results) {
        runs.push((strategy, result?));
    }
    Ok(measurement(asset, &runs, parameters))
}

fn measurement(asset: &AssetId, runs: &[(Strategy, Extraction)], parameters: &Parameters) -> Measurement {
    let mut measured = Measurement {
        techniques: TECHNIQUES.iter().map(|id| id.split('@').next().unwrap_or(id).into()).collect(),
        seed: parameters.seed,
        ..Measurement::new(asset, COMPARISON, "surrogate-fidelity")
    };
    let mut best: Option<(Strategy, u64, u64)> = None;
    for (strategy, extraction) in runs {
        measured.queries += extraction.queries;
        let points = extraction.fidelity.iter().map(|step| (step.queries as f64, step.share())).collect();
        measured.curves.push(Curve {
            x: "queries".to_owned(),
            y: format!("agreement of the {strategy} copy with the model on held-out samples"),
            points,
        });
        if extraction.cut_short {
            measured
                .notes
                .push(format!("{strategy}: the target refused after {} queries", extraction.queries));
        }
        let Some(last) = extraction.fidelity.last() else { continue };
        for (by, successes) in [("strategy", last.agreed), ("strategy-accuracy", last.right)] {
            measured.parts.push(Part {
                by: by.into(),
                name: strategy.to_string(),
                value: successes as f64 / last.trials.max(1) as f64,
                interval: Interval::wilson(successes, last.trials),
                trials: last.trials,
            });
        }
        if best.is_none_or(|(_, agreed, _)| last.agreed > agreed) {
            best = Some((*strategy, last.agreed, last.trials));
        }
    }
    let answers = if runs.iter().any(|(_, extraction)| extraction.by_scores) { "scores" } else { "labels" };
    let budget = parameters.checkpoints.last().copied().unwrap_or_default();
    let named = best.map_or("none", |(strategy, ..)| strategy.as_str());
    measured.parameters = [("answers", answers), ("best", named), ("budget", &budget.to_string())]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    if let Some((_, agreed, trials)) = best {
        measured = measured.share(agreed, trials);
        measured.notes.push(
            "the best strategy was picked on the samples that measure it; its interval is a little too high"
                .to_owned(),
        );
    }
    measured
}
