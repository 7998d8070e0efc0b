//! What to do in one run.

use std::path::PathBuf;

use vauban_connect::WalkOptions;
use vauban_domain::{DeclaredTarget, SampleOutcome, TestScope, Timestamp, Trigger};
use vauban_knowledge::Advisories;

use crate::FileLimits;

/// Everything one run needs to know; the same request on the same files gives the same bytes.
#[derive(Debug, Clone)]
pub struct Request {
    /// What to look at.
    pub sources: Vec<Source>,
    /// Patterns of names that are left out: `*.log`, `docs/**`.
    pub exclude: Vec<String>,
    /// Folder that the declaration and the data of attacks are relative to.
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
    /// Which digest to take of every file.
    pub digest: DigestChoice,
    /// Whether to list what pickles do.
    pub explain: bool,
    /// What is known of vulnerable and malicious packages; the compiled-in table alone if nothing is given.
    pub advisories: Option<Advisories>,
    /// Hosts to ask.
    pub live: Live,
    /// Results of other engines to take in, besides those that the declaration names.
    pub imports: Vec<PathBuf>,
    /// A model to attack on top of the declared ones; its paths are relative to the root.
    pub test: Option<TestScope>,
    /// What became of each sample in the last version of that model; empty if there is none to compare with.
    pub previous: Vec<SampleOutcome>,
    /// The review of the same subject before this one, if one is on record.
    pub earlier: Option<vauban_analysis::schedule::Earlier>,
    /// Frameworks to assess instead of the declared ones, as `slug` or `slug@edition`; empty for those.
    pub frameworks: Vec<String>,
    /// What stored reviews of the same subject forecast.
    pub forecasts: Vec<vauban_domain::Forecast>,
    /// The endpoint that `test` is about, which the user permits by naming it.
    pub served: Option<DeclaredTarget>,
}

impl Request {
    /// Discovery and checks of what is at `path`, with every bound at its default and nothing declared.
    pub fn scan(path: impl Into<PathBuf>) -> Self {
        let root = path.into();
        Self {
            sources: vec![Source::at(&root)],
            exclude: Vec::new(),
            subject: root.to_string_lossy().into_owned(),
            root,
            declaration: DeclarationSource::None,
            stages: Stages::SCAN,
            trigger: Trigger::Manual,
            now: Timestamp(0),
            seed: 1,
            trials: 0,
            walk: WalkOptions::default(),
            limits: FileLimits::default(),
            digest: DigestChoice::default(),
            explain: false,
            advisories: None,
            live: Live::default(),
            imports: Vec::new(),
            test: None,
            previous: Vec::new(),
            earlier: None,
            frameworks: Vec::new(),
            forecasts: Vec::new(),
            served: None,
        }
    }
}

/// Which hosts to ask, and what it takes.
#[derive(Debug, Clone)]
pub struct Live {
    /// Addresses that the user named for this run.
    pub hosts: Vec<String>,
    /// Ports to ask of hosts that were named without one.
    pub ports: Vec<u16>,
    /// Asks the sources that the declaration names, too. Not unless the user says so: what is reviewed may be anybody's,
    /// and has no say in where credentials go.
    pub declared: bool,
    /// Asks nobody, and says of whom.
    pub offline: bool,
    /// The environment, which holds the credentials that the declaration names.
    pub environment: fn(&str) -> Option<String>,
}

impl Default for Live {
    fn default() -> Self {
        Self { hosts: Vec::new(), ports: Vec::new(), declared: false, offline: false, environment: |_| None }
    }
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file or folder.
    Path {
        /// Where it is.
        path: PathBuf,
        /// What files are called: the name of a file, what the names of files in a folder start with.
        name: String,
    },
    /// Content that came through a pipe.
    Bytes {
        /// What to call it.
        name: String,
        /// The content.
        bytes: Vec<u8>,
    },
}

impl Source {
    /// A path whose files are called by their place below it.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::Path { path: path.into(), name: String::new() }
    }
}

/// Which digest to take of every file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DigestChoice {
    /// SHA-256, as registries and lock files record it.
    #[default]
    Sha256,
    /// BLAKE3, which is faster on large files.
    Blake3,
    /// None: bytes that no rule looks at are not read.
    None,
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
