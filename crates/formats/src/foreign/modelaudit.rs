//! ModelAudit of Promptfoo, `--format json`. <https://www.promptfoo.dev/docs/model-audit/>

use super::place::path_of;
use super::{Family, Foreign, Place, Reported, severity, weakness};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> Foreign {
    let mut foreign = Foreign { format: "modelaudit", ..Foreign::default() };
    for issue in root.get("issues").items() {
        let word = issue.get("severity").text_or_empty();
        if matches!(word, "debug") {
            continue;
        }
        // `/path/model.pkl (pos 28)` or `/path/archive.zip:member`.
        let location = issue.get("location").text_or_empty();
        let bare = location.split(" (").next().unwrap_or(location);
        let (path, member) = super::modelscan::split_member(bare);
        let details = issue.get("details");
        let part = |key: &str| details.get(key).text_or_empty();
        let detail = [part("module"), part("function")]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(".");
        let detail = if detail.is_empty() { part("import_reference").to_owned() } else { detail };
        let rule = ["rule_code", "type", "check"]
            .into_iter()
            .find_map(|key| issue.get(key).text().or_else(|| details.get(key).text()));
        foreign.results.push(Reported {
            engine: "modelaudit".to_owned(),
            rule: rule.unwrap_or("issue").to_owned(),
            detail,
            message: issue.get("message").text_or_empty().to_owned(),
            severity_word: word.to_owned(),
            severity: severity(word),
            family: Family::Artifact,
            place: Place { path: path_of(path), member: member.map(str::to_owned), ..Place::default() },
            weaknesses: details.get("cwe").text().and_then(weakness).into_iter().collect(),
            ..Reported::default()
        });
    }
    foreign.clean = root
        .get("files_scanned")
        .integer()
        .and_then(|count| u64::try_from(count).ok())
        .unwrap_or_default()
        .saturating_sub(foreign.results.len() as u64);
    foreign
}
