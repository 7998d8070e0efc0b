//! OSCAL plan of action and milestones: what has to be done about each gap, by whom and until when.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    parts::Sheet,
    risk::{self, Answers},
    word::{property, prose},
};
use crate::{
    exporter::{ExportError, Exporter},
    tree,
    v1::{Document, PlanStep},
};

/// Actions as an OSCAL plan of action and milestones.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: FORMAT,
    extension: "poam.json",
    media_type: "application/json",
    summary: "what is to be done by whom and until when, as an OSCAL 1.2.1 plan of action and milestones",
    write,
};

const FORMAT: &str = "oscal-poam";

/// Requirements named on one item.
const REQUIREMENTS: usize = 50;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(actions) = &document.actions else {
        return Err(ExportError::MissingPart { format: FORMAT, part: "actions" });
    };
    let mut sheet = Sheet::new(document, FORMAT)?;
    let answers = Answers::of(document);
    let asked = requirements(document);
    let (mut items, mut risks) = (Vec::new(), Vec::new());
    let (mut known, mut planned) = (BTreeSet::new(), BTreeSet::new());
    for action in actions {
        planned.extend(answers.step(action).map(|step| step.rank));
        // Ids are unique in our own documents, in those of others perhaps not.
        if !known.insert(action.id.as_str()) {
            continue;
        }
        risks.push(risk::of_action(&mut sheet, &answers, action));
        let observed = risk::observed(&mut sheet, &action.findings);
        let mut facts = risk::properties(&answers, action);
        let mut serves: BTreeSet<&str> = BTreeSet::new();
        for finding in &action.findings {
            serves.extend(asked.get(finding.as_str()).into_iter().flatten());
        }
        facts.extend(serves.into_iter().take(REQUIREMENTS).map(|id| property("requirement", id)));
        items.push(json!({
            "uuid": sheet.uuid(&["item", &action.id]),
            "title": prose(&action.title),
            "description": prose(&action.why),
            "props": facts,
            "origins": [sheet.origin()],
            "related-observations": observed,
            "related-risks": [{"risk-uuid": risk::number_of_action(&sheet, action)}],
        }));
    }
    for step in document.plan.iter().flat_map(|plan| &plan.steps) {
        if planned.insert(step.rank) {
            let (item, risk) = of_step(&mut sheet, step);
            items.push(item);
            risks.push(risk);
        }
    }
    if items.is_empty() {
        let why = "there is nothing to do: the document holds no action and no step of a plan".to_owned();
        return Err(ExportError::Unusable { format: FORMAT, why });
    }
    let value = json!({"plan-of-action-and-milestones": {
        "uuid": sheet.uuid(&["poam"]),
        "metadata": sheet.metadata("Plan of action and milestones"),
        "system-id": {
            "identifier-type": "http://ietf.org/rfc/rfc4122",
            // The same in every review of the subject.
            "id": super::identity::uuid(&document.review.subject, &["system"]),
        },
        "local-definitions": {"components": sheet.components(), "assessment-assets": sheet.assets()},
        "observations": sheet.observations,
        "risks": risks,
        "poam-items": items,
    }});
    Ok(tree::bytes(&tree::tidy(value))?)
}

/// For every finding the requirements that it speaks against.
fn requirements(document: &Document) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut asked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let all = document.compliance.iter().flatten().flat_map(|framework| &framework.requirements);
    for requirement in all {
        for evidence in requirement.evidence.iter().filter(|one| one.kind == "finding" && !one.supports) {
            asked.entry(&evidence.id).or_default().insert(&requirement.id);
        }
    }
    asked
}

/// A step of the plan that no action took up: nobody is named for it and no date is set.
fn of_step(sheet: &mut Sheet<'_>, step: &PlanStep) -> (Value, Value) {
    let rank = step.rank.to_string();
    let number = sheet.uuid(&["risk", "step", &rank, &step.control]);
    let observed = risk::observed(sheet, &step.findings);
    let basis = match step.basis.is_empty() {
        true => "no basis on record".to_owned(),
        false => step.basis.join("; "),
    };
    let missing = "Not on record: who has to do it, and until when. The owner of the plan has to set both.";
    let risk = json!({
        "uuid": number,
        "title": prose(&format!("without: {}", step.name)),
        "description": prose(&basis),
        "statement": prose(&format!("threats that stay: {}", step.threats.join(", "))),
        "props": risk::step_properties(step),
        "status": "open",
        "origins": [sheet.origin()],
        "remediations": [{
            "uuid": sheet.uuid(&["remediation", "step", &rank, &step.control]),
            "lifecycle": "recommendation",
            "title": prose(&step.name),
            "description": prose(&format!("control {}; playbook {}", step.control, step.playbook)),
            "origins": [sheet.origin()],
            "remarks": missing,
        }],
        "related-observations": observed,
    });
    let mut facts = risk::step_properties(step);
    facts.push(property("control", &step.control));
    let item = json!({
        "uuid": sheet.uuid(&["item", "step", &rank, &step.control]),
        "title": prose(&step.name),
        "description": prose(&basis),
        "props": facts,
        "origins": [sheet.origin()],
        "related-observations": observed,
        "related-risks": [{"risk-uuid": number}],
        "remarks": missing,
    });
    (item, risk)
}
