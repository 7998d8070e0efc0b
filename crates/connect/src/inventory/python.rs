//! Python source: agents with their tools and prompts, pipelines, and what code loads or makes.

mod agent;
mod data;
mod orchestration;
mod serving;
mod tool;

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::python::fetch::{Hub, fetched};
use vauban_formats::python::{Call, Python, Value};

use super::{Collector, Seen, identity};

/// Maps a source file.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Python(python) = &seen.parsed.facts else { return };
    let at = |line: u32| seen.locator().at_line(line);
    if agent::map(seen, python, collector) {
        serving::map(seen, python, collector);
        orchestration::map(seen, python, collector);
        return;
    }
    if serving::map(seen, python, collector) {
        return;
    }
    if orchestration::map(seen, python, collector) {
        return;
    }
    let trains = python.calls.iter().any(is_training);
    let loads = |call: &Call| {
        loaded(call).is_some()
            || fetched(call, python).is_some()
            || data::is_read(call)
            || data::store(call).is_some()
    };
    if trains || python.calls.iter().any(loads) {
        let (component, layer, role) = if trains {
            ("training_pipeline", Layer::DataOperations, "training")
        } else {
            ("ci_pipeline", Layer::Deployment, "loads models or data")
        };
        let home = collector.file_asset(
            AssetKind::Pipeline,
            component,
            layer,
            &[("format", "python"), ("role", role)],
        );
        relate(&home, python, at, collector);
    }
}

/// What the code loads, makes and fetches, as relations of `home`; `at` makes a locator of a line.
pub(super) fn relate(
    home: &AssetId,
    python: &Python,
    at: impl Fn(u32) -> Locator,
    collector: &mut Collector,
) {
    for call in &python.calls {
        if let Some((kind, path)) = loaded(call) {
            collector.link(home, kind, &path, at(call.line));
        }
        if let Some(path) = made(call) {
            collector.link(home, RelationKind::Produces, &path, at(call.line));
        }
        data::relate(home, call, at(call.line), collector);
        if let Some(remote) = fetched(call, python) {
            let locator = at(call.line);
            let kind = if remote.dataset { AssetKind::Dataset } else { AssetKind::Model };
            let asset = match remote.hub {
                Hub::HuggingFace => identity::hugging_face(
                    kind,
                    &remote.name,
                    remote.version(),
                    Confidence::Declared,
                    locator.clone(),
                ),
                hub => hub_asset(kind, hub, &remote.name, remote.version(), locator.clone()),
            };
            let id = collector.asset(asset);
            collector.relation(Relation::new(
                home.clone(),
                RelationKind::Loads,
                id,
                Confidence::Declared,
                locator,
            ));
        }
    }
}

/// Fits or trains a model.
fn is_training(call: &Call) -> bool {
    let name = call.name();
    let fits = matches!(name, "fit" | "fit_transform" | "partial_fit") && call.callee.contains('.');
    fits || name == "backward"
        || call.callee.ends_with("Trainer().train")
        || name == "Trainer" && call.callee.starts_with("trl.")
        || call.callee.ends_with("SFTTrainer().train")
        || call.callee == "lightgbm.train"
        || call.callee == "xgboost.train"
}

/// A local path that a call reads a model or data from.
fn loaded(call: &Call) -> Option<(RelationKind, String)> {
    const DATA: &[&str] = &[
        "read_csv",
        "read_parquet",
        "read_json",
        "read_feather",
        "read_excel",
        "loadtxt",
        "genfromtxt",
        "scan_csv",
        "scan_parquet",
    ];
    const MODELS: &[&str] = &[
        "InferenceSession",
        "joblib.load",
        "torch.load",
        "load_file",
        "load_model",
        "onnx.load",
        "safe_open",
        "Llama",
        "Booster",
        "CatBoost",
        "YOLO",
        "WhisperModel",
        "from_single_file",
        "cloudpickle.load",
        "dill.load",
        "pandas.read_pickle",
        "pickle.load",
        "load_local",
        "read_index",
        "skops.io.load",
    ];
    let path = call.arguments.first().or_else(|| call.keyword("path")).or_else(|| call.keyword("model_path"));
    let path = path.and_then(Value::literal).filter(|path| is_path(path))?;
    let name = call.name();
    let ends = |list: &[&str]| list.iter().any(|known| *known == name || *known == call.callee);
    if ends(DATA) {
        return Some((RelationKind::Reads, path.to_owned()));
    }
    if ends(MODELS) {
        return Some((RelationKind::Loads, path.to_owned()));
    }
    if call.callee == "numpy.load" || name == "load_dataset" {
        return Some((RelationKind::Reads, path.to_owned()));
    }
    let writes =
        call.argument(1, "mode").and_then(Value::literal).is_some_and(|mode| mode.contains(['w', 'a', 'x']));
    (call.callee == "open" && !writes).then(|| (RelationKind::Reads, path.to_owned()))
}

/// A local path that a call writes a model or data to.
fn made(call: &Call) -> Option<String> {
    let (place, keyword) = match (call.callee.as_str(), call.name()) {
        ("joblib.dump" | "torch.save" | "onnx.save", _) => (1, "filename"),
        ("safetensors.torch.save_file" | "safetensors.numpy.save_file", _) => (1, "filename"),
        ("torch.onnx.export", _) => (2, "f"),
        ("numpy.save" | "numpy.savez" | "numpy.savetxt", _) => (0, "file"),
        (_, "save_pretrained" | "save_model" | "to_csv" | "to_parquet" | "to_feather") => (0, "path"),
        (_, "save") if call.callee.contains("odel") => (0, "filepath"),
        ("open", _) => {
            let mode = call.argument(1, "mode").and_then(Value::literal)?;
            mode.contains(['w', 'x']).then_some((0, "file"))?
        }
        _ => return None,
    };
    call.argument(place, keyword).and_then(Value::literal).filter(|path| is_path(path)).map(str::to_owned)
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.len() < 512 && !text.contains("://") && !text.contains(['\n', '{', '*'])
}

/// A model or data set of a hub or registry without repositories of Hugging Face.
fn hub_asset(kind: AssetKind, hub: Hub, name: &str, version: Option<&str>, locator: Locator) -> Asset {
    let (component, layer) = match kind {
        AssetKind::Dataset => ("dataset", Layer::DataOperations),
        _ => ("model", Layer::FoundationModels),
    };
    let name = format!("{}/{name}", hub.as_str());
    let asset =
        Asset::new(kind, component, layer, &name, Confidence::Declared, locator).with("source", hub.as_str());
    match version {
        Some(version) => asset.with("version", version),
        None => asset,
    }
}

/// A literal, or the literal that a name is assigned.
fn text_of<'a>(value: &'a Value, python: &'a Python) -> Option<&'a str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Name(name) => {
            python.assignments.iter().find(|assignment| assignment.target == *name)?.value.literal()
        }
        _ => None,
    }
}
