//! Controls of a served model, put in front of it and attacked: what each buys, and what it costs honest users.

mod detect;
mod noise;
mod preprocess;
mod target;
mod trial;
mod utility;

pub use detect::{Validation, ValidationError};
pub use noise::{OutputNoise, OutputNoiseError};
pub use preprocess::Preprocess;
pub use target::{Averaged, Defence, Defended};
pub use trial::{ControlTrial, Credit, Tried, candidates, trial};
pub use utility::Utility;
