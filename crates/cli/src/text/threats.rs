//! Threats and the paths they take.

use std::fmt::Write;

use vauban_domain::words::NO_DECLARED_LOSS;
use vauban_export::v1::{AttackPath, Document, PathStep};

use super::amounts::{money, share};
use super::{absent, section, section_in, table};

/// `vauban threats`.
pub(crate) fn threats(document: &Document) -> String {
    let Some(threats) = &document.threats else { return absent("threats") };
    let mut text = String::new();
    section(&mut text, &format!("{} threats, most likely first", threats.instances.len()));
    text.push_str(&table(
        ["threat", "name", "asset", "support", "factors", "a year"],
        threats.instances.iter().map(|threat| {
            [
                threat.kind.clone(),
                threat.name.clone(),
                threat.asset.clone(),
                threat.support.as_str().to_owned(),
                threat.factors.join(" "),
                share(threat.likelihood),
            ]
        }),
    ));
    text.push_str(&paths(document, usize::MAX));
    text
}

/// The paths that matter most.
pub(super) fn summary(document: &Document) -> String {
    paths(document, 3)
}

fn paths(document: &Document, shown: usize) -> String {
    let Some(threats) = &document.threats else { return String::new() };
    if threats.paths.is_empty() {
        return String::new();
    }
    let currency = &document.review.declaration.currency;
    let mut text = String::from("\n");
    section_in(&mut text, "paths, largest expected loss first");
    for (rank, path) in threats.paths.iter().take(shown).enumerate() {
        text.push_str(&one(rank + 1, path, currency));
    }
    if threats.paths.len() > shown {
        let _ = writeln!(text, "and {} more in the report", threats.paths.len() - shown);
    }
    text
}

fn one(rank: usize, path: &AttackPath, currency: &str) -> String {
    let mut text = String::new();
    let system = path.system.as_deref().unwrap_or("no declared system");
    let loss = if path.expected_loss > 0.0 {
        format!("{} {currency} expected loss", money(path.expected_loss))
    } else {
        NO_DECLARED_LOSS.to_owned()
    };
    let _ = writeln!(text, "{rank}. {} a year, {loss}, {system}", share(path.probability));
    for step in &path.steps {
        let technique =
            step.technique.as_deref().map_or_else(String::new, |technique| format!(" by {technique}"));
        let via = if step.via.is_empty() { String::new() } else { format!(" ({})", step.via) };
        let _ = writeln!(text, "   {} {} at {}{technique}{via}", step.layer, step.threat, step.asset);
        for line in standing(step) {
            let _ = writeln!(text, "      {line}");
        }
        if !step.stopped_by.is_empty() {
            let _ = writeln!(text, "      stopped by {}", step.stopped_by.join(", "));
        }
    }
    text
}

/// What a step stands on, and who has done it before.
fn standing(step: &PathStep) -> Vec<String> {
    let evidence = &step.evidence;
    let mut lines: Vec<String> =
        [("found", &evidence.findings), ("measured", &evidence.measurements), ("alert", &evidence.alerts)]
            .into_iter()
            .filter(|(_, what)| !what.is_empty())
            .map(|(how, what)| format!("{how}: {}", some(what)))
            .collect();
    if evidence.is_empty() {
        lines.push("structural: nothing was seen that speaks for it".to_owned());
    }
    for study in &step.case_studies {
        let kind = if study.incident { "incident" } else { "exercise" };
        lines.push(format!("done before: {} {} ({kind})", study.id, study.name));
    }
    lines
}

/// The first few, and how many more there are.
fn some(what: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut text = what.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if what.len() > SHOWN {
        let _ = write!(text, " and {} more", what.len() - SHOWN);
    }
    text
}
