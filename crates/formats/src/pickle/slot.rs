//! Values while the machine runs: small, copied, texts left where they are in the input.

use super::facts::{ContainerKind, Way};

/// A value while the machine runs. Texts are places in the input, so that none is copied until it matters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Slot {
    None,
    Bool(bool),
    Int(i64),
    LongInt(u32),
    Float(f64),
    Text {
        at: u64,
        length: u32,
    },
    Decoded(u32),
    Bytes {
        at: u64,
        length: u32,
    },
    Import(u32),
    Call(u32),
    /// The result of one of very many calls that look alike, of which not all are recorded.
    Elided,
    Persistent(u32),
    Container(u32),
    Buffer,
    Unknown,
}

impl Slot {
    /// Whether it is data through and through: nothing that was looked up, called or may hold such a thing.
    pub(super) fn is_inert(self) -> bool {
        matches!(
            self,
            Self::None
                | Self::Bool(_)
                | Self::Int(_)
                | Self::LongInt(_)
                | Self::Float(_)
                | Self::Text { .. }
                | Self::Decoded(_)
                | Self::Bytes { .. }
        )
    }
}

/// A container while the machine runs. Tuples are slices of the pool, others grow in a list of their own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) kind: ContainerKind,
    /// Into the pool (tuple, frozenset) or the growing lists; `u32::MAX` if nothing is kept.
    pub(super) start: u32,
    pub(super) kept: u32,
    pub(super) length: u32,
    /// Values in it when it is written out as a tree, every shared part as often as it is met.
    pub(super) spread: f32,
    /// Containers inside one another, itself among them.
    pub(super) depth: u32,
}

/// A call while the machine runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    pub(super) callee: Slot,
    pub(super) arguments: Slot,
    pub(super) keywords: Slot,
    pub(super) offset: u64,
    pub(super) how: Way,
}
