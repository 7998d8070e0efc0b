//! Model and data files, whatever format they are in.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetKind, Confidence, Layer};
use vauban_formats::onnx::{Dimension, Onnx, ValueInfo, ValueType};
use vauban_formats::pickle::Pickle;
use vauban_formats::{Facts, Parsed};

use super::{Collector, Seen, hugging_face};

/// What a file is, and what is known about it.
struct Described {
    kind: AssetKind,
    attributes: BTreeMap<&'static str, String>,
}

impl Described {
    fn new(kind: AssetKind, format: &str) -> Self {
        Self { kind, attributes: BTreeMap::from([("format", format.to_owned())]) }
    }

    /// Adds a fact unless there is nothing to say.
    fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        let value = value.to_string();
        if !value.is_empty() && value != "0" {
            self.attributes.insert(key, value);
        }
        self
    }
}

/// A model or a data set for every file that holds one.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    if let Some((whole, parts)) = hugging_face::whole_of(seen.path)
        && hugging_face::cached(seen.path).is_none()
    {
        shard(seen, &whole, parts, collector);
        return;
    }
    let Some(described) = describe(seen.parsed, seen.file_name(), 0) else { return };
    // In a cache of the hub all files of a snapshot are one model or data set.
    if let Some(mut repository) = hugging_face::repository(seen) {
        for (key, value) in described.attributes {
            repository = repository.with(key, value);
        }
        let id = collector.asset(repository);
        collector.home(&id);
        return;
    }
    let attributes: Vec<(&str, &str)> =
        described.attributes.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let (component, layer) = match described.kind {
        AssetKind::Dataset => ("dataset", Layer::DataOperations),
        _ => ("model", Layer::FoundationModels),
    };
    collector.file_asset(described.kind, component, layer, &attributes);
}

/// A part of a model that is kept in several files: all of them are one asset, named like the file they would be.
fn shard(seen: &Seen<'_>, whole: &str, parts: u32, collector: &mut Collector) {
    let described = describe(seen.parsed, seen.file_name(), 0);
    if described.is_none() && !matches!(seen.parsed.facts, Facts::HuggingFace(_)) {
        return;
    }
    let mut asset = Asset::new(
        AssetKind::Model,
        "model",
        Layer::FoundationModels,
        whole,
        Confidence::Verified,
        seen.locator(),
    );
    for (key, value) in described.into_iter().flat_map(|described| described.attributes) {
        // How many parameters one part has says nothing about the whole.
        if key != "parameters" {
            asset = asset.with(key, value);
        }
    }
    if parts > 0 {
        asset = asset.with("shards", parts.to_string());
    }
    let id = collector.asset(asset);
    collector.home(&id);
}

/// Containers looked into for what a file is.
const DEPTH: u32 = 4;

fn describe(parsed: &Parsed, name: &str, depth: u32) -> Option<Described> {
    match &parsed.facts {
        Facts::Gguf(gguf) => Some(
            Described::new(AssetKind::Model, "gguf")
                .with("framework", "llama.cpp")
                .with("parameters", gguf.elements())
                .with("architecture", gguf.text("general.architecture").unwrap_or_default())
                .with("licence", gguf.text("general.license").unwrap_or_default()),
        ),
        Facts::Executable(program) if program.model.is_some() => {
            Some(Described::new(AssetKind::Model, "llamafile").with("framework", "llama.cpp"))
        }
        Facts::Java(_) => Some(Described::new(AssetKind::Model, "java")),
        Facts::Spark(_) => Some(Described::new(AssetKind::Model, "spark").with("framework", "spark")),
        Facts::Mat(_) => Some(Described::new(AssetKind::Dataset, "mat")),
        Facts::Coreml(_) => Some(Described::new(AssetKind::Model, "coreml").with("framework", "coreml")),
        Facts::Paddle(_) => {
            Some(Described::new(AssetKind::Model, "paddle").with("framework", "paddlepaddle"))
        }
        Facts::Mxnet(_) => Some(Described::new(AssetKind::Model, "mxnet").with("framework", "mxnet")),
        Facts::Cntk(_) => Some(Described::new(AssetKind::Model, "cntk").with("framework", "cntk")),
        Facts::Engine(_) => Some(Described::new(AssetKind::Model, "engine")),
        Facts::Hdf5(file) => {
            let model = parsed.members.iter().any(|member| matches!(member.parsed.facts, Facts::Keras(_)))
                || file.datasets.iter().any(|dataset| dataset.path.contains("/vars/"));
            Some(Described::new(if model { AssetKind::Model } else { AssetKind::Dataset }, "hdf5"))
        }
        Facts::Keras(model) => Some(
            Described::new(AssetKind::Model, "keras")
                .with("framework", "keras")
                .with("version", model.version()),
        ),
        Facts::TensorFlow(graph) => Some(
            Described::new(AssetKind::Model, "tensorflow")
                .with("framework", "tensorflow")
                .with("version", &graph.version),
        ),
        Facts::Checkpoint(_) => {
            Some(Described::new(AssetKind::Model, "tensorflow-checkpoint").with("framework", "tensorflow"))
        }
        Facts::Tfjs(model) => Some(
            Described::new(AssetKind::Model, "tfjs")
                .with("framework", "tensorflow.js")
                .with("version", &model.made_by),
        ),
        Facts::Tflite(_) => {
            Some(Described::new(AssetKind::Model, "tflite").with("framework", "tensorflow lite"))
        }
        Facts::Npy(npy) => Some(
            Described::new(AssetKind::Dataset, "npy")
                .with("rows", npy.shape.first().copied().unwrap_or(1))
                .with("columns", npy.shape.get(1).copied().unwrap_or(1))
                .with("dtype", &npy.dtype),
        ),
        Facts::Onnx(onnx) => onnx.graph.is_some().then(|| describe_onnx(onnx)),
        Facts::Pickle(pickle) => Some(describe_pickle(pickle, name)),
        Facts::Safetensors(tensors) => {
            let framework = match tensors.metadata.get("format").map(String::as_str) {
                Some("pt") => "pytorch",
                Some("tf") => "tensorflow",
                Some("flax") => "flax",
                Some("mlx") => "mlx",
                _ => "",
            };
            Some(
                Described::new(AssetKind::Model, "safetensors")
                    .with("framework", framework)
                    .with("parameters", tensors.elements())
                    .with("licence", tensors.metadata.get("license").map_or("", String::as_str)),
            )
        }
        Facts::ExecuTorch(program) => Some(
            Described::new(AssetKind::Model, "executorch")
                .with("framework", "pytorch")
                .with("operators", program.operators.len()),
        ),
        Facts::Torch7(_) => Some(Described::new(AssetKind::Model, "torch7").with("framework", "torch7")),
        Facts::Torch(torch) => Some(
            Described::new(AssetKind::Model, if torch.script { "torchscript" } else { "torch" })
                .with("framework", "pytorch")
                .with("version", &torch.version)
                .with("parameters", torch.elements()),
        ),
        Facts::Arrow(table) => Some(
            Described::new(AssetKind::Dataset, "arrow")
                .with("rows", table.rows)
                .with("columns", table.columns.len()),
        ),
        Facts::Parquet(table) => Some(
            Described::new(AssetKind::Dataset, "parquet")
                .with("rows", table.rows)
                .with("columns", table.columns.len()),
        ),
        Facts::Skops(_) => Some(Described::new(AssetKind::Model, "skops").with("framework", "scikit-learn")),
        Facts::Xgboost(model) => Some(
            Described::new(AssetKind::Model, "xgboost")
                .with("framework", "xgboost")
                .with("version", &model.version),
        ),
        Facts::Lightgbm(_) => {
            Some(Described::new(AssetKind::Model, "lightgbm").with("framework", "lightgbm"))
        }
        Facts::Catboost(_) => {
            Some(Described::new(AssetKind::Model, "catboost").with("framework", "catboost"))
        }
        Facts::Pmml(model) => {
            Some(Described::new(AssetKind::Model, "pmml").with("framework", &model.application))
        }
        Facts::OpenVino(_) => {
            Some(Described::new(AssetKind::Model, "openvino").with("framework", "openvino"))
        }
        Facts::Msgpack(tree) if tree.arrays > 0 => Some(
            Described::new(AssetKind::Model, "msgpack")
                .with("framework", "flax")
                .with("parameters", tree.elements),
        ),
        Facts::Compressed(stream) if depth < DEPTH => {
            let member = parsed.members.first()?;
            let described = describe(&member.parsed, name, depth + 1)?;
            Some(described.with("compression", stream.codec.as_str()))
        }
        Facts::Zip(_) if depth < DEPTH => describe_zip(parsed),
        _ => None,
    }
}

/// An archive of arrays is a data set, one with a model in it is a model, others are nothing to us.
fn describe_zip(parsed: &Parsed) -> Option<Described> {
    let arrays = parsed.members.iter().all(|member| matches!(member.parsed.facts, Facts::Npy(_)));
    if arrays && !parsed.members.is_empty() {
        return Some(Described::new(AssetKind::Dataset, "npz").with("arrays", parsed.members.len()));
    }
    let inside = parsed.members.iter().find_map(|member| match member.parsed.facts {
        Facts::Gguf(_)
        | Facts::Keras(_)
        | Facts::Onnx(_)
        | Facts::Pickle(_)
        | Facts::Safetensors(_)
        | Facts::Torch(_) => describe(&member.parsed, &member.name, DEPTH),
        _ => None,
    })?;
    Some(inside.with("format", "zip"))
}

/// Packages whose objects make a pickle a model, and what the package is called.
const FRAMEWORKS: &[(&str, &str)] = &[
    ("catboost", "catboost"),
    ("keras", "keras"),
    ("lightgbm", "lightgbm"),
    ("sklearn", "scikit-learn"),
    ("statsmodels", "statsmodels"),
    ("tensorflow", "tensorflow"),
    ("torch", "pytorch"),
    ("transformers", "transformers"),
    ("xgboost", "xgboost"),
];

/// Packages whose objects are data.
const DATA: &[&str] = &["numpy", "pandas", "polars", "pyarrow", "scipy"];

fn describe_pickle(pickle: &Pickle, name: &str) -> Described {
    let packages: BTreeSet<&str> =
        pickle.imports().map(|import| import.module.split('.').next().unwrap_or_default()).collect();
    // A gradient booster inside a pipeline is named by the more specific of the two.
    let framework = FRAMEWORKS
        .iter()
        .filter(|(package, _)| packages.contains(package))
        .max_by_key(|(package, _)| *package != "sklearn" && *package != "torch")
        .map(|(_, framework)| *framework);
    let joblib = pickle.streams.iter().any(|stream| stream.raw_bytes > 0) || name.contains(".joblib");
    let data = framework.is_none() && packages.iter().any(|package| DATA.contains(package));
    let strangers = packages.iter().any(|package| {
        !DATA.contains(package)
            && !matches!(
                *package,
                "_codecs" | "builtins" | "collections" | "copy_reg" | "copyreg" | "datetime" | "joblib"
            )
    });
    let kind = if data && !strangers { AssetKind::Dataset } else { AssetKind::Model };
    let format = match (pickle.torch_legacy, joblib) {
        (true, _) => "torch",
        (_, true) => "joblib",
        _ => "pickle",
    };
    let framework = if pickle.torch_legacy { "pytorch" } else { framework.unwrap_or_default() };
    Described::new(kind, format).with("framework", framework).with("class", result_class(pickle))
}

/// The class of the object that the first stream returns.
fn result_class(pickle: &Pickle) -> String {
    let class = pickle.streams.first().and_then(|stream| {
        let call = stream.call(stream.result)?;
        let maker = stream.import(call.callee)?;
        // `copyreg` and `numpy` make objects on behalf of the class that comes first.
        let first = stream.items(call.arguments).first().and_then(|first| stream.import(*first));
        let import = if maker.name.starts_with('_') { first.unwrap_or(maker) } else { maker };
        Some(format!("{}.{}", import.module, import.name))
    });
    class.unwrap_or_default()
}

/// Operator names that are listed.
const OPERATORS: usize = 64;

fn describe_onnx(onnx: &Onnx) -> Described {
    let mut operators = BTreeSet::new();
    onnx.visit_nodes(&mut |node| {
        let name =
            if node.domain.is_empty() { node.op.clone() } else { format!("{}.{}", node.domain, node.op) };
        operators.insert(name);
    });
    let mut parameters = 0_u64;
    onnx.visit_tensors(&mut |tensor| {
        parameters = parameters.saturating_add(tensor.elements().unwrap_or(0) as u64);
    });
    let operators: Vec<String> = operators.into_iter().take(OPERATORS).collect();
    let graph = onnx.graph.as_ref();
    let weights: BTreeSet<&str> =
        graph.iter().flat_map(|graph| &graph.initialisers).map(|tensor| tensor.name.as_str()).collect();
    let input =
        graph.and_then(|graph| graph.inputs.iter().find(|input| !weights.contains(input.name.as_str())));
    Described::new(AssetKind::Model, "onnx")
        .with("framework", &onnx.producer_name)
        .with("version", onnx.model_version)
        .with("operators", operators.join(" "))
        .with("parameters", parameters)
        .with("input_shape", input.map(shape).unwrap_or_default())
}

/// `?x3x224x224`.
fn shape(value: &ValueInfo) -> String {
    let ValueType::Tensor { shape: Some(dimensions), .. } = &value.value_type else { return String::new() };
    let extents: Vec<String> = dimensions
        .iter()
        .map(|dimension| match dimension {
            Dimension::Fixed(extent) => extent.to_string(),
            Dimension::Open(_) => "?".to_owned(),
        })
        .collect();
    extents.join("x")
}

#[cfg(test)]
mod tests {
    use vauban_formats::{Budget, Input};

    use super::*;

    #[track_caller]
    fn check(name: &str, bytes: &[u8], kind: AssetKind, expected: &[(&str, &str)]) {
        let budget = Budget::default();
        let parsed = vauban_formats::parse(&Input::new(name, bytes, &budget));
        let described = describe(&parsed, name, 0).expect("a model or data set");
        assert_eq!(described.kind, kind);
        let attributes: Vec<(&str, &str)> =
            described.attributes.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(attributes, expected);
    }

    #[test]
    fn pickles_are_named_by_what_they_hold() {
        check(
            "m.pkl",
            b"\x80\x02csklearn.svm._classes\nSVC\n)\x81.",
            AssetKind::Model,
            &[("class", "sklearn.svm._classes.SVC"), ("format", "pickle"), ("framework", "scikit-learn")],
        );
        check(
            "x.pkl",
            b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R.",
            AssetKind::Dataset,
            &[("class", "numpy.ndarray"), ("format", "pickle")],
        );
    }

    #[test]
    fn arrays_are_data_sets() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
        let bytes = [b"\x93NUMPY\x01\x00<\x00".as_slice(), header.as_bytes(), &[0; 24]].concat();
        check(
            "a.npy",
            &bytes,
            AssetKind::Dataset,
            &[("columns", "3"), ("dtype", "<f4"), ("format", "npy"), ("rows", "2")],
        );
    }
}
