//! Serialised Java objects that reach the network while they are read.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::java::Java;

use super::java_classes::{NETWORK, listed};

use crate::{Check, Look, Report, Subject};

rule! {
    /// Reading the Java objects reaches the network.
    pub const RULE: "java-network-access" {
        family: Artifact,
        severity: High,
        title: "reading the Java objects reaches the network",
        why: "an address as key of a hash table is resolved while the table is filled: it tells the author that, and where, the file was read",
        remedy: "do not read it with ObjectInputStream; ask for PMML, ONNX or the library's own text format, or filter classes (JEP 290)",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502", "CWE-918"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: NetworkAccess,
        when: Load,
        loaders: "ObjectInputStream.readObject and everything that is built on it (Weka, Spark, DL4J, MOA, Mallet)",
        source: "Java Object Serialization Specification; OWASP Deserialization Cheat Sheet; the ysoserial chains (URLDNS)",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Java(check) };

fn check(subject: &Subject<'_, Java>, report: &mut Report) {
    let java = subject.facts;
    let hosts: Vec<&str> =
        java.texts.iter().filter(|text| text.contains('.')).map(String::as_str).take(8).collect();
    if java.hashed_address {
        let message =
            "an internet address is the key of a hash table: reading it asks the name server".to_owned();
        let evidence = Evidence::new(subject.locator.clone(), "java.net.URL", hosts.join("\n"));
        report.find(&subject.asset.id, message, vec![evidence]);
    }
    if !java.hashed_address && java.classes.iter().any(|class| class.name == "java.net.URL") {
        let message = "an internet address is made, and asked for when it is compared".to_owned();
        let evidence = Evidence::new(subject.locator.clone(), "address", hosts.join("\n"));
        report.find_as(Severity::Medium, &subject.asset.id, message, vec![evidence]);
    }
    for class in java.classes.iter().filter(|class| listed(NETWORK, &class.name)) {
        let message = format!("reading makes an object of `{}`", class.name.escape_debug());
        let locator = subject.locator.clone().at_offset(class.offset);
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, class.name.clone(), hosts.join("\n"))],
        );
    }
}
