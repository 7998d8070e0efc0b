//! Third parties: what hangs on them, what to ask them, and what to settle before buying or renewing.
//!
//! An answer counts as a claim of its date and ages like one. What Vauban found by itself outweighs it, and a yes that
//! our own findings speak against is told.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    Asset, AssetId, AssetKind, Cascades, Rung, Severity, Timestamp, Vendor, VendorAssessment, VendorQuestion,
    words::plural,
};
use vauban_knowledge::{Control, Knowledge};

use crate::facts::means;
use crate::held::{Controls, fits};
use crate::{Facts, VendorAnswer};

/// Questions a vendor is asked at most.
const QUESTIONS: usize = 25;
/// Days an assessment lasts, and on a critical system: assumed.
const LASTS_DAYS: i64 = 365;
const LASTS_DAYS_CRITICAL: i64 = 180;
const SECONDS_A_DAY: i64 = 86_400;

/// Asked of whoever supplies models.
const ABOUT_MODELS: [&str; 3] = ["model-provenance", "model-signing", "training-data-provenance"];
/// Asked of whoever supplies data.
const ABOUT_DATA: [&str; 2] = ["poison-screening", "training-data-provenance"];

/// Every declared vendor, largest expected loss first.
pub fn vendors(facts: &Facts<'_>, knowledge: &Knowledge, cascades: &Cascades) -> Vec<VendorAssessment> {
    let controls = Controls::new(*facts, knowledge);
    let mut vendors: Vec<VendorAssessment> = facts
        .declaration
        .vendors
        .iter()
        .map(|vendor| assess(vendor, facts, knowledge, cascades, &controls))
        .collect();
    vendors.sort_by(|left, right| {
        right.expected_loss.total_cmp(&left.expected_loss).then_with(|| left.vendor.cmp(&right.vendor))
    });
    vendors
}

fn assess(
    vendor: &Vendor,
    facts: &Facts<'_>,
    knowledge: &Knowledge,
    cascades: &Cascades,
    controls: &Controls<'_, '_>,
) -> VendorAssessment {
    let mut assets: Vec<&Asset> = facts
        .inventory
        .assets
        .iter()
        .filter(|asset| vendor.assets.iter().any(|pattern| means(pattern, asset)))
        .collect();
    assets.sort_by(|left, right| left.id.cmp(&right.id));
    let systems: BTreeSet<&str> = assets.iter().filter_map(|asset| asset.system.as_deref()).collect();
    let critical: Vec<&str> = facts
        .declaration
        .systems
        .iter()
        .filter(|system| system.criticality == "critical" && systems.contains(system.name.as_str()))
        .map(|system| system.name.as_str())
        .collect();
    let days = if critical.is_empty() { LASTS_DAYS } else { LASTS_DAYS_CRITICAL };
    let due = vendor.assessed.map_or(facts.now, |day| Timestamp(day.0 + days * SECONDS_A_DAY));
    let questions = questions(vendor, knowledge, &assets, controls);
    let mut conditions = conditions(vendor, facts, &assets, &critical, &questions, due);
    conditions.extend(answered(vendor, facts, knowledge, &assets, &questions, controls));
    let radius = cascades.blast_radii.iter().find(|radius| radius.vendor && radius.origin == vendor.name);
    VendorAssessment {
        vendor: vendor.name.clone(),
        supplies: vendor.supplies.clone(),
        assets: assets.iter().map(|asset| asset.id.clone()).collect(),
        systems: systems.into_iter().map(str::to_owned).collect(),
        questions,
        assessed: vendor.assessed,
        due,
        reached: radius.map_or(0, |radius| u32::try_from(radius.reached.len()).unwrap_or(u32::MAX)),
        expected_loss: radius.map_or(0.0, |radius| radius.expected_loss),
        conditions,
    }
}

/// What to ask, most relevant first: controls that the vendor runs, then those against the most threats.
fn questions(
    vendor: &Vendor,
    knowledge: &Knowledge,
    assets: &[&Asset],
    controls: &Controls<'_, '_>,
) -> Vec<VendorQuestion> {
    let operated = |control: &Control| vendor.operates.contains(&control.id);
    let supplies = |kind: AssetKind| assets.iter().any(|asset| asset.kind == kind);
    let (models, data) = (supplies(AssetKind::Model), supplies(AssetKind::Dataset));
    let always = |control: &Control| {
        (models && ABOUT_MODELS.contains(&control.id.as_str()))
            || (data && ABOUT_DATA.contains(&control.id.as_str()))
    };
    let mut wanted: Vec<&Control> = knowledge
        .controls
        .iter()
        .filter(|control| {
            operated(control) || always(control) || assets.iter().any(|asset| fits(control, asset))
        })
        .collect();
    // What is always asked of a supplier of models or data must not fall off the end of the list.
    let rank = |control: &Control| (!operated(control), !always(control), usize::MAX - control.threats.len());
    wanted.sort_by(|left, right| (rank(left), &left.id).cmp(&(rank(right), &right.id)));
    wanted.truncate(QUESTIONS);
    let rungs: BTreeMap<&AssetId, _> =
        assets.iter().map(|asset| (&asset.id, controls.rungs_at(asset))).collect();
    wanted
        .into_iter()
        .map(|control| {
            let said = said(controls.answers(), vendor, control);
            VendorQuestion {
                id: format!("{}/{}", vendor.name, control.id),
                control: control.id.clone(),
                text: text(control, operated(control)),
                answer: said.map(|answer| answer.answer.clone()).unwrap_or_default(),
                evidence: said.map(|answer| answer.evidence.clone()).unwrap_or_default(),
                answered: said.map(|answer| answer.answered),
                rung: rung(control, assets, &rungs),
            }
        })
        .collect()
}

/// The vendor's latest word on a control.
fn said<'a>(answers: &'a [VendorAnswer], vendor: &Vendor, control: &Control) -> Option<&'a VendorAnswer> {
    answers
        .iter()
        .filter(|answer| answer.vendor == vendor.name && answer.control == control.id)
        .max_by_key(|answer| answer.answered)
}

/// What its answers come to: contradicted, denied, old or missing. Nothing where no answers are declared.
fn answered(
    vendor: &Vendor,
    facts: &Facts<'_>,
    knowledge: &Knowledge,
    assets: &[&Asset],
    questions: &[VendorQuestion],
    controls: &Controls<'_, '_>,
) -> Vec<String> {
    let mut told = Vec::new();
    if vendor.answers.is_empty() {
        return told;
    }
    for question in questions.iter().filter(|question| question.answer == "yes") {
        let Some(control) = knowledge.control(&question.control) else { continue };
        let against = assets.iter().filter(|asset| fits(control, asset)).find_map(|asset| {
            let findings = controls.against(control, asset);
            findings.first().map(|finding| (asset, finding.rule.clone(), findings.len()))
        });
        if let Some((asset, rule, count)) = against {
            told.push(format!(
                "it says yes to {}, but {rule} has {count} {} at {}",
                question.control,
                plural(count, "finding"),
                asset.id
            ));
        }
    }
    let half_life = i64::from(facts.half_life_days());
    let count = |wanted: &dyn Fn(&VendorQuestion) -> bool| questions.iter().filter(|one| wanted(one)).count();
    let old = |one: &VendorQuestion| one.answered.is_some_and(|day| facts.now.days_since(day) >= half_life);
    for (number, what) in [
        (count(&|one| one.answer == "no"), "answered with no"),
        (count(&|one| one.answer == "partly"), "answered with partly"),
        (
            count(&|one| !one.answer.is_empty() && old(one)),
            "answered so long ago that it must be asked again",
        ),
        (count(&|one| one.answer.is_empty()), "unanswered"),
    ] {
        if number > 0 {
            let verb = if number == 1 { "is" } else { "are" };
            told.push(format!("{number} of {} questions {verb} {what}", questions.len()));
        }
    }
    told
}

/// The weakest rung over the assets that the control fits: a control that is missing at one of them is not there.
fn rung(
    control: &Control,
    assets: &[&Asset],
    rungs: &BTreeMap<&AssetId, BTreeMap<&str, (Rung, String)>>,
) -> Rung {
    assets
        .iter()
        .filter(|asset| fits(control, asset))
        .map(|asset| {
            let here = rungs.get(&asset.id).and_then(|held| held.get(control.id.as_str()));
            here.map_or(Rung::Blind, |(rung, _)| *rung)
        })
        .min()
        .unwrap_or(Rung::Blind)
}

fn text(control: &Control, operated: bool) -> String {
    let whose = if operated { "run for us" } else { "have in place for what you supply" };
    let description = control.description.trim().trim_end_matches('.');
    format!(
        "Do you {whose}: {}? We mean: {description}. Please say yes, no, partly or not applicable, and what shows it.",
        control.name
    )
}

/// What to settle before buying or renewing, worst first.
fn conditions(
    vendor: &Vendor,
    facts: &Facts<'_>,
    assets: &[&Asset],
    critical: &[&str],
    questions: &[VendorQuestion],
    due: Timestamp,
) -> Vec<String> {
    let mut conditions = Vec::new();
    // What the owner has accepted for a time is not open.
    let accepted = crate::facts::accepted(facts);
    for (severity, word) in [(Severity::Critical, "critical"), (Severity::High, "high")] {
        let open = facts
            .findings
            .iter()
            .filter(|finding| {
                finding.severity == severity
                    && !finding.is_answered()
                    && !accepted.contains(finding.fingerprint.as_str())
            })
            .filter(|finding| assets.iter().any(|asset| asset.id == finding.asset))
            .count();
        if open > 0 {
            conditions.push(format!("{open} {word} {} open at what it supplies", plural(open, "finding")));
        }
    }
    let blind = questions.iter().filter(|question| question.rung == Rung::Blind).count();
    if !critical.is_empty() && blind > 0 {
        conditions.push(format!(
            "nothing shows {blind} of the {} {} asked about, and {} {} critical",
            questions.len(),
            plural(questions.len(), "control"),
            critical.join(", "),
            if critical.len() == 1 { "is" } else { "are" },
        ));
    }
    match vendor.assessed {
        None => conditions.push("never assessed".to_owned()),
        Some(_) if due < facts.now => {
            let days = facts.now.days_since(due);
            conditions.push(format!(
                "its assessment is overdue by {days} {}",
                plural(usize::try_from(days).unwrap_or(usize::MAX), "day")
            ));
        }
        Some(_) => {}
    }
    conditions
}
