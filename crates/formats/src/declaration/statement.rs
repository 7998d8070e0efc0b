//! What people say beyond the estate itself: terms of controls, incidents, requirements, reviewers.

use vauban_domain::{ControlTerms, Incident, RequirementStatement, Reviewer};

use super::Vocabulary;
use super::section::Section;

pub(super) fn control(section: &mut Section<'_>, vocabulary: Vocabulary<'_>) -> Option<ControlTerms> {
    let control = section.required("control")?;
    section.known("control", &control, vocabulary.controls, "control");
    let terms = ControlTerms {
        control,
        owner: section.text("owner"),
        cost_low: section.amount("cost_low"),
        cost_high: section.amount("cost_high"),
        effectiveness_low: section.amount("effectiveness_low"),
        effectiveness: section.amount("effectiveness"),
        effectiveness_high: section.amount("effectiveness_high"),
        utility_cost: section.amount("utility_cost"),
        locator: section.locator(),
    };
    for (low, high, key) in [
        (terms.cost_low, terms.cost_high, "cost_high"),
        (terms.effectiveness_low, terms.effectiveness, "effectiveness"),
        (terms.effectiveness, terms.effectiveness_high, "effectiveness_high"),
    ] {
        if let (Some(low), Some(high)) = (low, high)
            && low > high
        {
            let what = format!("`{key}` is {high}, less than the {low} that it has to reach");
            section.problem_at_value(key, what, Some("write the smaller amount as the low end".to_owned()));
        }
    }
    Some(terms)
}

pub(super) fn incident(section: &mut Section<'_>) -> Option<Incident> {
    let (date, system, impact) =
        (section.date("date"), section.required("system"), section.required("impact"));
    if date.is_none() {
        section.missing("date");
    }
    Some(Incident {
        date: date?,
        system: system?,
        impact: impact?,
        loss: section.amount("loss"),
        what: section.text("what"),
        locator: section.locator(),
    })
}

pub(super) fn requirement(
    section: &mut Section<'_>,
    vocabulary: Vocabulary<'_>,
) -> Option<RequirementStatement> {
    let (requirement, status, reason, date) = (
        section.required("requirement"),
        section.required("status"),
        section.required("reason"),
        section.date("date"),
    );
    if date.is_none() {
        section.missing("date");
    }
    if let Some(requirement) = &requirement {
        section.known("requirement", requirement, vocabulary.requirements, "requirement of a framework");
    }
    Some(RequirementStatement {
        requirement: requirement?,
        system: section.text("system"),
        status: status?,
        reason: reason?,
        owner: section.text("owner"),
        date: date?,
        evidence: section.texts("evidence"),
        locator: section.locator(),
    })
}

pub(super) fn reviewer(section: &mut Section<'_>) -> Option<Reviewer> {
    let (name, role) = (section.required("name"), section.required("role"));
    Some(Reviewer {
        name: name?,
        role: role?,
        systems: section.texts("systems"),
        key: section.text("key"),
        locator: section.locator(),
    })
}
