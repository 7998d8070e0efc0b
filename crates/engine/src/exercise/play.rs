//! One run of one attack under one set of controls.

use std::collections::BTreeMap;

use vauban_attacks::evasion::{self, Terms, square};
use vauban_attacks::extraction;
use vauban_attacks::target::{Access, AccessLevel, ScoreTarget, TargetError, winner};
use vauban_attacks::wrapper::{Answer, ControlledTarget, Controls, Query, RecordingTarget};
use vauban_domain::{ExerciseRun, Interval, Measurement, TestScope, Usefulness};
use vauban_knowledge::Knowledge;

use super::{Control, MINUTES, PER_MINUTE, Switch, traffic};
use crate::attack::Ready;
use crate::detection::WatchedLog;

/// Samples that the evasion attack takes.
const SAMPLES: usize = 40;
/// Clean samples that tell what the controls leave of the answers.
const CLEAN: usize = 500;
/// Requests that the extraction spends if nothing stops it.
const EXTRACTION: usize = 1_500;

/// The attacks of exercises.
#[derive(Clone, Copy)]
pub(super) enum Attack {
    /// Looks for inputs that the model misreads, by its answers.
    Evasion(&'static evasion::Attack),
    /// Trains a copy on the answers.
    Extraction,
}

impl Attack {
    /// The attacks that the owner names, or the usual two.
    ///
    /// # Errors
    /// The first name that no attack bears, or whose attack needs the model itself and so cannot be replayed as requests.
    pub(super) fn of(scope: &TestScope) -> Result<Vec<Self>, String> {
        let usual = || vec![Self::Evasion(&square::ATTACK), Self::Extraction];
        let named = |name: &String| {
            if name == extraction::NAME {
                return Ok(Self::Extraction);
            }
            let attack = evasion::find(name)
                .ok_or_else(|| format!("there is no attack `{name}`; `vauban attack --list` names all"))?;
            if attack.access == AccessLevel::Gradients {
                return Err(format!(
                    "`{name}` needs gradients, which no service gives; name an attack by scores or labels"
                ));
            }
            Ok(Self::Evasion(attack))
        };
        if scope.exercise.is_empty() { Ok(usual()) } else { scope.exercise.iter().map(named).collect() }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Evasion(attack) => attack.name,
            Self::Extraction => extraction::NAME,
        }
    }

    /// ATLAS techniques; the review states the edition.
    pub(super) fn techniques(self) -> Vec<&'static str> {
        match self {
            Self::Evasion(attack) => {
                let own = attack.techniques.iter().map(|id| id.split('@').next().unwrap_or(id));
                let mut all: Vec<_> =
                    std::iter::once("AML.T0015").chain(own).filter(|id| *id != "AML.T0040").collect();
                all.sort_unstable();
                all.dedup();
                all
            }
            Self::Extraction => vec!["AML.T0005.001", "AML.T0024.002"],
        }
    }

    const fn metric(self) -> &'static str {
        match self {
            Self::Evasion(_) => "attack-success",
            Self::Extraction => "surrogate-fidelity",
        }
    }
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Played {
    pub(super) successes: u64,
    pub(super) trials: u64,
    answered: u64,
    refused: u64,
    seconds: f64,
    alerts: Vec<String>,
    seconds_to_alert: Option<f64>,
    usefulness: Option<Usefulness>,
}

/// Attacks the model behind the controls and shows the traffic to the detections.
pub(super) fn play(
    ready: &Ready,
    attack: Attack,
    set: &[&Control],
    log: Option<&WatchedLog>,
    knowledge: &Knowledge,
) -> Result<Played, TargetError> {
    let bare = ready.model.access();
    let score: &dyn ScoreTarget =
        bare.scores().ok_or_else(|| TargetError::Failed("the model answers with labels only".to_owned()))?;
    let (mut controls, mut rate, mut limited) = (Controls::default(), PER_MINUTE, None);
    for control in set {
        match control.switch {
            Switch::RateLimit(limit) => {
                rate = rate.min(limit.max(1));
                limited = Some(limit);
            }
            Switch::Rounding(decimals) => controls.decimals = Some(decimals),
        }
    }
    let usefulness =
        usefulness(ready, score, &controls, limited.and_then(|limit| traffic::refused_by(limit, log?)));
    // An attacker that knows the limit keeps to it: it has fewer requests, not refusals.
    let budget = u64::from(rate) * u64::from(MINUTES);
    controls.refuse_after = Some(budget);
    let controlled = ControlledTarget::new(score, controls);
    let recording = RecordingTarget::new(&controlled);
    let (successes, trials) = match attack {
        Attack::Evasion(attack) => evade(ready, attack, &recording, budget)?,
        Attack::Extraction => extract(ready, bare, &recording, budget)?,
    };
    let queries: Vec<Query> = recording.into_queries();
    let refused = queries.iter().filter(|query| query.answer == Answer::Refused).count() as u64;
    let seconds_each = 60.0 / f64::from(rate);
    let seen = log.map(|log| traffic::replay(&queries, seconds_each, log, knowledge)).unwrap_or_default();
    Ok(Played {
        successes,
        trials,
        answered: queries.len() as u64 - refused,
        refused,
        seconds: queries.len() as f64 * seconds_each,
        alerts: seen.alerts,
        seconds_to_alert: seen.seconds_to_alert,
        usefulness,
    })
}

/// How many clean samples are still answered rightly behind the controls; `None` where the model cannot be asked.
fn usefulness(
    ready: &Ready,
    target: &dyn ScoreTarget,
    controls: &Controls,
    ordinary_refused: Option<f64>,
) -> Option<Usefulness> {
    let samples = ready.samples.first(CLEAN);
    let scores = ControlledTarget::new(target, controls.clone()).scores(&samples.inputs).ok()?;
    let answers = scores.chunks_exact(target.classes().max(1)).map(|row| i64::from(winner(row)));
    let right = answers.zip(&samples.labels).filter(|(answer, label)| answer == *label).count() as u64;
    let trials = samples.len() as u64;
    (trials > 0).then(|| Usefulness {
        accuracy: right as f64 / trials as f64,
        interval: Interval::wilson(right, trials),
        samples: trials,
        ordinary_refused,
    })
}

/// Samples broken, of those that were read right.
fn evade(
    ready: &Ready,
    attack: &evasion::Attack,
    target: &dyn ScoreTarget,
    budget: u64,
) -> Result<(u64, u64), TargetError> {
    let samples = ready.samples.first(SAMPLES);
    let each = u32::try_from(budget / samples.len().max(1) as u64).unwrap_or(u32::MAX);
    let terms = Terms { eps: ready.scope.eps as f32, queries: each, seed: ready.scope.seed };
    // The square attack spends what there is; the others are run as they are in the list.
    let results = if attack.name == square::ATTACK.name {
        square::run(target, &samples, &terms, each.saturating_sub(1))?
    } else {
        let view = Access::Scores(target);
        let unable = || TargetError::Failed(format!("{} cannot be run on a service", attack.name));
        (attack.run)(view, &samples, &terms).ok_or_else(unable)??
    };
    let inside = |linf: f32| f64::from(linf) <= ready.scope.eps * 1.0001 + 1e-6;
    let right = results.iter().filter(|result| !result.wrong_before);
    let broken = right
        .clone()
        .filter(|result| result.success && (attack.norm == evasion::Norm::Unbounded || inside(result.linf)))
        .count();
    Ok((broken as u64, right.count() as u64))
}

/// Held-out samples on which the copy agrees with the model.
fn extract(
    ready: &Ready,
    judge: Access<'_>,
    target: &dyn ScoreTarget,
    budget: u64,
) -> Result<(u64, u64), TargetError> {
    let queries = EXTRACTION.min(usize::try_from(budget).unwrap_or(EXTRACTION));
    let parameters = extraction::Parameters {
        checkpoints: vec![queries],
        ..extraction::Parameters::with_budget(queries, ready.scope.seed)
    };
    let copied = extraction::run(Access::Scores(target), judge, &ready.samples, &parameters)?;
    Ok(copied.fidelity.last().map_or((0, 0), |fidelity| (fidelity.agreed, fidelity.trials)))
}

impl Played {
    /// Share of successes; 0 if nothing was tried.
    fn success(&self) -> f64 {
        if self.trials == 0 { 0.0 } else { self.successes as f64 / self.trials as f64 }
    }

    /// The run as an exercise keeps it.
    pub(super) fn run(&self, set: &[&Control], measurement: &Measurement) -> ExerciseRun {
        ExerciseRun {
            controls: set.iter().map(|control| control.setting.clone()).collect(),
            measurement: measurement.id.clone(),
            success: self.success(),
            requests: self.answered + self.refused,
            refused: self.refused,
            alerts: self.alerts.clone(),
            seconds_to_alert: self.seconds_to_alert,
            usefulness: self.usefulness,
        }
    }

    /// The run as a measurement. With controls on it is one of the service, not of the model, and its metric says so.
    pub(super) fn measurement(
        &self,
        ready: &Ready,
        attack: Attack,
        set: &[&Control],
        exercise: &str,
    ) -> Measurement {
        let names: Vec<&str> = set.iter().map(|control| control.setting.control.as_str()).collect();
        let metric = match set {
            [] => attack.metric().to_owned(),
            _ => format!("{}-behind-controls", attack.metric()),
        };
        let mut parameters = BTreeMap::from([
            ("access".to_owned(), "scores".to_owned()),
            ("minutes".to_owned(), MINUTES.to_string()),
            ("seconds".to_owned(), format!("{:.1}", self.seconds)),
        ]);
        if matches!(attack, Attack::Evasion(_)) {
            parameters.insert("eps".to_owned(), ready.scope.eps.to_string());
            parameters.insert("norm".to_owned(), "linf".to_owned());
        }
        for control in set {
            parameters.insert(control.setting.control.clone(), control.setting.setting.clone());
        }
        let under = if names.is_empty() { "bare".to_owned() } else { names.join("+") };
        Measurement {
            id: format!("exercise:{exercise}:{under}"),
            asset: ready.asset.clone(),
            techniques: attack.techniques().iter().map(|id| (*id).into()).collect(),
            attack: attack.name().into(),
            metric: metric.into(),
            value: self.success(),
            interval: Interval::wilson(self.successes, self.trials),
            trials: self.trials,
            queries: self.answered,
            seed: ready.scope.seed,
            parameters,
            notes: vec![
                "part of an exercise with a small budget; the attack's own measurement is the one to quote"
                    .to_owned(),
            ],
            ..Measurement::new(&ready.asset, "", "")
        }
    }
}
