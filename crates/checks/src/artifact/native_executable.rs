//! Programs where a model or data is expected.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::executable::{Executable, Kind, MODEL_EXTENSIONS};

use crate::{Check, Look, Report, Subject};

rule! {
    /// The file is a program.
    pub const RULE: "native-executable" {
        family: Artifact,
        severity: High,
        title: "the file is a program",
        why: "a program under a model's name or inside a model's archive runs with the rights of whoever starts, imports or unpacks it",
        remedy: "do not start or load it; get the weights alone (safetensors, GGUF, ONNX) from the publisher",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.003@2026.09", "AML.T0074@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-434", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "the operating system, dlopen, the Java virtual machine or a WebAssembly runtime",
        source: "System V ABI, Microsoft PE format, Apple mach-o/loader.h",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Executable(check) };

/// Extensions that say what the file is.
const HONEST: &[&str] = &[
    "a",
    "apk",
    "axf",
    "beam",
    "bundle",
    "class",
    "com",
    "cubin",
    "dex",
    "dll",
    "dylib",
    "efi",
    "elf",
    "exe",
    "ko",
    "mexa64",
    "mexmaca64",
    "mexw64",
    "node",
    "o",
    "obj",
    "ocx",
    "out",
    "pyd",
    "scr",
    "so",
    "sys",
    "wasm",
    "xll",
];

fn check(subject: &Subject<'_, Executable>, report: &mut Report) {
    let program = subject.facts;
    let path = subject.locator.path.as_str();
    let innermost = subject.locator.member.as_deref().unwrap_or(path);
    let innermost = innermost.rsplit('!').next().unwrap_or(innermost);
    let file = innermost.rsplit(['/', '\\']).next().unwrap_or(innermost).to_lowercase();
    let kind = program.kind.as_str();
    let (severity, message) = if program.model.is_some()
        || program.kind == Kind::Ape
        || file.ends_with(".llamafile")
    {
        (Severity::Medium, format!("{kind} with a model inside: native code by design, runs when started"))
    } else if program.kind == Kind::Shortcut {
        (Severity::High, "a shortcut: opening it starts the program that it names".to_owned())
    } else if program.kind == Kind::Installer {
        (Severity::Medium, "an installer: opening it runs what it carries".to_owned())
    } else if program.kind == Kind::Script {
        (Severity::High, "a script under a model's name: runs when started".to_owned())
    } else if let Some(archive) = model_archive(subject) {
        // Compiled packages carry their kernels as libraries.
        let severity = if archive == "pt2" { Severity::Medium } else { Severity::High };
        (severity, format!("{kind} inside a model's archive (.{archive})"))
    } else if let Some(call) = program.calls.first().filter(|_| subject.locator.member.is_none()) {
        // Inside a library's archive such a class is one of hundreds; alone beside a model it is there to be run.
        (Severity::High, format!("a Java class on its own that calls `{call}`"))
    } else if subject.locator.member.is_some()
        && archive_of_a_model(path)
        && STARTED.contains(&extension(&file))
    {
        (Severity::Medium, format!("{kind} in an archive that is called a model"))
    } else if honest(&file) {
        (Severity::Low, format!("{kind}, as its name says"))
    } else if promises_model(&file) {
        (Severity::High, format!("{kind} under a model's name"))
    } else if file.contains('.') {
        (Severity::Medium, format!("{kind} under a name that does not say so"))
    } else {
        (Severity::Low, format!("{kind} without an extension"))
    };
    let shown = if program.script.is_empty() { kind } else { program.script.as_str() };
    let evidence = Evidence::new(subject.locator.clone(), kind, shown);
    report.find_as(severity, &subject.asset.id, message, vec![evidence]);
}

fn extension(file: &str) -> &str {
    file.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// The name says what it is: by its extension, or as a library with a version behind.
fn honest(file: &str) -> bool {
    HONEST.contains(&extension(file)) || file.contains(".so.") || file.contains(".dylib.")
}

/// The name says that it is a model: by its extension, or in words where there is none.
fn promises_model(file: &str) -> bool {
    let extension = extension(file);
    MODEL_EXTENSIONS.contains(&extension)
        || matches!(
            extension,
            "csv" | "json" | "txt" | "md" | "yaml" | "yml" | "png" | "jpg" | "parquet" | "arrow"
        )
        || !file.contains('.') && ["model", "weight", "checkpoint"].iter().any(|word| file.contains(word))
}

/// Extensions of programs that people start; libraries come with compiled packages.
const STARTED: &[&str] = &["", "bat", "cmd", "com", "exe", "msi", "ps1", "scr", "sh"];

/// A plain archive whose name says that a model is in it.
fn archive_of_a_model(path: &str) -> bool {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase();
    ["7z", "gz", "tar", "tgz", "zip"].contains(&extension(&file))
        && ["model", "weight", "checkpoint"].iter().any(|word| file.contains(word))
}

/// Extension of the model's archive that the program is in.
fn model_archive(subject: &Subject<'_, Executable>) -> Option<String> {
    let member = subject.locator.member.as_deref()?;
    let mut outer = vec![subject.locator.path.as_str()];
    let parts: Vec<&str> = member.split('!').collect();
    outer.extend(parts.iter().take(parts.len().saturating_sub(1)));
    outer.into_iter().map(|name| extension(name).to_lowercase()).find(|name| {
        MODEL_EXTENSIONS.contains(&name.as_str()) && !matches!(name.as_str(), "bin" | "dat" | "data")
    })
}
