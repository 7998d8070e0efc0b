//! Bandit, `-f json`. <https://bandit.readthedocs.io/en/latest/formatters/json.html>

use super::place::path_of;
use super::{Family, Foreign, Place, Reported, line_of, severity, weakness};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> Foreign {
    let results = root
        .get("results")
        .items()
        .iter()
        .map(|result| {
            let text = |key: &str| result.get(key).text_or_empty().to_owned();
            Reported {
                engine: "bandit".to_owned(),
                rule: text("test_id"),
                message: text("issue_text"),
                severity: severity(&text("issue_severity")),
                severity_word: text("issue_severity"),
                family: Family::Code,
                place: Place {
                    path: path_of(&text("filename")),
                    line: line_of(result.get("line_number")),
                    ..Place::default()
                },
                weaknesses: result.at("issue_cwe.id").text().and_then(weakness).into_iter().collect(),
                ..Reported::default()
            }
        })
        .collect();
    Foreign { format: "bandit", results, ..Foreign::default() }
}
