//! Judges Python code by the names it uses and its constants: without running or disassembling it.
//!
//! Code that hides what it does has to name the means of hiding: `exec`, `getattr` with a text, `__globals__`.

use std::collections::BTreeSet;

use vauban_formats::marshal::{Code, Marshal};
use vauban_formats::pickle::{Call, ContainerKind, Stream, Value};

/// What code is able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Able {
    /// Starts programs, runs other code, reaches the interpreter or the network by itself.
    Harm,
    /// Opens files or connections, as useful code does too.
    Reach,
}

/// Names that no calculation needs: whoever uses them runs something else.
const HARM: &[&str] = &[
    "CDLL",
    "InteractiveInterpreter",
    "Popen",
    "WinDLL",
    "__builtins__",
    "__globals__",
    "__import__",
    "__loader__",
    "__subclasses__",
    "breakpoint",
    "check_call",
    "check_output",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "ctypes",
    "dlopen",
    "eval",
    "exec",
    "execfile",
    "execl",
    "execle",
    "execlp",
    "execv",
    "execve",
    "execvp",
    "fork",
    "forkpty",
    "getoutput",
    "getstatusoutput",
    "import_module",
    "marshal",
    "paramiko",
    "popen",
    "popen2",
    "popen3",
    "posix_spawn",
    "pty",
    "reverse_shell",
    "rmtree",
    "run_code",
    "run_module",
    "run_path",
    "runcode",
    "runpy",
    "runsource",
    "socket",
    "spawn",
    "spawnl",
    "spawnlp",
    "spawnv",
    "spawnve",
    "spawnvp",
    "startfile",
    "subprocess",
    "system",
    "telnetlib",
    "webbrowser",
    "windll",
];

/// Names that reach files, the network or other pickles, and are common in honest code.
const REACH: &[&str] = &[
    "b64decode",
    "compile",
    "create_connection",
    "environ",
    "fileno",
    "ftplib",
    "getattr",
    "globals",
    "kill",
    "loads",
    "open",
    "pickle",
    "putenv",
    "remove",
    "requests",
    "smtplib",
    "unlink",
    "urllib",
    "urlopen",
    "urlretrieve",
    "vars",
    "write_bytes",
    "write_text",
];

/// Pieces of constants that say where files are that nobody but their owner should open, or what a shell should do.
const TELLING: &[&str] = &[
    "/bin/bash",
    "/bin/sh",
    "/dev/tcp/",
    "/etc/passwd",
    "/etc/shadow",
    "/root/",
    "/proc/self",
    ".aws/credentials",
    ".bashrc",
    ".ssh/",
    "169.254.169.254",
    "authorized_keys",
    "bash -i",
    "certutil",
    "chmod +x",
    "cmd.exe",
    "crontab",
    "curl http",
    "exec(",
    "eval(",
    "import os",
    "import socket",
    "import subprocess",
    "nc -e",
    "os.system",
    "powershell",
    "python -c",
    "rm -rf",
    "wget http",
    "__import__",
];

/// What code with these names and constants is able to do, with the names that say so.
pub(super) fn able<'a>(
    names: impl IntoIterator<Item = &'a str>,
    constants: impl IntoIterator<Item = &'a str>,
) -> Option<(Able, Vec<String>)> {
    let mut harm = BTreeSet::new();
    let mut reach = BTreeSet::new();
    let mut looks_up = false;
    for name in names {
        // `posix` and `nt` are `os`; a name may be dotted in an import.
        for part in name.split('.') {
            looks_up |= part == "getattr";
            if HARM.contains(&part) {
                harm.insert(name.to_owned());
            } else if REACH.contains(&part) {
                reach.insert(name.to_owned());
            }
        }
    }
    for constant in constants {
        let telling = TELLING.iter().find(|piece| constant.contains(*piece));
        if let Some(piece) = telling {
            harm.insert(format!("'{piece}'"));
        } else if looks_up && HARM.contains(&constant) {
            harm.insert(format!("'{constant}'"));
        }
    }
    if !harm.is_empty() {
        return Some((Able::Harm, harm.into_iter().take(8).collect()));
    }
    (!reach.is_empty()).then(|| (Able::Reach, reach.into_iter().take(8).collect()))
}

/// Names that a module mentions by importing or defining something, which starts nothing.
const MENTIONED: &[&str] = &[
    "CDLL",
    "WinDLL",
    "__builtins__",
    "__import__",
    "__loader__",
    "ctypes",
    "fork",
    "import_module",
    "marshal",
    "paramiko",
    "pty",
    "runpy",
    "socket",
    "spawn",
    "subprocess",
    "telnetlib",
    "webbrowser",
    "windll",
];

/// Modules, and functions of theirs that start something when both are named on the top level of a module.
const STARTED: &[(&str, &[&str])] = &[
    ("ctypes", &["LoadLibrary"]),
    ("pty", &["spawn"]),
    ("runpy", &["run_module", "run_path"]),
    ("socket", &["bind", "connect", "create_connection"]),
    ("subprocess", &["call", "run"]),
];

/// What one code object of a file is able to do.
///
/// A whole module runs when it is imported and defines what others call: there only what its top level starts counts,
/// not what it imports or defines, and not what its functions would do.
pub(super) fn able_code(marshal: &Marshal, code: &Code) -> Option<(Able, Vec<String>)> {
    let names = || code.names.iter().map(String::as_str);
    if !marshal.module {
        return able(names(), code.constants.iter().map(String::as_str));
    }
    if code.inside.is_some() {
        return None;
    }
    let has = |wanted: &str| code.names.iter().any(|name| name == wanted);
    for (module, functions) in STARTED {
        if let Some(function) = functions.iter().find(|function| has(module) && has(function)) {
            return Some((Able::Harm, vec![format!("{module}.{function}")]));
        }
    }
    let defined: BTreeSet<&str> = marshal.codes.iter().map(|code| code.name.as_str()).collect();
    able(names().filter(|name| !MENTIONED.contains(name) && !defined.contains(name)), std::iter::empty())
}

/// Texts and bytes in the arguments of a call that makes a code object.
pub(super) fn texts_of_code<'a>(stream: &'a Stream, call: &Call) -> (Vec<&'a str>, Vec<&'a str>) {
    let (mut names, mut constants) = (Vec::new(), Vec::new());
    let mut see = |value: Value, names: &mut Vec<&'a str>| {
        if let Some(text) = stream.text_or_bytes(value) {
            constants.push(text.head.as_str());
            if matches!(value, Value::Text(_)) {
                names.push(text.head.as_str());
            }
        }
    };
    for argument in stream.items(call.arguments) {
        let Some(container) = stream.container(*argument).filter(|items| items.kind == ContainerKind::Tuple)
        else {
            continue;
        };
        // Names are tuples of nothing but texts; constants are mixed, or hold a `None` in front.
        let all_texts = container.items.iter().all(|item| matches!(item, Value::Text(_)));
        for item in &container.items {
            let mut ignored = Vec::new();
            see(*item, if all_texts { &mut names } else { &mut ignored });
        }
    }
    (names, constants)
}
