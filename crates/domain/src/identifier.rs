//! Stable names: of assets, of rules, and of entries in other people's frameworks.

use std::fmt;
use std::sync::Arc;

use crate::{AssetKind, Text};

/// Names an asset across reviews: its kind and where or what it is, never its content.
///
/// `model:models/form-reader.onnx`, `package:pypi/torch`, `endpoint:k8s/clinic/form-reader`. New bytes at the same
/// place are the same asset in a new version, which is what makes reviews comparable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId(Arc<str>);

impl AssetId {
    /// Builds the id of the asset of this kind called `name`.
    pub fn new(kind: AssetKind, name: &str) -> Self {
        Self(format!("{}:{name}", kind.as_str()).into())
    }

    /// Takes an id as written by `Display`; `None` unless it starts with a known kind.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':')?;
        (AssetKind::parse(kind).is_some() && !name.is_empty()).then(|| Self(text.into()))
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the kind.
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or(&*self.0, |(_, name)| name)
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Id of a declared rule: lower-case words joined by hyphens, `pickle-code-execution`.
pub type RuleId = Text;

/// An ATLAS technique id without its edition, `AML.T0018.002`; the review states the edition once.
pub type TechniqueId = Text;

/// A framework entry with its edition: `AML.T0018@2026.09`, `LLM06:2025`, `CWE-502`.
///
/// The same number means other things in other years, so a mapping is never written without its edition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Id within its framework, `AML.T0018` or `LLM06`.
    pub id: String,
    /// Edition, `2026.09` or `2025`; empty where the framework has none (CWE).
    pub edition: String,
}

/// Why a text is not a [`Reference`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no edition; write it as `AML.T0018@2026.09` or `LLM06:2025`")]
pub struct ReferenceError(pub String);

impl Reference {
    /// Splits `id@edition` or `id:edition`; CWE ids need no edition.
    ///
    /// # Errors
    /// [`ReferenceError`] when an edition is missing.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let split = text.split_once('@').or_else(|| text.rsplit_once(':'));
        match split {
            Some((id, edition)) if !id.is_empty() && !edition.is_empty() => {
                Ok(Self { id: id.to_owned(), edition: edition.to_owned() })
            }
            None if text.starts_with("CWE-") => Ok(Self { id: text.to_owned(), edition: String::new() }),
            _ => Err(ReferenceError(text.to_owned())),
        }
    }
}
