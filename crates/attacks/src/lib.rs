//! Attacks on models: evasion and extraction, always with a budget and a seed.
//!
//! Nothing here opens a socket or waits: an attack speaks to a [`target`], whose type says what the attacker may
//! see. The same seed gives the same bytes for any number of threads. To add an attack: one file in [`evasion`], one
//! line in its list.

#![deny(unsafe_code)]

pub mod attribute;
pub mod certify;
pub mod compare;
pub mod defence;
pub mod evasion;
pub mod extraction;
pub mod harden;
pub mod inversion;
pub mod membership;
pub mod network;
mod onnx_target;
pub mod rules;
mod samples;
pub mod sanity;
mod suite;
pub mod surrogate;
pub mod tabular;
pub mod target;
pub mod trees;
pub mod wrapper;

pub use network::LoadError;
pub use onnx_target::{OnnxTarget, load};
pub use samples::{Samples, SamplesError};
pub use suite::{
    AttackResult, Example, Progress, Proof, Scope, Standing, Suite, SuiteError, SuiteResult, evaluate, pick,
    share, suite,
};
