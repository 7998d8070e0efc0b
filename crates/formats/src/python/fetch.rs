//! Calls that bring a model or a data set from a hub, and what they bring: facts that both the inventory and the rules
//! stand on.

use super::{Call, Python, Value};

/// Where something is fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hub {
    /// A repository of the Hugging Face hub.
    HuggingFace,
    /// A repository of GitHub, through `torch.hub`.
    TorchHub,
    /// A registry of MLflow, `models:/name/version`.
    Mlflow,
    /// An artifact of Weights & Biases.
    Wandb,
    /// A package of spaCy.
    Spacy,
    /// An address of TensorFlow Hub or Kaggle.
    TensorFlowHub,
    /// One of the models that Whisper's own loaders know.
    Whisper,
    /// One of the models that Ultralytics' loader knows.
    Ultralytics,
}

impl Hub {
    /// The lower-case word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HuggingFace => "huggingface",
            Self::TorchHub => "github",
            Self::Mlflow => "mlflow",
            Self::Wandb => "wandb",
            Self::Spacy => "spacy",
            Self::TensorFlowHub => "tensorflow-hub",
            Self::Whisper => "openai-whisper",
            Self::Ultralytics => "ultralytics",
        }
    }
}

/// The version that a call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// None: whatever is newest.
    Newest,
    /// This one, as written.
    Named(String),
    /// One that is only known when it runs.
    Computed,
}

/// What a call fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// From where.
    pub hub: Hub,
    /// Whether it is data rather than a model.
    pub dataset: bool,
    /// Its name there.
    pub name: String,
    /// Which version.
    pub revision: Revision,
    /// Whether the call may only use what is already there.
    pub local_only: bool,
}

impl Fetched {
    /// The version, if it is written out.
    pub fn version(&self) -> Option<&str> {
        match &self.revision {
            Revision::Named(revision) => Some(revision),
            _ => None,
        }
    }
}

/// Callables, by their last name, that take the name of a repository: place and keywords.
const REPOSITORIES: &[(&str, usize, &[&str])] = &[
    ("AsyncEngineArgs", 0, &["model"]),
    ("CrossEncoder", 0, &["model_name_or_path", "model_name"]),
    ("EngineArgs", 0, &["model"]),
    ("HuggingFaceBgeEmbeddings", 9, &["model_name"]),
    ("HuggingFaceEmbedding", 0, &["model_name"]),
    ("HuggingFaceEmbeddings", 9, &["model_name"]),
    ("HuggingFaceLLM", 9, &["model_name"]),
    ("SentenceTransformer", 0, &["model_name_or_path"]),
    ("SparseEncoder", 0, &["model_name_or_path"]),
    ("TransformersModel", 0, &["model_id"]),
    ("from_model_id", 0, &["model_id"]),
    ("from_preset", 0, &["preset"]),
    (
        "from_pretrained",
        0,
        &["pretrained_model_name_or_path", "repo_id", "model_id", "model_name", "model_name_or_path", "path"],
    ),
    ("hf_hub_download", 0, &["repo_id"]),
    ("load_dataset", 0, &["path"]),
    ("load_dataset_builder", 0, &["path"]),
    ("snapshot_download", 0, &["repo_id"]),
];
/// Readers of local files that `load_dataset` names like data sets.
const FILE_READERS: &[&str] = &[
    "arrow",
    "audiofolder",
    "csv",
    "imagefolder",
    "json",
    "pandas",
    "parquet",
    "sql",
    "text",
    "webdataset",
    "xml",
];
/// First folders of paths that look like `owner/name`.
const FOLDERS: &[&str] = &[
    "artifacts",
    "assets",
    "cache",
    "checkpoint",
    "checkpoints",
    "ckpt",
    "ckpts",
    "data",
    "dist",
    "exports",
    "model",
    "models",
    "out",
    "output",
    "outputs",
    "pretrained",
    "results",
    "runs",
    "saved",
    "saved_model",
    "saved_models",
    "src",
    "tmp",
    "weights",
];

/// What a call fetches from a hub, if the name is written in the file.
pub fn fetched(call: &Call, python: &Python) -> Option<Fetched> {
    let callee = call.callee.as_str();
    let last = call.name();
    let text = |place: usize, keywords: &[&str]| {
        let value = keywords
            .iter()
            .find_map(|keyword| call.keyword(keyword))
            .or_else(|| call.arguments.get(place))?;
        text_of(value, python)
    };
    let make = |hub, name: &str, revision| {
        Some(Fetched { hub, dataset: false, name: name.to_owned(), revision, local_only: false })
    };
    if let Some(uri) = call.arguments.first().and_then(|value| text_of(value, python))
        && callee.starts_with("mlflow.")
    {
        return registry_model(uri).and_then(|(name, revision)| make(Hub::Mlflow, name, revision));
    }
    match (callee, last) {
        ("torch.hub.load", _) => {
            let name = text(0, &["repo_or_dir"])?;
            let local = call.keyword("source").and_then(Value::literal) == Some("local");
            let (name, revision) = match name.split_once(':') {
                Some((name, revision)) => (name, Revision::Named(revision.to_owned())),
                None => (name, Revision::Newest),
            };
            return (!local && name.split('/').count() == 2 && is_repository(name))
                .then(|| make(Hub::TorchHub, name, revision))?;
        }
        ("timm.create_model", _) => {
            let name = text(0, &["model_name"])?;
            let name = name.strip_prefix("hf-hub:").or_else(|| name.strip_prefix("hf_hub:"))?;
            let (name, revision) = at_revision(name);
            return make(Hub::HuggingFace, name, revision);
        }
        ("spacy.load", _) => {
            let name = text(0, &["name"]).filter(|name| !name.contains(['/', '\\', '.']))?;
            return make(Hub::Spacy, name, Revision::Computed);
        }
        ("whisper.load_model" | "faster_whisper.WhisperModel" | "whisperx.load_model", _) => {
            let name = text(0, &["name", "model_size_or_path"]).filter(|name| is_plain(name))?;
            return make(Hub::Whisper, name, Revision::Computed);
        }
        ("ultralytics.YOLO", _) => {
            let name = text(0, &["model"]).filter(|name| is_plain(name) && name.starts_with("yolo"))?;
            return make(Hub::Ultralytics, name, Revision::Computed);
        }
        ("tensorflow_hub.load" | "tensorflow_hub.KerasLayer" | "kagglehub.model_download", _) => {
            let name = text(0, &["handle"])?;
            let name = name.split_once("://").map_or(name, |(_, rest)| rest);
            return make(Hub::TensorFlowHub, name, Revision::Computed);
        }
        ("transformers.pipeline", _) => {
            let name = text(1, &["model"]).filter(|name| is_repository(name))?;
            return hugging_face(call, python, name, false);
        }
        ("vllm.LLM" | "sglang.Engine" | "lmdeploy.pipeline", _) => {
            let name = text(0, &["model", "model_path"]).filter(|name| is_repository(name))?;
            return hugging_face(call, python, name, false);
        }
        (_, "use_artifact") if python.imports.iter().any(|import| import.path.starts_with("wandb")) => {
            let name = text(0, &["artifact_or_name"])?;
            let (name, revision) = match name.rsplit_once(':') {
                Some((name, "latest")) => (name, Revision::Newest),
                Some((name, revision)) => (name, Revision::Named(revision.to_owned())),
                None => (name, Revision::Newest),
            };
            let dataset = call.keyword("type").and_then(Value::literal) == Some("dataset");
            return make(Hub::Wandb, name, revision).map(|fetched| Fetched { dataset, ..fetched });
        }
        _ => {}
    }
    let (_, place, keywords) = REPOSITORIES.iter().find(|(name, ..)| *name == last)?;
    let name = text(*place, keywords)?;
    if last == "from_preset" {
        let name = name.strip_prefix("hf://")?;
        return hugging_face(call, python, name, false);
    }
    let data = last.starts_with("load_dataset")
        || call.keyword("repo_type").and_then(Value::literal) == Some("dataset");
    let local = last.starts_with("load_dataset")
        && (FILE_READERS.contains(&name) || call.keyword("data_files").is_some());
    (!local && is_repository(name)).then(|| hugging_face(call, python, name, data))?
}

fn hugging_face(call: &Call, python: &Python, name: &str, dataset: bool) -> Option<Fetched> {
    let asked = call.keyword("revision").or_else(|| call.keyword("commit_hash"));
    // Options of a loader can stand in a dictionary.
    let inner = ["model_kwargs", "hub_kwargs"].iter().find_map(|key| call.keyword(key)?.item("revision"));
    let revision = match asked.or(inner) {
        Some(Value::None) => Revision::Newest,
        Some(value) => {
            text_of(value, python).map_or(Revision::Computed, |text| Revision::Named(text.to_owned()))
        }
        None if call.has_unpacked_keywords() => Revision::Computed,
        None => Revision::Newest,
    };
    let local_only = call.keyword("local_files_only") == Some(&Value::Bool(true));
    Some(Fetched { hub: Hub::HuggingFace, dataset, name: name.to_owned(), revision, local_only })
}

fn at_revision(name: &str) -> (&str, Revision) {
    match name.split_once('@') {
        Some((name, revision)) => (name, Revision::Named(revision.to_owned())),
        None => (name, Revision::Newest),
    }
}

/// `models:/name/3`, `models:/name@champion`, `runs:/id/path`.
fn registry_model(uri: &str) -> Option<(&str, Revision)> {
    if let Some(rest) = uri.strip_prefix("models:/") {
        let rest = rest.trim_start_matches('/');
        return Some(match rest.split_once(['/', '@']) {
            Some((name, "latest")) => (name, Revision::Newest),
            Some((name, version)) => (name, Revision::Named(version.to_owned())),
            None => (rest, Revision::Newest),
        });
    }
    let run = uri.strip_prefix("runs:/")?.trim_start_matches('/');
    Some((uri, Revision::Named(run.split('/').next().unwrap_or(run).to_owned())))
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() < 128
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// Whether a text is the name of a repository, `owner/name` or `name`, rather than a path.
pub fn is_repository(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    let plain = |part: &&str| is_plain(part) && !part.starts_with('.');
    let file =
        [".pt", ".bin", ".onnx", ".json", ".csv", ".pkl", ".safetensors", ".gguf", ".pth", ".h5", ".keras"];
    parts.len() <= 2
        && parts.iter().all(plain)
        && !FOLDERS.contains(&parts[0])
        && !file.iter().any(|ending| name.ends_with(ending))
}

/// A literal, or the only literal that a name is assigned.
pub fn text_of<'a>(value: &'a Value, python: &'a Python) -> Option<&'a str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Name(name) => {
            let mut values = python.assignments.iter().filter(|assignment| assignment.target == *name);
            match (values.next()?, values.next()) {
                (only, None) => only.value.literal(),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use crate::python::parse_source;

    fn all(source: &str) -> Vec<Fetched> {
        let (python, _) = parse_source(source, false, &Limits::default());
        python.calls.iter().filter_map(|call| fetched(call, &python)).collect()
    }

    #[test]
    fn names_on_a_hub_are_told_from_paths() {
        for name in ["northlight/leaflet-encoder", "gpt2", "bert-base-uncased", "org/name.v2"] {
            assert!(is_repository(name), "{name}");
        }
        for path in
            ["./model", "../x", "/srv/m", "models/mine", "out/checkpoint-3", "a/b/c", "m.pt", "~/m", ""]
        {
            assert!(!is_repository(path), "{path}");
        }
    }

    #[test]
    fn every_loader_says_what_it_brings() {
        for (source, hub, name, revision) in [
            (
                "from transformers import pipeline\npipeline('x', model='a/b')",
                Hub::HuggingFace,
                "a/b",
                Revision::Newest,
            ),
            (
                "import vllm\nvllm.LLM('a/b', revision='c')",
                Hub::HuggingFace,
                "a/b",
                Revision::Named("c".into()),
            ),
            (
                "import timm\ntimm.create_model('hf-hub:a/b@c')",
                Hub::HuggingFace,
                "a/b",
                Revision::Named("c".into()),
            ),
            (
                "import torch\ntorch.hub.load('a/b:v1', 'm')",
                Hub::TorchHub,
                "a/b",
                Revision::Named("v1".into()),
            ),
            (
                "import mlflow\nmlflow.pyfunc.load_model('models:/m/3')",
                Hub::Mlflow,
                "m",
                Revision::Named("3".into()),
            ),
            (
                "import mlflow\nmlflow.pyfunc.load_model('models:/m@best')",
                Hub::Mlflow,
                "m",
                Revision::Named("best".into()),
            ),
            ("import spacy\nspacy.load('en_core_web_sm')", Hub::Spacy, "en_core_web_sm", Revision::Computed),
            ("N = 'a/b'\nX.from_pretrained(N)", Hub::HuggingFace, "a/b", Revision::Newest),
            (
                "import wandb\nr = wandb.init()\nr.use_artifact('e/p/m:v3')",
                Hub::Wandb,
                "e/p/m",
                Revision::Named("v3".into()),
            ),
        ] {
            let found = all(source);
            assert_eq!(found.len(), 1, "{source}");
            assert_eq!(
                (found[0].hub, found[0].name.as_str(), &found[0].revision),
                (hub, name, &revision),
                "{source}"
            );
        }
        for source in [
            "load_dataset('csv', data_files='x.csv')",
            "X.from_pretrained('./here')",
            "import timm\ntimm.create_model('resnet50')",
            "import torch\ntorch.hub.load('/srv/repo', 'm', source='local')",
            "from transformers import pipeline\npipeline('sentiment-analysis')",
        ] {
            assert_eq!(all(source), [], "{source}");
        }
    }
}
