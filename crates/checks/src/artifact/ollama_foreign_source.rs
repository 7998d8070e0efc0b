//! Ollama models fetched from where nobody vouches for them.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::ollama::Ollama;

use crate::{Check, Look, Report, Subject};

rule! {
    /// Parts of the model come from outside its registry.
    pub const RULE: "ollama-foreign-source" {
        family: Artifact,
        severity: Medium,
        title: "parts of the model come from outside its registry",
        why: "a layer fetched from another address, or without TLS, may be exchanged by whoever holds that address or the network",
        remedy: "download the file, check its digest against the publisher's, and name the local copy",
        techniques: ["AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-494", "CWE-829"],
        owasp: ["LLM03:2025"],
        threats: ["L3.4@2025-02"],
        effect: NetworkAccess,
        when: Load,
        loaders: "ollama pull, ollama create",
        source: "https://docs.ollama.com/modelfile#from-required",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ollama(check) };

fn check(subject: &Subject<'_, Ollama>, report: &mut Report) {
    let mut tell = |severity, message: String, key: &str, line: u32| {
        let locator = subject.locator.clone().at_line(line);
        report.find_as(severity, &subject.asset.id, message, vec![Evidence::new(locator, key, key)]);
    };
    match subject.facts {
        Ollama::Manifest(manifest) => {
            for layer in &manifest.layers {
                for url in &layer.urls {
                    let message =
                        format!("a layer is fetched from `{}` instead of the registry", url.escape_debug());
                    tell(Severity::Medium, message, url, layer.line);
                }
            }
        }
        Ollama::Modelfile(file) => {
            for instruction in file.with_keyword("FROM").chain(file.with_keyword("ADAPTER")) {
                let value = instruction.value.as_str();
                let severity = match value.split_once("://") {
                    Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => Severity::Low,
                    Some(_) => Severity::Medium,
                    None if is_numbered_host(value) => Severity::Medium,
                    None => continue,
                };
                let message = format!("`{}` fetches `{}`", instruction.keyword, value.escape_debug());
                tell(severity, message, value, instruction.line);
            }
        }
    }
}

/// Whether a model's name begins with a registry that has a number instead of a name, `192.0.2.1:5000/x/y`.
fn is_numbered_host(name: &str) -> bool {
    let host = name.split('/').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| !address.is_loopback())
}
