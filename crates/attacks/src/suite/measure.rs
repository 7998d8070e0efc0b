//! The measurements of an evaluation.

use std::collections::BTreeMap;

use vauban_domain::{
    AssetId, Curve, Digest, Interval, Measurement, Part, SampleOutcome, SanityCheck, SanityVerdict,
};

use super::{AttackResult, Run, Suite, curve};
use crate::evasion::{self, Norm};
use crate::extraction::{self, Extraction};
use crate::sanity;

/// One per attack, the worst case over all, and the extraction; sorted by id.
pub(super) fn measurements(
    asset: &AssetId,
    run: &Run<'_>,
    curves: Vec<Curve>,
    checks: Vec<SanityCheck>,
    extraction: Option<&Extraction>,
) -> Vec<Measurement> {
    let maker = Maker { asset, run };
    let mut measurements: Vec<Measurement> = run.attacks.iter().map(|result| maker.attack(result)).collect();
    measurements.push(maker.worst(curves, checks));
    measurements.extend(extraction.map(|extraction| maker.extraction(extraction)));
    measurements.sort_by(|a, b| a.id.cmp(&b.id));
    measurements
}

struct Maker<'a> {
    asset: &'a AssetId,
    run: &'a Run<'a>,
}

impl Maker<'_> {
    /// The threat model, and what is particular to a measurement.
    fn parameters(&self, extra: &[(&str, String)]) -> BTreeMap<String, String> {
        let scope = self.run.scope;
        let common = [
            ("access", self.run.target.level().to_string()),
            ("eps", scope.eps.to_string()),
            ("goal", "any wrong class".to_owned()),
            ("queries-per-sample", scope.queries.to_string()),
            (
                "suite",
                if scope.attacks.is_empty() { scope.suite.as_str() } else { "named attacks" }.to_owned(),
            ),
        ];
        common.into_iter().chain(extra.iter().cloned()).map(|(key, value)| (key.to_owned(), value)).collect()
    }

    fn measurement(
        &self,
        attack: &'static str,
        metric: &'static str,
        techniques: &[&'static str],
    ) -> Measurement {
        Measurement {
            techniques: techniques.iter().map(|id| id.split('@').next().unwrap_or(id).into()).collect(),
            seed: self.run.scope.seed,
            reproduce: self.run.scope.reproduce.clone(),
            ..Measurement::new(self.asset, attack, metric)
        }
    }

    /// Accuracy under one attack. In a suite that stops at the first success it is the accuracy over all samples once
    /// this attack is through with what the ones before it had left.
    fn attack(&self, result: &AttackResult) -> Measurement {
        let attack = evasion::find(result.attack);
        let techniques = attack.map_or(&[][..], |attack| attack.techniques);
        let norm = attack.map_or(self.run.scope.norm, |attack| attack.norm);
        let mut extra: Vec<(&str, String)> = attack
            .map_or(&[][..], |attack| attack.parameters)
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()))
            .collect();
        extra.push(("norm", norm.as_str().to_owned()));
        extra.push(("attacked", result.rows.len().to_string()));
        extra.push(("broke-first", result.first.to_string()));
        extra.extend(attack.map(|attack| ("paper", attack.paper.to_owned())));
        let all = self.run.samples.len();
        let sequential = self.run.scope.suite == Suite::Standard && self.run.scope.attacks.is_empty();
        let robust = if sequential {
            result.held_after
        } else if norm == Norm::Unbounded {
            result.samples.iter().filter(|sample| !sample.success).count()
        } else {
            result.samples.iter().filter(|sample| !sample.wrong_before && !self.run.broke(sample)).count()
        };
        let summary = &result.summary;
        let mut notes = Vec::new();
        if result.straight_through {
            notes.push("gradients are those of smooth stand-ins for steps of the model (BPDA)".to_owned());
        }
        if summary.cut_short > 0 {
            notes.push(format!("the budget of queries ended the attack on {} samples", summary.cut_short));
        }
        if result.alone > 0 && !sequential {
            notes.push(format!("{} samples were broken by this attack alone", result.alone));
        }
        let mut curves = vec![curve::success(self.run, result)];
        if attack.is_some_and(|attack| attack.minimal) {
            extra.push(("median-distance", median(result, norm)));
            curves.push(curve::distance(result, norm));
        }
        Measurement {
            queries: summary.queries,
            parameters: self.parameters(&extra),
            curves,
            notes,
            ..self.measurement(
                result.attack,
                if sequential { "robust-accuracy-so-far" } else { "robust-accuracy" },
                techniques,
            )
        }
        .share(robust as u64, all as u64)
    }

    /// The accuracy to quote: a sample counts only if it is right and no attack broke it.
    fn worst(&self, curves: Vec<Curve>, checks: Vec<SanityCheck>) -> Measurement {
        let run = self.run;
        let (robust, trials) = (run.standing.held_count() as u64, run.samples.len() as u64);
        let right = run.standing.rows(false).len();
        let mut notes = run.notes.clone();
        notes.extend(
            checks
                .iter()
                .filter(|check| check.verdict == SanityVerdict::Failed && sanity::is_masking(&check.name))
                .map(|check| format!("{}{}", sanity::MASKING, check.detail)),
        );
        if run.attacks.iter().all(|attack| {
            evasion::find(attack.attack)
                .is_none_or(|attack| attack.access != crate::target::AccessLevel::Gradients)
        }) {
            notes.push("no gradient attack was run; the worst case rests on queries alone".to_owned());
        }
        if trials < 100 {
            notes.push(format!("only {trials} samples were attacked; the interval is wide"));
        }
        notes.extend(run.skipped.iter().map(|(attack, why)| format!("{attack} was not run: {why}")));
        let names: Vec<&str> = run.attacks.iter().map(|attack| attack.attack).collect();
        Measurement {
            queries: run.attacks.iter().map(|attack| attack.summary.queries).sum(),
            parameters: self.parameters(&[
                ("attacks", names.join(", ")),
                ("clean-accuracy", format!("{:.4}", right as f64 / trials.max(1) as f64)),
                ("norm", run.scope.norm.as_str().to_owned()),
            ]),
            curves,
            parts: self.parts(),
            sanity: checks,
            samples: self.samples(),
            notes,
            ..self.measurement("worst-case", "robust-accuracy", &["AML.T0015@2026.09", "AML.T0043@2026.09"])
        }
        .share(robust, trials)
    }

    /// Robust accuracy per class and group, and what each attack broke first and alone.
    fn parts(&self) -> Vec<Part> {
        let run = self.run;
        let mut counts: BTreeMap<(&'static str, String), (u64, u64)> = BTreeMap::new();
        for (row, label) in run.samples.labels.iter().enumerate() {
            let held = u64::from(run.standing.held(row));
            let mut add = |by, name: String| {
                let (robust, all) = counts.entry((by, name)).or_default();
                *robust += held;
                *all += 1;
            };
            add("class", format!("{label:>4}"));
            if let Some(group) = run.scope.groups.get(row) {
                add("group", group.clone());
            }
        }
        let all = run.samples.len() as u64;
        let broken = |by, name: &str, count: usize| part(by, name.to_owned(), count as u64, all);
        let counted = counts
            .into_iter()
            .map(|((by, name), (robust, all))| part(by, name.trim_start().to_owned(), robust, all));
        let first = run.attacks.iter().map(|attack| broken("broken-first-by", attack.attack, attack.first));
        let alone = run
            .attacks
            .iter()
            .filter(|_| !run.scope.suite.stops_at_first())
            .map(|attack| broken("broken-only-by", attack.attack, attack.alone));
        counted.chain(first).chain(alone).collect()
    }

    fn samples(&self) -> Vec<SampleOutcome> {
        let run = self.run;
        (0..run.samples.len())
            .map(|row| {
                let bytes: Vec<u8> = run.samples.row(row).iter().flat_map(|x| x.to_le_bytes()).collect();
                let mut hash = Digest::of(&bytes).hex();
                hash.truncate(16);
                SampleOutcome {
                    index: row as u64,
                    hash,
                    held: run.standing.held(row),
                    broken_by: run.standing.broken_by[row].unwrap_or_default().into(),
                    distance: run.standing.closest[row].as_ref().map(|known| f64::from(known.distance)),
                }
            })
            .collect()
    }

    fn extraction(&self, extraction: &Extraction) -> Measurement {
        let best = extraction.fidelity.iter().copied().max_by(|a, b| a.agreed.cmp(&b.agreed));
        let (agreed, trials) = best.map_or((0, 0), |best| (best.agreed, best.trials));
        let points = extraction.fidelity.iter().map(|step| (step.queries as f64, step.share())).collect();
        let mut notes = Vec::new();
        if extraction.cut_short {
            notes.push(format!("the target refused after {} queries", extraction.queries));
        }
        Measurement {
            queries: extraction.queries,
            parameters: self.parameters(&[(
                "answers",
                if extraction.by_scores { "scores" } else { "labels" }.to_owned(),
            )]),
            curves: vec![Curve {
                x: "queries".to_owned(),
                y: "agreement with the model on held-out samples".to_owned(),
                points,
            }],
            notes,
            ..self.measurement(extraction::NAME, "surrogate-fidelity", extraction::TECHNIQUES)
        }
        .share(agreed, trials)
    }
}

fn part(by: &'static str, name: String, count: u64, trials: u64) -> Part {
    Part {
        by: by.into(),
        name,
        value: count as f64 / trials.max(1) as f64,
        interval: Interval::wilson(count, trials),
        trials,
    }
}

/// The median distance over all attacked samples; those on which nothing was found lie beyond every distance.
fn median(result: &AttackResult, norm: Norm) -> String {
    let right: Vec<_> = result.samples.iter().filter(|sample| !sample.wrong_before).collect();
    let mut found: Vec<f32> =
        right.iter().filter(|sample| sample.success).map(|sample| sample.distance(norm)).collect();
    found.sort_by(f32::total_cmp);
    match (right.len(), found.get(right.len() / 2)) {
        (0, _) => "none attacked".to_owned(),
        (_, Some(median)) => format!("{median:.4}"),
        (_, None) => {
            let largest = found.last().copied().unwrap_or(0.0);
            format!("more than {largest:.4}: less than half of the samples were broken")
        }
    }
}
