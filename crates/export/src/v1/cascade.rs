//! What the threats of the whole estate come to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

/// Impacts, what falls with what, layers and choke points.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cascades {
    /// Probability of each kind of impact on each system, most probable first.
    #[serde(default)]
    pub impacts: Vec<ImpactForecast>,
    /// What falls with a component or a vendor, largest expected loss first.
    #[serde(default)]
    pub blast_radii: Vec<BlastRadius>,
    /// How harm passes from layer to layer.
    #[serde(default)]
    pub matrix: Vec<LayerLink>,
    /// Assets that much of the harm passes through, largest share first.
    #[serde(default)]
    pub choke_points: Vec<ChokePoint>,
}

/// How probable a kind of impact on a system is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImpactForecast {
    /// System of `vauban.toml`.
    pub system: String,
    /// Kind of impact.
    pub impact: String,
    /// Probability of at least one such event within a year, 0 to 1.
    pub probability: f64,
    /// Expected events a year.
    pub frequency: f64,
    /// Ids of the threat instances behind it, largest part first.
    #[serde(default)]
    pub threats: Vec<String>,
}

/// What follows when one component, or everything of one vendor, is in an attacker's hands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BlastRadius {
    /// Asset id, or name of the vendor.
    pub origin: String,
    /// Whether it is a vendor.
    pub vendor: bool,
    /// Assets that harm reaches, most probable first.
    pub reached: Vec<ReachedAsset>,
    /// Systems that harm reaches.
    #[serde(default)]
    pub systems: Vec<String>,
    /// Expected loss given that the origin has fallen, in `risk.currency`.
    pub expected_loss: f64,
}

/// An asset within a blast radius.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReachedAsset {
    /// Id of the asset.
    pub asset: String,
    /// Probability that harm reaches it, 0 to 1.
    pub probability: f64,
}

/// Harm that passes from one layer to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerLink {
    /// Layer where it begins, `L1` to `L7` or `X`.
    pub from: String,
    /// Layer where it arrives.
    pub to: String,
    /// Cascades between existing, connected threat instances.
    pub cascades: u32,
    /// Expected events a year that arrive this way.
    pub frequency: f64,
}

/// An asset that much of the harm passes through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChokePoint {
    /// Id of the asset.
    pub asset: String,
    /// Share of the expected loss of the paths that passes through it, 0 to 1.
    pub share: f64,
    /// Ids of these paths.
    pub paths: Vec<String>,
    /// Controls that would act on it, by id.
    pub controls: Vec<String>,
}

impl From<&domain::Cascades> for Cascades {
    fn from(cascades: &domain::Cascades) -> Self {
        Self {
            impacts: cascades
                .impacts
                .iter()
                .map(|impact| ImpactForecast {
                    system: impact.system.clone(),
                    impact: impact.impact.clone(),
                    probability: impact.probability,
                    frequency: impact.frequency,
                    threats: impact.threats.clone(),
                })
                .collect(),
            blast_radii: cascades.blast_radii.iter().map(BlastRadius::from).collect(),
            matrix: cascades
                .matrix
                .iter()
                .map(|link| LayerLink {
                    from: link.from.id().to_owned(),
                    to: link.to.id().to_owned(),
                    cascades: link.cascades,
                    frequency: link.frequency,
                })
                .collect(),
            choke_points: cascades
                .choke_points
                .iter()
                .map(|point| ChokePoint {
                    asset: point.asset.to_string(),
                    share: point.share,
                    paths: point.paths.clone(),
                    controls: point.controls.clone(),
                })
                .collect(),
        }
    }
}

impl From<&domain::BlastRadius> for BlastRadius {
    fn from(radius: &domain::BlastRadius) -> Self {
        Self {
            origin: radius.origin.clone(),
            vendor: radius.vendor,
            reached: radius
                .reached
                .iter()
                .map(|(asset, probability)| ReachedAsset {
                    asset: asset.to_string(),
                    probability: *probability,
                })
                .collect(),
            systems: radius.systems.clone(),
            expected_loss: radius.expected_loss,
        }
    }
}
