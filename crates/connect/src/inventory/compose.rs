//! Compose files: services that serve models, keep data or run agents, by their image.

use std::collections::BTreeMap;

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::compose::Service;

use super::{Collector, Seen, identity};

/// Parts of image names, what runs in them, and what kind of thing that is.
const SERVICES: &[(&str, &str, AssetKind, &str, Layer)] = &[
    ("chromadb/chroma", "chroma", AssetKind::Dataset, "vector_store", Layer::DataOperations),
    ("dify", "dify", AssetKind::Agent, "agent", Layer::Ecosystem),
    ("feast", "feast", AssetKind::Dataset, "feature_store", Layer::DataOperations),
    ("flowise", "flowise", AssetKind::Agent, "agent", Layer::Ecosystem),
    ("jupyter", "jupyter", AssetKind::Infrastructure, "container", Layer::Deployment),
    ("label-studio", "label-studio", AssetKind::Dataset, "label_service", Layer::DataOperations),
    ("langflow", "langflow", AssetKind::Agent, "agent", Layer::Ecosystem),
    ("langfuse", "langfuse", AssetKind::Infrastructure, "trace_collector", Layer::Observability),
    ("litellm", "litellm", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("llama.cpp", "llama.cpp", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("localai", "localai", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("milvus", "milvus", AssetKind::Dataset, "vector_store", Layer::DataOperations),
    ("minio/minio", "minio", AssetKind::Infrastructure, "object_store", Layer::DataOperations),
    ("mlflow", "mlflow", AssetKind::Infrastructure, "model_registry", Layer::FoundationModels),
    ("mlserver", "mlserver", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("n8n", "n8n", AssetKind::Agent, "agent", Layer::Ecosystem),
    ("ollama/ollama", "ollama", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("open-webui", "open-webui", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("pgvector", "pgvector", AssetKind::Dataset, "vector_store", Layer::DataOperations),
    ("pytorch/torchserve", "torchserve", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("qdrant/qdrant", "qdrant", AssetKind::Dataset, "vector_store", Layer::DataOperations),
    ("rayproject/ray", "ray", AssetKind::Infrastructure, "orchestrator", Layer::Deployment),
    ("sglang", "sglang", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    (
        "tensorflow/serving",
        "tensorflow-serving",
        AssetKind::Endpoint,
        "inference_endpoint",
        Layer::FoundationModels,
    ),
    ("text-embeddings-inference", "tei", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("text-generation-inference", "tgi", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("tritonserver", "triton", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("vllm-openai", "vllm", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("weaviate", "weaviate", AssetKind::Dataset, "vector_store", Layer::DataOperations),
];

/// One asset per service, with its image and its model.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Compose(compose) = &seen.parsed.facts else { return };
    let file =
        collector.file_asset(AssetKind::Infrastructure, "iac", Layer::Deployment, &[("format", "compose")]);
    let mut ids: BTreeMap<&str, AssetId> = BTreeMap::new();
    for service in &compose.services {
        ids.insert(&service.name, add(seen, service, &file, collector));
    }
    for service in &compose.services {
        for other in &service.depends_on {
            if let (Some(from), Some(to)) = (ids.get(service.name.as_str()), ids.get(other.as_str())) {
                let locator = seen.locator().at_line(service.line);
                collector.relation(Relation::new(
                    from.clone(),
                    RelationKind::SendsTo,
                    to.clone(),
                    Confidence::Inferred,
                    locator,
                ));
            }
        }
    }
}

fn add(seen: &Seen<'_>, service: &Service, file: &AssetId, collector: &mut Collector) -> AssetId {
    let locator = seen.locator().at_line(service.line).at_key(service.name.clone());
    let image = service.repository().to_lowercase();
    let known = SERVICES.iter().find(|(part, ..)| image.contains(part));
    let (kind, component, layer) = known.map_or(
        (AssetKind::Infrastructure, "container", Layer::Deployment),
        |(_, _, kind, component, layer)| (*kind, *component, *layer),
    );
    let name = format!("{}#{}", seen.path, service.name);
    let mut asset = Asset::new(kind, component, layer, &name, Confidence::Declared, locator.clone());
    if let Some((_, software, ..)) = known {
        asset = asset.with("software", *software);
    }
    let open: Vec<&str> =
        service.ports.iter().filter(|port| port.is_open()).map(|port| port.published.as_str()).collect();
    asset = asset.with("exposure", if open.is_empty() { "internal" } else { "network" });
    if !service.ports.is_empty() {
        let ports: Vec<String> =
            service.ports.iter().map(|port| format!("{}:{}", port.published, port.target)).collect();
        asset = asset.with("ports", ports.join(", "));
    }
    let id = collector.asset(asset);
    collector.relation(Relation::new(
        id.clone(),
        RelationKind::RunsOn,
        file.clone(),
        Confidence::Declared,
        locator,
    ));
    if !service.image.is_empty() && !service.image.contains("${") {
        let locator = seen.locator().at_line(service.image_line);
        let asset = Asset::new(
            AssetKind::Infrastructure,
            "container_image",
            Layer::Deployment,
            &format!("image/{}", service.image),
            Confidence::Declared,
            locator.clone(),
        )
        .with("image", service.image.clone());
        let image = collector.asset(asset);
        collector.relation(Relation::new(
            id.clone(),
            RelationKind::RunsOn,
            image,
            Confidence::Declared,
            locator,
        ));
    }
    if let Some(build) = &service.build {
        let path = format!("{}/Dockerfile", build.trim_end_matches('/'));
        collector.link(&id, RelationKind::RunsOn, &path, seen.locator().at_line(service.line));
    }
    if let Some(model) = model(service) {
        let locator = seen.locator().at_line(service.line);
        let asset =
            identity::hugging_face(AssetKind::Model, model, None, Confidence::Declared, locator.clone());
        let model = collector.asset(asset);
        let kind = if kind == AssetKind::Endpoint { RelationKind::Serves } else { RelationKind::Loads };
        collector.relation(Relation::new(id.clone(), kind, model, Confidence::Declared, locator));
    }
    id
}

/// The repository that a server is told to load: `--model owner/name`, `MODEL_ID=owner/name`.
fn model(service: &Service) -> Option<&str> {
    let words = &service.command;
    let by_option = words.iter().enumerate().find_map(|(at, word)| {
        let option =
            ["--model", "--model-id", "--model-path"].into_iter().find(|option| word.starts_with(option))?;
        match word.strip_prefix(option)? {
            "" => words.get(at + 1).map(String::as_str),
            rest => rest.strip_prefix('='),
        }
    });
    let by_variable = || {
        ["MODEL_ID", "MODEL_NAME", "HF_MODEL_ID"]
            .into_iter()
            .find_map(|name| service.variable(name)?.value.as_deref())
    };
    by_option.or_else(by_variable).filter(|model| {
        model.split('/').count() == 2
            && model.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
            && !model.starts_with(['/', '.'])
    })
}
