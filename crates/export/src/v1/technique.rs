//! ATLAS techniques at assets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::Support;

/// An ATLAS technique that can happen to one asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TechniqueInstance {
    /// Stable id: technique and asset, `AML.T0043/model:form-reader.onnx`.
    pub id: String,
    /// The technique.
    pub technique: String,
    /// Id of the asset.
    pub asset: String,
    /// The asset's layer, `L1`.
    pub layer: String,
    /// What it stands on.
    pub support: Support,
    /// Why it can happen here: the rule that made this instance, in words.
    pub reason: String,
    /// Agentic factors that make it worse, `F1` to `F5`.
    #[serde(default)]
    pub factors: Vec<String>,
    /// Fingerprints of the findings that speak for it.
    #[serde(default)]
    pub findings: Vec<String>,
    /// Ids of the measurements that speak for it.
    #[serde(default)]
    pub measurements: Vec<String>,
    /// Ids of the threat instances that it brings about here.
    #[serde(default)]
    pub threats: Vec<String>,
}

impl From<&domain::TechniqueInstance> for TechniqueInstance {
    fn from(instance: &domain::TechniqueInstance) -> Self {
        Self {
            id: instance.id.clone(),
            technique: instance.technique.to_string(),
            asset: instance.asset.to_string(),
            layer: instance.layer.id().to_owned(),
            support: instance.support.into(),
            reason: instance.reason.clone(),
            factors: instance.factors.iter().map(ToString::to_string).collect(),
            findings: instance.findings.iter().map(ToString::to_string).collect(),
            measurements: instance.measurements.clone(),
            threats: instance.threats.clone(),
        }
    }
}
