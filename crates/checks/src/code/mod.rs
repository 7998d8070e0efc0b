//! Source code that loads, fetches, serves or calls in a way that lets others in.

mod call;
mod endpoint_without_authentication;
mod model_endpoint_without_tls;
mod remote_code_trusted;
mod remote_script;
mod script_key_in_browser;
mod server_debugger;
mod server_shared;
mod tls_verification_off;
mod unpinned_model;
mod unsafe_load;

use crate::Check;

/// Checks of source code and of the code cells of notebooks, sorted by rule.
pub const CHECKS: &[Check] = &[
    endpoint_without_authentication::CHECK,
    model_endpoint_without_tls::CHECK,
    remote_code_trusted::CHECK,
    remote_script::CHECK,
    script_key_in_browser::CHECK,
    server_debugger::CHECK,
    server_shared::CHECK,
    tls_verification_off::CHECK,
    unpinned_model::CHECK,
    unsafe_load::CHECK,
];
