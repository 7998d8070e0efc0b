//! Source code that loads, fetches or calls in a way that lets others in.

mod call;
mod remote_code_trusted;
mod tls_verification_off;
mod unpinned_model;
mod unsafe_load;

use crate::Check;

/// Checks of Python source and of the code cells of notebooks, sorted by rule.
pub const CHECKS: &[Check] =
    &[remote_code_trusted::CHECK, tls_verification_off::CHECK, unpinned_model::CHECK, unsafe_load::CHECK];
