//! Attacks on models: evasion and extraction, always with a budget and a seed.
//!
//! Nothing here opens a socket or waits: an attack speaks to a [`target`], whose type says what the attacker may
//! see. The same seed gives the same bytes for any number of threads.

#![deny(unsafe_code)]

pub mod evasion;
pub mod network;
mod onnx_target;
mod samples;
pub mod target;
pub mod wrapper;

pub use network::LoadError;
pub use onnx_target::{OnnxTarget, load};
pub use samples::{Samples, SamplesError};
