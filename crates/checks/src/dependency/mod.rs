//! Packages: where they come from, and whether tomorrow's are today's.

mod direct_url;
mod extra_index;
mod known;
mod typosquat;
mod unpinned;
mod without_hash;

use crate::Check;

/// Checks of requirements and project files, sorted by rule.
pub const CHECKS: &[Check] =
    &[direct_url::CHECK, extra_index::CHECK, typosquat::CHECK, unpinned::CHECK, without_hash::CHECK];
