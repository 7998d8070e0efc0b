//! Packages: where they come from, and whether tomorrow's are today's.

mod confusion;
mod direct_url;
mod extra_index;
mod foreign_address;
mod index_credential;
mod install_script;
mod lock_mismatch;
mod malicious;
mod off_registry;
mod packages;
mod place;
mod plain_http;
mod range;
mod replaced;
mod tls_verification_off;
mod typosquat;
mod unpinned;
mod vulnerable;
mod without_hash;

use crate::Check;

/// Checks of requirements, manifests, locks, settings of installers and of what is published about packages, sorted by rule.
pub const CHECKS: &[Check] = &[
    confusion::CHECK,
    direct_url::CHECK,
    extra_index::CHECK,
    foreign_address::CHECK,
    index_credential::CHECK,
    install_script::CHECK,
    lock_mismatch::CHECK,
    malicious::CHECK,
    off_registry::CHECK,
    plain_http::CHECK,
    replaced::CHECK,
    tls_verification_off::CHECK,
    typosquat::CHECK,
    unpinned::CHECK,
    vulnerable::CHECK,
    without_hash::CHECK,
];
