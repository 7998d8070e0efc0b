//! Semgrep and Opengrep, `--json`. <https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif>

use super::place::path_of;
use super::{Family, Foreign, Place, Reported, first_line, line_of, severity, texts, weakness};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> Foreign {
    let results = root
        .get("results")
        .items()
        .iter()
        .filter(|result| !result.at("extra.is_ignored").is_true())
        .map(|result| {
            let extra = result.get("extra");
            let word = extra.get("severity").text_or_empty();
            Reported {
                engine: "semgrep".to_owned(),
                rule: result.get("check_id").text_or_empty().to_owned(),
                message: first_line(extra.get("message").text_or_empty().trim()),
                severity_word: word.to_owned(),
                severity: severity(word),
                family: Family::Code,
                place: Place {
                    path: result.get("path").text().and_then(path_of),
                    line: line_of(result.at("start.line")),
                    ..Place::default()
                },
                weaknesses: texts(extra.at("metadata.cwe"))
                    .iter()
                    .filter_map(|text| weakness(text))
                    .collect(),
                ..Reported::default()
            }
        })
        .collect();
    Foreign { format: "semgrep", results, ..Foreign::default() }
}
