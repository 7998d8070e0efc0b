//! Serialised Java objects of classes that write or delete files.

use vauban_domain::{Evidence, rule};
use vauban_formats::java::Java;

use super::java_classes::{FILES, listed};

use crate::{Check, Look, Report, Subject};

rule! {
    /// Reading the Java objects writes or deletes files.
    pub const RULE: "java-file-access" {
        family: Artifact,
        severity: High,
        title: "reading the Java objects writes or deletes files",
        why: "objects of these classes create, overwrite or delete files at paths that the stream names",
        remedy: "do not read it with ObjectInputStream; ask for PMML, ONNX or the library's own text format, or filter classes (JEP 290)",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502", "CWE-73"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: FileWrite,
        when: Load,
        loaders: "ObjectInputStream.readObject and everything that is built on it (Weka, Spark, DL4J, MOA, Mallet)",
        source: "Java Object Serialization Specification; OWASP Deserialization Cheat Sheet; the ysoserial chains; CVE-2013-2186",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Java(check) };

fn check(subject: &Subject<'_, Java>, report: &mut Report) {
    for class in subject.facts.classes.iter().filter(|class| listed(FILES, &class.name)) {
        let message =
            format!("reading makes an object of `{}`, which touches files", class.name.escape_debug());
        let locator = subject.locator.clone().at_offset(class.offset);
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, class.name.clone(), class.name.clone())],
        );
    }
}
