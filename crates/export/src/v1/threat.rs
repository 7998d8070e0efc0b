//! Threat instances and the paths they take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::Support;

/// Threats on the asset graph.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Threats {
    /// Threats at assets, most likely first.
    #[serde(default)]
    pub instances: Vec<Threat>,
    /// Ways from an entry to a loss, largest expected loss first.
    #[serde(default)]
    pub paths: Vec<AttackPath>,
    /// The paths drawn over the seven MAESTRO lanes, as one SVG element.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lanes_svg: Option<String>,
}

/// A MAESTRO threat at one asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Threat {
    /// Stable id: MAESTRO threat and asset.
    pub id: String,
    /// MAESTRO threat, in the edition of `review.maestro_edition`.
    pub kind: String,
    /// Its name in MAESTRO.
    pub name: String,
    /// Its layer, `L1` to `L7` or `X`.
    pub layer: String,
    /// Id of the asset it is at.
    pub asset: String,
    /// ATLAS techniques that bring it about, in the edition of `review.atlas_edition`.
    pub techniques: Vec<String>,
    /// Agentic factors that make it worse, `F1` to `F5`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<String>,
    /// What it stands on.
    pub support: Support,
    /// Fingerprints of findings that speak for it.
    #[serde(default)]
    pub findings: Vec<String>,
    /// Ids of measurements that speak for it.
    #[serde(default)]
    pub measurements: Vec<String>,
    /// Expected attempts that succeed here per year, before cascades.
    pub frequency: f64,
    /// Inputs of `frequency` in words, assumptions marked as such.
    #[serde(default)]
    pub basis: Vec<String>,
    /// Probability that it happens within a year, cascades included.
    pub likelihood: f64,
}

impl From<&domain::Threat> for Threat {
    fn from(threat: &domain::Threat) -> Self {
        Self {
            id: threat.id.clone(),
            kind: threat.kind.to_string(),
            name: threat.name.to_string(),
            layer: threat.layer.id().to_owned(),
            asset: threat.asset.to_string(),
            techniques: threat.techniques.iter().map(ToString::to_string).collect(),
            factors: threat.factors.iter().map(ToString::to_string).collect(),
            support: threat.support.into(),
            findings: threat.findings.iter().map(ToString::to_string).collect(),
            measurements: threat.measurements.clone(),
            frequency: threat.frequency,
            basis: threat.basis.clone(),
            likelihood: threat.likelihood,
        }
    }
}

/// A ranked way from an entry to a loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttackPath {
    /// Stable id from its steps.
    pub id: String,
    /// From entry to loss, at least one.
    pub steps: Vec<PathStep>,
    /// Probability per year of the whole.
    pub probability: f64,
    /// System that suffers the loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Expected yearly loss on this path, in `risk.currency`.
    pub expected_loss: f64,
    /// The path told in a sentence or two.
    pub narrative: String,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PathStep {
    /// Id of the threat instance.
    pub threat: String,
    /// Id of the asset it happens at.
    pub asset: String,
    /// Its layer, `L1` to `L7` or `X`.
    pub layer: String,
    /// ATLAS technique the step uses, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique: Option<String>,
    /// How the harm got here from the step before; empty for the first.
    pub via: String,
    /// Probability of this step given the one before (the first: per year).
    pub probability: f64,
    /// Ids of controls that would stop it.
    #[serde(default)]
    pub stopped_by: Vec<String>,
    /// What speaks for the step here; absent where it is structural only.
    #[serde(default, skip_serializing_if = "StepEvidence::is_empty")]
    pub evidence: StepEvidence,
    /// ATLAS case studies in which somebody used the technique.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub case_studies: Vec<CaseReference>,
}

/// What speaks for a step of a path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepEvidence {
    /// Fingerprints of findings other than alerts.
    #[serde(default)]
    pub findings: Vec<String>,
    /// Ids of measurements.
    #[serde(default)]
    pub measurements: Vec<String>,
    /// Fingerprints of findings of detections: somebody has tried.
    #[serde(default)]
    pub alerts: Vec<String>,
}

impl StepEvidence {
    /// Whether nothing speaks for the step but the kind of asset and its relations.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.measurements.is_empty() && self.alerts.is_empty()
    }
}

/// An ATLAS case study that did what a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseReference {
    /// `AML.CS0023`.
    pub id: String,
    /// Its name in ATLAS.
    pub name: String,
    /// Whether it really happened, rather than being an exercise.
    pub incident: bool,
}

impl From<&domain::AttackPath> for AttackPath {
    fn from(path: &domain::AttackPath) -> Self {
        Self {
            id: path.id.clone(),
            steps: path.steps.iter().map(PathStep::from).collect(),
            probability: path.probability,
            system: path.system.clone(),
            expected_loss: path.expected_loss,
            narrative: path.narrative.clone(),
        }
    }
}

impl From<&domain::PathStep> for PathStep {
    fn from(step: &domain::PathStep) -> Self {
        Self {
            threat: step.threat.clone(),
            asset: step.asset.to_string(),
            layer: step.layer.id().to_owned(),
            technique: step.technique.as_ref().map(ToString::to_string),
            via: step.via.clone(),
            probability: step.probability,
            stopped_by: step.stopped_by.clone(),
            evidence: StepEvidence {
                findings: step.evidence.findings.iter().map(ToString::to_string).collect(),
                measurements: step.evidence.measurements.clone(),
                alerts: step.evidence.alerts.iter().map(ToString::to_string).collect(),
            },
            case_studies: step
                .case_studies
                .iter()
                .map(|study| CaseReference {
                    id: study.id.to_string(),
                    name: study.name.to_string(),
                    incident: study.incident,
                })
                .collect(),
        }
    }
}
