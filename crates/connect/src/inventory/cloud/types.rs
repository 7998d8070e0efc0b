//! Types of resources that become assets.

use vauban_domain::{AssetKind, Layer};

/// What a type of resource becomes.
pub(super) struct Type {
    /// Its name in Terraform's words.
    name: &'static str,
    /// Kind of the asset.
    pub(super) kind: AssetKind,
    /// Component of MAESTRO.
    pub(super) component: &'static str,
    /// Layer of MAESTRO.
    pub(super) layer: Layer,
    /// Whether it is about models: what it points at is part of the estate as well.
    pub(super) workload: bool,
}

const fn new(
    name: &'static str,
    kind: AssetKind,
    component: &'static str,
    layer: Layer,
    workload: bool,
) -> Type {
    Type { name, kind, component, layer, workload }
}

use AssetKind::{Agent, Dataset, Endpoint, Identity, Infrastructure, Model, Pipeline};
use Layer::{AgentFrameworks, DataOperations, Deployment, Ecosystem, FoundationModels, Security};

/// By name.
#[rustfmt::skip]
const TYPES: &[Type] = &[
    new("aws_bedrock_custom_model", Model, "model", FoundationModels, true),
    new("aws_bedrock_guardrail", Infrastructure, "guardrail", AgentFrameworks, true),
    new("aws_bedrock_inference_profile", Endpoint, "inference_endpoint", FoundationModels, true),
    new("aws_bedrock_provisioned_model_throughput", Endpoint, "inference_endpoint", FoundationModels, true),
    new("aws_bedrockagent_agent", Agent, "agent", Ecosystem, true),
    new("aws_bedrockagent_knowledge_base", Infrastructure, "rag_pipeline", DataOperations, true),
    new("aws_ecr_repository", Infrastructure, "registry", Deployment, false),
    new("aws_eks_cluster", Infrastructure, "orchestrator", Deployment, false),
    new("aws_iam_role", Identity, "service_identity", Security, false),
    new("aws_iam_user", Identity, "service_identity", Security, false),
    new("aws_instance", Infrastructure, "gpu", Deployment, true),
    new("aws_kms_key", Infrastructure, "secret_store", Deployment, false),
    new("aws_opensearch_domain", Infrastructure, "vector_store", DataOperations, true),
    new("aws_opensearchserverless_collection", Infrastructure, "vector_store", DataOperations, true),
    new("aws_s3_bucket", Infrastructure, "object_store", DataOperations, false),
    new("aws_sagemaker_domain", Infrastructure, "container", Deployment, true),
    new("aws_sagemaker_endpoint", Endpoint, "inference_endpoint", FoundationModels, true),
    new("aws_sagemaker_feature_group", Dataset, "feature_store", DataOperations, true),
    new("aws_sagemaker_model", Model, "model", FoundationModels, true),
    new("aws_sagemaker_model_package", Model, "model", FoundationModels, true),
    new("aws_sagemaker_model_package_group", Infrastructure, "model_registry", FoundationModels, true),
    new("aws_sagemaker_notebook_instance", Infrastructure, "container", Deployment, true),
    new("aws_sagemaker_pipeline", Pipeline, "training_pipeline", FoundationModels, true),
    new("aws_sagemaker_processing_job", Pipeline, "data_pipeline", DataOperations, true),
    new("aws_sagemaker_training_job", Pipeline, "training_pipeline", FoundationModels, true),
    new("aws_security_group", Infrastructure, "network", Deployment, false),
    new("azurerm_cognitive_account", Endpoint, "inference_endpoint", FoundationModels, true),
    new("azurerm_cognitive_deployment", Model, "model", FoundationModels, true),
    new("azurerm_container_registry", Infrastructure, "registry", Deployment, false),
    new("azurerm_machine_learning_compute", Infrastructure, "container", Deployment, true),
    new("azurerm_machine_learning_compute_cluster", Infrastructure, "container", Deployment, true),
    new("azurerm_machine_learning_compute_instance", Infrastructure, "container", Deployment, true),
    new("azurerm_machine_learning_online_endpoint", Endpoint, "inference_endpoint", FoundationModels, true),
    new("azurerm_machine_learning_workspace", Infrastructure, "cloud_account", Deployment, true),
    new("azurerm_search_service", Infrastructure, "vector_store", DataOperations, true),
    new("azurerm_storage_account", Infrastructure, "object_store", DataOperations, false),
    new("azurerm_storage_container", Infrastructure, "object_store", DataOperations, false),
    new("azurerm_user_assigned_identity", Identity, "service_identity", Security, false),
    new("google_artifact_registry_repository", Infrastructure, "registry", Deployment, false),
    new("google_colab_runtime", Infrastructure, "container", Deployment, true),
    new("google_notebooks_instance", Infrastructure, "container", Deployment, true),
    new("google_service_account", Identity, "service_identity", Security, false),
    new("google_storage_bucket", Infrastructure, "object_store", DataOperations, false),
    new("google_vertex_ai_custom_job", Pipeline, "training_pipeline", FoundationModels, true),
    new("google_vertex_ai_dataset", Dataset, "dataset", DataOperations, true),
    new("google_vertex_ai_endpoint", Endpoint, "inference_endpoint", FoundationModels, true),
    new("google_vertex_ai_featurestore", Dataset, "feature_store", DataOperations, true),
    new("google_vertex_ai_index", Infrastructure, "vector_store", DataOperations, true),
    new("google_vertex_ai_index_endpoint", Endpoint, "inference_endpoint", DataOperations, true),
    new("google_vertex_ai_model", Model, "model", FoundationModels, true),
    new("google_workbench_instance", Infrastructure, "container", Deployment, true),
];

/// The type called `name`, if it becomes an asset.
pub(super) fn type_of(name: &str) -> Option<&'static Type> {
    TYPES.binary_search_by(|known| known.name.cmp(name)).ok().and_then(|at| TYPES.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TYPES.is_sorted_by(|one, other| one.name < other.name));
    }
}
