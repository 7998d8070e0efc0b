//! Data sets: labels, people, splits.

mod label_anomaly;
mod neighbours;
pub(crate) mod personal;
mod personal_data;
mod train_test_overlap;

use crate::Check;

/// Checks of tables, sorted by rule.
pub const CHECKS: &[Check] = &[label_anomaly::CHECK, personal_data::CHECK, train_test_overlap::CHECK];
