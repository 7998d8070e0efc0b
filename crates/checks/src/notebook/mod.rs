//! Notebooks: what their cells install and what their saved outputs give away.

mod install_from_url;
mod personal_data_in_output;
mod secret_in_output;

use crate::Check;

/// Checks of notebooks, sorted by rule.
pub const CHECKS: &[Check] =
    &[install_from_url::CHECK, personal_data_in_output::CHECK, secret_in_output::CHECK];
