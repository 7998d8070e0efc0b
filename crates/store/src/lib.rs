//! Reviews kept over time, in SQLite or PostgreSQL: the only crate that speaks SQL.
//!
//! A review is written in one transaction, so that one that is cut off leaves the last one whole. The interface
//! blocks; do not call it from inside an asynchronous runtime.

#![forbid(unsafe_code)]

mod acceptance;
mod blob;
mod connection;
mod diff;
mod error;
mod history;
mod location;
mod migration;
mod read;
mod rows;
mod save;

pub use acceptance::StoredAcceptance;
pub use connection::Store;
pub use diff::{AssetChange, DiffFinding, ReviewDiff};
pub use error::StoreError;
pub use location::StoreLocation;
pub use read::ReviewRow;
pub use save::Saved;
