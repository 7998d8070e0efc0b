//! Spark ML stages of classes that Spark does not ship.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::spark::Spark;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The Spark model names a class that Spark does not ship.
    pub const RULE: "spark-foreign-class" {
        family: Artifact,
        severity: Medium,
        title: "the Spark model names a class that Spark does not ship",
        why: "loading imports the class and lets it read the rest of the folder: it is code that must be installed and trusted",
        remedy: "find out which package has the class, pin it and read its loader",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-470", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "PipelineModel.load of Spark and pyspark",
        source: "Spark ReadWrite.scala; pyspark ml/util.py",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Spark(check) };

/// Packages whose stages are published and known.
const KNOWN: &[&str] = &[
    "ai.catboost.",
    "ai.h2o.",
    "com.databricks.",
    "com.intel.analytics.",
    "com.johnsnowlabs.",
    "com.linkedin.",
    "com.microsoft.azure.synapse.ml.",
    "com.microsoft.ml.spark.",
    "com.salesforce.op.",
    "frameless.",
    "mleap.",
    "ml.combust.",
    "ml.dmlc.xgboost4j.",
    "mmlspark.",
    "org.apache.spark.",
    "org.jpmml.",
    "pyspark.",
    "sparkdl.",
    "sparknlp.",
    "spark_rapids_ml.",
    "synapse.ml.",
    "xgboost.",
];

fn check(subject: &Subject<'_, Spark>, report: &mut Report) {
    let spark = subject.facts;
    let known = KNOWN.iter().any(|package| spark.class.starts_with(package));
    if !spark.class.is_empty() && !known {
        let message = format!("the stage's class `{}` is of no known package", spark.class.escape_debug());
        let locator = subject.locator.clone().at_key("class");
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, spark.class.clone(), spark.class.clone())],
        );
    }
    let names =
        spark.parameters.iter().filter(|(path, _)| path.starts_with("stageUids")).map(|(_, value)| value);
    for name in
        names.chain(std::iter::once(&spark.uid)).filter(|name| name.contains("..") || name.contains('/'))
    {
        let message = format!("the stage's folder `{}` leads elsewhere", name.escape_debug());
        let locator = subject.locator.clone().at_key("uid");
        report.find_as(
            Severity::High,
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, "uid", name.clone())],
        );
    }
}
