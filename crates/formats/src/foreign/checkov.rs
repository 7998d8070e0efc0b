//! Checkov, `-o json`: one report for each kind of code. <https://www.checkov.io/8.Outputs/JSON.html>

use super::place::path_of;
use super::{Family, Foreign, Place, Reported, entries, is_vulnerability, line_of, severity};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> Foreign {
    let mut foreign = Foreign { format: "checkov", ..Foreign::default() };
    for report in entries(root) {
        let kind = report.get("check_type").text_or_empty();
        foreign.clean += report.at("results.passed_checks").items().len() as u64;
        for check in report.at("results.failed_checks").items() {
            let text = |key: &str| check.get(key).text_or_empty().to_owned();
            let vulnerability = check
                .at("vulnerability_details.id")
                .text()
                .or_else(|| check.get("check_id").text().filter(|id| is_vulnerability(id)));
            let word = text("severity");
            let path = ["repo_file_path", "file_path"]
                .into_iter()
                .find_map(|key| check.get(key).text())
                .unwrap_or_default();
            // Paths are absolute below the folder that was scanned.
            let path = path_of(path.trim_start_matches('/'));
            foreign.results.push(Reported {
                engine: "checkov".to_owned(),
                rule: text("check_id"),
                detail: text("resource"),
                message: text("check_name"),
                severity: severity(&word),
                severity_word: word,
                family: match (vulnerability, kind) {
                    (Some(_), _) => Family::Vulnerability,
                    (None, "secrets" | "sast_python" | "sast") => Family::Code,
                    _ => Family::Cloud,
                },
                place: Place {
                    path,
                    line: check.get("file_line_range").items().first().and_then(line_of),
                    resource: Some(text("resource")).filter(|resource| !resource.is_empty()),
                    ..Place::default()
                },
                vulnerabilities: vulnerability.map(str::to_owned).into_iter().collect(),
                ..Reported::default()
            });
        }
    }
    foreign
}
