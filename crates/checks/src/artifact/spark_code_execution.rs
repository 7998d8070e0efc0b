//! Spark ML stages that run code of the author's choice.

use vauban_domain::{Evidence, rule};
use vauban_formats::spark::Spark;

use crate::{Check, Look, Report, Subject};

rule! {
    /// Loading or using the Spark model runs code.
    pub const RULE: "spark-code-execution" {
        family: Artifact,
        severity: Critical,
        title: "loading or using the Spark model runs code",
        why: "a saved stage names the class that reads it and the SQL that it runs: both reach functions far from machine learning",
        remedy: "do not load it; train the pipeline again or get it from its publisher",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502", "CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "PipelineModel.load of Spark and pyspark",
        source: "Spark ReadWrite.scala; pyspark ml/util.py; Spark SQL function `reflect`",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Spark(check) };

/// Modules of Python whose functions a stage has no reason to name.
const MODULES: &[&str] = &[
    "asyncio",
    "builtins",
    "code",
    "codecs",
    "commands",
    "ctypes",
    "ftplib",
    "http",
    "importlib",
    "io",
    "marshal",
    "multiprocessing",
    "nt",
    "os",
    "pathlib",
    "pdb",
    "pickle",
    "pip",
    "platform",
    "popen2",
    "posix",
    "pty",
    "runpy",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "timeit",
    "urllib",
    "webbrowser",
    "requests",
    "numpy.testing",
    "torch.utils",
];

/// Functions of Spark SQL that call any method of any class.
const CALLS: &[&str] = &["reflect(", "java_method(", "try_reflect(", "transform using"];

fn check(subject: &Subject<'_, Spark>, report: &mut Report) {
    let spark = subject.facts;
    let module = spark.class.rsplit_once('.').map_or(spark.class.as_str(), |(module, _)| module);
    let dangerous = MODULES
        .iter()
        .any(|name| module == *name || module.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
        || super::java_classes::listed(super::java_classes::CODE, &spark.class);
    if dangerous {
        let message =
            format!("the stage's class is `{}`: loading imports and calls it", spark.class.escape_debug());
        let locator = subject.locator.clone().at_key("class");
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, spark.class.clone(), spark.class.clone())],
        );
    }
    for (path, value) in &spark.parameters {
        let lower: String =
            value.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ").replace(" (", "(");
        if let Some(call) = CALLS.iter().find(|call| lower.contains(**call)) {
            let message =
                format!("the stage's SQL calls methods of Java by name (`{}`)", call.trim_end_matches('('));
            let locator = subject.locator.clone().at_key(path);
            report.find(&subject.asset.id, message, vec![Evidence::new(locator, *call, value.clone())]);
        }
    }
}
