//! Data and models that code reads from object stores, addresses and databases, and the vector stores it asks.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::python::{Call, Value};

use crate::inventory::{Collector, identity};

/// Ends of names of model files.
const MODELS: &[&str] = &[
    ".bin",
    ".ckpt",
    ".gguf",
    ".h5",
    ".joblib",
    ".keras",
    ".onnx",
    ".pkl",
    ".pt",
    ".pth",
    ".safetensors",
    ".tflite",
];
/// Readers that also take addresses of the web.
const READERS: &[&str] = &[
    "download_url",
    "get_file",
    "load_state_dict_from_url",
    "read_csv",
    "read_excel",
    "read_feather",
    "read_json",
    "read_parquet",
    "read_table",
    "scan_csv",
    "scan_parquet",
    "urlretrieve",
    "gdown.download",
    "wget.download",
];
/// Beginnings of names of calls that write.
const WRITERS: &[&str] = &["save", "to_", "put", "upload", "write", "dump", "export", "push", "log_"];

/// Vector stores: ends of callees, the store, and where its place stands.
const STORES: &[(&str, &str, &[&str])] = &[
    ("Chroma", "chroma", &["persist_directory"]),
    ("Chroma.from_documents", "chroma", &["persist_directory"]),
    ("Chroma.from_texts", "chroma", &["persist_directory"]),
    ("FAISS.from_documents", "faiss", &[]),
    ("FAISS.from_texts", "faiss", &[]),
    ("FAISS.load_local", "faiss", &["folder_path"]),
    ("MilvusClient", "milvus", &["uri"]),
    ("PGVector", "pgvector", &[]),
    ("Pinecone", "pinecone", &[]),
    ("QdrantClient", "qdrant", &["url", "host", "path"]),
    ("chromadb.Client", "chroma", &[]),
    ("chromadb.EphemeralClient", "chroma", &[]),
    ("chromadb.HttpClient", "chroma", &["host"]),
    ("chromadb.PersistentClient", "chroma", &["path"]),
    ("faiss.read_index", "faiss", &["fname"]),
    ("lancedb.connect", "lancedb", &["uri"]),
    ("pymilvus.connections.connect", "milvus", &["uri", "host"]),
    ("weaviate.Client", "weaviate", &["url"]),
    ("weaviate.connect_to_local", "weaviate", &["host"]),
    ("weaviate.connect_to_weaviate_cloud", "weaviate", &["cluster_url"]),
    ("weaviate.connect_to_wcs", "weaviate", &["cluster_url"]),
];

/// The vector store that a call opens, with its place if that is written out.
pub(super) fn store(call: &Call) -> Option<(&'static str, Option<&str>)> {
    let callee = call.callee.as_str();
    let (name, store, keys) = STORES.iter().find(|(name, ..)| {
        callee.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })?;
    // A class of one's own may be called the same.
    let imported = name.contains('.') && callee == *name
        || [
            "chroma",
            "faiss",
            "langchain",
            "llama_index",
            "milvus",
            "pgvector",
            "pinecone",
            "pymilvus",
            "qdrant",
        ]
        .iter()
        .any(|module| callee.starts_with(module));
    let place = keys.iter().find_map(|key| call.keyword(key)).and_then(Value::literal);
    let first = || call.arguments.first().and_then(Value::literal).filter(|_| !keys.is_empty());
    imported.then(|| (*store, place.or_else(first)))
}

/// Whether a call reads something from afar.
pub(super) fn is_read(call: &Call) -> bool {
    remote(call).is_some_and(|(_, writes)| !writes)
}

/// The address that a call reads from or writes to, without its credentials and query.
fn remote(call: &Call) -> Option<(String, bool)> {
    let name = call.name();
    if matches!(name, "download_file" | "download_fileobj" | "get_object" | "upload_file")
        && call.callee.starts_with("boto3.")
    {
        let part = |key: &str, place: usize| call.argument(place, key).and_then(Value::literal);
        let places = if name == "upload_file" { (1, 2) } else { (0, 1) };
        let (bucket, key) = (part("Bucket", places.0)?, part("Key", places.1)?);
        return Some((format!("s3://{bucket}/{key}"), name == "upload_file"));
    }
    let values = call.arguments.iter().take(2).chain(
        ["path", "uri", "url", "origin", "filepath_or_buffer", "data_files"]
            .iter()
            .filter_map(|key| call.keyword(key)),
    );
    let writes = WRITERS.iter().any(|word| name.starts_with(word));
    for text in values
        .filter_map(Value::literal)
        .filter(|text| text.len() < 1024 && !text.contains(char::is_whitespace))
    {
        let Some((scheme, rest)) = text.split_once("://") else { continue };
        let store = matches!(
            scheme,
            "s3" | "s3a"
                | "s3n"
                | "gs"
                | "gcs"
                | "az"
                | "abfs"
                | "abfss"
                | "wasb"
                | "wasbs"
                | "hdfs"
                | "dbfs"
        );
        let web = matches!(scheme, "http" | "https");
        let reads = READERS.iter().any(|reader| *reader == name || *reader == call.callee);
        let file = MODELS
            .iter()
            .chain(&[".csv", ".parquet", ".jsonl", ".npz", ".zip", ".tar.gz"])
            .any(|end| rest.ends_with(end));
        let fetches = matches!(call.callee.as_str(), "requests.get" | "httpx.get" | "urllib.request.urlopen");
        if store || (web && (reads || (fetches && file))) {
            let plain = rest.split(['?', '#']).next().unwrap_or(rest);
            // Credentials are told by other rules.
            let plain = plain
                .split_once('@')
                .filter(|(who, _)| web && !who.contains('/'))
                .map_or(plain, |(_, rest)| rest);
            return (!plain.is_empty()).then(|| (format!("{scheme}://{plain}"), writes));
        }
    }
    None
}

/// What a call reads from afar, and the vector store it opens, as relations of `home`.
pub(super) fn relate(home: &AssetId, call: &Call, locator: Locator, collector: &mut Collector) {
    if let Some((uri, writes)) = remote(call) {
        let model = MODELS.iter().any(|end| uri.ends_with(end));
        let (kind, component, layer) = if model {
            (AssetKind::Model, "model", Layer::FoundationModels)
        } else {
            (AssetKind::Dataset, "dataset", Layer::DataOperations)
        };
        let object = identity::object(&uri);
        let name = object.clone().unwrap_or(uri);
        let asset = Asset::new(kind, component, layer, &name, Confidence::Declared, locator.clone())
            .with("uri", name.clone());
        let id = collector.asset(asset);
        if let Some(object) = object {
            collector.known_as(&id, object);
        }
        let relation = match (writes, model) {
            (true, true) => RelationKind::Produces,
            (true, false) => RelationKind::Writes,
            (false, true) => RelationKind::Loads,
            (false, false) => RelationKind::Reads,
        };
        collector.relation(Relation::new(home.clone(), relation, id, Confidence::Declared, locator.clone()));
    }
    if let Some((store, place)) = store(call) {
        let name = match place {
            Some(place) => format!("{store}/{}", identity::address(place).as_deref().unwrap_or(place)),
            None => format!("{store}/{}", locator.path),
        };
        let asset = Asset::new(
            AssetKind::Dataset,
            "vector_store",
            Layer::DataOperations,
            &name,
            Confidence::Inferred,
            locator.clone(),
        )
        .with("store", store);
        let id = collector.asset(asset);
        if let Some(address) = place.and_then(identity::address) {
            collector.known_as(&id, address);
        }
        collector.relation(Relation::new(
            home.clone(),
            RelationKind::Reads,
            id,
            Confidence::Inferred,
            locator,
        ));
    }
}
