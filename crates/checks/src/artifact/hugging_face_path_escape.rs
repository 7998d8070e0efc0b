//! Configurations that name files outside their repository.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::hugging_face::HuggingFace;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The configuration names a file outside the repository, or of another kind than it must be.
    pub const RULE: "hugging-face-path-escape" {
        family: Artifact,
        severity: Medium,
        title: "the configuration names files outside its repository",
        why: "a loader that follows the path opens what its author chose on the machine that loads the model, and a shard that is a pickle runs code",
        remedy: "do not load it; a repository needs nothing but its own files",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22", "CWE-73"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "from_pretrained of transformers, PEFT and sentence-transformers, convert_hf_to_gguf.py, and loaders of sharded weights",
        source: "https://huggingface.co/docs/transformers/big_models",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::HuggingFace(check) };

/// Ends of names of weights that are pickles.
const PICKLES: &[&str] = &[".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"];

fn check(subject: &Subject<'_, HuggingFace>, report: &mut Report) {
    for place in &subject.facts.places {
        let path = place.path.as_str();
        let dots = path.split(['/', '\\']).any(|part| part == "..");
        let address = path.contains("://") || path.starts_with("\\\\") || path.starts_with("//");
        let drive = path.as_bytes().get(1) == Some(&b':')
            && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        let absolute = path.starts_with(['/', '\\', '~']) || drive;
        let severity = match place.inside {
            true if dots || address || absolute || path.contains('\0') => Severity::High,
            true if place.shard && PICKLES.iter().any(|end| path.to_lowercase().ends_with(end)) => {
                Severity::Medium
            }
            false if dots || path.starts_with("file:") || path.starts_with("\\\\") => Severity::Medium,
            // Where somebody trained it.
            false if address || absolute => Severity::Low,
            _ => continue,
        };
        let shown: String = path.escape_debug().to_string().chars().take(160).collect();
        let message = match severity {
            Severity::Medium if place.shard => format!("the shard `{shown}` is a pickle and not safetensors"),
            _ => format!("`{}` points outside the repository: `{shown}`", place.key.escape_debug()),
        };
        let locator = subject.locator.clone().at_line(place.line);
        report.find_as(
            severity,
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, shown.clone(), shown)],
        );
    }
}
