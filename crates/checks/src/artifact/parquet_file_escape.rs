//! Parquet files whose columns lie in files elsewhere.

use vauban_domain::{Evidence, rule};
use vauban_formats::parquet::Parquet;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A column is to be read from a file outside the data set's folder.
    pub const RULE: "parquet-file-escape" {
        family: Artifact,
        severity: High,
        title: "a column is to be read from a file outside the data set's folder",
        why: "a footer may name other files for its columns; readers open what is named, with the rights of the loading process",
        remedy: "do not read it; get the data set again, and compare its file list with the publisher's",
        techniques: ["AML.T0010.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22", "CWE-73"],
        owasp: ["LLM03:2025"],
        threats: ["L2.3@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "readers that follow ColumnChunk.file_path: fastparquet, Spark summaries, Dask",
        source: "Apache Parquet format, ColumnChunk.file_path",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Parquet(check) };

fn check(subject: &Subject<'_, Parquet>, report: &mut Report) {
    for file in &subject.facts.files {
        let outside = file.starts_with(['/', '\\', '~'])
            || file.contains("://")
            || file.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/")
            || file.split(['/', '\\']).any(|part| part == "..");
        if outside {
            let message = format!("columns are read from `{}`", file.escape_debug());
            report.find(
                &subject.asset.id,
                message,
                vec![Evidence::new(subject.locator.clone(), file.clone(), file.clone())],
            );
        }
    }
}
