//! `code-unsafe-load`.

use vauban_domain::{Severity, rule};
use vauban_formats::python::{Call, Python, Value};

use super::call::evidence;
use crate::{Check, Look, Report, Subject};

rule! {
    /// Code loads a file in a way that lets the file run code.
    pub(super) const RULE: "code-unsafe-load" {
        family: Code,
        severity: High,
        title: "code loads a file in a format that can run code",
        why: "pickle and formats built on it call whatever the file names while it is read; whoever can change the file controls the process that loads it",
        remedy: "load weights as safetensors or ONNX, pass weights_only=True, allow_pickle=False or SafeLoader, or check a signature before loading",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-502"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.1@2025-02", "X.1@2025-02"],
        source: "https://docs.python.org/3/library/pickle.html",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

/// Callables that unpickle whatever they are given.
const ALWAYS: &[&str] = &[
    "_pickle.Unpickler",
    "_pickle.load",
    "_pickle.loads",
    "cPickle.load",
    "cPickle.loads",
    "cloudpickle.Unpickler",
    "cloudpickle.load",
    "cloudpickle.loads",
    "compress_pickle.load",
    "compress_pickle.loads",
    "dill.Unpickler",
    "dill.load",
    "dill.load_module",
    "dill.load_session",
    "dill.loads",
    "joblib.load",
    "jsonpickle.decode",
    "keras.config.enable_unsafe_deserialization",
    "keras.src.saving.serialization_lib.enable_unsafe_deserialization",
    "pandas.io.pickle.read_pickle",
    "pandas.read_pickle",
    "pickle.Unpickler",
    "pickle._Unpickler",
    "pickle.load",
    "pickle.loads",
    "pickle5.load",
    "pickle5.loads",
    "ruamel.yaml.unsafe_load",
    "shelve.open",
    "sklearn.externals.joblib.load",
    "yaml.unsafe_load",
    "yaml.unsafe_load_all",
];
/// Loaders of YAML that build no objects.
const SAFE_LOADERS: [&str; 4] = ["SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader"];

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    for call in &subject.facts.calls {
        let Some((severity, reason)) = unsafe_because(call) else { continue };
        let message = format!("`{}` {reason}", call.callee);
        report.find_as(severity, &subject.asset.id, message, evidence(subject, call, &call.callee));
    }
}

fn unsafe_because(call: &Call) -> Option<(Severity, &'static str)> {
    let callee = call.callee.as_str();
    let is = |name: &str, value: bool| call.keyword(name) == Some(&Value::Bool(value));
    if ALWAYS.binary_search(&callee).is_ok() {
        // What was pickled in the same expression comes from nobody else.
        let own = matches!(call.arguments.first(), Some(Value::Call(made)) if made.ends_with(".dumps"));
        return (!own).then_some((Severity::High, "runs code that the file names"));
    }
    match callee {
        "torch.load" if is("weights_only", false) => {
            Some((Severity::High, "runs code that the file names, because weights_only is False"))
        }
        "torch.load" if call.keyword("weights_only").is_none() && !call.has_unpacked_keywords() => Some((
            Severity::Medium,
            "runs code that the file names before PyTorch 2.6; say weights_only=True",
        )),
        "numpy.load" if is("allow_pickle", true) => {
            Some((Severity::High, "unpickles arrays of objects, because allow_pickle is True"))
        }
        "yaml.load" | "yaml.load_all" => match call.argument(1, "Loader") {
            Some(Value::Name(loader)) if SAFE_LOADERS.iter().any(|safe| loader.ends_with(safe)) => None,
            Some(Value::Name(loader)) if loader.ends_with("FullLoader") => None,
            Some(Value::Name(loader)) if !loader.starts_with("yaml.") => None,
            None if call.has_unpacked_keywords() => None,
            _ => Some((Severity::High, "builds any Python object that the text names; use yaml.safe_load")),
        },
        "numpy.lib.format.read_array" if is("allow_pickle", true) => {
            Some((Severity::High, "unpickles arrays of objects, because allow_pickle is True"))
        }
        _ if is("allow_dangerous_deserialization", true) => {
            Some((Severity::High, "unpickles what lies beside the index, because it is allowed to"))
        }
        _ if call.name() == "load_model" && is("safe_mode", false) => {
            Some((Severity::High, "runs lambdas and code stored in the model, because safe_mode is False"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ALWAYS.is_sorted());
    }
}
