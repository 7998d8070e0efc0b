//! What no attack can change: certificates for networks by bounds, and for any model by smoothing.

pub mod binomial;
mod chain;
mod network;
mod relax;
pub mod smoothing;
pub mod vnnlib;
mod vnnlib_attack;
mod windows;

pub use chain::CertifyError;
pub use network::{BoundedNetwork, Certified, Method};
