//! Results of promptfoo, of an evaluation or a red team. <https://www.promptfoo.dev/docs/configuration/outputs/>

use std::collections::BTreeMap;

use super::{Family, Foreign, Place, Reported, Trials, first_line, garak, severity};
use crate::yaml::Node;

pub(super) fn read<'a>(results: impl Iterator<Item = &'a Node>) -> Foreign {
    let mut foreign = Foreign { format: "promptfoo", ..Foreign::default() };
    // Attempts of one plug-in and strategy against one provider are one result.
    let mut groups: BTreeMap<(String, String, String), (Trials, String, String)> = BTreeMap::new();
    for result in results {
        // What ended in an error of the provider was not judged.
        let failed = result.get("success").is_false();
        let judged = !result.get("gradingResult").is_null() || result.get("success").is_true();
        if !judged {
            continue;
        }
        let provider = result.get("provider");
        let provider = provider.text().or_else(|| provider.get("id").text()).unwrap_or("unknown").to_owned();
        let metadata = [result.get("metadata"), result.at("testCase.metadata"), result.at("test.metadata")];
        let said = |key: &str| metadata.iter().find_map(|metadata| metadata.get(key).text());
        let kind = result
            .at("gradingResult.componentResults")
            .items()
            .iter()
            .find(|part| !part.get("pass").is_true());
        let kind = kind
            .and_then(|part| part.at("assertion.type").text())
            .or_else(|| result.at("gradingResult.assertion.type").text());
        let plugin = said("pluginId").or(kind).unwrap_or("assertion").to_owned();
        let strategy = said("strategyId").unwrap_or_default().to_owned();
        let group = groups.entry((provider, plugin, strategy)).or_default();
        group.0.made += 1;
        if failed {
            group.0.failed += 1;
            if group.1.is_empty() {
                group.1 = first_line(result.at("gradingResult.reason").text_or_empty());
                group.2 = said("severity").unwrap_or_default().to_owned();
            }
        }
    }
    for ((provider, plugin, strategy), (trials, reason, word)) in groups {
        if trials.failed == 0 {
            foreign.clean += 1;
            continue;
        }
        let counted = format!("{} of {} attempts got through", trials.failed, trials.made);
        foreign.results.push(Reported {
            engine: "promptfoo".to_owned(),
            rule: plugin,
            detail: strategy,
            message: if reason.is_empty() { counted } else { format!("{counted}: {reason}") },
            severity: severity(&word).or_else(|| Some(garak::by_rate(trials.failed, trials.made))),
            severity_word: word,
            family: Family::LanguageModel,
            place: Place { model: Some(provider.replacen(':', "/", 1)), ..Place::default() },
            trials: Some(trials),
            ..Reported::default()
        });
    }
    foreign
}
