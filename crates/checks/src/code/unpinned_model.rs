//! `code-unpinned-model`.

use vauban_domain::rule;
use vauban_formats::python::{Call, Python, Value};

use super::call::evidence;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A model or data set is fetched from a hub without a fixed revision.
    pub(super) const RULE: "code-unpinned-model" {
        family: Code,
        severity: Medium,
        title: "a model or data set is fetched from a hub at whatever revision is newest",
        why: "what was reviewed and what is loaded tomorrow can differ: a repository can be changed, transferred or re-registered under the same name",
        remedy: "pass revision= with a full commit hash, and keep a copy of what was reviewed",
        techniques: ["AML.T0010.003@2026.09", "AML.T0109@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-494", "CWE-1357"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://huggingface.co/docs/huggingface_hub/guides/download",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

/// Callables, by their last name, whose first argument names something on a hub; and that argument's keyword.
const FETCHERS: &[(&str, &str)] = &[
    ("SentenceTransformer", "model_name_or_path"),
    ("from_pretrained", "pretrained_model_name_or_path"),
    ("hf_hub_download", "repo_id"),
    ("load_dataset", "path"),
    ("snapshot_download", "repo_id"),
];
/// Readers of local files that `load_dataset` names like data sets.
const FILE_READERS: &[&str] =
    &["arrow", "audiofolder", "csv", "imagefolder", "json", "pandas", "parquet", "sql", "text", "webdataset"];
/// First folders of paths that look like `owner/name`.
const FOLDERS: &[&str] = &[
    "artifacts",
    "cache",
    "checkpoint",
    "checkpoints",
    "data",
    "dist",
    "model",
    "models",
    "out",
    "output",
    "outputs",
    "results",
    "runs",
    "saved",
    "saved_model",
    "saved_models",
    "src",
    "tmp",
    "weights",
];

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    for call in &subject.facts.calls {
        let Some((_, keyword)) = FETCHERS.iter().find(|(name, _)| *name == call.name()) else { continue };
        let Some(name) = call.argument(0, keyword).and_then(|value| hub_name(value, subject.facts)) else {
            continue;
        };
        if call.name() == "load_dataset"
            && (FILE_READERS.contains(&name) || call.keyword("data_files").is_some())
        {
            continue;
        }
        if is_local(call) || call.has_unpacked_keywords() || is_pinned(call) {
            continue;
        }
        let message = format!("`{name}` is fetched by `{}` without a fixed revision", call.callee);
        report.find(
            &subject.asset.id,
            message,
            evidence(subject, call, format!("{}(\"{name}\")", call.callee)),
        );
    }
}

/// The name on the hub: a literal, or a name that one literal is assigned to.
fn hub_name<'a>(value: &'a Value, python: &'a Python) -> Option<&'a str> {
    let name = match value {
        Value::Text(text) => text.as_str(),
        Value::Name(name) => {
            let mut values = python.assignments.iter().filter(|assignment| assignment.target == *name);
            match (values.next()?, values.next()) {
                (only, None) => only.value.literal()?,
                _ => return None,
            }
        }
        _ => return None,
    };
    let parts: Vec<&str> = name.split('/').collect();
    let plain = |part: &&str| {
        !part.is_empty()
            && !part.starts_with(['.', '~'])
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let remote = parts.len() <= 2 && parts.iter().all(plain) && !FOLDERS.contains(&parts[0]);
    let file = [".pt", ".bin", ".onnx", ".json", ".csv", ".pkl", ".safetensors", ".gguf"];
    (remote && !file.iter().any(|ending| name.ends_with(ending))).then_some(name)
}

fn is_local(call: &Call) -> bool {
    call.keyword("local_files_only") == Some(&Value::Bool(true))
}

fn is_pinned(call: &Call) -> bool {
    match call.keyword("revision").or_else(|| call.keyword("commit_hash")) {
        Some(Value::Text(revision)) => !matches!(revision.as_str(), "main" | "master" | "HEAD" | ""),
        Some(Value::None) | None => false,
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_a_hub_are_told_from_paths() {
        let python = Python::default();
        let is_hub = |text: &str| hub_name(&Value::Text(text.to_owned()), &python).is_some();
        for name in ["northlight/leaflet-encoder", "gpt2", "bert-base-uncased", "org/name.v2"] {
            assert!(is_hub(name), "{name}");
        }
        for path in
            ["./model", "../x", "/srv/m", "models/mine", "out/checkpoint-3", "a/b/c", "m.pt", "~/m", ""]
        {
            assert!(!is_hub(path), "{path}");
        }
    }
}
