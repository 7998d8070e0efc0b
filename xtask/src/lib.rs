//! Chores of the repository, as functions so that tests can hold the repository to them.

#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "chores read and write the repository")]

pub mod generate;
pub mod new;
pub mod tidy;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_owned)
}
