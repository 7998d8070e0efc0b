//! Models behind an endpoint as targets of attacks: only what the owner permits is sent, counted and written down.
//!
//! A [`Scope`] names one host and its paths, a window of time and a budget; whatever lies outside is not sent. Every row
//! that is sent and every answer goes to a [`Journal`]; a row that it holds is never sent again, so a run that was
//! stopped goes on where it was. One file per protocol.

mod answer;
mod client;
mod journal;
mod line;
mod pace;
mod protocol;
mod scope;
mod target;

use vauban_attacks::target::TargetError;

pub use client::Header;
pub use journal::{Journal, JournalError};
pub use pace::{Clock, WallClock};
pub use protocol::PROTOCOLS;
pub use scope::{Scope, ScopeError};
pub use target::{Sample, ServedModel};

/// Why a served model cannot be attacked.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// What is permitted is not clear, or nothing is.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The declaration and the answers do not fit together.
    #[error("{0}")]
    Answer(String),
    /// The first question was not answered.
    #[error(transparent)]
    Target(#[from] TargetError),
}

#[cfg(test)]
mod tests;
