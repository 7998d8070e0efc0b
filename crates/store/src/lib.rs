//! Reviews kept over time, in SQLite or PostgreSQL: the only crate that speaks SQL.
//!
//! The cache of scans lies beside it, in a folder of files and without SQL.
//!
//! A review is written in one transaction, so that one that is cut off leaves the last one whole. The interface
//! blocks; do not call it from inside an asynchronous runtime.

#![forbid(unsafe_code)]

mod acceptance;
mod blob;
mod cache;
mod connection;
mod error;
mod history;
mod location;
mod migration;
mod read;
mod rows;
mod save;
mod signature;

pub use acceptance::StoredAcceptance;
pub use cache::Cache;
pub use connection::Store;
pub use error::StoreError;
pub use location::StoreLocation;
pub use read::ReviewRow;
pub use save::Saved;
