//! Ensembles of decision trees: one structure for every library, and what can be proven about it.
//!
//! [`Ensemble`] is built from ONNX, XGBoost, LightGBM or scikit-learn; [`TreeTarget`] attacks it like any other model;
//! [`verify`] finds the smallest change that makes it wrong, with a bound from below that no example contradicts.

mod cells;
mod ensemble;
mod leaf_tuple;
mod search;
mod sources;
mod target;
mod verify;

pub(crate) use ensemble::{Aggregate, Builder};
pub use ensemble::{Ensemble, EnsembleError};
pub use leaf_tuple::attack as leaf_tuple;
pub use sources::{from_lightgbm, from_onnx, from_sklearn, from_xgboost};
pub use target::{Link, TreeTarget};
pub use verify::{Question, Verdict, VerifyError, verify, verify_all};
