//! What attacks measured, and exercises: attack, detections and controls together.

use maud::{Markup, html};

use super::{chart, columns, list, shown};
use crate::{
    summary::{grouped, percent},
    v1::{Document, Exercise, ExerciseRun, Measurement},
};

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
            div.charts {
                @for result in results {
                    @for curve in &result.curves {
                        (chart::lines(
                            &format!("{} against {}", result.attack, result.asset),
                            &curve.x,
                            &curve.y,
                            &[chart::Series {
                                name: &result.attack,
                                points: curve.points.iter().map(|[x, y]| (*x, *y)).collect(),
                                joined: true,
                            }],
                        ))
                    }
                }
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
            th scope="row" { (shown(&result.attack)) }
            td { (shown(&result.asset)) }
            td { (shown(&result.metric)) }
            td.number { (number(result.value)) }
            td {
                @if is_share { (chart::interval(interval.low, result.value, interval.high)) br; }
                (number(interval.low)) " to " (number(interval.high)) " (" (percent(interval.level)) ")"
            }
            td.number { (grouped(result.trials as f64)) }
            td.number { (grouped(result.queries as f64)) }
            td {
                @for (key, value) in &result.parameters { (shown(key)) "=" (shown(value)) " " }
                br; span.note { (shown(&result.techniques.join(", "))) ", seed " (result.seed) }
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
        h3 { (shown(&exercise.attack)) " against " (shown(&exercise.asset)) }
        p {
            @if exercise.detected { "The alarm was raised on the bare run. " } @else { "No alarm was raised on the bare run. " }
            @if exercise.holding.is_empty() { "No control changed the result enough to be called holding." }
            @else { "Holding: " (shown(&exercise.holding.join(", "))) "." }
            " Techniques: " (shown(&exercise.techniques.join(", "))) "."
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
                @for on in &run.controls { "on: " (shown(&on.control)) ", " (shown(&on.setting)) br; }
            }
            td.number { (percent(run.success)) }
            td { (chart::interval(0.0, run.success, run.success)) }
            td.number { (grouped(run.requests as f64)) }
            td.number { (grouped(run.refused as f64)) }
            td { @if run.alerts.is_empty() { "none" } (shown(&run.alerts.join(", "))) }
            td.number { @match run.seconds_to_alert { Some(seconds) => { (format!("{seconds:.1} s")) }, None => { "never" } } }
        }
    }
}
