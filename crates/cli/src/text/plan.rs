//! The plan.

use std::fmt::Write;

use vauban_export::v1::{Document, Plan};

use super::amounts::{money, share};
use super::{absent, section, section_in, short, table};

/// `vauban plan`.
pub(crate) fn plan(document: &Document) -> String {
    let Some(plan) = &document.plan else { return absent("plan") };
    let mut text = String::new();
    section(&mut text, "controls, most risk removed per cost first");
    text.push_str(&rows(plan, usize::MAX, document.is_priced()));
    for step in &plan.steps {
        section(&mut text, &format!("{}. {}", step.rank, step.name));
        let _ = writeln!(text, "  on {}", step.assets.join(", "));
        let _ = writeln!(text, "  mitigations {}; playbook {}", step.mitigations.join(", "), step.playbook);
        if !step.silences.is_empty() {
            let _ = writeln!(text, "  done when silent: {}", step.silences.join(", "));
        }
        if let Some(back) = &step.return_on_control {
            let _ = writeln!(
                text,
                "  first year: net {} (90 % {} to {} by what is not known, {} to {} with luck); pays with {} by the inputs, in \
                 {} of years",
                money(back.net_benefit),
                money(back.expected_range.low),
                money(back.expected_range.high),
                money(back.range.low),
                money(back.range.high),
                share(back.expected_probability),
                share(back.probability)
            );
        }
        if let Some(delay) = &step.cost_of_delay {
            let _ = writeln!(
                text,
                "  waiting: a month costs {} (90 % {} to {}), a quarter {} (90 % {} to {})",
                money(delay.month),
                money(delay.month_range.low),
                money(delay.month_range.high),
                money(delay.quarter),
                money(delay.quarter_range.low),
                money(delay.quarter_range.high)
            );
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
    text.push_str(&rows(plan, 8, document.is_priced()));
    text
}

fn rows(plan: &Plan, shown: usize, priced: bool) -> String {
    let removed = |value: f64| if priced { money(value) } else { "not known".to_owned() };
    table(
        ["", "control", "on", "cost", "removes a year", "pays with", "left", "must fall silent"],
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
                removed(step.risk_removed),
                step.return_on_control
                    .as_ref()
                    .map_or_else(|| "not known".to_owned(), |back| share(back.expected_probability)),
                removed(step.risk_left),
                short(&step.silences.join(", "), 50),
            ]
        }),
    )
}
