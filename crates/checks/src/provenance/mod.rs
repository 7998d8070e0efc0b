//! Where models and data come from, and whether they still are what was recorded.

mod dataset_without_provenance;
mod digest_mismatch;
mod licence_conflict;
mod licence_missing;
mod licence_non_commercial;
mod licence_use_restricted;
mod licences;
mod model_unsigned;
mod model_without_provenance;
mod origin;
mod records;
mod registry;
mod registry_keeps_secrets;
mod registry_production_unapproved;
mod registry_source_outside;
mod registry_version_without_run;
mod store_remote_without_tls;

use crate::Check;

/// Checks of the estate, sorted by rule.
pub const CHECKS: &[Check] = &[
    dataset_without_provenance::CHECK,
    licence_conflict::CHECK,
    licence_missing::CHECK,
    licence_non_commercial::CHECK,
    licence_use_restricted::CHECK,
    model_unsigned::CHECK,
    model_without_provenance::CHECK,
    digest_mismatch::CHECK,
    registry_keeps_secrets::CHECK,
    registry_production_unapproved::CHECK,
    registry_source_outside::CHECK,
    registry_version_without_run::CHECK,
    store_remote_without_tls::CHECK,
];
