//! Two reviews side by side.

use std::fmt::Write;

use vauban_export::review_diff::{
    CoverageDiff, DiffFinding, PlanDiff, ReviewDiff, RiskDiff, ScoreChange, ThreatsDiff,
};

use super::amounts::{money, share};
use super::{section, short};

/// Lines of one list that are shown; the JSON has all.
const SHOWN: usize = 40;

/// `vauban diff`.
pub(crate) fn diff(diff: &ReviewDiff) -> String {
    let mut text = String::new();
    if let Some(found) = &diff.findings {
        findings(&mut text, "new findings", &found.new);
        findings(&mut text, "fixed findings", &found.fixed);
        findings(&mut text, "findings that nobody looked for this time", &found.unchecked);
        findings(&mut text, "accepted findings", &found.accepted);
        findings(&mut text, "findings still open", &found.open);
    }
    for (heading, assets) in [
        ("assets added", &diff.assets_added),
        ("assets removed", &diff.assets_removed),
        ("assets with new bytes", &diff.assets_changed),
        ("techniques that are new in this edition of ATLAS", &diff.techniques_new),
    ] {
        lines(&mut text, heading, assets.iter().flatten().cloned());
    }
    if let Some(coverage) = &diff.coverage {
        scores(&mut text, coverage);
    }
    if let Some(threats) = &diff.threats {
        likelihoods(&mut text, threats);
    }
    if let Some(risk) = diff.risk.as_ref() {
        amounts(&mut text, risk);
    }
    if let Some(plan) = &diff.plan {
        steps(&mut text, plan);
    }
    lines(
        &mut text,
        "requirements with another status",
        diff.requirements.iter().flatten().map(|one| {
            let word = |status: Option<vauban_export::v1::RequirementStatus>| {
                status.map_or("not assessed", vauban_export::v1::RequirementStatus::as_str)
            };
            let system = one.system.as_deref().map(|name| format!(" at `{name}`")).unwrap_or_default();
            let worse = if one.is_worse() { "worse: " } else { "" };
            let (before, after) = (word(one.before), word(one.after));
            format!("{worse}{} {}{system}: {before} -> {after}: {}", one.framework, one.id, one.why)
        }),
    );
    lines(
        &mut text,
        "third parties that stand otherwise",
        diff.vendors.iter().flatten().map(|one| format!("{}: {}", one.vendor, one.changes.join("; "))),
    );
    if diff.is_empty() {
        let said = if diff.not_compared.is_empty() { "" } else { " in what could be compared" };
        let _ = writeln!(text, "{}no difference{said}", if text.is_empty() { "" } else { "\n" });
    }
    lines(&mut text, "cautions", diff.cautions.iter().cloned());
    let missing = diff.not_compared.iter().map(|one| format!("{}: {}", one.part, one.why));
    lines(&mut text, "parts that could not be compared", missing);
    text
}

/// A heading with the number of items, and the first of them.
fn lines(text: &mut String, heading: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return;
    }
    section(text, &format!("{} {heading}", items.len()));
    for item in items.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}", short(item, 300));
    }
    if items.len() > SHOWN {
        let _ = writeln!(text, "  and {} more with --format json", items.len() - SHOWN);
    }
}

fn findings(text: &mut String, heading: &str, found: &[DiffFinding]) {
    // Findings are what a gate asks about: all of them are shown.
    if found.is_empty() {
        return;
    }
    section(text, &format!("{} {heading}", found.len()));
    for finding in found {
        let _ = writeln!(
            text,
            "  {:8} {} {}: {} · {}",
            finding.severity,
            short(&finding.rule, 80),
            short(&finding.asset, 160),
            short(&finding.message, 300),
            short(&finding.fingerprint, 20)
        );
    }
}

fn scores(text: &mut String, coverage: &CoverageDiff) {
    let line = |one: &ScoreChange| {
        let cause = one.cause.replace('-', " ");
        format!(
            "{} {} {}: {} -> {}, {cause}: {}",
            one.technique, one.asset, one.aspect, one.before, one.after, one.why
        )
    };
    lines(text, "scores went down", coverage.down.iter().map(line));
    lines(text, "scores went up", coverage.up.iter().map(line));
    let pair = |one: &vauban_export::review_diff::PairChange| {
        format!("{} {}: {}", one.technique, one.asset, one.why)
    };
    lines(text, "pairs of technique and asset to look at now", coverage.applies.iter().map(pair));
    lines(text, "pairs that are not looked at any more", coverage.applies_no_more.iter().map(pair));
}

fn likelihoods(text: &mut String, threats: &ThreatsDiff) {
    for (heading, list) in [
        ("threats appeared", &threats.appeared),
        ("threats vanished", &threats.vanished),
        ("threats are more likely", &threats.more_likely),
        ("threats are less likely", &threats.less_likely),
    ] {
        lines(
            text,
            heading,
            list.iter().map(|one| {
                let chance = match (one.before, one.after) {
                    (Some(before), Some(after)) => format!("{} -> {}", share(before), share(after)),
                    (before, after) => share(before.or(after).unwrap_or(0.0)),
                };
                format!("{} {} at {}: {chance} a year", one.id, one.name, one.asset)
            }),
        );
    }
}

fn amounts(text: &mut String, risk: &RiskDiff) {
    section(text, &format!("money at risk, {}", risk.currency));
    let known = |side: Option<f64>| side.map_or_else(|| "unknown, no loss declared".to_owned(), money);
    let interval = risk
        .annual_loss_interval_after
        .map_or_else(String::new, |[low, high]| format!(" ({} to {})", money(low), money(high)));
    let error = if risk.within_error { ", no more than the simulation errs" } else { "" };
    let _ = writeln!(
        text,
        "  expected loss a year: {} -> {}{interval}{error}",
        known(risk.annual_loss.before),
        known(risk.annual_loss.after)
    );
    for (name, amount) in [
        ("exceeded in one year of twenty", risk.value_at_risk_95),
        ("mean of the worst twentieth of years", risk.tail_mean_95),
    ] {
        let _ = writeln!(text, "  {name}: {} -> {}", known(amount.before), known(amount.after));
    }
    let [before, after] = risk.exceeded;
    if before + after > 0 {
        let _ = writeln!(text, "  points of the appetite that are exceeded: {before} -> {after}");
    }
    for one in risk.scenarios.iter().take(8) {
        let amount = |side: Option<f64>| side.map_or("not there".to_owned(), money);
        let _ =
            writeln!(text, "  {}: {} -> {}", short(&one.title, 160), amount(one.before), amount(one.after));
    }
    if risk.scenarios.len() > 8 {
        let _ = writeln!(text, "  and {} more loss events with --format json", risk.scenarios.len() - 8);
    }
}

fn steps(text: &mut String, plan: &PlanDiff) {
    for (heading, list) in [
        ("steps of the plan are done", &plan.done),
        ("steps of the plan are new", &plan.new),
        ("steps left the plan undone", &plan.dropped),
    ] {
        lines(text, heading, list.iter().map(|one| format!("{} ({}): {}", one.name, one.control, one.why)));
    }
}
