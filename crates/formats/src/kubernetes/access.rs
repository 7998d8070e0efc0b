//! Who can reach a workload, as far as the objects of one file say.

use std::collections::BTreeMap;

use super::{Kubernetes, Object};
use crate::yaml::Node;

/// Parts of image names that serve models.
const SERVING_IMAGES: &[&str] = &[
    "bentoml",
    "kserve",
    "llama.cpp",
    "localai",
    "mlserver",
    "ollama",
    "ray-ml",
    "sglang",
    "tensorflow/serving",
    "text-embeddings-inference",
    "text-generation-inference",
    "torchserve",
    "tritonserver",
    "vllm",
];

/// Parts of image names of notebook servers.
const NOTEBOOK_IMAGES: &[&str] = &["jupyter", "kubeflow/notebook", "notebook-server", "notebooks/"];

/// Kinds that only ML platforms have.
const ML_KINDS: &[&str] = &[
    "InferenceGraph",
    "InferenceService",
    "JAXJob",
    "MPIJob",
    "Notebook",
    "PaddleJob",
    "PyTorchJob",
    "RayCluster",
    "RayJob",
    "RayService",
    "SeldonDeployment",
    "TFJob",
    "TrainedModel",
    "TrainJob",
    "XGBoostJob",
    "ClusterServingRuntime",
    "Experiment",
    "LLMInferenceService",
    "NIMService",
    "ScheduledSparkApplication",
    "ServingRuntime",
    "SparkApplication",
];

/// Kinds that run to an end: training, tuning, workflows.
const RUNS: &[&str] = &[
    "ClusterWorkflowTemplate",
    "CronWorkflow",
    "Experiment",
    "JAXJob",
    "JobSet",
    "MPIJob",
    "PaddleJob",
    "PyTorchJob",
    "RayJob",
    "ScheduledSparkApplication",
    "SparkApplication",
    "TFJob",
    "TrainJob",
    "Workflow",
    "WorkflowTemplate",
    "XGBoostJob",
];

/// Parts of images and names that say machine learning without saying what for.
const ML_WORDS: &[&str] = &[
    "/ml-",
    "-ml:",
    "cuda",
    "embedding",
    "inference",
    "mlflow",
    "model",
    "pytorch",
    "tensorflow",
    "training",
];

impl Object {
    /// Whether it answers requests with a model: an inference service, or a workload with a serving image.
    pub fn is_serving(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "InferenceGraph"
                | "InferenceService"
                | "LLMInferenceService"
                | "NIMService"
                | "RayService"
                | "SeldonDeployment"
                | "TrainedModel"
        ) || self.is_operated_model()
            || self.kind == "Workspace" && self.root.get("inference").is_map()
            || self.containers().any(|(_, container)| names(&container.image, SERVING_IMAGES))
    }

    /// Whether it is the `Model` of an operator that serves it (Seldon Core 2, KubeAI).
    fn is_operated_model(&self) -> bool {
        self.kind == "Model"
            && ["kubeai.org/", "mlops.seldon.io/"].iter().any(|group| self.api_version.starts_with(group))
    }

    /// Whether it trains, tunes or transforms and then ends: a training job, a workflow.
    pub fn is_run(&self) -> bool {
        RUNS.contains(&self.kind.as_str()) || self.kind == "Workspace" && self.root.get("tuning").is_map()
    }

    /// Whether it is a notebook server.
    pub fn is_notebook(&self) -> bool {
        self.kind == "Notebook"
            || self.containers().any(|(_, container)| {
                names(&container.image, NOTEBOOK_IMAGES)
                    || container
                        .command
                        .iter()
                        .any(|(word, _)| word.contains("jupyter") || word.contains("start-notebook"))
            })
    }

    /// Whether it trains, serves or explores models, by kind, image or the GPU it asks for.
    pub fn is_machine_learning(&self) -> bool {
        ML_KINDS.contains(&self.kind.as_str())
            || self.is_serving()
            || self.is_notebook()
            || (!self.pods.is_empty() && names(&self.name, ML_WORDS))
            || self.containers().any(|(_, container)| container.gpu || names(&container.image, ML_WORDS))
    }
}

fn names(text: &str, parts: &[&str]) -> bool {
    let text = text.to_lowercase();
    parts.iter().any(|part| text.contains(part))
}

impl Kubernetes {
    /// How callers of this workload prove who they are: `none`, `token`, `oidc` or `mtls`.
    ///
    /// Looks at annotations of the object and at policies, gateways and ingresses of the same file that select it.
    pub fn authentication_of(&self, object: &Object) -> &'static str {
        let on = |key: &str| object.annotations.get(key).is_some_and(|value| value == "true");
        if on("security.opendatahub.io/enable-auth") || on("serving.knative.openshift.io/enableAuth") {
            return "token";
        }
        for other in self.objects.iter().filter(|other| other.namespace == object.namespace) {
            match other.kind.as_str() {
                "RequestAuthentication" if self.has_rules(other) && selects(other, object, "selector") => {
                    return "oidc";
                }
                "AuthorizationPolicy"
                    if asks_who(other.root.get("spec")) && selects(other, object, "selector") =>
                {
                    return "mtls";
                }
                "AuthConfig" | "AuthPolicy" | "SecurityPolicy" | "SecurityToken" => return "oidc",
                "Ingress" | "HTTPRoute" if mentions(&other.root, &object.name) && asks_at_the_door(other) => {
                    return "oidc";
                }
                _ => {}
            }
        }
        let asks_itself = object.containers().any(|(_, container)| {
            container
                .command
                .iter()
                .any(|(word, _)| word.starts_with("--api-key") || word.starts_with("--api-keys"))
                || container
                    .env
                    .iter()
                    .any(|env| matches!(env.name.as_str(), "VLLM_API_KEY" | "API_KEY" | "LOCALAI_API_KEY"))
                || names(&container.image, &["oauth2-proxy", "kube-rbac-proxy", "ose-oauth-proxy"])
        });
        if asks_itself { "token" } else { "none" }
    }

    fn has_rules(&self, authentication: &Object) -> bool {
        !authentication.root.at("spec.jwtRules").items().is_empty()
    }

    /// Whether the objects of this file open it to the internet: `internet`, or `internal` where they keep it in.
    pub fn exposure_of(&self, object: &Object) -> Option<&'static str> {
        let visibility = object.labels.get("networking.knative.dev/visibility");
        if visibility.is_some_and(|value| value == "cluster-local") {
            return Some("internal");
        }
        let opened =
            self.objects.iter().filter(|other| other.namespace == object.namespace).any(|other| match other
                .kind
                .as_str()
            {
                "Ingress" | "HTTPRoute" | "Route" | "VirtualService" => mentions(&other.root, &object.name),
                "Service" => {
                    matches!(other.root.at("spec.type").text(), Some("LoadBalancer" | "NodePort"))
                        && object
                            .pods
                            .iter()
                            .any(|pod| matches_labels(other.root.at("spec.selector"), &pod.labels))
                }
                _ => false,
            });
        opened.then_some("internet")
    }

    /// Whether a network policy of this file selects the pods of this object.
    pub fn has_network_policy(&self, object: &Object) -> bool {
        self.objects.iter().any(|policy| policy.is_network_policy_for(object))
    }
}

impl Object {
    /// Whether it is a network policy that selects the pods of `other`.
    pub fn is_network_policy_for(&self, other: &Object) -> bool {
        let key = match self.kind.as_str() {
            "NetworkPolicy" => "podSelector",
            "CiliumNetworkPolicy" => "endpointSelector",
            _ => return false,
        };
        self.namespace == other.namespace && selects(self, other, key)
    }
}

/// Whether the selector under `spec.<key>` takes in the pods of `object`; no selector takes in all.
fn selects(policy: &Object, object: &Object, key: &str) -> bool {
    let selector = policy.root.get("spec").get(key);
    let wanted = selector.get("matchLabels");
    if !selector.get("matchExpressions").items().is_empty() && wanted.entries().is_empty() {
        // Expressions are not evaluated; a policy that is there counts for what may be selected.
        return true;
    }
    let named = |label: &str| {
        wanted.get(label).text() == Some(&object.name)
            || object.pods.iter().any(|pod| matches_labels(wanted, &pod.labels))
    };
    wanted.entries().is_empty()
        || object.pods.iter().any(|pod| matches_labels(wanted, &pod.labels))
        // Labels that the platform gives to the pods it makes.
        || (wanted.entries().len() == 1 && (named("serving.kserve.io/inferenceservice") || named("notebook-name")))
}

fn matches_labels(wanted: &Node, labels: &BTreeMap<String, String>) -> bool {
    !wanted.entries().is_empty()
        && wanted
            .entries()
            .iter()
            .all(|entry| labels.get(&entry.key).map(String::as_str) == entry.node.text())
}

/// Whether an authorisation policy demands a principal.
fn asks_who(spec: &Node) -> bool {
    let mut asks = false;
    spec.get("rules").visit_scalars(|path, node| {
        asks |= ["requestPrincipals", "principals", "serviceAccounts"].iter().any(|key| path.contains(key))
            && node.text() != Some("*");
    });
    asks
}

/// Whether an ingress sends strangers to a sign-in first.
fn asks_at_the_door(ingress: &Object) -> bool {
    ingress.annotations.keys().any(|key| {
        ["auth-url", "auth-type", "auth-tls-secret", "auth-signin", "forward-auth", "oidc"]
            .iter()
            .any(|part| key.contains(part))
    })
}

fn mentions(root: &Node, name: &str) -> bool {
    let mut found = false;
    root.get("spec").visit_scalars(|_, node| found |= node.text().is_some_and(|text| text.contains(name)));
    found && !name.is_empty()
}
