//! PMML that calls code, carries scripts or never ends.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::pmml::Pmml;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model calls code that is no PMML.
    pub const RULE: "pmml-code-execution" {
        family: Artifact,
        severity: Medium,
        title: "the model calls code that is no PMML",
        why: "evaluators load a class by the name of a function they do not know, and some run scripts in extensions",
        remedy: "evaluate it only where such classes and scripts cannot be loaded; export the model again without them",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-470", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "JPMML-Evaluator for functions that are class names; evaluators with script extensions; browsers for style sheets",
        source: "PMML 4.4, user-defined functions and extension mechanism; JPMML-Evaluator FunctionRegistry",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Pmml(check) };

/// Words that data in a model never has, but code that starts programs, opens connections or evaluates text.
const CODE: &[&str] = &[
    "/dev/tcp",
    "<script",
    "ClassLoader",
    "Class.forName",
    "ProcessBuilder",
    "Runtime.getRuntime",
    "ScriptEngine",
    "System.exit",
    "URLClassLoader",
    "__import__",
    "__subclasses__",
    "child_process",
    "eval(",
    "exec(",
    "java.io.File",
    "java.lang.Runtime",
    "java.net.",
    "javascript:",
    "jndi:",
    "ldap://",
    "os.popen",
    "os.system",
    "pickle.loads",
    "rmi://",
    "socket.socket",
    "subprocess",
    "vbscript:",
];

fn check(subject: &Subject<'_, Pmml>, report: &mut Report) {
    let pmml = subject.facts;
    let mut tell = |key: &str, message: String, shown: &str, severity: Severity| {
        let shown: String = shown.chars().take(300).collect();
        let evidence = Evidence::new(subject.locator.clone().at_key(key), key, shown);
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    };
    let code = |text: &str| CODE.iter().find(|word| text.contains(**word)).copied();
    for (element, text) in &pmml.scripts {
        let severity = if code(text).is_some() { Severity::High } else { Severity::Medium };
        tell(element, format!("`{}` carries a script", element.escape_debug()), text, severity);
    }
    for (place, text) in &pmml.extensions {
        if let Some(word) = code(text) {
            let message = format!("`{}` carries code with `{word}`", place.escape_debug());
            tell(place, message, text, Severity::High);
        }
    }
    for function in &pmml.called {
        if pmml.defined.contains(function) {
            continue;
        }
        if let Some(word) = code(function) {
            tell(
                function,
                format!("a function with `{word}` in its name is called"),
                function,
                Severity::High,
            );
        } else if is_class(function) {
            let message =
                format!("the function `{}` is a Java class that evaluators load", function.escape_debug());
            tell(function, message, function, Severity::Medium);
        }
    }
    for function in &pmml.endless {
        tell(
            function,
            format!("`{}` calls itself and never ends", function.escape_debug()),
            function,
            Severity::Medium,
        );
    }
    for (target, content) in &pmml.xml.instructions {
        if target == "xml-stylesheet" {
            let message = "a style sheet is run over the model when it is shown".to_owned();
            tell(target, message, content, Severity::Medium);
        }
    }
}

/// Whether a function's name is that of a class in a package that is not JPMML's own.
fn is_class(function: &str) -> bool {
    const OWN: &[&str] = &["net.razorvine.", "org.jpmml.", "sklearn2pmml.", "com.jpmml."];
    let class = function.split('.').count() > 2
        && function.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '$'));
    class && !OWN.iter().any(|own| function.starts_with(own))
}
