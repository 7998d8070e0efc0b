//! Kubernetes manifests: objects, the pods they make, and what those pods may do.
//!
//! Every document and every item of a `List` is an object. Pods are found in the built-in workloads, in KServe
//! inference services, Kubeflow notebooks and training jobs, Ray and Seldon resources.
//! <https://kubernetes.io/docs/reference/kubernetes-api/>

mod access;
mod pod;

use std::collections::BTreeMap;

use crate::search::holds;
use crate::serving::command::{self, Command, Named};
use crate::yaml::{self, Node};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

pub use pod::{Container, Env, Pod, Volume};

/// The format.
pub const FORMAT: Format =
    Format { name: "kubernetes", extensions: &["json", "yaml", "yml"], recognise, parse };

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kubernetes {
    /// In the order written.
    pub objects: Vec<Object>,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// `Deployment`.
    pub kind: String,
    /// `apps/v1`.
    pub api_version: String,
    /// Name; empty if it has none.
    pub name: String,
    /// Namespace; `default` if it names none.
    pub namespace: String,
    /// One-based line on which it starts.
    pub line: u32,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// The pods it makes, with their place in it.
    pub pods: Vec<Pod>,
    /// Everything, for what has no field here.
    pub root: Node,
}

impl Object {
    /// `Deployment/form-reader`, for people and evidence keys.
    pub fn title(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// `namespace/name`, unique for a kind.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// All containers of all its pods.
    pub fn containers(&self) -> impl Iterator<Item = (&Pod, &Container)> {
        self.pods.iter().flat_map(|pod| pod.containers.iter().map(move |container| (pod, container)))
    }

    /// Models that it names outside storage addresses: a preset, a command line, a variable, the image of a microservice.
    pub fn served(&self) -> Command {
        let words = self
            .containers()
            .flat_map(|(_, container)| container.command.iter().map(|(word, line)| (word.as_str(), *line)));
        let environment = self.containers().flat_map(|(_, container)| {
            container.env.iter().filter_map(|env| Some((env.name.as_str(), env.value.as_deref()?, env.line)))
        });
        let mut command = command::read(words, environment);
        for (path, prefix) in [("inference.preset.name", "kaito/"), ("tuning.preset.name", "kaito/")] {
            let node = self.root.at(path);
            if let (Some(name), "Workspace") = (node.text(), self.kind.as_str()) {
                let reference = format!("{prefix}{name}");
                command.models.push(Named { reference, revision: None, line: node.line });
            }
        }
        command
    }

    /// Where the model of an inference service lies (`storageUri`), with the line.
    pub fn storage_uris(&self) -> Vec<(&str, u32)> {
        let mut found = Vec::new();
        if matches!(
            self.kind.as_str(),
            "InferenceService" | "LLMInferenceService" | "Model" | "SeldonDeployment" | "TrainedModel"
        ) {
            self.root.get("spec").visit_scalars(|path, node| {
                let key = path.rsplit('.').next().unwrap_or(path);
                let own = matches!(self.kind.as_str(), "LLMInferenceService" | "Model");
                let address = matches!(key, "storageUri" | "modelUri" | "storageURI")
                    || own && matches!(path, "url" | "model.uri");
                if let (true, Some(text)) = (address, node.text()) {
                    found.push((text, node.line));
                }
            });
        }
        found
    }
}

/// The string entries of a map, `metadata.labels` and the like.
fn texts(node: &Node) -> BTreeMap<String, String> {
    node.entries()
        .iter()
        .filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned())))
        .collect()
}

/// A file in which some document has both keys at its first level.
fn recognise(input: &Input<'_>) -> Recognised {
    let extension = input.extension();
    if extension == "json" {
        return if is_dump(input.head(1 << 16)) { Recognised::ByShape } else { Recognised::No };
    }
    if !matches!(extension.as_str(), "yaml" | "yml") {
        return Recognised::No;
    }
    let head = String::from_utf8_lossy(input.head(1 << 16));
    let has = |key: &str| head.lines().any(|line| line.trim_start_matches('\u{feff}').starts_with(key));
    if has("apiVersion:") && has("kind:") { Recognised::ByShape } else { Recognised::No }
}

/// Whether it is what `kubectl get -o json` prints: an object with both keys, or a list of such.
fn is_dump(head: &[u8]) -> bool {
    let has = |key: &[u8]| holds(head, key);
    head.trim_ascii_start().starts_with(b"{")
        && has(b"\"apiVersion\"")
        && has(b"\"kind\"")
        && (has(b"\"metadata\"") || has(b"\"items\""))
}

fn parse(input: &Input<'_>) -> Parsed {
    // JSON is YAML.
    let read = yaml::read(input);
    let mut defects = read.defects;
    let mut objects = Vec::new();
    for document in read.documents {
        collect(document, input.budget.limits.records, &mut objects, &mut defects);
    }
    Parsed {
        format: FORMAT.name,
        facts: Facts::Kubernetes(Kubernetes { objects }),
        defects,
        members: Vec::new(),
    }
}

/// An object, or the items of a list of objects.
fn collect(document: Node, most: usize, objects: &mut Vec<Object>, defects: &mut Vec<Defect>) {
    let kind = document.get("kind").text_or_empty().to_owned();
    if kind.ends_with("List") && document.get("items").is_list() {
        for item in document.get("items").items() {
            // Lists of lists are not a thing, so one level is enough.
            if item.get("items").is_null() {
                collect(item.clone(), most, objects, defects);
            }
        }
        return;
    }
    if kind.is_empty() {
        return;
    }
    if objects.len() >= most {
        if !defects.iter().any(|known| known.code == "limit-records") {
            defects.push(Defect::whole("limit-records", format!("more than {most} objects")));
        }
        return;
    }
    let metadata = document.get("metadata");
    let namespace = metadata.get("namespace").text().filter(|name| !name.is_empty()).unwrap_or("default");
    let own_name = metadata.get("name").text().or_else(|| metadata.get("generateName").text());
    objects.push(Object {
        api_version: document.get("apiVersion").text_or_empty().to_owned(),
        name: own_name.unwrap_or_default().to_owned(),
        namespace: if kind == "Namespace" { own_name.unwrap_or_default() } else { namespace }.to_owned(),
        line: document.line,
        labels: texts(metadata.get("labels")),
        annotations: texts(metadata.get("annotations")),
        pods: pod::pods_of(&kind, &document),
        kind,
        root: document,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn read(text: &str) -> Kubernetes {
        let budget = Budget::default();
        let parsed = parse(&Input::new("a.yaml", text.as_bytes(), &budget));
        assert_eq!(parsed.defects, []);
        let Facts::Kubernetes(facts) = parsed.facts else { panic!("other facts") };
        facts
    }

    #[test]
    fn pods_are_found_in_every_workload() {
        let spec = "containers: [{name: c, image: i:1}]";
        for (kind, text) in [
            ("Pod", format!("spec:\n  {spec}\n")),
            ("Deployment", format!("spec:\n  template:\n    spec:\n      {spec}\n")),
            (
                "CronJob",
                format!(
                    "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          {spec}\n"
                ),
            ),
            ("InferenceService", format!("spec:\n  predictor:\n    {spec}\n")),
            ("Notebook", format!("spec:\n  template:\n    spec:\n      {spec}\n")),
            (
                "PyTorchJob",
                format!(
                    "spec:\n  pytorchReplicaSpecs:\n    Master:\n      template:\n        spec:\n          {spec}\n"
                ),
            ),
            (
                "SeldonDeployment",
                format!("spec:\n  predictors:\n    - componentSpecs:\n        - spec:\n            {spec}\n"),
            ),
        ] {
            let file = read(&format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: n\n{text}"));
            let images: Vec<_> = file.objects[0].containers().map(|(_, c)| c.image.as_str()).collect();
            assert_eq!(images, ["i:1"], "{kind}");
        }
    }

    #[test]
    fn facts_of_a_pod_keep_their_lines() {
        let file = read(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: ml}\nspec:\n  hostNetwork: true\n  containers:\n\
             \x20   - name: c\n      image: i\n      env:\n        - {name: A, value: b}\n        - name: S\n          valueFrom: {secretKeyRef: {name: s, key: k}}\n\
             \x20     securityContext:\n        runAsUser: 0\n      resources: {limits: {cpu: 1, memory: 1Gi}}\n  volumes:\n    - name: v\n      hostPath: {path: /srv}\n",
        );
        let pod = &file.objects[0].pods[0];
        assert_eq!(pod.host_namespaces, [("hostNetwork", 5)]);
        let container = &pod.containers[0];
        assert_eq!(container.env[0].value.as_deref(), Some("b"));
        assert_eq!(container.env[1].value, None);
        assert_eq!(container.security.get("runAsUser").line, 14);
        assert!(container.limits_cpu && container.limits_memory);
        assert_eq!(pod.volumes[0].host_path.as_deref(), Some("/srv"));
        assert_eq!(pod.volumes[0].line, 18);
    }

    #[test]
    fn lists_and_documents_give_objects() {
        let file = read(
            "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Secret, metadata: {name: a}}\n  - {apiVersion: v1, kind: Namespace, metadata: {name: b}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: c}\n",
        );
        let names: Vec<_> = file.objects.iter().map(Object::full_name).collect();
        assert_eq!(names, ["default/a", "b/b", "default/c"]);
    }

    #[test]
    fn other_yaml_is_left_alone() {
        let budget = Budget::default();
        for (name, text) in [
            ("a.yaml", "kind: x\n"),
            ("a.txt", "apiVersion: v1\nkind: Pod\n"),
            ("b.yml", "x:\n  apiVersion: 1\n  kind: y\n"),
        ] {
            assert_eq!(recognise(&Input::new(name, text.as_bytes(), &budget)), Recognised::No, "{name}");
        }
    }
}
