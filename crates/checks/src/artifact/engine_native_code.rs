//! Compiled models that carry or name native code for the host.

use vauban_domain::{Evidence, rule};
use vauban_formats::engine::Engine;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The compiled model carries or names native code for the host.
    pub const RULE: "engine-native-code" {
        family: Artifact,
        severity: High,
        title: "the compiled model carries or names native code for the host",
        why: "plugins and custom operators are libraries that the runtime opens in the process that loads the model",
        remedy: "build the engine yourself from a model without plugins that you do not know",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-426"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "TensorRT (deserializeCudaEngine), rknn_init, CNTK v1",
        source: "TensorRT documentation, plugin serialisation; RKNN toolkit, custom operators",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Engine(check) };

fn check(subject: &Subject<'_, Engine>, report: &mut Report) {
    let engine = subject.facts;
    let runtime = engine.runtime.as_str();
    for (kind, offset) in engine.programs.iter().take(8) {
        let message = format!("a {runtime} model with a program for the host inside ({})", kind.as_str());
        let locator = subject.locator.clone().at_offset(*offset);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, kind.as_str(), kind.as_str())]);
    }
    for (offset, text) in &engine.texts {
        if let Some(library) = library(text) {
            let message = format!("a {runtime} model that names the library `{}`", library.escape_debug());
            let locator = subject.locator.clone().at_offset(*offset);
            report.find(&subject.asset.id, message, vec![Evidence::new(locator, library, text.clone())]);
        }
    }
}

/// A library at a place of the author's choice: absolute, climbing, or one that no runtime ships.
fn library(text: &str) -> Option<&str> {
    let words = text.split(|char: char| {
        char.is_whitespace() || matches!(char, '"' | '\'' | ',' | ';' | '=' | '<' | '>' | '(' | ')')
    });
    words.into_iter().find(|word| {
        let lower = word.to_lowercase();
        let path = lower.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
        let named =
            path.ends_with(".so") || [".dll", ".dylib", ".pyd"].iter().any(|end| lower.ends_with(end));
        let file = lower.rsplit(['/', '\\']).next().unwrap_or_default();
        let shipped = [
            "libnv",
            "libcu",
            "nvinfer",
            "nvonnx",
            "cudart",
            "cublas",
            "cudnn",
            "librknn",
            "libc.so",
            "libm.so",
            "libstdc",
            "libgcc",
            "libpthread",
            "libdl",
        ]
        .iter()
        .any(|start| file.starts_with(start));
        let elsewhere =
            lower.starts_with('/') || lower.contains("..") || lower.contains(":\\") || lower.contains("tmp");
        named && file.len() > 4 && (elsewhere || !shipped)
    })
}
