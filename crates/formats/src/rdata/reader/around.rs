//! What surrounds an item: where it stands decides when the calls in it run.

use crate::rdata::Place;

/// What surrounds an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    pub(super) place: Place,
    /// Whether pair lists here are the variables of an environment.
    pub(super) frame: bool,
    /// Whether R writes promises here.
    pub(super) promises: bool,
    pub(super) depth: u32,
    /// Whether calls directly here are the code of a function compiled to bytes.
    pub(super) compiled: bool,
}

impl Around {
    pub(super) fn inner(self) -> Self {
        Self { frame: false, promises: false, depth: self.depth + 1, compiled: false, ..self }
    }

    pub(super) fn with_promises(self) -> Self {
        Self { promises: true, ..self.inner() }
    }

    pub(super) fn at(self, place: Place) -> Self {
        Self { place: self.place.max(place), ..self.inner() }
    }
}
