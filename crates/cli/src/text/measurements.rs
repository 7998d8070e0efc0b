//! Results of attacks and exercises.

use std::fmt::Write;

use vauban_export::v1::{Document, Measurement};

use super::{absent, section, section_in, short, table};

/// `vauban attack --list`.
pub(crate) fn attacks() -> String {
    table(
        ["attack", "access", "norm", "for", "what it does", "paper"],
        vauban_engine::ATTACKS.iter().map(|attack| {
            [
                attack.name.to_owned(),
                attack.access.to_string(),
                format!("{}{}", attack.norm.as_str(), if attack.minimal { ", least distance" } else { "" }),
                attack.modality.as_str().to_owned(),
                attack.title.to_owned(),
                attack.paper.to_owned(),
            ]
        }),
    )
}

/// `vauban attack`.
pub(crate) fn measurements(document: &Document) -> String {
    if document.measurements.is_none() {
        return absent("measurements");
    }
    let mut text = String::new();
    section(&mut text, "measurements");
    text.push_str(&rows(document.results().iter()));
    for measurement in document.results() {
        for note in &measurement.notes {
            let _ = writeln!(text, "note: {}: {note}", measurement.id);
        }
    }
    for measurement in document.results().iter().filter(|measurement| decides(measurement)) {
        text.push_str(&parts(measurement));
        text.push_str(&sanity(measurement));
        if !measurement.reproduce.is_empty() {
            let _ = writeln!(text, "\nagain: {}", measurement.reproduce);
        }
    }
    let curves = document.results().iter().filter(|measurement| decides(measurement));
    for curve in curves.flat_map(|measurement| &measurement.curves) {
        let _ = writeln!(text, "\n{} against {}", curve.y, curve.x);
        for [x, y] in thinned(&curve.points) {
            let bar = "#".repeat((y.clamp(0.0, 1.0) * 40.0).round() as usize);
            let _ = writeln!(text, "  {x:>10.4}  {y:>7.3}  {bar}");
        }
    }
    if !document.findings().is_empty() {
        text.push('\n');
        text.push_str(&super::scan(document, None));
    }
    text
}

/// The value for parts of the samples.
fn parts(measurement: &Measurement) -> String {
    if measurement.parts.is_empty() {
        return String::new();
    }
    let rows = measurement.parts.iter().map(|part| {
        [
            format!("{} {}", part.by, part.name),
            format!("{:.3}", part.value),
            format!("{:.3} to {:.3}", part.interval.low, part.interval.high),
            part.trials.to_string(),
        ]
    });
    format!("\n{}", table(["part", "share", "95 % interval", "samples"], rows))
}

/// Looks at whether attacks failed rather than the model held: the failed ones first.
fn sanity(measurement: &Measurement) -> String {
    let count = |verdict: &str| measurement.sanity.iter().filter(|check| check.verdict == verdict).count();
    if measurement.sanity.is_empty() {
        return String::new();
    }
    let mut checks: Vec<_> = measurement.sanity.iter().collect();
    checks.sort_by_key(|check| (check.verdict != "failed", check.verdict != "not-run"));
    let rows = checks.iter().map(|check| [check.verdict.clone(), check.name.clone(), check.detail.clone()]);
    format!(
        "\nsanity: {} passed, {} failed, {} not run\n{}",
        count("passed"),
        count("failed"),
        count("not-run"),
        table(["verdict", "check", "what was seen"], rows)
    )
}

/// Every point, or sixteen evenly chosen ones.
fn thinned(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let step = points.len().div_ceil(16).max(1);
    points.iter().copied().step_by(step).collect()
}

fn rows<'a>(measurements: impl Iterator<Item = &'a Measurement>) -> String {
    table(
        ["asset", "attack", "metric", "value", "95 % interval", "trials", "queries"],
        measurements.map(|measurement| {
            [
                measurement.asset.clone(),
                attack(measurement),
                measurement.metric.clone(),
                format!("{:.3}", measurement.value),
                format!("{:.3} to {:.3}", measurement.interval.low, measurement.interval.high),
                measurement.trials.to_string(),
                measurement.queries.to_string(),
            ]
        }),
    )
}

fn attack(measurement: &Measurement) -> String {
    match measurement.parameters.get("eps") {
        Some(eps) => format!("{} eps {eps}", measurement.attack),
        None => measurement.attack.clone(),
    }
}

/// The measurements that decide: worst cases and copies.
pub(super) fn summary(document: &Document) -> String {
    if document.results().is_empty() {
        return String::new();
    }
    let mut text = String::from("\n");
    section_in(&mut text, "attacked, the worst case over all attacks and the best copy");
    text.push_str(&rows(document.results().iter().filter(|measurement| decides(measurement))));
    text
}

/// Whether a measurement is the last word on its model; the others are its parts, or belong to an exercise.
fn decides(measurement: &Measurement) -> bool {
    measurement.attack == "worst-case"
        || (measurement.attack == "extraction" && measurement.parameters.contains_key("eps"))
}

/// `vauban exercise`.
pub(crate) fn exercises(document: &Document) -> String {
    if document.measurements.is_none() {
        return absent("exercises");
    }
    let mut text = String::new();
    section(&mut text, &format!("{} exercises", document.exercises().len()));
    text.push_str(&exercise_rows(document));
    for exercise in document.exercises() {
        section(&mut text, &exercise.id);
        for line in &exercise.transcript {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

fn exercise_rows(document: &Document) -> String {
    table(
        ["exercise", "controls", "success", "requests", "refused", "alerts"],
        document.exercises().iter().flat_map(|exercise| {
            exercise.runs.iter().map(|run| {
                let controls: Vec<_> = run.controls.iter().map(|control| control.control.as_str()).collect();
                [
                    exercise.id.clone(),
                    if controls.is_empty() { "none".to_owned() } else { controls.join(" + ") },
                    format!("{:.3}", run.success),
                    run.requests.to_string(),
                    run.refused.to_string(),
                    if run.alerts.is_empty() { "none".to_owned() } else { short(&run.alerts.join(", "), 60) },
                ]
            })
        }),
    )
}

/// What exercises proved.
pub(super) fn exercise_summary(document: &Document) -> String {
    if document.exercises().is_empty() {
        return String::new();
    }
    let mut text = String::from("\n");
    section_in(&mut text, "exercised");
    text.push_str(&exercise_rows(document));
    text
}
