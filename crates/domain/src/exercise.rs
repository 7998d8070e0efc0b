//! An attack, the detections and the controls, run together (NIST SP 800-84).

use crate::{AssetId, Fingerprint, Interval, TechniqueId};

/// One declared control, switched on or off for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlSetting {
    /// Control id of the knowledge base.
    pub control: String,
    /// Setting in words, `at most 60 requests a minute per client`.
    pub setting: String,
}

/// One run of the attack under one set of controls.
#[derive(Debug, Clone, PartialEq)]
pub struct ExerciseRun {
    /// Controls switched on; empty for the bare run.
    pub controls: Vec<ControlSetting>,
    /// Id of the measurement taken.
    pub measurement: String,
    /// Attack success, 0 to 1: share of samples broken, or fidelity of the copy.
    pub success: f64,
    /// Requests the attack sent.
    pub requests: u64,
    /// Requests that the controls refused.
    pub refused: u64,
    /// Rules of the detections that fired on the traffic, sorted.
    pub alerts: Vec<String>,
    /// Seconds of simulated traffic until the first alert.
    pub seconds_to_alert: Option<f64>,
    /// What is left for those who do not attack, where it could be measured.
    pub usefulness: Option<Usefulness>,
}

/// What the controls of a run leave for those who do not attack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usefulness {
    /// Share of clean test samples that are answered rightly.
    pub accuracy: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// Clean test samples.
    pub samples: u64,
    /// Share of the ordinary clients' requests in the log that a limit on requests would have refused; `None` without such
    /// a limit or without a log.
    pub ordinary_refused: Option<f64>,
}

/// The same attack under different controls, and what that proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Exercise {
    /// Stable name: attack and asset.
    pub id: String,
    /// The model or endpoint attacked.
    pub asset: AssetId,
    /// ATLAS techniques exercised.
    pub techniques: Vec<TechniqueId>,
    /// Name of the attack.
    pub attack: String,
    /// Bare run first.
    pub runs: Vec<ExerciseRun>,
    /// Whether the alarm was raised on the bare run.
    pub detected: bool,
    /// Controls that changed the result enough to be called holding, by id.
    pub holding: Vec<String>,
    /// Findings of detections on its traffic.
    pub findings: Vec<Fingerprint>,
    /// What happened, a line per step.
    pub transcript: Vec<String>,
}
