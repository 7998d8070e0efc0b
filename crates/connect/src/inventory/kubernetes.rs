//! Cluster manifests: endpoints, workloads, images, accounts and how they hang together.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::kubernetes::{Kubernetes, Object};

use super::{Collector, Seen};

/// Endpoints for what serves models, infrastructure for other workloads, identities for accounts.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Kubernetes(file) = &seen.parsed.facts else { return };
    let mut ordered: Vec<&Object> = file.objects.iter().collect();
    // The file belongs to the most telling of its objects.
    ordered.sort_by_key(|object| (!object.is_serving(), !object.is_notebook(), object.pods.is_empty()));
    for object in ordered {
        let locator = seen.locator().at_line(object.line).at_key(object.title());
        match object.kind.as_str() {
            _ if !object.pods.is_empty() || object.is_serving() => {
                workload(file, object, &locator, collector)
            }
            "ServiceAccount" => {
                let account = account(&object.namespace, &object.name, Confidence::Verified, &locator);
                let id = collector.asset(account);
                collector.home(&id);
            }
            "ClusterRole" | "Role" => {
                let id = collector.asset(
                    Asset::new(
                        AssetKind::Identity,
                        "policy_engine",
                        Layer::Security,
                        &format!("k8s/{}/{}", object.namespace, object.title()),
                        Confidence::Verified,
                        locator,
                    )
                    .with("namespace", object.namespace.clone()),
                );
                collector.home(&id);
            }
            "ClusterRoleBinding" | "RoleBinding" => binding(object, &locator, collector),
            "Gateway" | "Ingress" | "HTTPRoute" => {
                let id = collector.asset(
                    Asset::new(
                        AssetKind::Infrastructure,
                        "api_gateway",
                        Layer::Deployment,
                        &format!("k8s/{}/{}", object.namespace, object.title()),
                        Confidence::Verified,
                        locator,
                    )
                    .with("namespace", object.namespace.clone())
                    .with("exposure", "internet"),
                );
                collector.home(&id);
            }
            "Secret" => {
                let id = collector.asset(
                    Asset::new(
                        AssetKind::Infrastructure,
                        "secret_store",
                        Layer::Deployment,
                        &format!("k8s/{}/{}", object.namespace, object.title()),
                        Confidence::Verified,
                        locator,
                    )
                    .with("namespace", object.namespace.clone()),
                );
                collector.home(&id);
            }
            _ => {}
        }
    }
}

/// The asset that a workload is.
fn workload_asset(file: &Kubernetes, object: &Object, locator: &Locator) -> Asset {
    let asset = if object.is_serving() {
        let name = format!("k8s/{}/{}", object.namespace, object.name);
        Asset::new(
            AssetKind::Endpoint,
            "inference_endpoint",
            Layer::FoundationModels,
            &name,
            Confidence::Verified,
            locator.clone(),
        )
        .with("authentication", file.authentication_of(object))
    } else {
        let name = format!("k8s/{}/{}", object.namespace, object.title());
        Asset::new(
            AssetKind::Infrastructure,
            "container",
            Layer::Deployment,
            &name,
            Confidence::Verified,
            locator.clone(),
        )
    };
    let asset = asset.with("namespace", object.namespace.clone()).with("platform", "kubernetes");
    if object.is_notebook() { asset.with("role", "notebook server") } else { asset }
}

fn workload(file: &Kubernetes, object: &Object, locator: &Locator, collector: &mut Collector) {
    let mut asset = workload_asset(file, object, locator);
    if let Some(exposure) = file.exposure_of(object) {
        asset = asset.with("exposure", exposure);
    }
    if file.has_network_policy(object) {
        asset = asset.with("network_policy", "yes");
    }
    let images: Vec<&str> = object
        .containers()
        .map(|(_, container)| container.image.as_str())
        .filter(|image| !image.is_empty())
        .collect();
    if let Some(image) = images.first() {
        asset = asset.with("image", *image);
    }
    let id = collector.asset(asset);
    collector.home(&id);
    for (_, container) in object.containers().filter(|(_, container)| !container.image.is_empty()) {
        let place = Locator::file(locator.path.clone()).at_line(container.image_line);
        let image = collector.asset(
            Asset::new(
                AssetKind::Infrastructure,
                "container_image",
                Layer::Deployment,
                &format!("image/{}", container.image),
                Confidence::Inferred,
                place.clone(),
            )
            .with("image", container.image.clone()),
        );
        collector.relation(Relation::new(
            id.clone(),
            RelationKind::RunsOn,
            image,
            Confidence::Verified,
            place,
        ));
    }
    for pod in &object.pods {
        if let Some(name) = &pod.service_account {
            let place = Locator::file(locator.path.clone()).at_line(pod.line);
            let account = collector.asset(account(&object.namespace, name, Confidence::Inferred, &place));
            collector.relation(Relation::new(
                id.clone(),
                RelationKind::ActsAs,
                account,
                Confidence::Verified,
                place,
            ));
        }
    }
    models(object, &id, locator, collector);
}

/// Links to the model files that a workload names: its storage address, and arguments and variables that are paths.
fn models(object: &Object, id: &AssetId, locator: &Locator, collector: &mut Collector) {
    let mut paths: Vec<(&str, u32)> = object.storage_uris();
    for (_, container) in object.containers() {
        paths.extend(container.command.iter().map(|(word, line)| (word.as_str(), *line)));
        paths.extend(container.env.iter().filter_map(|env| Some((env.value.as_deref()?, env.line))));
    }
    for (path, line) in paths {
        // What follows the last `=` of `--model=/models/x.onnx`, or of an address behind its scheme.
        let path = path.rsplit('=').next().unwrap_or(path);
        let path = path.split_once("://").map_or(path, |(_, rest)| rest);
        let is_model = MODEL_EXTENSIONS.iter().any(|extension| path.ends_with(extension));
        if is_model {
            let place = Locator::file(locator.path.clone()).at_line(line);
            collector.link(id, RelationKind::Serves, path, place);
        }
    }
}

/// Endings of files that hold weights.
const MODEL_EXTENSIONS: &[&str] =
    &[".bin", ".gguf", ".h5", ".joblib", ".keras", ".onnx", ".pkl", ".pt", ".pth", ".safetensors", ".tflite"];

fn account(namespace: &str, name: &str, confidence: Confidence, locator: &Locator) -> Asset {
    Asset::new(
        AssetKind::Identity,
        "service_identity",
        Layer::Security,
        &format!("k8s/{namespace}/{name}"),
        confidence,
        locator.clone(),
    )
    .with("namespace", namespace)
}

/// Accounts act as the role that a binding gives them.
fn binding(object: &Object, locator: &Locator, collector: &mut Collector) {
    let role = object.root.get("roleRef");
    let (kind, name) = (role.get("kind").text_or_empty(), role.get("name").text_or_empty());
    let namespace = if kind == "ClusterRole" { "default" } else { &object.namespace };
    let role = AssetId::new(AssetKind::Identity, &format!("k8s/{namespace}/{kind}/{name}"));
    for subject in object.root.get("subjects").items() {
        if subject.get("kind").text() == Some("ServiceAccount") {
            let own = subject.get("namespace").text().unwrap_or(&object.namespace);
            let account = account(own, subject.get("name").text_or_empty(), Confidence::Inferred, locator);
            let id = collector.asset(account);
            collector.relation(Relation::new(
                id,
                RelationKind::ActsAs,
                role.clone(),
                Confidence::Verified,
                locator.clone(),
            ));
        }
    }
}
