//! Trivy, `--format json`. <https://trivy.dev/latest/docs/configuration/reporting/#json>

use super::place::path_of;
use super::{Family, Foreign, Package, Place, Reported, line_of, severity, texts, weakness};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> Foreign {
    let mut foreign = Foreign { format: "trivy", ..Foreign::default() };
    for result in root.get("Results").items() {
        let target = result.get("Target").text_or_empty();
        let files =
            matches!(result.get("Class").text_or_empty(), "lang-pkgs" | "config" | "secret" | "license-file");
        let path = path_of(target).filter(|_| files);
        let word = |item: &Node| item.get("Severity").text_or_empty().to_owned();
        for item in result.get("Vulnerabilities").items() {
            let text = |key: &str| item.get(key).text_or_empty().to_owned();
            let package =
                item.at("PkgIdentifier.PURL").text().and_then(Package::parse).unwrap_or_else(|| Package {
                    ecosystem: ecosystem_of(result.get("Type").text_or_empty()).to_owned(),
                    name: text("PkgName"),
                    version: Some(text("InstalledVersion")).filter(|version| !version.is_empty()),
                });
            foreign.results.push(Reported {
                engine: "trivy".to_owned(),
                rule: text("VulnerabilityID"),
                detail: package.name.clone(),
                message: text("Title"),
                severity: severity(&word(item)),
                severity_word: word(item),
                family: Family::Vulnerability,
                place: Place {
                    path: item.get("PkgPath").text().and_then(path_of).or_else(|| path.clone()),
                    package: Some(package),
                    ..Place::default()
                },
                weaknesses: texts(item.get("CweIDs")).iter().filter_map(|id| weakness(id)).collect(),
                vulnerabilities: vec![text("VulnerabilityID")],
                ..Reported::default()
            });
        }
        for item in result.get("Misconfigurations").items() {
            if item.get("Status").text() == Some("PASS") {
                foreign.clean += 1;
                continue;
            }
            let id = ["ID", "AVDID"].into_iter().find_map(|key| item.get(key).text()).unwrap_or_default();
            let cause = item.get("CauseMetadata");
            let resource = cause.get("Resource").text().filter(|resource| !resource.is_empty());
            foreign.results.push(Reported {
                engine: "trivy".to_owned(),
                rule: id.to_owned(),
                detail: resource.unwrap_or_default().to_owned(),
                message: ["Title", "Message"]
                    .into_iter()
                    .find_map(|key| item.get(key).text())
                    .unwrap_or_default()
                    .to_owned(),
                severity: severity(&word(item)),
                severity_word: word(item),
                family: Family::Cloud,
                place: Place {
                    path: path.clone(),
                    line: line_of(cause.get("StartLine")),
                    resource: resource.map(str::to_owned),
                    ..Place::default()
                },
                ..Reported::default()
            });
        }
        for item in result.get("Secrets").items() {
            foreign.results.push(Reported {
                engine: "trivy".to_owned(),
                rule: format!("secret:{}", item.get("RuleID").text_or_empty()),
                message: item.get("Title").text_or_empty().to_owned(),
                severity: severity(&word(item)),
                severity_word: word(item),
                family: Family::Code,
                place: Place {
                    path: path_of(target),
                    line: line_of(item.get("StartLine")),
                    ..Place::default()
                },
                weaknesses: vec!["CWE-798".to_owned()],
                ..Reported::default()
            });
        }
    }
    foreign
}

/// Types of package URLs for Trivy's names of package managers.
fn ecosystem_of(kind: &str) -> &str {
    match kind {
        "pip" | "pipenv" | "poetry" | "python-pkg" | "uv" | "conda-pkg" => "pypi",
        "node-pkg" | "npm" | "yarn" | "pnpm" => "npm",
        "cargo" | "rustbinary" => "cargo",
        "gomod" | "gobinary" => "golang",
        other => other,
    }
}
