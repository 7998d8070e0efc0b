//! The memory that PyRIT exports as JSON: pieces of conversations with their scores, or results of attacks.
//! <https://azure.github.io/PyRIT/code/memory/0_memory.html>

use std::collections::BTreeMap;

use super::{Family, Foreign, Place, Reported, Trials, entries, garak};
use crate::yaml::Node;

pub(super) fn is_pyrit(first: &Node) -> bool {
    let piece = !first.get("conversation_id").is_null()
        && (!first.get("prompt_target_identifier").is_null() || !first.get("original_value").is_null());
    let attack = !first.get("outcome").is_null() && !first.get("objective").is_null();
    piece || attack
}

pub(super) fn read(root: &Node) -> Foreign {
    let mut foreign = Foreign { format: "pyrit", ..Foreign::default() };
    let mut groups: BTreeMap<(String, String, String), Trials> = BTreeMap::new();
    for entry in entries(root) {
        let name = |keys: &[&str]| {
            keys.iter().map(|key| entry.get(key)).find_map(|node| {
                ["__type__", "class_name", "model_name"]
                    .into_iter()
                    .find_map(|key| node.get(key).text())
                    .or_else(|| node.text())
            })
        };
        let target = entry.at("prompt_target_identifier.model_name").text().or_else(|| {
            name(&["prompt_target_identifier", "target_identifier", "objective_target_identifier"])
        });
        let target = target.unwrap_or_default().to_owned();
        let attack = name(&["attack_identifier", "orchestrator_identifier"]).unwrap_or("attack").to_owned();
        if let Some(outcome) = entry.get("outcome").text() {
            if matches!(outcome, "success" | "failure") {
                let group = groups.entry((target, attack, String::new())).or_default();
                group.made += 1;
                group.failed += u64::from(outcome == "success");
            }
            continue;
        }
        for score in entry.get("scores").items() {
            if score.get("score_type").text() != Some("true_false") {
                continue;
            }
            let category = score.get("score_category");
            let category =
                category.text().or_else(|| category.items().first()?.text()).unwrap_or_default().to_owned();
            let group = groups.entry((target.clone(), attack.clone(), category)).or_default();
            group.made += 1;
            let value = score.get("score_value").text_or_empty();
            group.failed += u64::from(value.eq_ignore_ascii_case("true"));
        }
    }
    for ((target, attack, category), trials) in groups {
        if trials.failed == 0 {
            foreign.clean += 1;
            continue;
        }
        foreign.results.push(Reported {
            engine: "pyrit".to_owned(),
            rule: attack,
            detail: category,
            message: format!("{} of {} attempts got through", trials.failed, trials.made),
            severity: Some(garak::by_rate(trials.failed, trials.made)),
            family: Family::LanguageModel,
            place: Place { model: Some(target).filter(|target| !target.is_empty()), ..Place::default() },
            trials: Some(trials),
            ..Reported::default()
        });
    }
    foreign
}
