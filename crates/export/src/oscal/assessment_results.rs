//! OSCAL assessment results: how every requirement stands and what it stands on.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    identity::Tokens,
    observation,
    parts::Sheet,
    risk::{self, Answers},
    word::{plain, property, prose, time},
};
use crate::{
    exporter::{ExportError, Exporter},
    tree,
    v1::{Document, FrameworkAssessment, RequirementAssessment, RequirementStatus, Scenario},
};

/// Requirements of frameworks as OSCAL assessment results.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: FORMAT,
    extension: "assessment-results.json",
    media_type: "application/json",
    summary: "how the requirements of frameworks stand, as OSCAL 1.2.1 assessment results",
    write,
};

const FORMAT: &str = "oscal-assessment-results";

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(frameworks) = &document.compliance else {
        return Err(ExportError::MissingPart { format: FORMAT, part: "compliance" });
    };
    if frameworks.iter().all(|framework| framework.requirements.is_empty()) {
        let why = "no requirement was assessed; declare the role and class of your systems, or `frameworks`, in `vauban.toml`";
        return Err(ExportError::Unusable { format: FORMAT, why: why.to_owned() });
    }
    let mut sheet = Sheet::new(document, FORMAT)?;
    let answers = Answers::of(document);
    let (mut findings, mut selections) = (Vec::new(), Vec::new());
    let mut risks = Risks::default();
    let mut tokens = Tokens::default();
    for (at, framework) in frameworks.iter().enumerate() {
        // A framework may hold the same requirement for several systems: one control, several findings.
        let mut controls: BTreeSet<String> = BTreeSet::new();
        for (index, requirement) in framework.requirements.iter().enumerate() {
            let target = tokens.of(&format!("{} {}", framework.framework, requirement.id));
            let observed = observed(&mut sheet, requirement);
            let at_risk = risks.against(&mut sheet, &answers, requirement);
            let place = format!("{at}.{index}");
            findings.push(finding(&sheet, framework, requirement, &target, &place, observed, at_risk));
            controls.insert(target);
        }
        selections.extend((!controls.is_empty()).then(|| {
            json!({
                "description": prose(&format!("{} {}", framework.name, framework.edition)),
                "props": [property("framework", &framework.framework), property("edition", &framework.edition)],
                "include-controls": controls.iter().map(|one| json!({"control-id": one})).collect::<Vec<_>>(),
            })
        }));
    }
    for scenario in document.risk.iter().flat_map(|risk| &risk.scenarios) {
        let number = sheet.uuid(&["risk", "scenario", &scenario.id]);
        risks.add(&number, || of_scenario(&sheet, scenario, document));
    }
    let all = frameworks.iter().flat_map(|framework| &framework.requirements);
    let times = all.flat_map(|one| &one.evidence).filter_map(|evidence| time(&evidence.as_of));
    let start = times.chain([sheet.taken_at.clone()]).min();
    let terms = sheet.uuid(&["terms"]);
    let result = json!({
        "uuid": sheet.uuid(&["result"]),
        "title": format!("Review of {}", prose(&document.review.subject)),
        "description": "Requirements of frameworks against what a review found, measured, was told and could not look at.",
        "start": start,
        "end": sheet.taken_at,
        "local-definitions": {"components": sheet.components(), "assessment-assets": sheet.assets()},
        "reviewed-controls": {
            "description": "A control here is a requirement of a framework; its own id is a property of the finding.",
            "control-selections": selections,
        },
        "observations": sheet.observations,
        "risks": risks.list,
        "findings": findings,
        "remarks": "A requirement that is partly met, unknown or not applicable is `not-satisfied` here, because OSCAL \
                    knows two states: the property `status` of the target says which.",
    });
    let value = json!({"assessment-results": {
        "uuid": sheet.uuid(&["assessment-results"]),
        "metadata": sheet.metadata("Assessment"),
        "import-ap": {
            "href": format!("#{terms}"),
            "remarks": "There is no assessment plan in OSCAL; the resource says on which terms the review was made.",
        },
        "results": [result],
        "back-matter": {"resources": [terms_of(document, &terms)]},
    }});
    Ok(tree::bytes(&tree::tidy(value))?)
}

/// Risks in the order in which they were first met.
#[derive(Default)]
struct Risks {
    list: Vec<Value>,
    known: BTreeSet<String>,
}

impl Risks {
    fn add(&mut self, number: &str, make: impl FnOnce() -> Value) {
        if self.known.insert(number.to_owned()) {
            self.list.push(make());
        }
    }

    /// Adds what the findings against a requirement put at risk, and gives its numbers.
    fn against(
        &mut self,
        sheet: &mut Sheet<'_>,
        answers: &Answers<'_>,
        requirement: &RequirementAssessment,
    ) -> BTreeSet<String> {
        let mut numbers = BTreeSet::new();
        let against = requirement.evidence.iter().filter(|one| one.kind == "finding" && !one.supports);
        for evidence in against {
            let Some(finding) = sheet.finding(&evidence.id) else {
                continue;
            };
            let action = answers.closing(&finding.fingerprint);
            let number = match action {
                Some(action) => risk::number_of_action(sheet, action),
                None => risk::number_of_finding(sheet, finding),
            };
            self.add(&number, || match action {
                Some(action) => risk::of_action(sheet, answers, action),
                None => risk::of_finding(sheet, finding),
            });
            numbers.insert(number);
        }
        numbers
    }
}

/// References to what a requirement stands on.
fn observed(sheet: &mut Sheet<'_>, requirement: &RequirementAssessment) -> Vec<Value> {
    let (mut observed, mut seen) = (Vec::new(), BTreeSet::new());
    for evidence in &requirement.evidence {
        let number = observation::of_evidence(sheet, evidence);
        if seen.insert(number.clone()) {
            let against = (!evidence.supports).then_some("Speaks against the requirement.");
            observed.push(json!({"observation-uuid": number, "remarks": against}));
        }
    }
    observed
}

fn finding(
    sheet: &Sheet<'_>,
    framework: &FrameworkAssessment,
    requirement: &RequirementAssessment,
    target: &str,
    place: &str,
    observed: Vec<Value>,
    at_risk: BTreeSet<String>,
) -> Value {
    let about = requirement.system.as_deref();
    let (state, reason, implemented, words) = match requirement.status {
        RequirementStatus::Satisfied => {
            ("satisfied", "pass", Some("implemented"), "Evidence shows that it is met.")
        }
        RequirementStatus::NotSatisfied => {
            ("not-satisfied", "fail", None, "Evidence shows that it is not met.")
        }
        RequirementStatus::Partly => {
            ("not-satisfied", "other", Some("partial"), "Partly met: part of what it asks for is shown.")
        }
        RequirementStatus::Unknown => (
            "not-satisfied",
            "other",
            None,
            "Unknown: nobody has looked, or the look failed. This is no proof of a failure.",
        ),
        RequirementStatus::NotApplicable => (
            "not-satisfied",
            "other",
            Some("not-applicable"),
            "Not applicable: it asks for nothing here. This is no failure.",
        ),
    };
    let said = format!("{words} {}", prose(&requirement.reason));
    json!({
        "uuid": sheet.uuid(&["finding", &framework.framework, &framework.edition, &requirement.id, about.unwrap_or_default(), place]),
        "title": prose(&match about {
            Some(system) => format!("{} {} ({system})", requirement.id, requirement.name),
            None => format!("{} {}", requirement.id, requirement.name),
        }),
        "description": said,
        "props": [
            property("framework", &framework.framework),
            property("edition", &framework.edition),
            property("requirement", &requirement.id),
            property("system", about.unwrap_or_default()),
            property("applies-from", requirement.applies_from.as_deref().unwrap_or_default()),
        ],
        "origins": [sheet.origin()],
        "target": {
            "type": "objective-id",
            "target-id": target,
            "title": prose(&requirement.name),
            "props": [property("status", requirement.status.as_str())],
            "status": {"state": state, "reason": reason, "remarks": said},
            "implementation-status": implemented.map(|state| json!({"state": state, "remarks": said})),
        },
        "related-observations": observed,
        "related-risks": at_risk.iter().map(|number| json!({"risk-uuid": number})).collect::<Vec<_>>(),
    })
}

/// Money at risk; the losses are the owner's ranges, the frequency is simulated.
fn of_scenario(sheet: &Sheet<'_>, scenario: &Scenario, document: &Document) -> Value {
    let currency = document.risk.as_ref().map_or("", |risk| risk.currency.as_str());
    let facet =
        |name: &str, value: String| json!({"name": name, "system": super::NAMESPACE, "value": plain(&value)});
    json!({
        "uuid": sheet.uuid(&["risk", "scenario", &scenario.id]),
        "title": prose(&scenario.title),
        "description": prose(&format!("scenario {} of system {}", scenario.id, scenario.system)),
        "statement": prose(&scenario.basis.join("; ")),
        "props": [property("scenario", &scenario.id), property("system", &scenario.system)],
        "status": "open",
        "origins": [sheet.origin()],
        "characterizations": [{
            "origin": sheet.origin(),
            "facets": [
                facet("events-per-year", format!("{:.4}", scenario.frequency)),
                facet("loss-per-event", format!("{currency} {:.0} to {:.0}", scenario.loss_low, scenario.loss_high)),
                facet("loss-per-year", format!("{currency} {:.0}", scenario.annual_loss)),
                facet("loss-per-year-range", format!(
                    "{currency} {:.0} to {:.0} ({:.0} %)",
                    scenario.annual_range.low, scenario.annual_range.high, scenario.annual_range.level * 100.0
                )),
            ],
        }],
    })
}

/// On which terms the review was made: what stands in for a plan.
fn terms_of(document: &Document, number: &str) -> Value {
    let review = &document.review;
    let limits: Vec<String> = review
        .limits
        .iter()
        .take(50)
        .map(|limit| format!("- {}: {}", prose(&limit.place), prose(&limit.what)))
        .collect();
    let left = review.limits.len().saturating_sub(limits.len());
    let looked = match limits.len() {
        0 => "No limit was hit.".to_owned(),
        _ => format!("Not looked at:\n\n{}\n\nand {left} more.", limits.join("\n")),
    };
    json!({
        "uuid": number,
        "title": "Terms of the review",
        "description": format!(
            "{} was reviewed with {} rules in force, seed {}. {looked}",
            prose(&review.subject), review.rules.len(), review.seed
        ),
        "props": [property("review", &review.id)],
    })
}
