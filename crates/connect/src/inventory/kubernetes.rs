//! Cluster manifests: endpoints, workloads, images, accounts and how they hang together.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::kubernetes::{Kubernetes, Object};
use vauban_formats::serving::command::Named;
use vauban_knowledge::{Image, Knowledge, image_of};

use super::{Collector, Seen, serving};

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

/// What runs in the containers of a workload, if that is software for machine learning.
fn product_of(object: &Object) -> Option<&'static Image> {
    let images = &Knowledge::builtin().images;
    object
        .containers()
        .filter(|(_, container)| !container.init)
        .find_map(|(_, container)| image_of(images, &container.image))
}

/// The asset that a workload is.
fn workload_asset(file: &Kubernetes, object: &Object, locator: &Locator) -> Asset {
    let product = product_of(object);
    let asset = if object.is_run() {
        let name = format!("k8s/{}/{}", object.namespace, object.title());
        Asset::new(
            AssetKind::Pipeline,
            if object.kind.contains("Workflow") { "workflow_engine" } else { "training_pipeline" },
            Layer::DataOperations,
            &name,
            Confidence::Verified,
            locator.clone(),
        )
    } else if object.is_serving() {
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
    } else if let Some((product, kind, layer)) =
        product.filter(|product| product.role != "notebook").and_then(|product| {
            Some((product, AssetKind::parse(&product.kind)?, Layer::from_id(&product.layer)?))
        })
    {
        let name = format!("k8s/{}/{}", object.namespace, object.title());
        Asset::new(kind, &product.component, layer, &name, Confidence::Verified, locator.clone())
            .with("authentication", asks(file, object, product))
            .with("role", product.role.as_str())
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
    let mut asset = asset.with("namespace", object.namespace.clone()).with("platform", "kubernetes");
    if let Some(product) = product {
        asset = asset.with("product", product.product.as_str());
    }
    if object.is_notebook() { asset.with("role", "notebook server") } else { asset }
}

/// How callers prove who they are: by what stands before the workload, or by a variable or option of the product.
fn asks(file: &Kubernetes, object: &Object, product: &Image) -> &'static str {
    let before = file.authentication_of(object);
    let words = object.served().words;
    // A variable that comes from a secret has no value here and counts all the same.
    let variables = object.containers().flat_map(|(_, container)| &container.env).map(|env| &env.name);
    let own = words.iter().chain(variables).any(|word| product.keys.contains(word));
    match before {
        "none" if own => "token",
        before => before,
    }
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
    for (reference, line) in object.storage_uris() {
        let named = Named { reference: reference.to_owned(), revision: None, line };
        serving::served(&named, id, Locator::file(locator.path.clone()).at_line(line), collector);
    }
    for named in object.served().models {
        let place = Locator::file(locator.path.clone()).at_line(named.line);
        serving::served(&named, id, place, collector);
    }
    if object.kind == "NIMService"
        && let Some((_, container)) = object.containers().next()
    {
        let name = container.image.split('@').next().unwrap_or_default();
        let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
        let place = Locator::file(locator.path.clone()).at_line(container.image_line);
        let model = collector.asset(
            Asset::new(
                AssetKind::Model,
                "model",
                Layer::FoundationModels,
                name.trim_start_matches("nvcr.io/"),
                Confidence::Inferred,
                place.clone(),
            )
            .with("source", "nvidia"),
        );
        collector.relation(Relation::new(
            id.clone(),
            RelationKind::Serves,
            model,
            Confidence::Inferred,
            place,
        ));
    }
    let mut paths: Vec<(&str, u32)> = Vec::new();
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
