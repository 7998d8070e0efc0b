//! Manifests, images and infrastructure code.

pub mod bedrock_logging_off;
pub mod bucket_unencrypted;
pub mod bucket_unversioned;
pub mod ci_agent_on_untrusted_text;
pub mod ci_excessive_permissions;
pub mod ci_privileged_container;
pub mod ci_remote_script;
pub mod ci_script_injection;
pub mod ci_self_hosted_on_pull_request;
pub mod ci_unpinned_action;
pub mod ci_untrusted_checkout;
pub mod cloud_secret_in_start_script;
pub mod compose_privileged;
pub mod container_remote_script;
pub mod container_runs_as_root;
pub mod container_secret_in_build;
pub mod container_unpinned_image;
pub mod endpoint_unencrypted;
pub mod endpoint_without_capture;
pub mod knowledge_base_unencrypted;
pub mod kubernetes_host_path;
pub mod kubernetes_no_limits;
pub mod kubernetes_privileged;
pub mod kubernetes_secret_in_env;
pub mod model_image_foreign;
pub mod model_image_unpinned;
pub mod notebook_direct_internet;
pub mod notebook_root_access;
pub mod notebook_unencrypted;
pub mod registry_mutable_tags;
pub mod registry_without_scan;
mod served;
pub mod serving_default_credential;
pub mod serving_model_unpinned;
pub mod serving_remote_code_trusted;
pub mod torchserve_any_source;
pub mod training_traffic_unencrypted;
pub mod training_without_isolation;
pub mod vector_store_unencrypted;
pub mod vertex_without_own_key;

use crate::Check;

/// The checks of this family, by rule.
pub const CHECKS: &[Check] = &[
    bedrock_logging_off::CHECK,
    bucket_unencrypted::CHECK,
    bucket_unversioned::CHECK,
    ci_agent_on_untrusted_text::CHECK,
    ci_excessive_permissions::CHECK,
    ci_privileged_container::CHECK,
    ci_remote_script::CHECK,
    ci_script_injection::CHECK,
    ci_self_hosted_on_pull_request::CHECK,
    ci_unpinned_action::CHECK,
    ci_untrusted_checkout::CHECK,
    cloud_secret_in_start_script::CHECK,
    compose_privileged::CHECK,
    container_remote_script::CHECK,
    container_runs_as_root::CHECK,
    container_secret_in_build::CHECK,
    container_unpinned_image::CHECK,
    endpoint_unencrypted::CHECK,
    endpoint_without_capture::CHECK,
    knowledge_base_unencrypted::CHECK,
    kubernetes_host_path::CHECK,
    kubernetes_no_limits::CHECK,
    kubernetes_privileged::CHECK,
    kubernetes_secret_in_env::CHECK,
    model_image_foreign::CHECK,
    model_image_unpinned::CHECK,
    notebook_direct_internet::CHECK,
    notebook_root_access::CHECK,
    notebook_unencrypted::CHECK,
    registry_mutable_tags::CHECK,
    registry_without_scan::CHECK,
    serving_default_credential::CHECK,
    serving_model_unpinned::CHECK,
    serving_remote_code_trusted::CHECK,
    torchserve_any_source::CHECK,
    training_traffic_unencrypted::CHECK,
    training_without_isolation::CHECK,
    vector_store_unencrypted::CHECK,
    vertex_without_own_key::CHECK,
];
