//! Programs: ELF, PE, Mach-O, WebAssembly, Java classes, Dalvik, scripts under a model's name, and the polyglot
//! (APE) that llamafile ships a model in. Their structure is verified, not only their first bytes.
//!
//! Sources: System V ABI (ELF), Microsoft PE format, Apple `mach-o/loader.h`, WebAssembly 1.0 section 5.5,
//! JVM specification section 4.1, <https://justine.lol/ape.html>.

mod header;
#[cfg(test)]
mod tests;

pub(crate) use header::at;

use crate::search::holds;
use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};

/// How programs are found and read.
pub const FORMAT: Format = Format {
    name: "executable",
    extensions: &["class", "dex", "dll", "dylib", "exe", "llamafile", "pyd", "so", "wasm"],
    recognise,
    parse,
};

/// A program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// What kind of program.
    pub kind: Kind,
    /// Whether it is a library, as far as its header says.
    pub library: bool,
    /// Offset of a GGUF model inside it, as llamafiles have one.
    pub model: Option<u64>,
    /// Java methods that start programs or load code, among the names of a class.
    pub calls: Vec<&'static str>,
    /// Beginning of a script, for people.
    pub script: String,
}

/// Kind of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Actually portable executable: PE, ELF, Mach-O and shell script at once.
    Ape,
    /// Dalvik bytecode (Android).
    Dex,
    /// Linux and other System V.
    Elf,
    /// A Windows installer, which runs what it carries.
    Installer,
    /// Java bytecode.
    JavaClass,
    /// macOS.
    MachO,
    /// Windows.
    Pe,
    /// A text that a shell or interpreter runs.
    Script,
    /// A Windows shortcut, which starts what it points to.
    Shortcut,
    /// WebAssembly.
    Wasm,
}

impl Kind {
    /// Its name for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ape => "portable executable (APE)",
            Self::Dex => "Dalvik bytecode",
            Self::Elf => "ELF binary",
            Self::Installer => "Windows installer",
            Self::JavaClass => "Java class",
            Self::MachO => "Mach-O binary",
            Self::Pe => "Windows binary",
            Self::Script => "script",
            Self::Shortcut => "Windows shortcut",
            Self::Wasm => "WebAssembly module",
        }
    }
}

/// Extensions of models and data: a script under one of these is told, under others it is text.
pub const MODEL_EXTENSIONS: &[&str] = &[
    "bin",
    "bst",
    "caffemodel",
    "cbm",
    "ckpt",
    "dat",
    "data",
    "engine",
    "ftz",
    "gguf",
    "ggml",
    "h5",
    "hdf5",
    "joblib",
    "keras",
    "mar",
    "mat",
    "mlmodel",
    "model",
    "msgpack",
    "nemo",
    "npy",
    "npz",
    "onnx",
    "ot",
    "param",
    "params",
    "pb",
    "pdiparams",
    "pdmodel",
    "pdparams",
    "pickle",
    "pkl",
    "plan",
    "pt",
    "pt2",
    "pte",
    "pth",
    "ptl",
    "rda",
    "rdata",
    "rds",
    "rknn",
    "safetensors",
    "skops",
    "tflite",
    "trt",
    "ubj",
    "weights",
];

/// Bytes at the beginning that show what a script does.
const SCRIPT_HEAD: usize = 2048;

fn recognise(input: &Input<'_>) -> Recognised {
    match at(input.bytes, 0) {
        Some(_) => Recognised::ByMagic,
        None if script(input) || installer(input) => Recognised::ByMagic,
        None => Recognised::No,
    }
}

/// Compound files hold many things; one that calls itself an installer is one.
fn installer(input: &Input<'_>) -> bool {
    input.bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
        && matches!(input.extension().as_str(), "msi" | "msp")
}

/// Whether the text is a script that hides under a model's name.
fn script(input: &Input<'_>) -> bool {
    if !MODEL_EXTENSIONS.contains(&input.extension().as_str()) {
        return false;
    }
    let head = input.head(SCRIPT_HEAD);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let line: Vec<u8> =
        head.iter().take_while(|byte| **byte != b'\n').take(128).map(u8::to_ascii_lowercase).collect();
    let interpreter = line.strip_prefix(b"#!").is_some_and(|rest| {
        let path = rest.trim_ascii_start();
        path.starts_with(b"/") || path.starts_with(b"env")
    });
    interpreter
        || [&b"@echo off"[..], b"<?php", b"powershell ", b"powershell.exe", b"cmd /c", b"cmd.exe /c"]
            .iter()
            .any(|start| line.starts_with(start))
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut defects = Vec::new();
    let mut members = Vec::new();
    let facts = match at(input.bytes, 0) {
        Some(found) => {
            let model = (found.kind != Kind::JavaClass).then(|| embedded_model(input)).flatten();
            if found.kind == Kind::Ape || model.is_some() {
                members = archive(input, &mut defects);
            }
            Executable {
                kind: found.kind,
                library: found.library,
                model: model.map(|at| at as u64),
                calls: if found.kind == Kind::JavaClass { java_calls(input.bytes) } else { Vec::new() },
                script: String::new(),
            }
        }
        None => Executable {
            kind: if installer(input) { Kind::Installer } else { Kind::Script },
            library: false,
            model: None,
            calls: Vec::new(),
            script: if installer(input) {
                String::new()
            } else {
                String::from_utf8_lossy(input.head(400)).into_owned()
            },
        },
    };
    Parsed { format: FORMAT.name, facts: Facts::Executable(facts), defects, members }
}

/// Names of Java that start programs or load code, among the constants of a class.
fn java_calls(bytes: &[u8]) -> Vec<&'static str> {
    let head = bytes.get(..1 << 20).unwrap_or(bytes);
    let has = |word: &str| holds(head, word.as_bytes());
    let mut calls = Vec::new();
    if has("java/lang/Runtime") && has("exec") {
        calls.push("java.lang.Runtime.exec");
    }
    for (word, name) in [
        ("java/lang/ProcessBuilder", "java.lang.ProcessBuilder"),
        ("java/net/URLClassLoader", "java.net.URLClassLoader"),
        ("javax/naming/InitialContext", "javax.naming.InitialContext"),
        ("javax/script/ScriptEngineManager", "javax.script.ScriptEngineManager"),
    ] {
        if has(word) {
            calls.push(name);
        }
    }
    calls
}

/// Where a GGUF model begins inside, at a page boundary or a multiple of 32 bytes.
fn embedded_model(input: &Input<'_>) -> Option<usize> {
    let bytes = input.bytes;
    let mut at = 32;
    let mut rounds = 0_u32;
    while let Some(head) = bytes.get(at..at + 8) {
        if head.starts_with(b"GGUF") && (1..=3).contains(&head[4]) && head[5..] == [0, 0, 0] {
            return Some(at);
        }
        at += 32;
        rounds += 1;
        if rounds.is_multiple_of(1 << 20) && input.budget.is_stopped() {
            return None;
        }
    }
    None
}

/// The members of the archive that an APE ends with.
fn archive(input: &Input<'_>, defects: &mut Vec<Defect>) -> Vec<Member> {
    let tail = input.bytes.len().saturating_sub(66_000);
    if !holds(&input.bytes[tail..], b"PK\x05\x06") {
        return Vec::new();
    }
    let (zip, wrong) = crate::zip::directory(input.bytes, &input.budget.limits);
    // That bytes precede the archive is what an APE is.
    defects.extend(wrong.into_iter().filter(Defect::is_limit));
    let mut limits = Vec::new();
    let members = crate::zip::members(input, &zip, &mut crate::zip::Spans::default(), &mut limits, |_| true);
    defects.extend(limits.into_iter().filter(Defect::is_limit));
    members
}
