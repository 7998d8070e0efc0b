//! Model files under a name of another kind.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The content is not what the file's name promises.
    pub const RULE: "file-type-mismatch" {
        family: Artifact,
        severity: Medium,
        title: "the content is not what the file's name promises",
        why: "people and tools treat a file by its extension: a pickle that calls itself safetensors is loaded by those who believe it is safe",
        remedy: "find out which tool wrote it; rename it if it is yours, do not load it otherwise",
        techniques: ["AML.T0074@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-646", "CWE-434"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "those that go by content whatever the name says: torch.load, pickle.load, joblib.load, numpy.load with allow_pickle=True",
        source: "ATLAS AML.T0074",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Any(check) };

/// Extensions that promise a format, and the formats they may be.
const PROMISES: &[(&str, &[&str])] = &[
    ("arrow", NO_CODE),
    ("bmp", NO_CODE),
    ("csv", NO_CODE),
    ("feather", NO_CODE),
    ("gguf", &["gguf"]),
    ("gif", NO_CODE),
    ("h5", NO_CODE),
    ("hdf5", NO_CODE),
    ("html", NO_CODE),
    ("ipynb", NO_CODE),
    ("jpeg", NO_CODE),
    ("jpg", NO_CODE),
    ("json", NO_CODE),
    ("keras", NO_CODE),
    ("md", NO_CODE),
    ("msgpack", NO_CODE),
    ("npy", &["npy"]),
    ("npz", &["zip"]),
    ("onnx", &["onnx"]),
    ("parquet", NO_CODE),
    ("pbtxt", NO_CODE),
    ("pdf", NO_CODE),
    ("pmml", NO_CODE),
    ("png", NO_CODE),
    ("safetensors", &["safetensors"]),
    ("tflite", NO_CODE),
    ("tfrecord", NO_CODE),
    ("toml", NO_CODE),
    ("tsv", NO_CODE),
    ("txt", NO_CODE),
    ("ubj", NO_CODE),
    ("wav", NO_CODE),
    ("webp", NO_CODE),
    ("xml", NO_CODE),
    ("yaml", NO_CODE),
    ("yml", NO_CODE),
];

/// Stands for: anything but what runs code when loaded.
const NO_CODE: &[&str] = &[];

/// Formats that run code when loaded.
const RUN_CODE: &[&str] = &["executable", "java", "joblib", "marshal", "pickle", "torch", "torchscript"];

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let name = subject.locator.member.as_deref().unwrap_or(&subject.locator.path);
    let Some((_, extension)) = name.rsplit_once('.') else { return };
    let extension = extension.to_lowercase();
    let Some((_, allowed)) = PROMISES.iter().find(|(promised, _)| *promised == extension) else { return };
    let format = subject.parsed.format;
    let broken = if allowed.is_empty() {
        RUN_CODE.contains(&format)
    } else {
        // What no parser could read is no proof of a lie: placeholders of large-file stores look so.
        !allowed.contains(&format) && !matches!(format, "text" | "unknown" | "unread" | "compressed")
    };
    if broken {
        let message = format!(
            "`.{extension}` promises one thing and the content is {format}; do not load it by its name"
        );
        let evidence = Evidence::new(subject.locator.clone(), format!("{extension} is {format}"), format);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
