//! Where controls do most.

use std::fmt::Write;

use vauban_export::v1::{BudgetPlan, Cover, Cut, Document, PlacedControl, SharedFailure};

use super::amounts::{money, share};
use super::{absent, section, short, table};

/// Open ways, threats and shared failures shown.
const SHOWN: usize = 10;
/// Points of the curve shown.
const POINTS: usize = 12;

/// `vauban placement`.
pub(crate) fn placement(document: &Document) -> String {
    let Some(placement) = &document.placement else { return absent("placement") };
    let currency = &document.review.declaration.currency;
    let mut text = String::new();
    section(&mut text, "cheapest cut between attackers and crown jewels");
    match &placement.cut {
        Some(cut) => text.push_str(&cut_text(cut, currency)),
        None => text.push_str("  no way leads from attackers to crown jewels past the controls in place\n"),
    }
    section(&mut text, "cheapest cover of all threats");
    match &placement.cover {
        Some(cover) => text.push_str(&cover_text(cover, currency)),
        None => text.push_str("  there is no threat to cover; nothing was found that one applies to\n"),
    }
    section(&mut text, "what a budget buys");
    match &placement.budget {
        Some(budget) => text.push_str(&budget_text(budget, currency)),
        None => text.push_str("  unknown: no loss is declared; add [system.losses] to vauban.toml\n"),
    }
    section(&mut text, "controls that fall together");
    if placement.shared_failures.is_empty() {
        text.push_str("  none known; say with `operates` of a [[vendor]] which controls it runs\n");
    }
    for failure in placement.shared_failures.iter().take(SHOWN) {
        text.push_str(&failure_text(failure, currency));
    }
    more(&mut text, placement.shared_failures.len(), "failures");
    text
}

fn cut_text(cut: &Cut, currency: &str) -> String {
    let mut text = String::new();
    if cut.controls.is_empty() {
        text.push_str("  no control of the library stands on any of these ways\n");
    } else {
        text.push_str(&controls(&cut.controls));
        let _ = writeln!(text, "  {}", proof(cut.cost, cut.lower_bound, currency));
    }
    let _ = writeln!(
        text,
        "  between {} assets where attackers come in and {} crown jewels",
        cut.entries.len(),
        cut.jewels.len()
    );
    for way in cut.open_ways.iter().take(SHOWN) {
        let _ = writeln!(text, "  open: {}", short(&way.join(" -> "), 160));
    }
    more(&mut text, cut.open_ways.len(), "open ways");
    basis(&mut text, &cut.basis);
    text
}

fn cover_text(cover: &Cover, currency: &str) -> String {
    let mut text = String::new();
    if !cover.controls.is_empty() {
        text.push_str(&controls(&cover.controls));
        let _ = writeln!(text, "  {}", proof(cover.cost, cover.lower_bound, currency));
    }
    let _ = writeln!(
        text,
        "  they touch {} threats; controls in place touch {} more; no control of the library touches {}",
        cover.threats,
        cover.held,
        cover.untouched.len()
    );
    if !cover.untouched.is_empty() {
        let shown: Vec<&str> = cover.untouched.iter().take(SHOWN).map(String::as_str).collect();
        let _ = writeln!(text, "  untouched: {}", short(&shown.join(", "), 200));
        more(&mut text, cover.untouched.len(), "untouched threats");
    }
    basis(&mut text, &cover.basis);
    text
}

fn budget_text(budget: &BudgetPlan, currency: &str) -> String {
    let mut text = String::new();
    if !budget.controls.is_empty() {
        text.push_str(&controls(&budget.controls));
    }
    let spent: f64 = budget.controls.iter().map(|control| control.cost).sum();
    let _ = writeln!(
        text,
        "  {} of {} {currency} spent; removes {} {currency} a year; {}",
        money(spent),
        money(budget.budget),
        money(budget.removed),
        ceiling(budget, currency)
    );
    if budget.curve.len() > 1 {
        let step = budget.curve.len().div_ceil(POINTS).max(1);
        let last = budget.curve.len() - 1;
        text.push_str(&table(
            ["spent", "removes a year", "left"],
            budget
                .curve
                .iter()
                .enumerate()
                .filter(|(place, _)| place % step == 0 || *place == last)
                .map(|(_, point)| [money(point.spent), money(point.removed), money(point.left)]),
        ));
    }
    basis(&mut text, &budget.basis);
    text
}

fn ceiling(budget: &BudgetPlan, currency: &str) -> String {
    if budget.upper_bound <= budget.removed {
        return "no choice within the budget removes more".to_owned();
    }
    format!(
        "no choice within the budget removes more than {} {currency}, so at most {} of that is missed",
        money(budget.upper_bound),
        share((budget.upper_bound - budget.removed) / budget.upper_bound)
    )
}

fn failure_text(failure: &SharedFailure, currency: &str) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "  {}: {}", short(&failure.shared, 100), short(&failure.controls.join(", "), 160));
    let added = match failure.added_loss {
        Some(added) => format!("{} {currency} a year more if they fall", money(added)),
        None => "unknown what that costs, no loss is declared".to_owned(),
    };
    let _ = writeln!(
        text,
        "    {added}; {} threats hang on them alone today, {} with the cover in place",
        failure.threats.len(),
        failure.threats_after.len()
    );
    let threats = if failure.threats.is_empty() { &failure.threats_after } else { &failure.threats };
    let shown: Vec<&str> = threats.iter().take(3).map(String::as_str).collect();
    if !shown.is_empty() {
        let _ = writeln!(text, "    such as {}", short(&shown.join(", "), 180));
    }
    text
}

fn controls(placed: &[PlacedControl]) -> String {
    table(
        ["control", "on", "cost", "who", "run by"],
        placed.iter().map(|placed| {
            let on = match placed.assets.as_slice() {
                [only] => only.clone(),
                many => format!("{} assets", many.len()),
            };
            [
                short(&placed.name, 50),
                short(&on, 50),
                money(placed.cost),
                short(&placed.owner, 40),
                short(&placed.vendor, 30),
            ]
        }),
    )
}

/// The cost, and how near to the cheapest it is.
fn proof(cost: f64, lower_bound: f64, currency: &str) -> String {
    if lower_bound >= cost {
        return format!("{} {currency} together; proven the cheapest", money(cost));
    }
    format!(
        "{} {currency} together; nothing cheaper than {} {currency} is possible, so at most {} can be saved",
        money(cost),
        money(lower_bound),
        share((cost - lower_bound) / cost)
    )
}

fn basis(text: &mut String, lines: &[String]) {
    for line in lines {
        let _ = writeln!(text, "  {}", short(line, 200));
    }
}

fn more(text: &mut String, count: usize, what: &str) {
    if count > SHOWN {
        let _ = writeln!(text, "  and {} more {what}, in the report as JSON", count - SHOWN);
    }
}
