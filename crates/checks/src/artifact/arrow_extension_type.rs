//! Columns whose type is made by unpickling.

use vauban_domain::{Evidence, rule};
use vauban_formats::arrow::Arrow;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A column's type is made by running a pickle.
    pub const RULE: "arrow-extension-type" {
        family: Artifact,
        severity: Medium,
        title: "a column's type is made by running a pickle",
        why: "readers that know this extension unpickle what the file says to get the column's type or values",
        remedy: "read it with pyarrow 14.0.1 or later and without autoloading of such types; write columns with types of Arrow's own",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.002@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-502"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "pyarrow 0.14 to 14.0.0 (CVE-2023-47248) for IPC, Feather and Parquet; Ray Data for arrow_pickled_object",
        source: "pyarrow advisory CVE-2023-47248",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Arrow(check) };

/// Extensions whose readers unpickle.
const UNPICKLED: &[&str] =
    &["arrow.py_extension_type", "daft.super_extension", "ray.data.arrow_pickled_object"];

fn check(subject: &Subject<'_, Arrow>, report: &mut Report) {
    for extension in &subject.facts.extensions {
        if UNPICKLED.contains(&extension.name.as_str()) {
            let message = format!(
                "column `{}` is of type `{}`, which is unpickled",
                extension.column.escape_debug(),
                extension.name
            );
            let head = extension.metadata.get(..64).unwrap_or(&extension.metadata);
            let shown = head.escape_ascii().to_string();
            let locator = subject.locator.clone().at_key(&extension.column);
            report.find(
                &subject.asset.id,
                message,
                vec![Evidence::new(locator, extension.name.clone(), shown)],
            );
        }
    }
}
