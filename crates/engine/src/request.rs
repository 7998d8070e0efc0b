//! What to do in one run.

use std::path::PathBuf;

use vauban_connect::WalkOptions;
use vauban_domain::{TestScope, Timestamp, Trigger};

use crate::FileLimits;

/// Everything one run needs to know; the same request on the same files gives the same bytes.
#[derive(Debug, Clone)]
pub struct Request {
    /// File or folder to look at.
    pub root: PathBuf,
    /// Its name in reviews and in the store.
    pub subject: String,
    /// Where to read the declaration.
    pub declaration: DeclarationSource,
    /// What to do.
    pub stages: Stages,
    /// Why.
    pub trigger: Trigger,
    /// The present.
    pub now: Timestamp,
    /// Seed of attacks and simulations.
    pub seed: u64,
    /// Years to simulate.
    pub trials: u64,
    /// What to leave out.
    pub walk: WalkOptions,
    /// How much one file may cost.
    pub limits: FileLimits,
    /// A model to attack on top of the declared ones; its paths are relative to the root.
    pub test: Option<TestScope>,
}

/// Where the declaration comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeclarationSource {
    /// `vauban.toml` at the root, if there is one.
    AtRoot,
    /// This file.
    File(PathBuf),
    /// Nothing is declared.
    None,
}

/// The stages after discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// Run checks.
    pub check: bool,
    /// Attack models.
    pub attack: bool,
    /// Run detections over logs.
    pub detect: bool,
    /// Replay attacks through detections and controls; needs `attack` and `detect`.
    pub exercise: bool,
    /// Coverage, threats, risk, plan.
    pub analyse: bool,
}

impl Stages {
    /// Discovery only.
    pub const INVENTORY: Self =
        Self { check: false, attack: false, detect: false, exercise: false, analyse: false };
    /// Discovery and checks.
    pub const SCAN: Self = Self { check: true, ..Self::INVENTORY };
    /// Discovery and attacks.
    pub const ATTACK: Self = Self { attack: true, ..Self::INVENTORY };
    /// Discovery and detections.
    pub const DETECT: Self = Self { detect: true, ..Self::INVENTORY };
    /// Everything up to exercises.
    pub const EXERCISE: Self = Self { attack: true, detect: true, exercise: true, ..Self::INVENTORY };
    /// Everything.
    pub const REVIEW: Self = Self { check: true, attack: true, detect: true, exercise: true, analyse: true };
}
