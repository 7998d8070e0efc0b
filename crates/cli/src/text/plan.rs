//! The plan.

use std::fmt::Write;

use vauban_export::v1::{Document, Plan};

use super::amounts::money;
use super::{absent, section, section_in, short, table};

/// `vauban plan`.
pub(crate) fn plan(document: &Document) -> String {
    let Some(plan) = &document.plan else { return absent("plan") };
    let mut text = String::new();
    section(&mut text, "controls, most risk removed per cost first");
    text.push_str(&rows(plan, usize::MAX));
    for step in &plan.steps {
        section(&mut text, &format!("{}. {}", step.rank, step.name));
        let _ = writeln!(text, "  on {}", step.assets.join(", "));
        let _ = writeln!(text, "  mitigations {}; playbook {}", step.mitigations.join(", "), step.playbook);
        if !step.silences.is_empty() {
            let _ = writeln!(text, "  done when silent: {}", step.silences.join(", "));
        }
        for line in &step.basis {
            let _ = writeln!(text, "  {line}");
        }
    }
    if !plan.unaddressed.is_empty() {
        section(&mut text, "findings that no control of the library closes");
        let _ = writeln!(text, "  {}", plan.unaddressed.join(", "));
    }
    text
}

/// The first steps.
pub(super) fn summary(document: &Document) -> String {
    let Some(plan) = document.plan.as_ref().filter(|plan| !plan.steps.is_empty()) else {
        return String::new();
    };
    let mut text = String::from("\n");
    section_in(&mut text, &format!("plan, {} controls", plan.steps.len()));
    text.push_str(&rows(plan, 8));
    text
}

fn rows(plan: &Plan, shown: usize) -> String {
    table(
        ["", "control", "on", "cost", "removes a year", "left", "must fall silent"],
        plan.steps.iter().take(shown).map(|step| {
            let on = match step.assets.as_slice() {
                [only] => only.clone(),
                many => format!("{} assets", many.len()),
            };
            [
                step.rank.to_string(),
                step.name.clone(),
                short(&on, 40),
                money(step.cost),
                money(step.risk_removed),
                money(step.risk_left),
                short(&step.silences.join(", "), 50),
            ]
        }),
    )
}
