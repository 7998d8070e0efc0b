//! XML that makes its reader fetch other files.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::xml::Xml;

use crate::{Check, Look, Report, Subject};

rule! {
    /// Reading the document fetches other files.
    pub const RULE: "xml-external-entity" {
        family: Artifact,
        severity: High,
        title: "reading the document fetches other files",
        why: "a reader that resolves external entities puts local files into the document, or sends them to whoever wrote it",
        remedy: "do not read it with a parser that resolves entities; a model needs none, so get it again from its publisher",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-611", "CWE-827"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: FileRead,
        when: Load,
        loaders: "readers of PMML, OpenVINO and other XML with external entities or XInclude switched on",
        source: "XML 1.0 section 4.2.2; OWASP XXE prevention",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Xml(check) };

fn check(subject: &Subject<'_, Xml>, report: &mut Report) {
    let xml = subject.facts;
    let model = matches!(subject.parsed.format, "openvino" | "pmml");
    let mut tell = |key: &str, message: String, address: &str, severity: Severity| {
        let evidence = Evidence::new(subject.locator.clone().at_key(key), key, address);
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    };
    for entity in &xml.entities {
        let Some(address) = entity.external.as_deref().filter(|_| !entity.unparsed) else { continue };
        // Books and pages are put together from parts that lie beside them.
        let severity = if model || leaves(address) { Severity::High } else { Severity::Low };
        let percent = if entity.parameter { "%" } else { "&" };
        let name = entity.name.escape_debug();
        let message = format!("`{percent}{name};` stands for the content of `{}`", address.escape_debug());
        tell(&format!("{percent}{}", entity.name), message, address, severity);
    }
    if let Some(address) = xml.external.as_deref().filter(|address| !address.is_empty())
        && (model || leaves(address) && !is_standard(address))
    {
        let message = format!("the document's type is fetched from `{}`", address.escape_debug());
        // Any document may have a type; a model has none.
        let severity = if model { Severity::Medium } else { Severity::Low };
        tell("DOCTYPE", message, address, severity);
    }
    for address in &xml.included {
        if model || leaves(address) {
            let message = format!("`{}` is included", address.escape_debug());
            tell(&format!("include {address}"), message, address, Severity::High);
        }
    }
}

/// Whether the address is not a file beside or below the document.
fn leaves(address: &str) -> bool {
    address.contains(':')
        || address.starts_with(['/', '\\'])
        || address.split(['/', '\\']).any(|part| part == "..")
}

/// Types that the makers of formats publish and readers know without fetching them.
fn is_standard(address: &str) -> bool {
    let host = address.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    const HOSTS: &[&str] = &[
        "apple.com",
        "apache.org",
        "docbook.org",
        "dtd.nlm.nih.gov",
        "eclipse.org",
        "freedesktop.org",
        "gnome.org",
        "hibernate.org",
        "java.sun.com",
        "jboss.org",
        "mybatis.org",
        "oasis-open.org",
        "puppycrawl.com",
        "checkstyle.org",
        "purl.org",
        "springframework.org",
        "w3.org",
    ];
    HOSTS
        .iter()
        .any(|known| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')))
}
