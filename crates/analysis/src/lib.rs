//! What follows from the facts: coverage, threats and cascades, risk, plan.
//!
//! Pure functions: the same input and seed give the same bytes, on any number of threads. Every number comes with
//! a `basis` in words that says whether it was declared, measured or assumed.

#![forbid(unsafe_code)]

mod facts;
pub mod gap;
mod held;
mod pattern;
pub mod risk;

pub use facts::{DetectionInForce, Facts, Inventory};
