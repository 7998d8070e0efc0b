//! Passive rules: pure functions of what parsers saw. No network, no disk, no clock.
//!
//! To add a check: one file with documentation, metadata and code, one line in the list of its family, fixtures.

#![forbid(unsafe_code)]

mod check;
mod inventory;
mod look;
mod run;

pub use check::{Check, Estate, Report, Subject};
pub use inventory::{File, Inventory};
pub use look::Look;
pub use run::{Looks, check_estate, check_file, merge};

/// The lists of checks, one per family, in the families' alphabetical order; each list is sorted by rule.
const FAMILIES: &[&[Check]] = &[];

/// Every check.
pub fn all() -> impl Iterator<Item = &'static Check> {
    FAMILIES.iter().copied().flatten()
}
