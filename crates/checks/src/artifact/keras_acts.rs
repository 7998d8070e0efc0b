//! What rebuilding a Keras configuration does: which classes and functions it reaches, with which values.
//!
//! Knowledge: `_retrieve_class_or_fn` of `keras/src/saving/serialization_lib.py` imports `module` and takes
//! `class_name` out of it; Keras 3.9 and later ask for a Keras class, earlier ones take anything. Names without a
//! module are looked up among Keras's own and what the program registered.

use vauban_formats::keras::Keras;
use vauban_formats::yaml::{Node, Value};
use vauban_knowledge::{Calls, Effect};

use super::command::command;

/// What comes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Runs code.
    Code,
    /// Reads or writes files.
    Files,
    /// Reaches the network.
    Network,
    /// Imports a module that is not Keras's and calls what is in it.
    Foreign,
    /// Needs a class that the program must have registered.
    Custom,
}

/// One thing that rebuilding does.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) kind: Kind,
    /// Stable name of what is reached, `os.system`, `Lambda`.
    pub(super) name: String,
    /// Where in the configuration.
    pub(super) path: String,
    /// What happens, for people.
    pub(super) message: String,
    /// The object, shortened.
    pub(super) excerpt: String,
}

/// Packages whose classes are Keras's own or its family's.
const FAMILY: &[&str] = &["keras", "keras_core", "keras_cv", "keras_hub", "keras_nlp", "tf_keras"];

/// Parts of Keras that hold classes and functions to build models from; everything else is reached by nobody's model.
const PARTS: &[&str] = &[
    "activations",
    "applications",
    "constraints",
    "dtype_policies",
    "engine",
    "initializers",
    "layers",
    "legacy",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "quantizers",
    "random",
    "regularizers",
    "tokenizers",
    "trainers",
];

/// Functions and classes of Keras that do more than compute.
const POWERS: &[(&str, Kind, &str)] = &[
    (
        "TFSMLayer",
        Kind::Code,
        "loads the SavedModel at a path of the configuration's choice, with all its operators",
    ),
    ("TorchModuleWrapper", Kind::Code, "unpickles a PyTorch module that the configuration carries"),
    ("audio_dataset_from_directory", Kind::Files, "reads files of the host"),
    ("clear_session", Kind::Code, "changes the state of Keras"),
    ("custom_object_scope", Kind::Code, "changes what names mean to Keras"),
    ("deserialize_keras_object", Kind::Code, "rebuilds an object out of data"),
    ("disable_interactive_logging", Kind::Code, "changes the state of Keras"),
    ("download_file", Kind::Network, "fetches a file"),
    (
        "enable_unsafe_deserialization",
        Kind::Code,
        "switches off the protection against code in configurations",
    ),
    ("exec_kwargs", Kind::Code, "runs code"),
    ("extract_archive", Kind::Files, "unpacks an archive onto the disk"),
    ("func_load", Kind::Code, "unmarshals code"),
    ("get_custom_objects", Kind::Code, "changes what names mean to Keras"),
    ("get_file", Kind::Network, "fetches a file and unpacks it where the configuration says"),
    ("image_dataset_from_directory", Kind::Files, "reads files of the host"),
    ("load_data", Kind::Network, "fetches a data set"),
    ("load_img", Kind::Files, "reads a file of the host"),
    ("load_model", Kind::Code, "loads another model, which may run code"),
    ("load_weights", Kind::Files, "reads a file of the host"),
    ("model_from_config", Kind::Code, "rebuilds a model out of data"),
    ("model_from_json", Kind::Code, "rebuilds a model out of data"),
    ("model_from_yaml", Kind::Code, "rebuilds a model out of YAML, which runs code"),
    ("save_img", Kind::Files, "writes a file"),
    ("save_model", Kind::Files, "writes a file"),
    ("save_weights", Kind::Files, "writes a file"),
    ("set_backend", Kind::Code, "changes the state of Keras"),
    ("text_dataset_from_directory", Kind::Files, "reads files of the host"),
];

/// Forms of values that the format knows beside classes.
const FORMS: &[&str] = &[
    "CompositeTensor",
    "TensorShape",
    "TypeSpec",
    "__bytes__",
    "__complex__",
    "__dict__",
    "__dtype__",
    "__ellipsis__",
    "__keras_tensor__",
    "__none__",
    "__numpy__",
    "__set__",
    "__shape__",
    "__slice__",
    "__tensor__",
    "__tuple__",
    "__typespec__",
];

/// Everything that rebuilding the configuration does beyond building layers of Keras.
pub(super) fn acts(keras: &Keras, calls: &Calls) -> Vec<Act> {
    let mut found: Vec<Act> = Vec::new();
    let mut tell = |kind, name: &str, path: &str, message: String, node: &Node| {
        let same = |act: &&Act| act.kind == kind && act.name == name;
        if found.len() < 500 && found.iter().find(same).is_none() {
            let excerpt = shown(node);
            let path = path.trim_start_matches('.').to_owned();
            found.push(Act { kind, name: name.to_owned(), path, message, excerpt });
        }
    };
    keras.visit(&mut |path, node| object(path, node, calls, &mut tell));
    for (line, tag) in &keras.tags {
        if matches!(
            tag.as_str(),
            "bool"
                | "bytes"
                | "complex"
                | "dict"
                | "float"
                | "int"
                | "list"
                | "long"
                | "none"
                | "str"
                | "tuple"
                | "unicode"
        ) {
            continue;
        }
        let message = format!("YAML calls Python itself: `!!python/{}`", tag.escape_debug());
        let node = Node::scalar(*line, tag.clone(), true);
        tell(Kind::Code, tag, &format!("line {line}"), message, &node);
    }
    keras.root.visit_scalars(|path, node| {
        let text = node.text_or_empty();
        if let Some(found) = command(text) {
            let message = format!("the text at `{path}` is a command: `{}`", found.excerpt);
            tell(Kind::Code, found.word, path, message, node);
        }
    });
    found
}

fn object(path: &str, node: &Node, calls: &Calls, tell: &mut dyn FnMut(Kind, &str, &str, String, &Node)) {
    let class = node.get("class_name").text_or_empty();
    let module = node.get("module").text_or_empty();
    let registered = node.get("registered_name").text_or_empty();
    let config = node.get("config");
    if class == "Lambda" {
        lambda(path, node, calls, tell);
        return;
    }
    if class == "__lambda__" {
        let message = "rebuilds a Python function out of the code that the configuration carries".to_owned();
        tell(Kind::Code, "__lambda__", path, message, node);
        return;
    }
    if class == "function" {
        let name = config.text().unwrap_or(registered);
        reach(module, name, true, path, node, calls, tell);
        return;
    }
    if class == "KerasLayer" && module.is_empty() || module.starts_with("tensorflow_hub") {
        let message = "loads a module of TensorFlow Hub, from wherever its handle says".to_owned();
        return tell(Kind::Custom, "KerasLayer", path, message, node);
    }
    for key in ["cmd", "code", "command", "eval", "exec", "payload", "script", "shell"] {
        let value = config.get(key).text_or_empty();
        if !value.is_empty() && class != "__lambda__" {
            let message = format!(
                "`{}` is given a {key}, which no layer of Keras takes: `{}`",
                class.escape_debug(),
                value.chars().take(120).collect::<String>().escape_debug()
            );
            tell(Kind::Foreign, &format!("{class}.{key}"), path, message, node);
        }
    }
    if class == "__typespec__" && !module.starts_with("tensorflow.") {
        return reach(module, node.get("spec_name").text_or_empty(), true, path, node, calls, tell);
    }
    if FORMS.contains(&class) {
        return;
    }
    for key in ["filepath", "handle", "idf_weights", "merges", "proto", "vocabulary", "vocabulary_file"] {
        let value = config.get(key).text_or_empty();
        if leaves_the_model(value) {
            let message = format!("`{class}` reads `{}` when it is rebuilt", value.escape_debug());
            let kind = if value.contains("://") { Kind::Network } else { Kind::Files };
            tell(kind, &format!("{class}.{key}"), path, message, node);
        }
    }
    reach(module, class, false, path, node, calls, tell);
}

/// Whether a text names a file or address outside of the model's own.
fn leaves_the_model(value: &str) -> bool {
    let drive = matches!(value.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let single_line = value.len() < 4096 && !value.contains('\n');
    single_line
        && (value.starts_with('/') && value.len() > 1
            || value.starts_with("~/")
            || value.starts_with("\\\\")
            || drive
            || value.contains("://")
            || value.split(['/', '\\']).any(|part| part == ".."))
}

fn lambda(path: &str, node: &Node, calls: &Calls, tell: &mut dyn FnMut(Kind, &str, &str, String, &Node)) {
    let config = node.get("config");
    let function = config.get("function");
    let kind = config.get("function_type").text_or_empty();
    let module = config.get("module").text_or_empty();
    let carries = match &function.value {
        Value::List(_) => true,
        // An object: `__lambda__` is told by itself, a function by its name.
        Value::Map(_) => return,
        Value::Scalar { text, .. } => kind == "lambda" || !is_name(text),
        _ => false,
    };
    if carries {
        let message = "a Lambda layer runs Python code that the configuration carries".to_owned();
        return tell(Kind::Code, "Lambda", path, message, node);
    }
    let name = function.text_or_empty();
    if !name.is_empty() {
        reach(module, name, true, path, node, calls, tell);
    }
    for key in ["output_shape", "mask"] {
        if config.get(&format!("{key}_type")).text() == Some("lambda")
            || config.get(key).items().first().and_then(Node::text).is_some_and(|text| text.len() > 24)
        {
            let message =
                format!("a Lambda layer computes its {key} by Python code that the configuration carries");
            tell(Kind::Code, "Lambda", path, message, node);
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|char| char.is_alphanumeric() || char == '_' || char == '.' || char == '>')
}

/// Looks a class or function up and and says what that does.
fn reach(
    module: &str,
    name: &str,
    function: bool,
    path: &str,
    node: &Node,
    calls: &Calls,
    tell: &mut dyn FnMut(Kind, &str, &str, String, &Node),
) {
    let last = name.rsplit('.').next().unwrap_or(name);
    let full = if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") };
    let shown = full.escape_debug().to_string();
    let package = full.split('.').next().unwrap_or_default();
    if let Some(known) = calls
        .lookup(module, name)
        .or_else(|| calls.lookup("builtins", name).filter(|_| module.is_empty() || module == "builtins"))
        && !known.effect.is_expected()
        && !FAMILY.contains(&package)
    {
        let (kind, verb) = match known.effect {
            Effect::FileRead | Effect::FileWrite => (Kind::Files, "reads or writes files"),
            Effect::Network => (Kind::Network, "reaches the network"),
            _ => (Kind::Code, "runs code or programs"),
        };
        let message = format!("imports `{shown}`, which {verb}");
        return tell(kind, &full, path, message, node);
    }
    let family = module.is_empty() && !name.contains('.')
        || FAMILY.contains(&package)
        || module.starts_with("tensorflow.keras")
        || module.starts_with("tensorflow.python.keras")
        || module == "builtins";
    if family {
        if let Some((_, kind, what)) = POWERS.iter().find(|(power, ..)| *power == last) {
            let message = format!("`{shown}` {what}");
            return tell(*kind, &full, path, message, node);
        }
        let mut parts = module
            .split('.')
            .filter(|part| !matches!(*part, "src" | "api" | "_tf_keras" | "python" | "tensorflow"));
        let base = parts.next().unwrap_or_default();
        let part = parts.next();
        let own = !FAMILY.contains(&base)
            || part.is_none_or(|part| PARTS.contains(&part))
            || base != "keras" && base != "tf_keras";
        // Names that begin with a small letter in parts without functions are modules or helpers.
        let helper = part.is_some_and(|part| matches!(part, "layers" | "models" | "engine" | "legacy"))
            && last.starts_with(|char: char| char.is_lowercase())
            && module.contains(".src")
            && function;
        if !own || helper {
            let message = format!("reaches into Keras for `{shown}`, which is no part of a model");
            return tell(Kind::Foreign, &full, path, message, node);
        }
        if module.is_empty()
            && node.get("registered_name").text().is_some_and(|name| !name.is_empty())
            && node.get("module").is_null()
        {
            let message =
                format!("needs the custom object `{}`, which the program must have registered", shown);
            tell(Kind::Custom, &full, path, message, node);
        }
        return;
    }
    if is_name(&full) && known_layers(module) {
        let message = format!("needs `{shown}`, from a package that extends Keras");
        return tell(Kind::Custom, &full, path, message, node);
    }
    // A class is checked to be a layer before it is called; a function is just called.
    let registered = node.get("registered_name").text_or_empty();
    if !function && (registered.contains('>') || module == "__main__") {
        let message = format!("needs the custom class `{shown}`, which the program must have registered");
        return tell(Kind::Custom, &full, path, message, node);
    }
    let message = format!("imports `{shown}`, which is not Keras's, and calls it");
    tell(Kind::Foreign, &full, path, message, node);
}

/// Packages that extend Keras.
fn known_layers(module: &str) -> bool {
    const PACKAGES: &[&str] = &[
        "autokeras",
        "bayesflow",
        "kerastuner",
        "keras_contrib",
        "keras_tuner",
        "larq",
        "qkeras",
        "spektral",
        "tcn",
        "tensorflow_addons",
        "tensorflow_decision_forests",
        "tensorflow_model_optimization",
        "tensorflow_probability",
        "tensorflow_recommenders",
        "transformers",
    ];
    module.split('.').next().is_some_and(|package| PACKAGES.contains(&package))
}

/// A small listing of an object: class, module and the first of its settings.
fn shown(node: &Node) -> String {
    if let Some(text) = node.text() {
        return text.chars().take(200).collect::<String>().escape_debug().to_string();
    }
    let mut lines = Vec::new();
    for key in ["module", "class_name", "registered_name"] {
        if let Some(text) = node.get(key).text() {
            lines.push(format!("{key}: {}", text.chars().take(120).collect::<String>().escape_debug()));
        }
    }
    node.get("config").visit_scalars(|path, value| {
        if lines.len() < 10 {
            let text: String = value.text_or_empty().chars().take(80).collect();
            let path = if path.is_empty() { "config".to_owned() } else { format!("config.{path}") };
            lines.push(format!("{path}: {}", text.escape_debug()));
        }
    });
    lines.join("\n")
}
