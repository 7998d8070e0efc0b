//! Gitleaks, `--report-format json`. The secrets in it are not kept. <https://github.com/gitleaks/gitleaks>

use super::place::path_of;
use super::{Family, Foreign, Place, Reported, entries, line_of};
use crate::yaml::Node;
use vauban_domain::Severity;

pub(super) fn read(root: &Node) -> Foreign {
    let results = entries(root)
        .iter()
        .map(|leak| Reported {
            engine: "gitleaks".to_owned(),
            rule: leak.get("RuleID").text_or_empty().to_owned(),
            message: leak.get("Description").text_or_empty().to_owned(),
            severity: Some(Severity::High),
            family: Family::Code,
            place: Place {
                path: leak.get("File").text().and_then(path_of),
                line: line_of(leak.get("StartLine")),
                ..Place::default()
            },
            weaknesses: vec!["CWE-798".to_owned()],
            ..Reported::default()
        })
        .collect();
    Foreign { format: "gitleaks", results, ..Foreign::default() }
}
