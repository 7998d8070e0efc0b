//! How requirements of frameworks stand: counts, then requirements, worst first.

use std::fmt::Write;

use vauban_export::v1::{Document, FrameworkAssessment, RequirementAssessment, RequirementStatus};

use super::{absent, section, section_in, short, table};
use crate::style;

/// Pieces of evidence that are shown for a requirement; the JSON has all.
const EVIDENCE: usize = 4;

/// All statuses, worst first.
const STATUSES: [(RequirementStatus, &str); 5] = [
    (RequirementStatus::NotSatisfied, "not satisfied"),
    (RequirementStatus::Partly, "partly"),
    (RequirementStatus::Unknown, "unknown"),
    (RequirementStatus::Satisfied, "satisfied"),
    (RequirementStatus::NotApplicable, "not applicable"),
];

/// `vauban compliance`; with `all`, requirements that do not apply are shown as well.
pub(crate) fn compliance(document: &Document, all: bool) -> String {
    let Some(frameworks) = &document.compliance else { return absent("compliance") };
    let mut text = String::new();
    section(&mut text, "frameworks");
    if frameworks.is_empty() {
        text.push_str(
            "no framework is asked for; name one with --framework or under [compliance] in vauban.toml\n",
        );
        return text;
    }
    text.push_str(&counts(frameworks));
    for framework in frameworks {
        section(&mut text, &framework.name);
        for (status, word) in STATUSES {
            if status == RequirementStatus::NotApplicable && !all {
                continue;
            }
            for requirement in framework.requirements.iter().filter(|one| one.status == status) {
                shown(&mut text, requirement, word);
            }
        }
    }
    text
}

/// The counts at the end of a review.
pub(super) fn summary(document: &Document) -> String {
    let Some(frameworks) = document.compliance.as_ref().filter(|all| !all.is_empty()) else {
        return String::new();
    };
    let mut text = String::from("\n");
    section_in(&mut text, "requirements");
    text.push_str(&counts(frameworks));
    text
}

fn counts(frameworks: &[FrameworkAssessment]) -> String {
    let rows = frameworks.iter().map(|framework| {
        let count =
            |status| framework.requirements.iter().filter(|one| one.status == status).count().to_string();
        let [not, partly, unknown, satisfied, not_applicable] = STATUSES.map(|(status, _)| count(status));
        let name = match framework.edition.as_str() {
            "" => framework.framework.clone(),
            edition => format!("{}@{edition}", framework.framework),
        };
        [name, not, partly, unknown, satisfied, not_applicable]
    });
    let [not, partly, unknown, satisfied, not_applicable] = STATUSES.map(|(_, word)| word);
    table(["framework", not, partly, unknown, satisfied, not_applicable], rows)
}

fn shown(text: &mut String, requirement: &RequirementAssessment, word: &str) {
    let system = match &requirement.system {
        Some(system) => format!(" ({})", short(system, 60)),
        None => String::new(),
    };
    let _ = writeln!(
        text,
        "{word:14} {} {}{system}",
        style::strong(&requirement.id),
        short(&requirement.name, 100)
    );
    let _ = writeln!(text, "    {}", short(&requirement.reason, 600));
    for evidence in requirement.evidence.iter().take(EVIDENCE) {
        let sign = if evidence.supports { "+" } else { "-" };
        let _ = writeln!(
            text,
            "    {sign} {} {}: {}",
            evidence.kind,
            short(&evidence.id, 80),
            short(&evidence.what, 200)
        );
    }
    if requirement.evidence.len() > EVIDENCE {
        let more = requirement.evidence.len() - EVIDENCE;
        let _ = writeln!(text, "    {}", style::faint(&format!("and {more} more in --format json")));
    }
}
