//! MLflow models whose loader is foreign code.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::mlmodel::MlModel;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model names a loader that is no part of MLflow.
    pub const RULE: "mlflow-code-execution" {
        family: Artifact,
        severity: Medium,
        title: "the model is loaded by code that is no part of MLflow",
        why: "MLflow imports the loader module that the model names and calls it; a name outside MLflow is whatever lies on the path of whoever loads the model",
        remedy: "find out where the module comes from, and load the model with the flavour of its library",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-470", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "mlflow.pyfunc.load_model, mlflow models serve",
        source: "https://mlflow.org/docs/latest/ml/model/#model-format",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::MlModel(check) };

/// Loaders of MLflow itself, below `mlflow`.
const LOADERS: &[&str] = &[
    "ag2",
    "agno",
    "anthropic",
    "autogen",
    "autogluon",
    "bedrock",
    "catboost",
    "crewai",
    "diviner",
    "dspy",
    "fastai",
    "gluon",
    "h2o",
    "haystack",
    "johnsnowlabs",
    "keras",
    "keras_core",
    "langchain",
    "lightgbm",
    "litellm",
    "llama_index",
    "mleap",
    "onnx",
    "openai",
    "paddle",
    "pmdarima",
    "promptflow",
    "prophet",
    "pyspark",
    "pytorch",
    "sentence_transformers",
    "shap",
    "sklearn",
    "smolagents",
    "spacy",
    "spark",
    "statsmodels",
    "tensorflow",
    "transformers",
    "xgboost",
];
/// Loaders of MLflow that are no flavour.
const OWN: &[&str] = &[
    "mlflow.pyfunc.loaders.chat_agent",
    "mlflow.pyfunc.loaders.chat_model",
    "mlflow.pyfunc.loaders.code_model",
    "mlflow.pyfunc.loaders.responses_agent",
    "mlflow.pyfunc.model",
    "mlflow.dspy.wrapper",
    "mlflow.pyfunc.loaders.code",
];
/// Modules of Python that do harm whoever loads them.
const SYSTEM: &[&str] = &[
    "builtins",
    "code",
    "ctypes",
    "importlib",
    "os",
    "pickle",
    "pip",
    "posix",
    "pty",
    "runpy",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "webbrowser",
];

fn check(subject: &Subject<'_, MlModel>, report: &mut Report) {
    for flavor in &subject.facts.flavors {
        let Some(loader) = flavor.get("loader_module") else { continue };
        let first = loader.split('.').next().unwrap_or_default();
        let known = OWN.contains(&loader)
            || loader.strip_prefix("mlflow.").is_some_and(|rest| LOADERS.contains(&rest))
            // Flavours that ship as packages of their own.
            || matches!(first, "mlflow_extend" | "mlflow_vizmod" | "flavors" | "databricks" | "pyfunc_flavor" | "bigmlflow" | "sktime" | "mlflavors");
        if known {
            continue;
        }
        let own_code = flavor.get("code").is_some_and(|code| !code.is_empty());
        let severity = if SYSTEM.contains(&first) {
            Severity::High
        } else if own_code {
            // The code lies beside and is judged itself.
            Severity::Low
        } else {
            Severity::Medium
        };
        let shown: String = loader.escape_debug().to_string().chars().take(120).collect();
        let message = format!("loading imports `{shown}` and calls its loader");
        let locator = subject.locator.clone().at_line(flavor.line);
        report.find_as(
            severity,
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, shown.clone(), shown)],
        );
    }
}
