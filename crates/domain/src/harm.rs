//! What a weakness in an artifact leads to, and when.

use std::fmt;

use crate::Text;

/// What comes of a weakness in a model or data file, for whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harm {
    /// What happens.
    pub effect: Effect,
    /// When it happens.
    pub when: Moment,
    /// Loaders it happens in, with their versions.
    pub loaders: Text,
}

/// What a file makes happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Another behaviour of the model on a trigger.
    BehaviourBackdoor,
    /// Code of the author's choice runs.
    CodeExecution,
    /// Files are read.
    FileRead,
    /// Files are written or deleted.
    FileWrite,
    /// Content that the format has no use for travels along.
    HiddenPayload,
    /// Modules are imported, with what their import does.
    ImportSideEffect,
    /// A native loader reads or writes outside its buffers.
    MemoryCorruption,
    /// The network is reached.
    NetworkAccess,
    /// Files are named outside the folder they belong to.
    PathTraversal,
    /// Memory, time or disk run out.
    ResourceExhaustion,
    /// A template leaves its sandbox.
    TemplateInjection,
    /// Nobody can tell.
    Unknown,
}

impl Effect {
    /// The lower-case words used in outputs, joined by hyphens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BehaviourBackdoor => "behaviour-backdoor",
            Self::CodeExecution => "code-execution",
            Self::FileRead => "file-read",
            Self::FileWrite => "file-write",
            Self::HiddenPayload => "hidden-payload",
            Self::ImportSideEffect => "import-side-effect",
            Self::MemoryCorruption => "memory-corruption",
            Self::NetworkAccess => "network-access",
            Self::PathTraversal => "path-traversal",
            Self::ResourceExhaustion => "resource-exhaustion",
            Self::TemplateInjection => "template-injection",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// When a file does what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// When it is loaded, imported or unpacked.
    Load,
    /// When the loaded model is used first.
    FirstUse,
    /// When it is converted to another format.
    Convert,
}

impl Moment {
    /// The lower-case words used in outputs, joined by hyphens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::FirstUse => "first-use",
            Self::Convert => "convert",
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
