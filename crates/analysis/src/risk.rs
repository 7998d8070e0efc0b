//! Money at risk in the terms of FAIR: how often, times how much, as a distribution.

mod assessment;
mod lognormal;
mod normal;
mod poisson;
mod random;
mod simulation;

pub use assessment::{TRIALS, assess};
pub use lognormal::Lognormal;
pub use simulation::{AnnualLoss, LossInput, MOST_TRIALS, Simulation, simulate};
