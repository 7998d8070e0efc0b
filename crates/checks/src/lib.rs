//! Passive rules: pure functions of what parsers saw. No network, no disk, no clock.
//!
//! To add a check: one file with documentation, metadata and code, one line in the list of its family, fixtures.

#![forbid(unsafe_code)]

pub mod access;
pub mod agent;
pub mod artifact;
mod check;
mod clouds;
pub mod code;
pub mod config;
pub mod dataset;
pub mod declaration;
pub mod dependency;
pub mod imported;
mod inventory;
mod literal;
mod look;
pub mod notebook;
mod owner;
pub mod provenance;
mod run;
pub mod secret;

pub use check::{Check, Estate, Report, Subject};
pub use clouds::Clouds;
pub use inventory::{File, Inventory};
pub use look::Look;
pub use run::{Looks, check_estate, check_file, merge};

/// The lists of checks, one per family, in the families' alphabetical order; each list is sorted by rule.
const FAMILIES: &[&[Check]] = &[
    access::CHECKS,
    agent::CHECKS,
    artifact::CHECKS,
    code::CHECKS,
    config::CHECKS,
    dataset::CHECKS,
    declaration::CHECKS,
    dependency::CHECKS,
    notebook::CHECKS,
    provenance::CHECKS,
    secret::CHECKS,
];

/// Every check.
pub fn all() -> impl Iterator<Item = &'static Check> {
    FAMILIES.iter().copied().flatten()
}
