//! What follows from the facts: coverage, threats and cascades, risk, plan.
//!
//! Pure functions: the same input and seed give the same bytes, on any number of threads. Every number comes with
//! a `basis` in words that says whether it was declared, measured or assumed.

#![forbid(unsafe_code)]

pub mod risk;
