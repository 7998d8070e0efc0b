//! Serialised Java objects of classes that nobody knows.

use vauban_domain::{Evidence, rule};
use vauban_formats::java::Java;

use super::java_classes::{CODE, FILES, HARMLESS, NETWORK, listed};

use crate::{Check, Look, Report, Subject};

rule! {
    /// The Java objects are of classes that no known library ships.
    pub const RULE: "java-unknown-class" {
        family: Artifact,
        severity: Medium,
        title: "the Java objects are of classes that no known library ships",
        why: "what a class does while its objects are read is its own code; nothing is known of these",
        remedy: "find out which library has the class and what its readObject does, or ask for PMML or ONNX",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "ObjectInputStream.readObject and everything that is built on it (Weka, Spark, DL4J, MOA, Mallet)",
        source: "Java Object Serialization Specification; OWASP Deserialization Cheat Sheet; the ysoserial chains",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Java(check) };

fn check(subject: &Subject<'_, Java>, report: &mut Report) {
    let java = subject.facts;
    let known = |name: &str| [CODE, FILES, HARMLESS, NETWORK].iter().any(|table| listed(table, name));
    for class in java.classes.iter().filter(|class| !known(&class.name)).take(64) {
        // Whether a class reads itself with code of its own (readResolve, readObject) is not in the stream.
        let how =
            if class.own_code { "writes itself with code of its own" } else { "is filled field by field" };
        let message = format!("`{}` is of no known library and {how}", class.name.escape_debug());
        let locator = subject.locator.clone().at_offset(class.offset);
        let evidence = Evidence::new(locator, class.name.clone(), class.fields.join(", "));
        report.find(&subject.asset.id, message, vec![evidence]);
    }
    for interface in java.proxies.iter().filter(|name| !listed(CODE, name)).take(64) {
        let message = format!(
            "a proxy stands in for `{}` and hands its calls to a handler of the file's choice",
            interface.escape_debug()
        );
        let evidence =
            Evidence::new(subject.locator.clone(), format!("proxy {interface}"), interface.clone());
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
