//! ModelScan of Protect AI, `--reporting-format json`. <https://github.com/protectai/modelscan>

use super::place::path_of;
use super::{Family, Foreign, Place, Reported, severity};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> Foreign {
    let results: Vec<Reported> = root
        .get("issues")
        .items()
        .iter()
        .map(|issue| {
            let text = |key: &str| issue.get(key).text_or_empty().to_owned();
            let scanner = text("scanner");
            let scanner = scanner.rsplit('.').next().unwrap_or_default().to_owned();
            // A member is written behind the archive: `model.pt:archive/data.pkl`.
            let source = text("source");
            let (path, member) = split_member(&source);
            let module = text("module");
            let operator = text("operator");
            Reported {
                engine: "modelscan".to_owned(),
                rule: scanner,
                detail: [module, operator]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("."),
                message: text("description"),
                severity_word: text("severity"),
                severity: severity(&text("severity")),
                family: Family::Artifact,
                place: Place { path: path_of(path), member: member.map(str::to_owned), ..Place::default() },
                ..Reported::default()
            }
        })
        .collect();
    let scanned =
        root.at("summary.scanned.total_scanned").integer().and_then(|count| u64::try_from(count).ok());
    let found: std::collections::BTreeSet<&Option<String>> =
        results.iter().map(|result| &result.place.path).collect();
    let clean = scanned.unwrap_or_default().saturating_sub(found.len() as u64);
    Foreign { format: "modelscan", results, clean, ..Foreign::default() }
}

/// A path and the member written behind a colon; drive letters are no members.
pub(super) fn split_member(source: &str) -> (&str, Option<&str>) {
    let from = source.get(1..3).filter(|drive| matches!(*drive, ":\\" | ":/")).map_or(0, |_| 2);
    match source.get(from..).and_then(|rest| rest.find(':')) {
        Some(at) => (&source[..from + at], source.get(from + at + 1..)),
        None => (source, None),
    }
}
