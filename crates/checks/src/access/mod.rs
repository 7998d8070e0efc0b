//! Who can reach or change an asset.

pub mod bucket_public;
pub mod endpoint_without_authentication;
pub mod namespace_without_network_policy;
pub mod notebook_server_without_token;
pub mod role_wildcard;

use crate::Check;

/// The checks of this family, by rule.
pub const CHECKS: &[Check] = &[
    bucket_public::CHECK,
    endpoint_without_authentication::CHECK,
    namespace_without_network_policy::CHECK,
    notebook_server_without_token::CHECK,
    role_wildcard::CHECK,
];
