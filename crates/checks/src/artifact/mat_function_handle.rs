//! MAT-files with functions and objects that MATLAB builds by class.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::mat::Mat;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The MAT-file carries functions or objects with code.
    pub const RULE: "mat-function-handle" {
        family: Artifact,
        severity: High,
        title: "the MAT-file carries functions or objects with code",
        why: "a function handle runs what its author wrote when it is called, and objects of classes run the class's loading code",
        remedy: "load named numeric variables only, or ask for HDF5 or CSV without handles and objects",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-502", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "load of MATLAB and Octave; scipy.io.loadmat only reads them",
        source: "MathWorks, MAT-File Format; documentation of `load` and `loadobj`",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Mat(check) };

/// Functions of MATLAB that start programs, run text, reach the network or touch files.
const ACTS: &[&str] = &[
    "assignin",
    "copyfile",
    "delete",
    "dos",
    "eval",
    "evalc",
    "evalin",
    "fclose",
    "feval",
    "fileread",
    "fopen",
    "ftp",
    "java",
    "javaMethod",
    "javaObject",
    "javaaddpath",
    "loadlibrary",
    "matlab.net.http",
    "mex",
    "mkdir",
    "movefile",
    "open",
    "perl",
    "py",
    "pyrun",
    "pyrunfile",
    "python",
    "rmdir",
    "run",
    "sendmail",
    "setenv",
    "str2func",
    "system",
    "tcpclient",
    "tcpip",
    "unix",
    "unzip",
    "urlread",
    "urlwrite",
    "web",
    "webread",
    "websave",
    "webwrite",
    "winopen",
];

/// Classes of MATLAB itself, whose loading code is MATLAB's own.
const CLASSES: &[&str] = &[
    "FileWrapper__",
    "calendarDuration",
    "categorical",
    "containers.Map",
    "datetime",
    "dictionary",
    "duration",
    "event",
    "function_handle",
    "function_handle_workspace",
    "inline",
    "string",
    "table",
    "tabular",
    "timeseries",
    "timetable",
];

fn check(subject: &Subject<'_, Mat>, report: &mut Report) {
    for function in &subject.facts.functions {
        let locator = subject.locator.clone().at_offset(function.offset).at_key(&function.place);
        let (severity, message) = match acts(&function.text) {
            Some(act) => {
                (Severity::High, format!("function handle `{}` calls `{act}`", function.place.escape_debug()))
            }
            None => (Severity::Low, format!("`{}` is a function handle", function.place.escape_debug())),
        };
        let evidence = Evidence::new(locator, "function", function.text.clone());
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    }
    for object in &subject.facts.objects {
        let known = CLASSES.contains(&object.class.as_str()) || object.class.starts_with("matlab.");
        let severity = match object.system.as_str() {
            "java" if harmless_java(&object.class) => Severity::Low,
            "java" => Severity::Medium,
            _ if known => continue,
            _ => Severity::Low,
        };
        let system = if object.system.is_empty() { "MATLAB" } else { object.system.as_str() };
        let message = format!(
            "`{}` is an object of the class `{}` ({system})",
            object.place.escape_debug(),
            object.class.escape_debug()
        );
        let locator = subject.locator.clone().at_offset(object.offset).at_key(&object.place);
        let evidence = Evidence::new(locator, object.class.clone(), object.class.clone());
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    }
}

fn harmless_java(class: &str) -> bool {
    super::java_classes::listed(super::java_classes::HARMLESS, class)
        && !super::java_classes::listed(super::java_classes::CODE, class)
}

/// The first function in the handle's text that acts on the machine.
fn acts(text: &str) -> Option<&'static str> {
    if text.trim_start().starts_with('!') {
        return Some("system");
    }
    let mut words = text
        .split(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '_' | '.')))
        .filter(|word| !word.is_empty());
    words.find_map(|word| {
        ACTS.iter()
            .copied()
            .find(|act| word == *act || word.strip_prefix(act).is_some_and(|rest| rest.starts_with('.')))
    })
}
