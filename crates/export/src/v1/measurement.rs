//! Numbers out of attacks, and exercises.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

/// What attacks measured and what exercises proved.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurements {
    /// Results of attacks and probes, by id.
    #[serde(default)]
    pub results: Vec<Measurement>,
    /// Attacks run together with detections and controls, by id.
    #[serde(default)]
    pub exercises: Vec<Exercise>,
}

/// A confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Coverage, 0.95 for a 95 % interval.
    pub level: f64,
}

impl From<domain::Interval> for Interval {
    fn from(interval: domain::Interval) -> Self {
        Self { low: interval.low, high: interval.high, level: interval.level }
    }
}

/// A curve: what `y` is for each `x`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Curve {
    /// What the horizontal axis counts, with unit.
    pub x: String,
    /// What the vertical axis counts, with unit.
    pub y: String,
    /// Pairs of x and y, in rising x.
    pub points: Vec<[f64; 2]>,
}

/// The result of an active test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    /// Stable name: attack, metric and asset.
    pub id: String,
    /// Id of the asset under test.
    pub asset: String,
    /// ATLAS techniques exercised, in the edition of `review.atlas_edition`.
    pub techniques: Vec<String>,
    /// Name of the attack.
    pub attack: String,
    /// What is measured.
    pub metric: String,
    /// The value.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
    /// Samples behind it.
    pub trials: u64,
    /// Model queries spent.
    pub queries: u64,
    /// Seed of the run.
    pub seed: u64,
    /// Threat model and parameters: norm, eps, steps, access.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Curves that belong to it.
    #[serde(default)]
    pub curves: Vec<Curve>,
    /// The value for parts of the samples: per class, per group, per attack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<MeasuredPart>,
    /// What was looked at to tell a failed attack from a model that held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sanity: Vec<SanityCheck>,
    /// What became of each sample.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<SampleOutcome>,
    /// The command that gives the same numbers again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reproduce: String,
    /// What a reader must know: a fallback, a masked gradient, too few samples.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// The value of a measurement for some of its samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeasuredPart {
    /// What the samples have in common: `class`, `group`, `attack`.
    pub by: String,
    /// Which of them.
    pub name: String,
    /// The value.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
    /// Samples behind it.
    pub trials: u64,
}

/// A look at whether an attack failed rather than the model held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SanityCheck {
    /// Stable name.
    pub name: String,
    /// `passed`, `failed` or `not-run`.
    pub verdict: String,
    /// The numbers behind it, or why it could not be looked at.
    pub detail: String,
}

/// What became of one sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SampleOutcome {
    /// Row number in the inputs.
    pub index: u64,
    /// SHA-256 of its elements as little-endian 32-bit floats, the first sixteen digits.
    pub hash: String,
    /// Whether the model held: right before and under every attack.
    pub held: bool,
    /// The attack that broke it first; empty if none did or if the model was wrong before.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub broken_by: String,
    /// Distance of the closest example found, in the norm of the measurement; absent if none was found or needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
}

impl From<&domain::Part> for MeasuredPart {
    fn from(part: &domain::Part) -> Self {
        Self {
            by: part.by.to_string(),
            name: part.name.clone(),
            value: part.value,
            interval: part.interval.into(),
            trials: part.trials,
        }
    }
}

impl From<&domain::SanityCheck> for SanityCheck {
    fn from(check: &domain::SanityCheck) -> Self {
        Self {
            name: check.name.to_string(),
            verdict: check.verdict.as_str().to_owned(),
            detail: check.detail.clone(),
        }
    }
}

impl From<&domain::SampleOutcome> for SampleOutcome {
    fn from(sample: &domain::SampleOutcome) -> Self {
        Self {
            index: sample.index,
            hash: sample.hash.clone(),
            held: sample.held,
            broken_by: sample.broken_by.to_string(),
            distance: sample.distance,
        }
    }
}

impl From<&domain::Measurement> for Measurement {
    fn from(measurement: &domain::Measurement) -> Self {
        Self {
            id: measurement.id.clone(),
            asset: measurement.asset.to_string(),
            techniques: measurement.techniques.iter().map(ToString::to_string).collect(),
            attack: measurement.attack.to_string(),
            metric: measurement.metric.to_string(),
            value: measurement.value,
            interval: measurement.interval.into(),
            trials: measurement.trials,
            queries: measurement.queries,
            seed: measurement.seed,
            parameters: measurement.parameters.clone(),
            curves: measurement.curves.iter().map(Curve::from).collect(),
            parts: measurement.parts.iter().map(MeasuredPart::from).collect(),
            sanity: measurement.sanity.iter().map(SanityCheck::from).collect(),
            samples: measurement.samples.iter().map(SampleOutcome::from).collect(),
            reproduce: measurement.reproduce.clone(),
            notes: measurement.notes.clone(),
        }
    }
}

impl From<&domain::Curve> for Curve {
    fn from(curve: &domain::Curve) -> Self {
        Self {
            x: curve.x.clone(),
            y: curve.y.clone(),
            points: curve.points.iter().map(|&(x, y)| [x, y]).collect(),
        }
    }
}

/// The same attack under different controls, and what that proves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exercise {
    /// Stable name: attack and asset.
    pub id: String,
    /// Id of the model or endpoint attacked.
    pub asset: String,
    /// ATLAS techniques exercised, in the edition of `review.atlas_edition`.
    pub techniques: Vec<String>,
    /// Name of the attack.
    pub attack: String,
    /// Runs under different controls, the bare run first.
    pub runs: Vec<ExerciseRun>,
    /// Whether the alarm was raised on the bare run.
    pub detected: bool,
    /// Controls that changed the result enough to be called holding, by id.
    pub holding: Vec<String>,
    /// Fingerprints of the findings of detections on its traffic.
    pub findings: Vec<String>,
    /// What happened, a line per step.
    pub transcript: Vec<String>,
}

/// One run of the attack under one set of controls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExerciseRun {
    /// Controls switched on; empty for the bare run.
    pub controls: Vec<ControlSetting>,
    /// Id of the measurement taken.
    pub measurement: String,
    /// Attack success, 0 to 1.
    pub success: f64,
    /// Requests the attack sent.
    pub requests: u64,
    /// Requests that the controls refused.
    pub refused: u64,
    /// Rules of the detections that fired, sorted.
    pub alerts: Vec<String>,
    /// Seconds of simulated traffic until the first alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_to_alert: Option<f64>,
    /// What is left for those who do not attack, where it could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usefulness: Option<Usefulness>,
}

/// What the controls of a run leave for those who do not attack.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Usefulness {
    /// Share of clean test samples that are answered rightly.
    pub accuracy: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// Clean test samples.
    pub samples: u64,
    /// Share of the ordinary clients' requests in the log that a limit on requests would have refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinary_refused: Option<f64>,
}

/// One control, switched on for a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlSetting {
    /// Control id of the knowledge base.
    pub control: String,
    /// Setting in words.
    pub setting: String,
}

impl From<&domain::Exercise> for Exercise {
    fn from(exercise: &domain::Exercise) -> Self {
        Self {
            id: exercise.id.clone(),
            asset: exercise.asset.to_string(),
            techniques: exercise.techniques.iter().map(ToString::to_string).collect(),
            attack: exercise.attack.clone(),
            runs: exercise.runs.iter().map(ExerciseRun::from).collect(),
            detected: exercise.detected,
            holding: exercise.holding.clone(),
            findings: exercise.findings.iter().map(ToString::to_string).collect(),
            transcript: exercise.transcript.clone(),
        }
    }
}

impl From<&domain::ExerciseRun> for ExerciseRun {
    fn from(run: &domain::ExerciseRun) -> Self {
        Self {
            controls: run
                .controls
                .iter()
                .map(|on| ControlSetting { control: on.control.clone(), setting: on.setting.clone() })
                .collect(),
            measurement: run.measurement.clone(),
            success: run.success,
            requests: run.requests,
            refused: run.refused,
            alerts: run.alerts.clone(),
            seconds_to_alert: run.seconds_to_alert,
            usefulness: run.usefulness.map(|left| Usefulness {
                accuracy: left.accuracy,
                interval: Interval::from(left.interval),
                samples: left.samples,
                ordinary_refused: left.ordinary_refused,
            }),
        }
    }
}
