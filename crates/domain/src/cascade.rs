//! ATLAS techniques at assets, and what follows from threats that draw others after them.

use crate::{AssetId, Fingerprint, Layer, Severity, Support, TechniqueId, Text};

/// An ATLAS technique that can happen to one asset.
#[derive(Debug, Clone, PartialEq)]
pub struct TechniqueInstance {
    /// Stable id: technique and asset, `AML.T0043/model:form-reader.onnx`.
    pub id: String,
    /// The technique.
    pub technique: TechniqueId,
    /// The asset.
    pub asset: AssetId,
    /// The asset's layer.
    pub layer: Layer,
    /// What it stands on.
    pub support: Support,
    /// Why it can happen here: the rule that made this instance, in words.
    pub reason: String,
    /// Agentic factors that make it worse, `F1` to `F5`.
    pub factors: Vec<Text>,
    /// Findings that speak for it.
    pub findings: Vec<Fingerprint>,
    /// Measurements that speak for it, by id.
    pub measurements: Vec<String>,
    /// MAESTRO threats that it brings about here, by id.
    pub threats: Vec<String>,
}

/// What the threats of the whole estate come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cascades {
    /// Probability of each kind of impact on each system, most probable first.
    pub impacts: Vec<ImpactForecast>,
    /// What falls with each component and each vendor, largest expected loss first.
    pub blast_radii: Vec<BlastRadius>,
    /// How harm passes from layer to layer, by from and to.
    pub matrix: Vec<LayerLink>,
    /// Assets that much of the harm passes through, largest share first.
    pub choke_points: Vec<ChokePoint>,
    /// Conditions that are worse together than apart, worst first.
    pub combinations: Vec<ToxicCombination>,
}

/// How probable a kind of impact on a system is.
#[derive(Debug, Clone, PartialEq)]
pub struct ImpactForecast {
    /// System of `vauban.toml`.
    pub system: String,
    /// `confidentiality`, `integrity`, `availability`, `safety` or `compliance`.
    pub impact: String,
    /// Probability of at least one such event within a year, 0 to 1.
    pub probability: f64,
    /// Expected events a year.
    pub frequency: f64,
    /// Threat instances behind it, largest part first.
    pub threats: Vec<String>,
}

/// What follows when one component, or everything of one vendor, is in an attacker's hands.
#[derive(Debug, Clone, PartialEq)]
pub struct BlastRadius {
    /// Asset id, or the name of the vendor.
    pub origin: String,
    /// Whether `origin` is a vendor.
    pub vendor: bool,
    /// Assets that harm reaches, with the probability that it does, most probable first.
    pub reached: Vec<(AssetId, f64)>,
    /// Whether harm reaches more, less probable assets that are not told; the loss is then a lower bound.
    pub more: bool,
    /// Systems that harm reaches, sorted.
    pub systems: Vec<String>,
    /// Expected loss given that the origin has fallen, in the review's currency; 0 when none is declared.
    pub expected_loss: f64,
}

/// Harm that passes from one layer to another.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerLink {
    /// Layer where it begins.
    pub from: Layer,
    /// Layer where it arrives.
    pub to: Layer,
    /// Cascades between existing, connected instances.
    pub cascades: u32,
    /// Expected events a year that arrive this way.
    pub frequency: f64,
}

/// An asset that much of the harm passes through.
#[derive(Debug, Clone, PartialEq)]
pub struct ChokePoint {
    /// The asset.
    pub asset: AssetId,
    /// Share of the expected loss that passes through it, 0 to 1.
    pub share: f64,
    /// Attack paths through it, by id.
    pub paths: Vec<String>,
    /// Controls that would act on it, most effective first.
    pub controls: Vec<String>,
}

/// Conditions that are harmless one by one and a way in together.
#[derive(Debug, Clone, PartialEq)]
pub struct ToxicCombination {
    /// Stable id, from its kind and assets.
    pub id: String,
    /// Which combination, `agent-trifecta`.
    pub kind: Text,
    /// What it means, in a sentence.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// The conditions, in the order of the path.
    pub parts: Vec<CombinationPart>,
    /// Controls that break it, each by itself, cheapest first.
    pub broken_by: Vec<String>,
}

/// One condition of a toxic combination.
#[derive(Debug, Clone, PartialEq)]
pub struct CombinationPart {
    /// `exposure`, `weakness`, `privilege`, `sensitive-data`, `untrusted-input`, `private-data` or `way-out`.
    pub condition: Text,
    /// Where it holds.
    pub asset: AssetId,
    /// What shows it, in words.
    pub shown_by: String,
    /// Findings that show it.
    pub findings: Vec<Fingerprint>,
}
