//! nuclei, `-jsonl` or `-json-export`. <https://docs.projectdiscovery.io/tools/nuclei/running>

use super::{Family, Foreign, Place, Reported, severity, texts, weakness};
use crate::yaml::Node;

pub(super) fn read(entries: &[Node]) -> Foreign {
    let results = entries
        .iter()
        .filter(|entry| entry.get("template-id").text().is_some() && !entry.get("matcher-status").is_false())
        .map(|entry| {
            let info = entry.get("info");
            let word = info.get("severity").text_or_empty();
            let url = ["matched-at", "url", "host"].into_iter().find_map(|key| entry.get(key).text());
            Reported {
                engine: "nuclei".to_owned(),
                rule: entry.get("template-id").text_or_empty().to_owned(),
                detail: entry.get("matcher-name").text_or_empty().to_owned(),
                message: info.get("name").text_or_empty().to_owned(),
                severity_word: word.to_owned(),
                severity: severity(word),
                family: Family::Cloud,
                place: Place { url: url.map(str::to_owned), ..Place::default() },
                weaknesses: texts(info.at("classification.cwe-id"))
                    .iter()
                    .filter_map(|id| weakness(id))
                    .collect(),
                vulnerabilities: texts(info.at("classification.cve-id"))
                    .into_iter()
                    .map(|id| id.to_uppercase())
                    .collect(),
                ..Reported::default()
            }
        })
        .collect();
    Foreign { format: "nuclei", results, ..Foreign::default() }
}
