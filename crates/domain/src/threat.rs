//! Threats on the asset graph and the paths they take.

use crate::{AssetId, Fingerprint, Layer, TechniqueId, Text};

/// What a threat instance stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Support {
    /// The kind of asset and its relations allow it; nothing was seen.
    Structural,
    /// A finding, measurement or alert speaks for it.
    Observed,
}

impl Support {
    /// The lower-case word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Structural => "structural",
            Self::Observed => "observed",
        }
    }
}

/// A MAESTRO threat at one asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Threat {
    /// Stable id: MAESTRO threat and asset, `L1.1/model:form-reader.onnx`.
    pub id: String,
    /// MAESTRO threat, `L1.1`.
    pub kind: Text,
    /// Its name in MAESTRO.
    pub name: Text,
    /// Its layer.
    pub layer: Layer,
    /// The asset it is at.
    pub asset: AssetId,
    /// ATLAS techniques that bring it about on this asset.
    pub techniques: Vec<TechniqueId>,
    /// Agentic factors that make it worse, `F1` to `F5`.
    pub factors: Vec<Text>,
    /// What it stands on.
    pub support: Support,
    /// Findings that speak for it.
    pub findings: Vec<Fingerprint>,
    /// Measurements that speak for it, by id.
    pub measurements: Vec<String>,
    /// Expected attempts that succeed here per year before cascades, and where that comes from.
    pub frequency: f64,
    /// Words for the inputs of `frequency`, assumptions marked as such.
    pub basis: Vec<String>,
    /// Probability that it happens within a year, cascades included.
    pub likelihood: f64,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathStep {
    /// Threat instance, by id.
    pub threat: String,
    /// The asset it happens at.
    pub asset: AssetId,
    /// Its layer.
    pub layer: Layer,
    /// Technique the step uses, if one is known.
    pub technique: Option<TechniqueId>,
    /// How the harm got here from the step before; empty for the first.
    pub via: String,
    /// Probability of this step given the one before (the first: per year).
    pub probability: f64,
    /// Controls of the knowledge base that would stop it, by id.
    pub stopped_by: Vec<String>,
    /// What speaks for the step here.
    pub evidence: StepEvidence,
    /// Recorded cases in which somebody used the technique.
    pub case_studies: Vec<CaseReference>,
}

/// What speaks for a step of a path; all empty where it is structural only.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StepEvidence {
    /// Findings other than alerts.
    pub findings: Vec<Fingerprint>,
    /// Measurements, by id.
    pub measurements: Vec<String>,
    /// Findings of detections: somebody has tried.
    pub alerts: Vec<Fingerprint>,
}

/// An ATLAS case study that did what a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReference {
    /// `AML.CS0023`.
    pub id: Text,
    /// Its name in ATLAS.
    pub name: Text,
    /// Whether it really happened, rather than being an exercise.
    pub incident: bool,
}

/// A ranked way from an entry to a loss.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackPath {
    /// Stable id from its steps.
    pub id: String,
    /// From entry to loss, at least one.
    pub steps: Vec<PathStep>,
    /// Probability per year of the whole.
    pub probability: f64,
    /// Name of the system that suffers the loss.
    pub system: Option<String>,
    /// Expected yearly loss on this path, in the review's currency.
    pub expected_loss: f64,
    /// The path told in a sentence or two.
    pub narrative: String,
}
