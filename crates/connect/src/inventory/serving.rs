//! What serves models, features and vectors: configurations of servers and gateways, and the models that they name.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::serving::command::Named;
use vauban_formats::serving::{Product, Serving};

use super::{Collector, Seen, identity};

/// Maps a configuration to what it configures.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Serving(file) = &seen.parsed.facts else { return };
    let place = |line: u32| seen.locator().at_line(line);
    let (kind, component, layer, role) = match file.product {
        Product::Feast => (AssetKind::Infrastructure, "feature_store", Layer::DataOperations, "features"),
        Product::Milvus | Product::Qdrant => {
            (AssetKind::Infrastructure, "vector_store", Layer::DataOperations, "vectors")
        }
        Product::LiteLlm => (AssetKind::Endpoint, "api_gateway", Layer::Deployment, "gateway"),
        Product::BentoMl | Product::MlServer | Product::RayServe | Product::TorchServe | Product::Vllm => {
            (AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels, "serving")
        }
    };
    let mut asset = Asset::new(kind, component, layer, seen.path, Confidence::Declared, seen.locator())
        .with("product", file.product.as_str())
        .with("role", role);
    if let Some(authentication) = authentication(file) {
        asset = asset.with("authentication", authentication);
    }
    if let Some(project) = file.value("project") {
        asset = asset.with("project", project);
    }
    let home = collector.asset(asset);
    collector.home(&home);
    for named in &file.models {
        if file.product == Product::LiteLlm {
            provided(named, &home, place(named.line), collector);
        } else {
            served(named, &home, place(named.line), collector);
        }
    }
    if file.product == Product::Feast {
        for setting in file.settings.iter().filter(|setting| !setting.key.ends_with("_type")) {
            if let Some(name) = identity::object(&setting.value) {
                bucket_of(&name, &home, place(setting.line), collector);
            }
        }
    }
}

/// Whether callers have to prove who they are, where the configuration decides it.
fn authentication(file: &Serving) -> Option<&'static str> {
    let given = |key: &str| file.value(key).is_some_and(|value| !value.is_empty() && value != "null");
    let on = |key: &str| file.value(key).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    match file.product {
        Product::LiteLlm => Some(match () {
            () if given("general_settings.master_key") => "token",
            () if on("general_settings.enable_jwt_auth") => "oidc",
            // The key may come by the environment.
            () => "unknown",
        }),
        Product::Milvus => Some(if on("common.security.authorizationEnabled") { "token" } else { "none" }),
        Product::Qdrant => Some(if given("service.api_key") { "token" } else { "unknown" }),
        Product::Vllm => Some(if given("api-key") { "token" } else { "unknown" }),
        Product::Feast => match file.value("auth.type") {
            Some("no_auth") => Some("none"),
            Some(_) => Some("oidc"),
            None => None,
        },
        Product::BentoMl | Product::MlServer | Product::RayServe | Product::TorchServe => None,
    }
}

/// Says that `home` answers with the model that a server names.
pub(super) fn served(named: &Named, home: &AssetId, place: Locator, collector: &mut Collector) {
    let reference = named.reference.trim();
    let revision = named.revision.as_deref();
    if let Some(asset) = remote_model(reference, revision, place.clone()) {
        let object = identity::object(reference);
        let id = collector.asset(asset);
        if let Some(name) = object {
            bucket_of(&name, home, place.clone(), collector);
            collector.known_as(&id, name);
        }
        let relation = Relation::new(home.clone(), RelationKind::Serves, id, Confidence::Declared, place);
        collector.relation(relation);
    } else {
        let path = reference.split_once("://").map_or(reference, |(_, rest)| rest);
        collector.link(home, RelationKind::Serves, path.trim_end_matches('/'), place);
    }
}

/// A model that is fetched from elsewhere; `None` if the reference is a path on the machine.
fn remote_model(reference: &str, revision: Option<&str>, place: Locator) -> Option<Asset> {
    let model = |name: &str, source: &str| {
        let asset = Asset::new(
            AssetKind::Model,
            "model",
            Layer::FoundationModels,
            name,
            Confidence::Declared,
            place.clone(),
        );
        let asset = asset.with("source", source);
        match revision {
            Some(revision) => asset.with("version", revision),
            None => asset,
        }
    };
    let plain =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if let Some((scheme, rest)) = reference.split_once("://") {
        return match scheme {
            "hf" => {
                let (name, own) =
                    rest.split_once([':', '@']).map_or((rest, None), |(name, own)| (name, Some(own)));
                let kind = AssetKind::Model;
                Some(identity::hugging_face(kind, name, own.or(revision), Confidence::Declared, place))
            }
            "ollama" => Some(model(&format!("ollama/{rest}"), "ollama")),
            "oci" => Some(model(&format!("oci/{rest}"), "oci")),
            "http" | "https" | "s3" | "gs" | "az" | "abfs" | "abfss" | "wasb" | "wasbs" | "gcs" => {
                let name = identity::object(reference).unwrap_or_else(|| reference.to_owned());
                Some(model(&name, scheme))
            }
            "pvc" => Some(model(&format!("pvc/{rest}"), "volume")),
            _ => None,
        };
    }
    if let Some(preset) = reference.strip_prefix("kaito/") {
        return Some(model(&format!("kaito/{preset}"), "kaito"));
    }
    match reference.split('/').collect::<Vec<_>>().as_slice() {
        [owner, name] if plain(owner) && plain(name) && !owner.starts_with('.') => {
            let kind = AssetKind::Model;
            Some(identity::hugging_face(kind, reference, revision, Confidence::Declared, place))
        }
        // Ollama's own names, `llama3.1:8b`.
        [name] if name.contains(':') && name.split(':').all(plain) => {
            Some(model(&format!("ollama/{name}"), "ollama"))
        }
        _ => None,
    }
}

/// A model that a gateway passes requests on to: `azure/gpt-4o`, `bedrock/anthropic.claude-3`, `hosted_vllm/owner/name`.
fn provided(named: &Named, home: &AssetId, place: Locator, collector: &mut Collector) {
    let (provider, model) = named.reference.split_once('/').unwrap_or(("openai", &named.reference));
    let asset = match provider {
        "hosted_vllm" | "huggingface" | "vllm" | "together_ai" if model.contains('/') => {
            identity::hugging_face(AssetKind::Model, model, None, Confidence::Declared, place.clone())
        }
        _ => Asset::new(
            AssetKind::Model,
            "model",
            Layer::FoundationModels,
            &format!("{provider}/{model}"),
            Confidence::Declared,
            place.clone(),
        )
        .with("source", provider),
    };
    let id = collector.asset(asset);
    collector.relation(Relation::new(home.clone(), RelationKind::SendsTo, id, Confidence::Declared, place));
}

/// The bucket that an object, named as [`identity::object`] names it, lies in; `home` reads it.
pub(super) fn bucket_of(name: &str, home: &AssetId, place: Locator, collector: &mut Collector) {
    let Some((scheme, rest)) = name.split_once("://") else { return };
    let mut parts = rest.split('/');
    // A container of Azure belongs to an account.
    let count = if scheme == "az" { 2 } else { 1 };
    let bucket: Vec<&str> = parts.by_ref().take(count).collect();
    let address = format!("{scheme}://{}", bucket.join("/"));
    let asset = Asset::new(
        AssetKind::Infrastructure,
        "object_store",
        Layer::DataOperations,
        &format!("bucket/{}/{}", scheme, bucket.join("/")),
        Confidence::Inferred,
        place.clone(),
    );
    let id = collector.asset(asset);
    collector.known_as(&id, address);
    collector.relation(Relation::new(home.clone(), RelationKind::Reads, id, Confidence::Declared, place));
}
