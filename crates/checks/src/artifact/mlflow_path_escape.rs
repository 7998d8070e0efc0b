//! MLflow models that name files outside their folder.

use vauban_domain::{Evidence, rule};
use vauban_formats::mlmodel::MlModel;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model names a file outside its folder.
    pub const RULE: "mlflow-path-escape" {
        family: Artifact,
        severity: Medium,
        title: "the model names files outside its folder",
        why: "MLflow joins the path to the model's folder and loads what it finds there, mostly as a pickle",
        remedy: "do not load it; a model's files lie in its folder",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22", "CWE-73"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "mlflow.pyfunc.load_model; MLflow before 2.10 (CVE-2024-27134 and kin)",
        source: "https://mlflow.org/docs/latest/ml/model/#model-format",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::MlModel(check) };

/// Settings that are joined to the model's folder.
const KEYS: &[&str] = &[
    "code",
    "data",
    "model_data",
    "model_path",
    "pickled_model",
    "python_model",
    "model_binary",
    "state_dict",
];

fn check(subject: &Subject<'_, MlModel>, report: &mut Report) {
    for flavor in &subject.facts.flavors {
        for (key, path) in flavor.settings.iter().filter(|(key, _)| KEYS.contains(&key.as_str())) {
            let drive = path.as_bytes().get(1) == Some(&b':');
            let outside = path.starts_with(['/', '\\', '~'])
                || drive
                || path.split(['/', '\\']).any(|part| part == "..")
                || path.contains("://");
            if outside {
                let shown: String = path.escape_debug().to_string().chars().take(160).collect();
                let message = format!(
                    "`{}.{key}` points outside the model's folder: `{shown}`",
                    flavor.name.escape_debug()
                );
                let locator = subject.locator.clone().at_line(flavor.line);
                let evidence = Evidence::new(locator, format!("{key} {shown}"), shown);
                report.find(&subject.asset.id, message, vec![evidence]);
            }
        }
    }
}
