//! MAESTRO: seven layers, their threats, the components they apply to, and how harm passes between them.
//!
//! Layer and threat names are the framework's; descriptions, mappings, cascades and priors are our own.

use std::collections::BTreeMap;

use serde::Deserialize;
use vauban_domain::{AssetKind, Layer};

use crate::condition::Condition;

/// The framework at one edition.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Maestro {
    /// Edition, `2025-02`.
    pub edition: String,
    /// The seven layers, then cross-layer.
    pub layers: Vec<LayerFacts>,
    /// All threats, layer by layer.
    pub threats: Vec<ThreatKind>,
    components: BTreeMap<String, Layer>,
}

/// What is known about a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerFacts {
    /// Which one.
    pub layer: Layer,
    /// One sentence of our own; empty for cross-layer.
    pub summary: String,
    /// Component kinds that live there, `inference_endpoint`.
    pub components: Vec<String>,
    /// Other spellings, in lower case.
    pub aliases: Vec<String>,
}

/// A threat of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreatKind {
    /// Our stable id, `L1.3` or `X.2`.
    pub id: String,
    /// Its name in MAESTRO.
    pub name: String,
    /// One sentence of our own.
    pub description: String,
    /// Its layer.
    pub layer: Layer,
    /// Component kinds it can happen to.
    pub applies_to: Vec<String>,
    /// ATLAS techniques that bring it about, at [`crate::ATLAS_EDITION`].
    pub atlas: Vec<String>,
    /// OWASP Top 10 for agentic applications, `ASI04:2026`.
    pub owasp_agentic: Vec<String>,
    /// OWASP agentic threats 1.1, `T7`.
    pub agentic_threats: Vec<String>,
    /// OWASP Top 10 for LLM applications, `LLM04:2025`.
    pub owasp_llm: Vec<String>,
    /// OWASP machine learning Top 10, `ML06:2023`.
    pub owasp_ml: Vec<String>,
    /// NIST AI 100-2 E2025, `NISTAML.023`.
    pub nist: Vec<String>,
    /// Threats it can lead to.
    pub cascades_to: Vec<Cascade>,
}

/// How likely one threat draws another after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Prior 0.1.
    Weak,
    /// Prior 0.3.
    Moderate,
    /// Prior 0.6.
    Strong,
}

/// An edge from one threat to another.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cascade {
    /// Threat that follows, `L6.2`.
    pub to: String,
    /// In words.
    pub strength: Strength,
    /// Probability that it follows when nothing stands in the way, in 0..1: an expert prior, not a published one.
    pub prior: f64,
    /// How the harm gets there.
    pub via: String,
    /// What must hold besides; absent where nothing must.
    #[serde(default)]
    pub when: Option<Condition>,
}

impl Maestro {
    /// The threat with this id, with or without edition: `L1.3`, `L1.3@2025-02`.
    pub fn threat(&self, id: &str) -> Option<&ThreatKind> {
        let bare = match id.split_once('@') {
            Some((bare, edition)) if edition == self.edition => bare,
            Some(_) => return None,
            None => id,
        };
        self.threats.iter().find(|threat| threat.id == bare)
    }

    /// The layer a component kind lives in.
    pub fn layer_of(&self, component: &str) -> Option<Layer> {
        self.components.get(component).copied()
    }

    /// All component kinds with their layer, sorted by name.
    pub fn components(&self) -> impl Iterator<Item = (&str, Layer)> {
        self.components.iter().map(|(component, layer)| (component.as_str(), *layer))
    }

    /// Threats that can happen to a component kind.
    pub fn threats_for<'a>(&'a self, component: &'a str) -> impl Iterator<Item = &'a ThreatKind> {
        self.threats.iter().filter(move |threat| threat.applies_to.iter().any(|kind| kind == component))
    }

    /// What is known about a layer.
    pub fn layer(&self, layer: Layer) -> Option<&LayerFacts> {
        self.layers.iter().find(|facts| facts.layer == layer)
    }

    pub(crate) fn builtin() -> Self {
        let text = include_str!("../data/maestro/maestro.yaml");
        let file: File = crate::yaml::read(text).expect("the compiled-in file is tested");
        let cross = LayerFile { component_kinds: Vec::new(), aliases: Vec::new(), ..file.cross_layer };
        let mut maestro = Self { edition: crate::MAESTRO_EDITION.to_owned(), ..Self::default() };
        for layer in file.layers.into_iter().chain([cross]) {
            let place = Layer::from_id(&layer.id).expect("the compiled-in file is tested");
            for component in &layer.component_kinds {
                maestro.components.insert(component.clone(), place);
            }
            maestro.layers.push(LayerFacts {
                layer: place,
                summary: layer.summary,
                components: layer.component_kinds,
                aliases: layer.aliases,
            });
            maestro.threats.extend(layer.threats.into_iter().map(|threat| threat.into_fact(place)));
        }
        maestro
    }
}

/// The component kind of an asset about which nothing more is known.
pub const fn default_component(kind: AssetKind) -> &'static str {
    match kind {
        AssetKind::Agent => "agent",
        AssetKind::Dataset => "dataset",
        AssetKind::Endpoint => "inference_endpoint",
        AssetKind::Identity => "service_identity",
        AssetKind::Infrastructure => "container",
        AssetKind::Model => "model",
        AssetKind::Notebook | AssetKind::Pipeline => "training_pipeline",
        AssetKind::Package => "package",
        AssetKind::Prompt => "agent_framework",
        AssetKind::Tool => "tool",
    }
}

#[derive(Deserialize)]
struct File {
    layers: Vec<LayerFile>,
    cross_layer: LayerFile,
}

#[derive(Deserialize)]
struct LayerFile {
    id: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    component_kinds: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    threats: Vec<ThreatFile>,
}

#[derive(Deserialize)]
struct ThreatFile {
    id: String,
    name: String,
    description: String,
    #[serde(default)]
    applies_to: Vec<String>,
    #[serde(default)]
    atlas: Vec<String>,
    #[serde(default)]
    owasp_asi_2026: Vec<String>,
    #[serde(default)]
    owasp_agentic_threats_v1_1: Vec<String>,
    #[serde(default)]
    owasp_llm_2025: Vec<String>,
    #[serde(default)]
    owasp_ml_2023: Vec<String>,
    #[serde(default)]
    nist_aml_2025: Vec<String>,
    #[serde(default)]
    cascades_to: Vec<Cascade>,
}

impl ThreatFile {
    fn into_fact(self, layer: Layer) -> ThreatKind {
        ThreatKind {
            id: self.id,
            name: self.name,
            description: self.description,
            layer,
            applies_to: self.applies_to,
            atlas: self.atlas,
            owasp_agentic: self.owasp_asi_2026.into_iter().map(|id| format!("{id}:2026")).collect(),
            agentic_threats: self.owasp_agentic_threats_v1_1,
            owasp_llm: self.owasp_llm_2025,
            owasp_ml: self.owasp_ml_2023,
            nist: self.nist_aml_2025,
            cascades_to: self.cascades_to,
        }
    }
}
