//! Things worth protecting.

use std::collections::BTreeMap;
use std::fmt;

use crate::{AssetId, Digest, Layer, Locator};

/// What an asset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetKind {
    /// An LLM agent or another actor that decides by model.
    Agent,
    /// Data to train, tune, test or retrieve from.
    Dataset,
    /// Something that answers requests.
    Endpoint,
    /// A user, role, service account or key.
    Identity,
    /// Containers, clusters, buckets, networks, notebook servers.
    Infrastructure,
    /// Trained weights, in any format.
    Model,
    /// A computational notebook.
    Notebook,
    /// A third-party software package.
    Package,
    /// Code or a workflow that trains, moves or deploys.
    Pipeline,
    /// An instruction text given to a language model.
    Prompt,
    /// Something an agent can call: a function, an MCP server.
    Tool,
}

impl AssetKind {
    /// All kinds, in alphabetical order.
    pub const ALL: [Self; 11] = [
        Self::Agent,
        Self::Dataset,
        Self::Endpoint,
        Self::Identity,
        Self::Infrastructure,
        Self::Model,
        Self::Notebook,
        Self::Package,
        Self::Pipeline,
        Self::Prompt,
        Self::Tool,
    ];

    /// The lower-case word used in ids and outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Dataset => "dataset",
            Self::Endpoint => "endpoint",
            Self::Identity => "identity",
            Self::Infrastructure => "infrastructure",
            Self::Model => "model",
            Self::Notebook => "notebook",
            Self::Package => "package",
            Self::Pipeline => "pipeline",
            Self::Prompt => "prompt",
            Self::Tool => "tool",
        }
    }

    /// Reads what [`AssetKind::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for AssetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How an asset or relation came to be known, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A person or a configuration says so.
    Declared,
    /// Concluded from names, code or neighbours.
    Inferred,
    /// The bytes or the running thing itself were looked at.
    Verified,
}

impl Confidence {
    /// The lower-case word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Inferred => "inferred",
            Self::Verified => "verified",
        }
    }

    /// Reads what [`Confidence::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Declared, Self::Inferred, Self::Verified].into_iter().find(|known| known.as_str() == word)
    }
}

/// Something worth protecting. The same bytes in two places are one asset with two locators.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// Stable across reviews.
    pub id: AssetId,
    /// What it is.
    pub kind: AssetKind,
    /// Its MAESTRO component kind (`inference_endpoint`, `mcp_server` ...), resolved against the knowledge base.
    pub component: String,
    /// Name for people.
    pub name: String,
    /// Primary MAESTRO layer.
    pub layer: Layer,
    /// Strongest way in which it is known.
    pub confidence: Confidence,
    /// Where it was seen, sorted, never empty.
    pub locators: Vec<Locator>,
    /// Digest of its bytes, if it has any.
    pub digest: Option<Digest>,
    /// Size in bytes, if it has any.
    pub size: Option<u64>,
    /// Facts about it in the field's words: `format`, `version`, `exposure`, `framework`, `licence` ...
    pub attributes: BTreeMap<String, String>,
    /// Name of the system of `vauban.toml` it belongs to.
    pub system: Option<String>,
}

impl Asset {
    /// An asset with an id made from `kind` and `name`, seen at `locator`, with nothing else known yet.
    pub fn new(
        kind: AssetKind,
        component: &str,
        layer: Layer,
        name: &str,
        confidence: Confidence,
        locator: Locator,
    ) -> Self {
        Self {
            id: AssetId::new(kind, name),
            kind,
            component: component.to_owned(),
            name: name.to_owned(),
            layer,
            confidence,
            locators: vec![locator],
            digest: None,
            size: None,
            attributes: BTreeMap::new(),
            system: None,
        }
    }

    /// The attribute called `key`, if known.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).map(String::as_str)
    }

    /// The same asset with one more fact.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.attributes.insert(key.to_owned(), value.into());
        self
    }
}
