//! The flow: what happens when, within which bounds. Never what is dangerous.
//!
//! Source, asset, check and attack and detection, coverage, threat, risk, plan: [`review`] runs the stages that a
//! [`Request`] asks for and gives one [`vauban_domain::Review`].

#![forbid(unsafe_code)]

mod answers;
mod attack;
mod baseline;
mod beyond;
mod cache;
mod check;
mod data;
pub mod database;
mod declaration;
mod detection;
mod digest;
mod discover;
pub mod drill;
mod exercise;
mod files;
mod harden;
mod import;
mod items;
mod ledger;
mod listing;
mod live;
mod model;
mod progress;
mod property;
mod request;
mod review;
mod rules;
mod served;
mod threat_model;
mod watchdog;
mod what_if;

pub use attack::Examples;
pub use baseline::Baseline;
pub use cache::Cache;
pub use declaration::read as read_declaration;
pub use files::FileLimits;
pub use harden::{HardenRequest, HardenedModel, harden, try_controls};
pub use listing::Listing;
pub use progress::{Progress, Silent};
pub use property::decide_property;
pub use request::{DeclarationSource, DigestChoice, Live, Request, Source, Stages};
pub use review::{Reviewed, review, review_with};
pub use rules::rules;
pub use vauban_analysis::Supposed;
pub use vauban_analysis::schedule::Earlier;
pub use vauban_attacks::certify::vnnlib::Verdict as PropertyVerdict;
pub use vauban_attacks::evasion::ATTACKS;
pub use vauban_connect::live::Recorded;
pub use vauban_connect::{WalkOptions, stamp};
pub use what_if::{Change, what_if};

use anyhow::Context;

/// Uses this many threads for everything from now on; call it once, before any work.
///
/// # Errors
/// When threads were already started or the system refuses.
pub fn use_threads(threads: usize) -> anyhow::Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .with_context(|| format!("cannot use {threads} threads"))
}
