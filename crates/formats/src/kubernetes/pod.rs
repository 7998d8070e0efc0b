//! Pods: containers, volumes and security settings, wherever a resource keeps them.

use std::collections::BTreeMap;

use super::texts;
use crate::yaml::Node;

/// What a workload starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// Place in the object, `spec.template.spec`.
    pub path: String,
    /// One-based line.
    pub line: u32,
    /// Labels that policies and services select by.
    pub labels: BTreeMap<String, String>,
    /// Service account, if it names one.
    pub service_account: Option<String>,
    /// Which of `hostIPC`, `hostNetwork`, `hostPID` are on, with their lines.
    pub host_namespaces: Vec<(&'static str, u32)>,
    /// Security context of the pod.
    pub security: Node,
    /// Containers, init containers among them.
    pub containers: Vec<Container>,
    /// Volumes.
    pub volumes: Vec<Volume>,
}

/// One container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Name.
    pub name: String,
    /// One-based line.
    pub line: u32,
    /// Whether it runs before the others.
    pub init: bool,
    /// Image as written; empty where the platform chooses one.
    pub image: String,
    /// One-based line of the image.
    pub image_line: u32,
    /// Entry point and arguments in one, each with its line.
    pub command: Vec<(String, u32)>,
    /// Environment.
    pub env: Vec<Env>,
    /// Security context of the container.
    pub security: Node,
    /// Whether CPU is limited.
    pub limits_cpu: bool,
    /// Whether memory is limited.
    pub limits_memory: bool,
    /// Whether it asks for a GPU.
    pub gpu: bool,
    /// Ports it listens on.
    pub ports: Vec<i64>,
}

/// A variable of the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Env {
    /// Name.
    pub name: String,
    /// Literal value; `None` if it comes from elsewhere.
    pub value: Option<String>,
    /// One-based line of the value, or of the name without one.
    pub line: u32,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Name.
    pub name: String,
    /// Path on the node, for `hostPath` volumes.
    pub host_path: Option<String>,
    /// Name of a persistent volume claim.
    pub claim: Option<String>,
    /// One-based line, of the path where there is one.
    pub line: u32,
}

/// Resources with pods at fixed places; the last part is the pod's spec.
const PLACES: &[(&str, &[&str])] = &[
    ("ClusterServingRuntime", &["spec"]),
    ("CronJob", &["spec.jobTemplate.spec.template.spec"]),
    ("DaemonSet", &["spec.template.spec"]),
    ("Deployment", &["spec.template.spec"]),
    ("Experiment", &["spec.trialTemplate.trialSpec.spec.template.spec"]),
    ("InferenceService", &["spec.predictor", "spec.transformer", "spec.explainer"]),
    ("Job", &["spec.template.spec"]),
    (
        "LeaderWorkerSet",
        &["spec.leaderWorkerTemplate.leaderTemplate.spec", "spec.leaderWorkerTemplate.workerTemplate.spec"],
    ),
    ("LLMInferenceService", &["spec.template"]),
    ("Notebook", &["spec.template.spec"]),
    ("Pod", &["spec"]),
    ("RayCluster", &["spec.headGroupSpec.template.spec"]),
    ("RayJob", &["spec.rayClusterSpec.headGroupSpec.template.spec"]),
    ("RayService", &["spec.rayClusterConfig.headGroupSpec.template.spec"]),
    ("ReplicaSet", &["spec.template.spec"]),
    ("Rollout", &["spec.template.spec"]),
    ("Service", &["spec.template.spec"]),
    ("ServingRuntime", &["spec"]),
    ("StatefulSet", &["spec.template.spec"]),
    ("Workspace", &["inference.template.spec", "tuning.template.spec"]),
];

/// Resources with lists of pods: where the list is, and the pod's spec in each of its items.
const LISTS: &[(&str, &str, &str)] = &[
    ("Job", "spec.tasks", "template.spec"),
    ("JobSet", "spec.replicatedJobs", "template.spec.template.spec"),
    ("RayCluster", "spec.workerGroupSpecs", "template.spec"),
    ("RayJob", "spec.rayClusterSpec.workerGroupSpecs", "template.spec"),
    ("RayService", "spec.rayClusterConfig.workerGroupSpecs", "template.spec"),
];

/// Resources with the templates of Argo Workflows, and where.
const WORKFLOWS: &[(&str, &str)] = &[
    ("ClusterWorkflowTemplate", "spec.templates"),
    ("CronWorkflow", "spec.workflowSpec.templates"),
    ("Workflow", "spec.templates"),
    ("WorkflowTemplate", "spec.templates"),
];

/// Kinds of training jobs, whose pods stand under `spec.<framework>ReplicaSpecs.<role>`.
const TRAINING: &[&str] = &["JAXJob", "MPIJob", "PaddleJob", "PyTorchJob", "TFJob", "XGBoostJob"];

pub(super) fn pods_of(kind: &str, root: &Node) -> Vec<Pod> {
    let mut pods = Vec::new();
    for path in PLACES.iter().filter(|(known, _)| *known == kind).flat_map(|(_, paths)| *paths) {
        add(&mut pods, root.at(path), labels_beside(root, path), (*path).to_owned());
    }
    for (_, list, below) in LISTS.iter().filter(|(known, ..)| *known == kind) {
        for (at, item) in root.at(list).items().iter().enumerate() {
            let template = below.strip_suffix(".spec").unwrap_or(below);
            let labels = texts(item.at(template).at("metadata.labels"));
            add(&mut pods, item.at(below), labels, format!("{list}[{at}].{below}"));
        }
    }
    for (_, list) in WORKFLOWS.iter().filter(|(known, _)| *known == kind) {
        let above = list.strip_suffix(".templates").unwrap_or(list);
        let account = root.at(above).get("serviceAccountName").text().map(str::to_owned);
        for (at, template) in root.at(list).items().iter().enumerate() {
            let before = pods.len();
            workflow(&mut pods, template, format!("{list}[{at}]"));
            for pod in pods.iter_mut().skip(before).filter(|pod| pod.service_account.is_none()) {
                pod.service_account.clone_from(&account);
            }
        }
    }
    if matches!(kind, "SparkApplication" | "ScheduledSparkApplication") {
        spark(&mut pods, root, if kind == "SparkApplication" { "spec" } else { "spec.template" });
    }
    if kind == "NIMService" {
        nim(&mut pods, root);
    }
    if TRAINING.contains(&kind) {
        for replicas in root.get("spec").entries().iter().filter(|entry| entry.key.ends_with("ReplicaSpecs"))
        {
            for role in replicas.node.entries() {
                let template = role.node.get("template");
                let path = format!("spec.{}.{}.template.spec", replicas.key, role.key);
                add(&mut pods, template.get("spec"), texts(template.at("metadata.labels")), path);
            }
        }
    }
    if kind == "SeldonDeployment" {
        for (at, predictor) in root.at("spec.predictors").items().iter().enumerate() {
            for (index, component) in predictor.get("componentSpecs").items().iter().enumerate() {
                let path = format!("spec.predictors[{at}].componentSpecs[{index}].spec");
                add(&mut pods, component.get("spec"), texts(component.at("metadata.labels")), path);
            }
        }
    }
    pods
}

/// A template of Argo Workflows: a container, a script or a set of containers.
fn workflow(pods: &mut Vec<Pod>, template: &Node, path: String) {
    let mut containers: Vec<Container> = Vec::new();
    for key in ["container", "script"] {
        let node = template.get(key);
        if node.is_map() {
            let mut read = container(node, false);
            if let Some(source) = node.get("source").text() {
                read.command.push((source.to_owned(), node.get("source").line));
            }
            containers.push(read);
        }
    }
    containers
        .extend(template.at("containerSet.containers").items().iter().map(|node| container(node, false)));
    if containers.is_empty() {
        return;
    }
    add(pods, template, texts(template.at("metadata.labels")), path);
    if let Some(pod) = pods.last_mut() {
        pod.containers = containers;
    }
}

/// Driver and executors of a Spark application; both have the application's image unless they name their own.
fn spark(pods: &mut Vec<Pod>, root: &Node, path: &str) {
    let spec = root.at(path);
    let image = spec.get("image");
    for role in ["driver", "executor"] {
        let node = spec.get(role);
        if !node.is_map() {
            continue;
        }
        let mut read = container(node, false);
        if read.image.is_empty() {
            read.image = image.text_or_empty().to_owned();
            read.image_line = image.line;
        }
        role.clone_into(&mut read.name);
        read.limits_cpu |= !node.get("cores").is_null();
        read.limits_memory |= !node.get("memory").is_null();
        if role == "driver" {
            let file = spec.get("mainApplicationFile");
            read.command.extend(file.text().map(|text| (text.to_owned(), file.line)));
        }
        add(pods, node, texts(node.get("labels")), format!("{path}.{role}"));
        if let Some(pod) = pods.last_mut() {
            pod.containers = vec![read];
        }
    }
}

/// NVIDIA's NIM operator: repository and tag of the image stand apart.
fn nim(pods: &mut Vec<Pod>, root: &Node) {
    let spec = root.get("spec");
    let image = spec.get("image");
    let mut read = container(spec, false);
    let (repository, tag) = (image.get("repository"), image.get("tag").text().unwrap_or("latest"));
    read.image = format!("{}:{tag}", repository.text_or_empty());
    read.image_line = repository.line;
    "nim".clone_into(&mut read.name);
    add(pods, spec, texts(spec.get("labels")), "spec".to_owned());
    if let Some(pod) = pods.last_mut() {
        pod.containers = vec![read];
    }
}

/// Labels of the pods: of the template, or of the object where it is the pod itself.
fn labels_beside(root: &Node, path: &str) -> BTreeMap<String, String> {
    match path.strip_suffix(".spec") {
        Some(template) => texts(root.at(template).at("metadata.labels")),
        None => texts(root.at("metadata.labels")),
    }
}

fn add(pods: &mut Vec<Pod>, spec: &Node, labels: BTreeMap<String, String>, path: String) {
    if !spec.is_map() {
        return;
    }
    let mut containers = Vec::new();
    for (key, init) in [("initContainers", true), ("containers", false)] {
        containers.extend(spec.get(key).items().iter().map(|node| container(node, init)));
    }
    // KServe: the runtime's image is the platform's, but limits and environment are the owner's.
    let model = spec.get("model");
    if model.is_map() {
        let mut model = container(model, false);
        if model.name.is_empty() {
            model.name = "model".to_owned();
        }
        containers.push(model);
    }
    pods.push(Pod {
        line: spec.line,
        labels,
        service_account: spec
            .get("serviceAccountName")
            .text()
            .or_else(|| spec.get("serviceAccount").text())
            .map(str::to_owned),
        host_namespaces: ["hostIPC", "hostNetwork", "hostPID"]
            .into_iter()
            .filter_map(|key| {
                spec.entry(key).filter(|entry| entry.node.is_true()).map(|entry| (key, entry.line))
            })
            .collect(),
        security: spec.get("securityContext").clone(),
        containers,
        volumes: spec.get("volumes").items().iter().map(volume).collect(),
        path,
    });
}

fn container(node: &Node, init: bool) -> Container {
    let image = node.get("image");
    let words = |key: &str| -> Vec<(String, u32)> {
        node.get(key).items().iter().map(|item| (item.text_or_empty().to_owned(), item.line)).collect()
    };
    let limits = node.at("resources.limits");
    Container {
        name: node.get("name").text_or_empty().to_owned(),
        line: node.line,
        init,
        image: image.text_or_empty().to_owned(),
        image_line: if image.line > 0 { image.line } else { node.line },
        command: words("command").into_iter().chain(words("args")).collect(),
        env: node
            .get("env")
            .items()
            .iter()
            .map(|item| {
                let value = item.get("value");
                Env {
                    name: item.get("name").text_or_empty().to_owned(),
                    value: value.text().map(str::to_owned),
                    line: if value.line > 0 { value.line } else { item.line },
                }
            })
            .collect(),
        security: node.get("securityContext").clone(),
        limits_cpu: !limits.get("cpu").is_null(),
        limits_memory: !limits.get("memory").is_null(),
        gpu: limits.entries().iter().any(|entry| entry.key.ends_with("/gpu") || entry.key.contains("/mig-")),
        ports: node
            .get("ports")
            .items()
            .iter()
            .filter_map(|port| port.get("containerPort").integer())
            .collect(),
    }
}

fn volume(node: &Node) -> Volume {
    let path = node.at("hostPath.path");
    Volume {
        name: node.get("name").text_or_empty().to_owned(),
        host_path: path.text().map(str::to_owned),
        claim: node.at("persistentVolumeClaim.claimName").text().map(str::to_owned),
        line: node.entry("hostPath").map_or(node.line, |entry| entry.line),
    }
}
