//! Serialised Java objects of classes that lead to code.

use vauban_domain::{Evidence, rule};
use vauban_formats::java::Java;

use super::java_classes::{CODE, listed};

use crate::{Check, Look, Report, Subject};

rule! {
    /// Reading the Java objects runs code.
    pub const RULE: "java-code-execution" {
        family: Artifact,
        severity: Critical,
        title: "reading the Java objects runs code",
        why: "objects of these classes call, while they are read, methods that the stream names: known chains end in starting programs or loading classes",
        remedy: "do not read it with ObjectInputStream; ask for PMML, ONNX or the library's own text format, or filter classes (JEP 290)",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "ObjectInputStream.readObject and everything that is built on it (Weka, Spark, DL4J, MOA, Mallet)",
        source: "Java Object Serialization Specification; OWASP Deserialization Cheat Sheet; the ysoserial chains",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Java(check) };

fn check(subject: &Subject<'_, Java>, report: &mut Report) {
    let java = subject.facts;
    let mut chain: Vec<&str> = Vec::new();
    let mut offset = None;
    for class in java.classes.iter().filter(|class| listed(CODE, &class.name)) {
        offset.get_or_insert(class.offset);
        chain.push(&class.name);
    }
    // A proxy's handler is reached without a description of its own where the interface is the target.
    chain.extend(java.proxies.iter().map(String::as_str).filter(|name| listed(CODE, name)));
    if let Some(first) = chain.first() {
        let message =
            format!("reading makes an object of `{}`, a link of known chains to code", first.escape_debug());
        let mut locator = subject.locator.clone();
        locator.offset = offset;
        let listing: Vec<&str> = chain.iter().take(12).copied().collect();
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, *first, listing.join("\n"))]);
    }
    if let Some(at) = java.bytecode.first() {
        let message = "the stream carries a compiled class in a byte array".to_owned();
        let locator = subject.locator.clone().at_offset(*at);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, "bytecode", "ca fe ba be")]);
    }
}
