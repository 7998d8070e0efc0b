//! Who can reach or change an asset.

pub mod azure_local_authentication;
pub mod azure_public_network;
pub mod bucket_public;
pub mod compose_service_without_authentication;
pub mod dashboard_job_submission_open;
pub mod endpoint_without_authentication;
mod kubernetes_cluster_admin;
pub mod model_registry_open;
pub mod namespace_without_network_policy;
pub mod network_open_to_world;
pub mod notebook_server_without_token;
pub mod registry_public;
mod rights;
pub mod role_escalates_through_ml;
pub mod role_invokes_any_model;
pub mod role_overwrites_model;
pub mod role_passes_any_role;
pub mod role_trust_open;
pub mod role_wildcard;
mod service;
pub mod service_exposed_without_tls;
pub mod service_without_authentication;
pub mod torchserve_management_exposed;
pub mod vector_store_open;
pub mod vector_store_public;
pub mod vector_store_without_access_control;
pub mod vertex_public_endpoint;

use crate::Check;

/// The checks of this family, by rule.
pub const CHECKS: &[Check] = &[
    azure_local_authentication::CHECK,
    azure_public_network::CHECK,
    bucket_public::CHECK,
    compose_service_without_authentication::CHECK,
    dashboard_job_submission_open::CHECK,
    endpoint_without_authentication::CHECK,
    kubernetes_cluster_admin::CHECK,
    model_registry_open::CHECK,
    namespace_without_network_policy::CHECK,
    network_open_to_world::CHECK,
    notebook_server_without_token::CHECK,
    registry_public::CHECK,
    role_escalates_through_ml::CHECK,
    role_invokes_any_model::CHECK,
    role_overwrites_model::CHECK,
    role_passes_any_role::CHECK,
    role_trust_open::CHECK,
    role_wildcard::CHECK,
    service_exposed_without_tls::CHECK,
    service_without_authentication::CHECK,
    torchserve_management_exposed::CHECK,
    vector_store_open::CHECK,
    vector_store_public::CHECK,
    vector_store_without_access_control::CHECK,
    vertex_public_endpoint::CHECK,
];
