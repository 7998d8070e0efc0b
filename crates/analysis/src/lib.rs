//! What follows from the facts: coverage, threats and cascades, risk, compliance, placement, plan.
//!
//! Pure functions: the same input and seed give the same bytes, on any number of threads. Every number comes with
//! a `basis` in words that says whether it was declared, measured or assumed.

#![forbid(unsafe_code)]

pub mod action;
pub mod cascade;
mod combination;
pub mod compliance;
mod factor;
mod facts;
pub mod forecast;
pub mod gap;
pub mod graph;
mod held;
mod pattern;
pub mod placement;
pub mod plan;
pub mod risk;
pub mod schedule;
pub mod technique;
pub mod threat;
pub mod vendor;

pub use facts::{Brought, DetectionInForce, DrillProof, Facts, Inventory, Supposed, VendorAnswer};
pub use graph::ThreatGraph;
