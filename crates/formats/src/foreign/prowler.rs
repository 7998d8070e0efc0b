//! Prowler, `-M json-ocsf`: Detection Findings of OCSF. <https://docs.prowler.com/projects/prowler-open-source/en/latest/tutorials/reporting/>

use super::{Family, Foreign, Place, Reported, entries, is_vulnerability, severity};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> Foreign {
    let mut foreign = Foreign { format: "ocsf", ..Foreign::default() };
    for event in entries(root) {
        let status = event.get("status_code").text_or_empty();
        if status.eq_ignore_ascii_case("pass") {
            foreign.clean += 1;
            continue;
        }
        if status.eq_ignore_ascii_case("manual") || event.get("status").text() == Some("Suppressed") {
            continue;
        }
        let product = event.at("metadata.product.name").text().unwrap_or("prowler").to_lowercase();
        let rule = event
            .at("metadata.event_code")
            .text()
            .or_else(|| event.at("finding_info.uid").text())
            .unwrap_or_default();
        let word = event.get("severity").text_or_empty();
        let message = ["status_detail", "message"]
            .into_iter()
            .find_map(|key| event.get(key).text())
            .or_else(|| event.at("finding_info.title").text());
        let vulnerabilities: Vec<String> = event
            .get("vulnerabilities")
            .items()
            .iter()
            .filter_map(|item| item.at("cve.uid").text())
            .filter(|id| is_vulnerability(id))
            .map(str::to_owned)
            .collect();
        let nothing = Node::default();
        let resources = event.get("resources").items();
        let resources = if resources.is_empty() { std::slice::from_ref(&nothing) } else { resources };
        for resource in resources {
            let uid = ["uid", "name"].into_iter().find_map(|key| resource.get(key).text());
            foreign.results.push(Reported {
                engine: product.clone(),
                rule: rule.to_owned(),
                detail: uid.unwrap_or_default().to_owned(),
                message: message.unwrap_or_default().to_owned(),
                severity_word: word.to_owned(),
                severity: severity(word),
                family: if vulnerabilities.is_empty() { Family::Cloud } else { Family::Vulnerability },
                place: Place { resource: uid.map(str::to_owned), ..Place::default() },
                vulnerabilities: vulnerabilities.clone(),
                ..Reported::default()
            });
        }
    }
    foreign
}
