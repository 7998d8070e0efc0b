//! The battery: several attacks on one model, and what they say together.

use std::collections::BTreeMap;

use vauban_domain::{AssetId, Curve, Interval, Measurement};

use crate::evasion::{ATTACKS, Attack, Norm, SampleResult, Summary, Terms};
use crate::extraction::{self, Extraction};
use crate::samples::{Samples, SamplesError};
use crate::target::{Access, TargetError};
use crate::wrapper::Budget;
use crate::{evasion, sanity};

/// What may be done to a model, as declared by its owner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scope {
    /// Largest change of an element.
    pub eps: f32,
    /// Samples to attack at most.
    pub samples: usize,
    /// Queries each sample may cost in each attack, and the queries an extraction may ask in all.
    pub queries: u32,
    /// Seed.
    pub seed: u64,
}

/// How far the battery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The attack that starts now.
    pub attack: &'static str,
    /// Attacks done.
    pub done: usize,
    /// Attacks in all.
    pub total: usize,
}

/// One attack of the battery.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackResult {
    /// Name.
    pub attack: &'static str,
    /// What it did to each sample.
    pub samples: Vec<SampleResult>,
    /// The same in numbers.
    pub summary: Summary,
    /// Samples that only this attack broke inside the ball.
    pub alone: usize,
}

/// What the battery found.
#[derive(Debug, Clone, PartialEq)]
pub struct SuiteResult {
    /// One measurement per attack, the worst case over all, and the extraction; sorted by id.
    pub measurements: Vec<Measurement>,
    /// Each attack.
    pub attacks: Vec<AttackResult>,
    /// Attacks not run, and why.
    pub skipped: Vec<(&'static str, String)>,
    /// The closest adversarial example inside the ball for each sample, if any attack found one.
    pub adversarial: Vec<Option<Vec<f32>>>,
    /// The extraction, if it ran.
    pub extraction: Option<Extraction>,
}

/// Why the battery could not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuiteError {
    /// The samples do not fit the model.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The target failed.
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// Shares of eps at which the curve of accuracy is taken.
const SHARES: [f32; 4] = [0.25, 0.5, 0.75, 1.5];

/// Runs every attack the access allows, takes the worst case per sample, and copies the model.
///
/// # Errors
/// [`SuiteError`] when the samples do not fit or the target fails.
pub fn suite(
    asset: &AssetId,
    target: Access<'_>,
    samples: &Samples,
    scope: &Scope,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<SuiteResult, SuiteError> {
    samples.check(target.labels().width(), target.labels().classes())?;
    let samples = samples.first(scope.samples.max(1));
    let budget = Budget { queries_per_sample: scope.queries, total: u64::MAX };
    let terms = Terms { eps: scope.eps, queries: budget.per_sample(samples.len()), seed: scope.seed };
    let total = ATTACKS.len() + 2;
    let (mut attacks, mut skipped) = (Vec::new(), Vec::new());
    for (done, attack) in ATTACKS.iter().enumerate() {
        progress(Progress { attack: attack.name, done, total });
        match (attack.run)(target, &samples, &terms) {
            None => skipped.push((
                attack.name,
                format!("needs {}, the target grants {}", attack.access, target.level()),
            )),
            Some(results) => {
                let results = results?;
                let summary = Summary::new(&results);
                attacks.push(AttackResult { attack: attack.name, samples: results, summary, alone: 0 });
            }
        }
    }
    count_alone(&mut attacks, scope.eps);
    let adversarial = closest(&attacks, samples.len(), scope.eps);

    progress(Progress { attack: "accuracy-curve", done: ATTACKS.len(), total });
    let broken = worst_case(&attacks, samples.len(), scope.eps);
    let curve = accuracy_curve(target, &samples, &terms, &broken, &attacks)?;

    progress(Progress { attack: extraction::NAME, done: ATTACKS.len() + 1, total });
    let parameters = extraction::Parameters::with_budget(scope.queries as usize, scope.seed);
    let extraction = if samples.len() >= 20 {
        Some(extraction::run(target, target, &samples, &parameters)?)
    } else {
        None
    };
    if extraction.is_none() {
        skipped.push((extraction::NAME, "needs at least 20 samples".to_owned()));
    }

    let make = Maker { asset, scope, target };
    let mut measurements: Vec<Measurement> = attacks.iter().map(|result| make.attack(result)).collect();
    measurements.push(make.worst(&attacks, &skipped, &broken, curve));
    measurements.extend(extraction.as_ref().map(|extraction| make.extraction(extraction)));
    measurements.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(SuiteResult { measurements, attacks, skipped, adversarial, extraction })
}

/// Whether a result counts inside the L-infinity ball of size `eps`, whatever norm the attack works in.
fn inside(result: &SampleResult, eps: f32) -> bool {
    // Moving by eps and subtracting again may be off by a rounding.
    result.wrong_before || (result.success && result.linf <= eps * (1.0 + 1e-4) + 1e-6)
}

fn worst_case(attacks: &[AttackResult], samples: usize, eps: f32) -> Vec<bool> {
    (0..samples).map(|index| attacks.iter().any(|attack| inside(&attack.samples[index], eps))).collect()
}

fn count_alone(attacks: &mut [AttackResult], eps: f32) {
    let samples = attacks.first().map_or(0, |attack| attack.samples.len());
    for index in 0..samples {
        let mut breakers = attacks
            .iter_mut()
            .filter(|attack| inside(&attack.samples[index], eps) && !attack.samples[index].wrong_before);
        if let (Some(only), None) = (breakers.next(), breakers.next()) {
            only.alone += 1;
        }
    }
}

fn closest(attacks: &[AttackResult], samples: usize, eps: f32) -> Vec<Option<Vec<f32>>> {
    (0..samples)
        .map(|index| {
            attacks
                .iter()
                .map(|attack| &attack.samples[index])
                .filter(|result| result.adversarial.is_some() && inside(result, eps))
                .min_by(|a, b| a.linf.total_cmp(&b.linf).then(a.l2.total_cmp(&b.l2)))
                .and_then(|result| result.adversarial.clone())
        })
        .collect()
}

/// Accuracy against the size of the ball, by the strongest attack the access allows; the point at eps is the worst
/// case over all attacks, and every ball inherits what a smaller one broke.
fn accuracy_curve(
    target: Access<'_>,
    samples: &Samples,
    terms: &Terms,
    broken: &[bool],
    attacks: &[AttackResult],
) -> Result<Curve, TargetError> {
    let clean = attacks.first().map_or(0.0, |attack| attack.summary.clean_accuracy);
    let attack = if target.gradients().is_some() {
        Some(&evasion::pgd::ATTACK)
    } else {
        target.scores().map(|_| &evasion::square::ATTACK)
    };
    let share = |broken: &[bool]| {
        broken.iter().filter(|broken| !**broken).count() as f64 / broken.len().max(1) as f64
    };
    let mut points = vec![(0.0, clean), (f64::from(terms.eps), share(broken))];
    let mut so_far = vec![false; broken.len()];
    for factor in SHARES {
        let eps = terms.eps * factor;
        let Some(results) = attack.and_then(|attack| (attack.run)(target, samples, &Terms { eps, ..*terms }))
        else {
            break;
        };
        let results = results?;
        for (index, so_far) in so_far.iter_mut().enumerate() {
            *so_far |= inside(&results[index], eps)
                || attacks.iter().any(|attack| inside(&attack.samples[index], eps));
        }
        points.push((f64::from(eps), share(&so_far)));
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(Curve { x: "eps, L-infinity".to_owned(), y: "robust accuracy".to_owned(), points })
}

struct Maker<'a> {
    asset: &'a AssetId,
    scope: &'a Scope,
    target: Access<'a>,
}

impl Maker<'_> {
    fn parameters(&self, extra: &[(&str, String)]) -> BTreeMap<String, String> {
        let common = [
            ("access", self.target.level().to_string()),
            ("eps", self.scope.eps.to_string()),
            ("queries-per-sample", self.scope.queries.to_string()),
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
            seed: self.scope.seed,
            ..Measurement::new(self.asset, attack, metric)
        }
    }

    fn attack(&self, result: &AttackResult) -> Measurement {
        let attack: Option<&Attack> = evasion::find(result.attack);
        let techniques = attack.map_or(&[][..], |attack| attack.techniques);
        let norm = attack.map_or(Norm::Linf, |attack| attack.norm);
        let mut extra: Vec<(&str, String)> = attack
            .map_or(&[][..], |attack| attack.parameters)
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()))
            .collect();
        extra.push(("norm", norm.as_str().to_owned()));
        let trials = result.samples.len() as u64;
        let robust = match norm {
            Norm::Linf if !attack.is_some_and(|attack| attack.minimal) => {
                result.samples.iter().filter(|sample| !sample.success).count()
            }
            // An attack of least distance is asked what it found inside the ball.
            _ => result.samples.iter().filter(|sample| !inside(sample, self.scope.eps)).count(),
        } as u64;
        let mut notes = vec![format!("{} samples were broken by this attack alone", result.alone)];
        if let (Norm::L2, Some(median)) = (norm, result.summary.median_l2) {
            extra.push(("median-l2", format!("{median:.4}")));
            notes.push(format!("median distance of the examples found: {median:.3} (l2)"));
        }
        if result.summary.cut_short > 0 {
            notes.push(format!(
                "cut short by the budget or a refusal on {} samples",
                result.summary.cut_short
            ));
        }
        Measurement {
            value: robust as f64 / trials.max(1) as f64,
            interval: Interval::wilson(robust, trials),
            trials,
            queries: result.summary.queries,
            parameters: self.parameters(&extra),
            curves: if norm == Norm::L2 { vec![distance_curve(&result.samples)] } else { Vec::new() },
            notes,
            ..self.measurement(result.attack, "robust-accuracy", techniques)
        }
    }

    fn worst(
        &self,
        attacks: &[AttackResult],
        skipped: &[(&'static str, String)],
        broken: &[bool],
        curve: Curve,
    ) -> Measurement {
        let (robust, trials) = (broken.iter().filter(|broken| !**broken).count() as u64, broken.len() as u64);
        let clean = attacks.first().map_or(0.0, |attack| attack.summary.clean_accuracy);
        let mut notes = sanity::notes(attacks, broken);
        notes.extend(skipped.iter().map(|(attack, why)| format!("{attack} was not run: {why}")));
        let names: Vec<&str> = attacks.iter().map(|attack| attack.attack).collect();
        Measurement {
            value: robust as f64 / trials.max(1) as f64,
            interval: Interval::wilson(robust, trials),
            trials,
            queries: attacks.iter().map(|attack| attack.summary.queries).sum(),
            parameters: self.parameters(&[
                ("attacks", names.join(", ")),
                ("clean-accuracy", format!("{clean:.4}")),
                ("norm", "linf".to_owned()),
            ]),
            curves: vec![curve],
            notes,
            ..self.measurement("worst-case", "robust-accuracy", &["AML.T0015@2026.09", "AML.T0043@2026.09"])
        }
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
            value: best.map_or(0.0, |best| best.share()),
            interval: Interval::wilson(agreed, trials),
            trials,
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
    }
}

/// Accuracy against Euclidean distance, at each tenth of the largest distance found.
fn distance_curve(results: &[SampleResult]) -> Curve {
    let largest = results.iter().fold(0.0_f32, |most, result| most.max(result.l2));
    let robust_at = |distance: f32| {
        let robust = results.iter().filter(|result| !result.success || result.l2 > distance).count();
        robust as f64 / results.len().max(1) as f64
    };
    let points = (0..=10)
        .map(|tenth| largest * tenth as f32 / 10.0)
        .map(|distance| (f64::from(distance), robust_at(distance)))
        .collect();
    Curve { x: "distance, L2".to_owned(), y: "robust accuracy".to_owned(), points }
}
