//! Manifests, images and infrastructure code.

pub mod bucket_unencrypted;
pub mod container_remote_script;
pub mod container_runs_as_root;
pub mod container_secret_in_build;
pub mod container_unpinned_image;
pub mod kubernetes_host_path;
pub mod kubernetes_no_limits;
pub mod kubernetes_privileged;
pub mod kubernetes_secret_in_env;

use crate::Check;

/// The checks of this family, by rule.
pub const CHECKS: &[Check] = &[
    bucket_unencrypted::CHECK,
    container_remote_script::CHECK,
    container_runs_as_root::CHECK,
    container_secret_in_build::CHECK,
    container_unpinned_image::CHECK,
    kubernetes_host_path::CHECK,
    kubernetes_no_limits::CHECK,
    kubernetes_privileged::CHECK,
    kubernetes_secret_in_env::CHECK,
];
