//! What attacks measured, and exercises: attack, detections and controls together.

use maud::{Markup, html};
use vauban_domain::words::{grouped, percent};

use super::{chart, columns, list, shown, text};
use crate::v1::{Curve, Document, Exercise, ExerciseRun, Measurement};

pub(super) fn section(document: &Document) -> Option<Markup> {
    let results = document.results();
    (!results.is_empty()).then(|| {
        html! {
            div.scroll {
                table.sortable {
                    caption { "Bars run from 0 to 1: the mark is the value, the shade its interval." }
                    thead {
                        (columns(&[
                            "attack", "asset", "metric", "value#", "interval", "samples#", "queries#",
                            "threat model", "notes",
                        ]))
                    }
                    tbody { @for result in results { (row(result)) } }
                }
            }
            @for result in results {
                @if let Some(parts) = parts(result) { (parts) }
                @if let Some(sanity) = sanity(result) { (sanity) }
            }
            div.charts {
                @for result in results {
                    @for group in together(&result.curves) {
                        (chart::lines(
                            &format!("{} against {}", result.attack, result.asset),
                            &group[0].x,
                            if group.len() > 1 { "accuracy" } else { &group[0].y },
                            &group
                                .iter()
                                .map(|curve| chart::Series {
                                    name: if group.len() > 1 { &curve.y } else { &result.attack },
                                    points: curve.points.iter().map(|[x, y]| (*x, *y)).collect(),
                                    joined: true,
                                })
                                .collect::<Vec<_>>(),
                        ))
                    }
                }
            }
        }
    })
}

/// Curves over the same axis in one chart, so that a certified curve is seen under the attack's.
fn together(curves: &[Curve]) -> Vec<Vec<&Curve>> {
    let mut groups: Vec<Vec<&Curve>> = Vec::new();
    for curve in curves {
        match groups.iter_mut().find(|group| group[0].x == curve.x && group.len() < 3) {
            Some(group) => group.push(curve),
            None => groups.push(vec![curve]),
        }
    }
    groups
}

/// The value for parts of the samples.
fn parts(result: &Measurement) -> Option<Markup> {
    (!result.parts.is_empty()).then(|| {
        html! {
            details {
                summary { (text(&result.attack)) " against " (text(&result.asset)) ": " (result.parts.len()) " parts" }
                div.scroll {
                    table.sortable {
                        thead { (columns(&["by", "part", "value#", "interval", "samples#"])) }
                        tbody {
                            @for part in &result.parts {
                                tr {
                                    td { (text(&part.by)) }
                                    th scope="row" { (text(&part.name)) }
                                    td.number { (percent(part.value)) }
                                    td {
                                        (chart::interval(part.interval.low, part.value, part.interval.high)) br;
                                        (percent(part.interval.low)) " to " (percent(part.interval.high))
                                    }
                                    td.number { (grouped(part.trials as f64)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

/// Looks at whether attacks failed rather than the model held; the failed ones are what to read.
fn sanity(result: &Measurement) -> Option<Markup> {
    let count = |verdict: &str| result.sanity.iter().filter(|check| check.verdict == verdict).count();
    (!result.sanity.is_empty()).then(|| {
        html! {
            details open[count("failed") > 0] {
                summary {
                    (text(&result.attack)) " against " (text(&result.asset)) ": " (count("passed"))
                    " sanity checks passed, " (count("failed")) " failed, " (count("not-run")) " not run"
                }
                div.scroll {
                    table.sortable {
                        thead { (columns(&["verdict", "check", "what was seen"])) }
                        tbody {
                            @for check in &result.sanity {
                                tr {
                                    td { (text(&check.verdict)) }
                                    th scope="row" { (text(&check.name)) }
                                    td { (text(&check.detail)) }
                                }
                            }
                        }
                    }
                }
                @if !result.reproduce.is_empty() { p.note { "The same again: " code { (text(&result.reproduce)) } } }
            }
        }
    })
}

fn row(result: &Measurement) -> Markup {
    let interval = result.interval;
    // A share reads as a percentage; distances and counts stay as they are.
    let is_share = (0.0..=1.0).contains(&result.value) && interval.low >= 0.0 && interval.high <= 1.0;
    let number = |value: f64| if is_share { percent(value) } else { format!("{value:.4}") };
    html! {
        tr {
            th scope="row" { (text(&result.attack)) }
            td { (text(&result.asset)) }
            td { (text(&result.metric)) }
            td.number { (number(result.value)) }
            td {
                @if is_share { (chart::interval(interval.low, result.value, interval.high)) br; }
                (number(interval.low)) " to " (number(interval.high)) " (" (percent(interval.level)) ")"
            }
            td.number { (grouped(result.trials as f64)) }
            td.number { (grouped(result.queries as f64)) }
            td {
                @for (key, value) in &result.parameters { (text(key)) "=" (text(value)) " " }
                br; span.note { (text(&result.techniques.join(", "))) ", seed " (result.seed) }
            }
            td { (list(&result.notes)) }
        }
    }
}

pub(super) fn exercises(document: &Document) -> Option<Markup> {
    let exercises = document.exercises();
    (!exercises.is_empty()).then(|| html! { @for exercise in exercises { (one(exercise)) } })
}

fn one(exercise: &Exercise) -> Markup {
    html! {
        h3 { (text(&exercise.attack)) " against " (text(&exercise.asset)) }
        p {
            @if exercise.detected { "The alarm was raised on the bare run. " } @else { "No alarm was raised on the bare run. " }
            @if exercise.holding.is_empty() { "No control changed the result enough to be called holding." }
            @else { "Holding: " (text(&exercise.holding.join(", "))) "." }
            " Techniques: " (text(&exercise.techniques.join(", "))) "."
        }
        div.scroll {
            table {
                caption { "The same attack under different controls" }
                thead {
                    (columns(&[
                        "controls", "success#", "", "requests#", "refused#", "alerts", "first alert#",
                    ]))
                }
                tbody { @for run in &exercise.runs { (run_row(run)) } }
            }
        }
        h4 { "Transcript" }
        pre { @for line in &exercise.transcript { (shown(line)) "\n" } }
    }
}

fn run_row(run: &ExerciseRun) -> Markup {
    html! {
        tr {
            th scope="row" {
                @if run.controls.is_empty() { "off" }
                @for on in &run.controls { "on: " (text(&on.control)) ", " (text(&on.setting)) br; }
            }
            td.number { (percent(run.success)) }
            td { (chart::interval(0.0, run.success, run.success)) }
            td.number { (grouped(run.requests as f64)) }
            td.number { (grouped(run.refused as f64)) }
            td { @if run.alerts.is_empty() { "none" } (text(&run.alerts.join(", "))) }
            td.number { @match run.seconds_to_alert { Some(seconds) => { (format!("{seconds:.1} s")) }, None => { "never" } } }
        }
    }
}
