//! SARIF 2.1.0, of any tool. <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;

use super::place::path_of;
use super::{
    Family, Foreign, Place, Reported, first_line, is_vulnerability, line_of, severity, texts, weakness,
};
use crate::yaml::Node;
use vauban_domain::Severity;

pub(super) fn read(root: &Node) -> Foreign {
    let mut foreign = Foreign { format: "sarif", ..Foreign::default() };
    for run in root.get("runs").items() {
        let driver = run.at("tool.driver");
        let engine = engine_of(driver.get("name").text_or_empty());
        let mut rules: BTreeMap<&str, &Node> = BTreeMap::new();
        let extensions = run.at("tool.extensions").items().iter().map(|extension| extension.get("rules"));
        for list in std::iter::once(driver.get("rules")).chain(extensions) {
            for rule in list.items() {
                rules.insert(rule.get("id").text_or_empty(), rule);
            }
        }
        let artifacts = run.get("artifacts").items();
        for result in run.get("results").items() {
            let kind = result.get("kind").text().unwrap_or("fail");
            if matches!(kind, "pass" | "notApplicable" | "informational") {
                foreign.clean += u64::from(kind == "pass");
                continue;
            }
            // What its own users have put aside is no result.
            if result
                .get("suppressions")
                .items()
                .iter()
                .any(|one| one.get("status").text() != Some("rejected"))
            {
                continue;
            }
            foreign.results.push(one(&engine, result, driver, &rules, artifacts));
        }
    }
    foreign
}

/// Names that tools give themselves, as everyone else calls them.
fn engine_of(name: &str) -> String {
    let lower = name.to_lowercase();
    let known = [
        "semgrep",
        "checkov",
        "trivy",
        "codeql",
        "bandit",
        "gitleaks",
        "grype",
        "modelscan",
        "prowler",
        "nuclei",
        "snyk",
        "modelaudit",
    ];
    known.iter().find(|known| lower.contains(*known)).map_or(lower.clone(), |known| (*known).to_owned())
}

fn one(
    engine: &str,
    result: &Node,
    driver: &Node,
    rules: &BTreeMap<&str, &Node>,
    artifacts: &[Node],
) -> Reported {
    let by_index = result.get("ruleIndex").integer().and_then(|at| usize::try_from(at).ok());
    let named =
        ["ruleId"].iter().find_map(|key| result.get(key).text()).or_else(|| result.at("rule.id").text());
    let rule =
        named.and_then(|id| rules.get(id).copied()).or_else(|| driver.get("rules").items().get(by_index?));
    let id = named.or_else(|| rule?.get("id").text()).unwrap_or("unnamed").to_owned();
    let properties = rule.map(|rule| rule.get("properties"));
    let scored = properties
        .and_then(|of| of.get("security-severity").text())
        .and_then(|score| score.parse::<f64>().ok());
    let level = result
        .get("level")
        .text()
        .or_else(|| rule?.at("defaultConfiguration.level").text())
        .unwrap_or("warning");
    let (severity_word, severity) = match scored {
        Some(score) => (format!("{score}"), Some(Severity::of_score(score))),
        None => (level.to_owned(), severity(level)),
    };
    let tags = properties.map(|of| texts(of.get("tags"))).unwrap_or_default();
    let mut weaknesses: Vec<String> = tags
        .iter()
        .filter(|tag| tag.to_lowercase().contains("cwe"))
        .filter_map(|tag| weakness(tag))
        .collect();
    weaknesses.extend(
        properties
            .map(|of| texts(of.get("cwe")))
            .unwrap_or_default()
            .iter()
            .filter_map(|text| weakness(text)),
    );
    for target in rule
        .map(|rule| rule.get("relationships").items())
        .unwrap_or_default()
        .iter()
        .chain(result.get("taxa").items())
    {
        let id = target.at("target.id").text().or_else(|| target.get("id").text()).unwrap_or_default();
        let component = target
            .at("target.toolComponent.name")
            .text()
            .or_else(|| target.at("toolComponent.name").text())
            .unwrap_or_default();
        if component.eq_ignore_ascii_case("cwe") || id.to_lowercase().starts_with("cwe-") {
            weaknesses.extend(weakness(id));
        }
    }
    weaknesses.sort();
    weaknesses.dedup();
    let vulnerabilities: Vec<String> =
        std::iter::once(id.as_str()).filter(|id| is_vulnerability(id)).map(str::to_owned).collect();
    let family = family_of(engine, &id, &tags, !vulnerabilities.is_empty());
    let message = result.get("message");
    let message = message.get("text").text().or_else(|| message.get("markdown").text()).unwrap_or_default();
    Reported {
        engine: engine.to_owned(),
        rule: id,
        detail: String::new(),
        message: first_line(message),
        severity_word,
        severity,
        family,
        place: place(result, artifacts, message),
        weaknesses,
        vulnerabilities,
        trials: None,
    }
}

fn family_of(engine: &str, id: &str, tags: &[String], vulnerability: bool) -> Family {
    if vulnerability || tags.iter().any(|tag| tag.eq_ignore_ascii_case("vulnerability")) {
        return Family::Vulnerability;
    }
    let misconfigured = tags.iter().any(|tag| tag.eq_ignore_ascii_case("misconfiguration"));
    match engine {
        "checkov" | "prowler" | "nuclei" | "tfsec" | "kics" => Family::Cloud,
        "modelscan" | "modelaudit" | "picklescan" => Family::Artifact,
        "garak" | "promptfoo" | "pyrit" => Family::LanguageModel,
        _ if misconfigured || id.starts_with("CKV") || id.starts_with("AVD-") => Family::Cloud,
        _ => Family::Code,
    }
}

fn place(result: &Node, artifacts: &[Node], message: &str) -> Place {
    let mut place = Place::default();
    let Some(location) = result.get("locations").items().first() else { return place };
    let physical = location.get("physicalLocation");
    let artifact = physical.get("artifactLocation");
    let uri = artifact.get("uri").text().or_else(|| {
        let index = usize::try_from(artifact.get("index").integer()?).ok()?;
        artifacts.get(index)?.at("location.uri").text()
    });
    if let Some(uri) = uri {
        if uri.starts_with("http://") || uri.starts_with("https://") {
            place.url = Some(uri.to_owned());
        } else {
            place.path = path_of(uri);
        }
    }
    place.line = line_of(physical.at("region.startLine"));
    let logical = location.get("logicalLocations").items().first();
    place.resource = logical.and_then(|logical| logical.get("fullyQualifiedName").text()).map(str::to_owned);
    // Trivy and Grype name the package in the message only.
    let field = |name: &str| {
        message.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
    };
    if let Some(name) = field("Package:") {
        place.package =
            Some(super::Package { ecosystem: String::new(), name, version: field("Installed Version:") });
    }
    place
}
