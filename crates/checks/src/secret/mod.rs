//! Credentials in the open: source, configuration, notes.

mod assignment;
mod connection_string;
mod credential;
mod password;
mod placeholder;
mod private_key;
pub(crate) mod scan;

pub(crate) use placeholder::is_placeholder;
pub(crate) use scan::masked;

use crate::Check;

/// Checks of any text, sorted by rule.
pub const CHECKS: &[Check] =
    &[connection_string::CHECK, credential::CHECK, password::CHECK, private_key::CHECK];
