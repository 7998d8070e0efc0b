//! Configurations that bring in code from elsewhere.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::hugging_face::{Code, HuggingFace, Way};
use vauban_knowledge::calls::{Calls, Effect};

use crate::{Check, Look, Report, Subject};

rule! {
    /// The configuration makes its loader import or run code.
    pub const RULE: "hugging-face-remote-code" {
        family: Artifact,
        severity: Medium,
        title: "the configuration makes its loader import or run code from elsewhere",
        why: "what a configuration names as a class is imported and called when the model is loaded; code of another repository can change after the model was reviewed",
        remedy: "load without trust_remote_code, or pin the revision of the code and review it",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "from_pretrained(trust_remote_code=True) of transformers, DiffusionPipeline.from_pretrained, SentenceTransformer, PeftModel.from_pretrained",
        source: "https://huggingface.co/docs/transformers/custom_models",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::HuggingFace(check) };

/// Packages whose classes configurations name.
const LIBRARIES: &[&str] = &[
    "accelerate",
    "bitsandbytes",
    "diffusers",
    "flax",
    "flair",
    "invisible_watermark",
    "jax",
    "k_diffusion",
    "keras",
    "mlx",
    "model2vec",
    "onnxruntime",
    "open_clip",
    "optimum",
    "peft",
    "pylate",
    "scipy",
    "sentence_transformers",
    "sentencepiece",
    "setfit",
    "span_marker",
    "spandrel",
    "tensorflow",
    "timm",
    "tokenizers",
    "torch",
    "torchaudio",
    "torchvision",
    "transformers",
    "transformers_modules",
    "xformers",
];
/// Modules of Python itself that run, read or reach something; no configuration of a model names them.
const SYSTEM: &[&str] = &[
    "builtins",
    "code",
    "codeop",
    "commands",
    "ctypes",
    "ftplib",
    "http",
    "importlib",
    "marshal",
    "multiprocessing",
    "nt",
    "os",
    "pathlib",
    "pdb",
    "pickle",
    "pip",
    "platform",
    "posix",
    "pty",
    "requests",
    "runpy",
    "shutil",
    "smtplib",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "timeit",
    "types",
    "urllib",
    "webbrowser",
];

fn check(subject: &Subject<'_, HuggingFace>, report: &mut Report) {
    for code in &subject.facts.code {
        let Some((severity, what)) = judge(code, &subject.knowledge.calls) else { continue };
        let name: String = code.name.escape_debug().to_string().chars().take(120).collect();
        let message = format!("loading {what}: `{}` is `{name}`", code.key.escape_debug());
        let locator = subject.locator.clone().at_line(code.line);
        let excerpt = format!("{}: {name}", code.key);
        report.find_as(
            severity,
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, code.name.clone(), excerpt)],
        );
    }
    for consent in &subject.facts.consents {
        let message = format!("`{consent}` asks for code to be run without a question");
        let locator = subject.locator.clone().at_key(consent.as_str());
        report.find_as(
            Severity::Low,
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, consent.clone(), "true")],
        );
    }
}

fn judge(code: &Code, calls: &Calls) -> Option<(Severity, &'static str)> {
    let name = code.name.as_str();
    let first = name.split('.').next().unwrap_or_default();
    let (module, last) = name.rsplit_once('.').unwrap_or((name, ""));
    let acts = calls
        .lookup(module, last)
        .is_some_and(|call| !matches!(call.effect, Effect::Harmless | Effect::Data));
    match code.way {
        Way::Dynamic => {
            let local = name.split("--").last().unwrap_or(name);
            if local.contains(['/', '\\']) || local.contains("..") || name.contains("://") {
                Some((Severity::High, "imports a file outside the repository"))
            } else if name.contains("--") {
                Some((Severity::Medium, "runs code of another repository"))
            } else {
                Some((Severity::Low, "runs code of the repository"))
            }
        }
        Way::Repository if name.contains('/') || name.contains("://") => {
            Some((Severity::Medium, "runs code of another repository"))
        }
        Way::Repository => Some((Severity::Low, "runs code of the repository")),
        Way::Import if SYSTEM.contains(&first) => Some((Severity::High, "calls what is no part of a model")),
        Way::Import if LIBRARIES.contains(&first) => {
            // A module of remote code that is not made yet when the file is reviewed.
            let foreign = first == "transformers_modules" && code.key == "parent_library";
            foreign.then_some((Severity::Low, "runs code of another repository"))
        }
        Way::Import if acts => Some((Severity::High, "calls what is no part of a model")),
        Way::Import if code.key == "type" && name.matches('.').count() > 1 => {
            Some((Severity::Medium, "imports a package that nobody knows"))
        }
        Way::Import if code.key == "parent_library" => {
            Some((Severity::Medium, "imports a package that nobody knows"))
        }
        Way::Import => Some((Severity::Low, "runs code of the repository")),
    }
}
