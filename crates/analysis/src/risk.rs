//! Money at risk in the terms of FAIR: how often, times how much, as a distribution.

mod appetite;
mod assessment;
mod gamma;
mod lognormal;
mod magnitude;
mod normal;
mod pert;
mod poisson;
mod random;
mod returns;
mod sampler;
mod simulation;
mod tornado;
mod uncertainty;

pub use assessment::{TRIALS, assess};
pub use lognormal::Lognormal;
pub use magnitude::Magnitude;
pub(crate) use magnitude::{LossRecord, learn as learn_losses};
pub use pert::Pert;
pub use returns::returns;
pub use simulation::{AnnualLoss, LossInput, MOST_TRIALS, Simulation, simulate};
