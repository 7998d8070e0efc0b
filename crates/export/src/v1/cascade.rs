//! What the threats of the whole estate come to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::Severity;

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
    /// Conditions that are worse together than apart, worst first.
    #[serde(default)]
    pub combinations: Vec<ToxicCombination>,
}

/// Conditions that are harmless one by one and a way in together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToxicCombination {
    /// Stable id, from its kind and assets.
    pub id: String,
    /// Which combination, `agent-trifecta`.
    pub kind: String,
    /// What it means, in a sentence.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// The conditions, in the order of the path.
    pub parts: Vec<CombinationPart>,
    /// Controls that break it, each by itself, cheapest first.
    #[serde(default)]
    pub broken_by: Vec<String>,
}

/// One condition of a toxic combination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CombinationPart {
    /// `exposure`, `weakness`, `privilege`, `sensitive-data`, `untrusted-input`, `private-data` or `way-out`.
    pub condition: String,
    /// Id of the asset where it holds.
    pub asset: String,
    /// What shows it, in words.
    pub shown_by: String,
    /// Fingerprints of findings that show it.
    #[serde(default)]
    pub findings: Vec<String>,
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
    /// Whether harm reaches more, less probable assets that are not told; the loss is then a lower bound.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
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
            combinations: cascades.combinations.iter().map(ToxicCombination::from).collect(),
        }
    }
}

impl From<&domain::ToxicCombination> for ToxicCombination {
    fn from(combination: &domain::ToxicCombination) -> Self {
        Self {
            id: combination.id.clone(),
            kind: combination.kind.to_string(),
            title: combination.title.clone(),
            severity: combination.severity.into(),
            parts: combination
                .parts
                .iter()
                .map(|part| CombinationPart {
                    condition: part.condition.to_string(),
                    asset: part.asset.to_string(),
                    shown_by: part.shown_by.clone(),
                    findings: part.findings.iter().map(ToString::to_string).collect(),
                })
                .collect(),
            broken_by: combination.broken_by.clone(),
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
            more: radius.more,
            systems: radius.systems.clone(),
            expected_loss: radius.expected_loss,
        }
    }
}
