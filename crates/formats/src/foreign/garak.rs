//! The report of garak, `*.report.jsonl`: one evaluation for every probe and detector.
//! <https://github.com/NVIDIA/garak>

use super::{Family, Foreign, Place, Reported, Trials};
use crate::yaml::Node;
use vauban_domain::Severity;

pub(super) fn read(entries: &[Node]) -> Foreign {
    let mut foreign = Foreign { format: "garak", ..Foreign::default() };
    let setup = entries.iter().find(|entry| entry.get("entry_type").text() == Some("start_run setup"));
    let said = |keys: &[&str]| keys.iter().find_map(|key| setup?.get(key).text());
    let model = said(&["plugins.target_name", "plugins.model_name"]).unwrap_or_default();
    let kind = said(&["plugins.target_type", "plugins.model_type"]).unwrap_or_default();
    let target = [kind, model].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    for entry in entries.iter().filter(|entry| entry.get("entry_type").text() == Some("eval")) {
        let count = |keys: &[&str]| {
            keys.iter().find_map(|key| entry.get(key).integer()).and_then(|count| u64::try_from(count).ok())
        };
        let passed = count(&["passed"]).unwrap_or_default();
        let made = count(&["total_evaluated", "total"]).unwrap_or(passed);
        let failed = count(&["fails"]).unwrap_or_else(|| made.saturating_sub(passed));
        if failed == 0 {
            foreign.clean += 1;
            continue;
        }
        let detector = entry.get("detector").text_or_empty();
        let detector = detector.strip_prefix("detector.").unwrap_or(detector);
        foreign.results.push(Reported {
            engine: "garak".to_owned(),
            rule: entry.get("probe").text_or_empty().to_owned(),
            detail: detector.to_owned(),
            message: format!("{failed} of {made} attempts got through"),
            severity: Some(by_rate(failed, made)),
            family: Family::LanguageModel,
            place: Place {
                model: Some(target.clone()).filter(|target| !target.is_empty()),
                ..Place::default()
            },
            trials: Some(Trials { made, failed }),
            ..Reported::default()
        });
    }
    foreign
}

/// How bad it is that so many attempts got through; the engines do not say.
pub(super) fn by_rate(failed: u64, made: u64) -> Severity {
    match failed.saturating_mul(100).checked_div(made).unwrap_or_default() {
        50.. => Severity::High,
        10..50 => Severity::Medium,
        _ => Severity::Low,
    }
}
