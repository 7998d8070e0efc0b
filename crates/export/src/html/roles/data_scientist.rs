//! For data scientists: how the models held, and what each control costs them.

use maud::{Markup, html};
use vauban_domain::words::{counted, percent};
use vauban_knowledge::Knowledge;

use super::super::{Section, columns, findings, list, measurements, page, rules, text, unknown};
use crate::{
    exporter::{ExportError, Exporter},
    v1::{Document, ExerciseRun},
};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "report-data-scientist",
    extension: "html",
    media_type: "text/html",
    summary: "a report for data scientists: how the models held, and what each control costs them",
    write,
};

/// Families of rules whose findings are about models, data and what they were made with.
const FAMILIES: &[&str] = &["artifact", "dataset", "notebook", "privacy", "provenance", "robustness"];

#[allow(clippy::unnecessary_wraps, reason = "the signature of every exporter")]
fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let mine = of_models(document);
    let sections: [Section; 6] = [
        ("measurements", "How the models held", measurements::section(document)),
        ("costs", "What controls cost", Some(costs(document))),
        ("exercises", "Attacks behind controls", measurements::exercises(document)),
        ("findings", "Findings on models and data", findings::section(&mine)),
        ("unknown", "What was not looked at", Some(unknown::section(&mine))),
        ("rules", "Appendix: rules in force", rules::section(document)),
    ];
    let header = super::header(document, "data scientists", &answer(document));
    Ok(page(document, "data scientists", header, &sections))
}

/// The document with the findings of the families that a data scientist can do something about.
fn of_models(document: &Document) -> Document {
    let is_mine =
        |rule: &str| document.rule(rule).is_some_and(|rule| FAMILIES.contains(&rule.family.as_str()));
    let findings = document
        .findings
        .as_ref()
        .map(|findings| findings.iter().filter(|finding| is_mine(&finding.rule)).cloned().collect());
    Document { findings, ..document.clone() }
}

fn answer(document: &Document) -> String {
    let mut models: Vec<&str> = document.results().iter().map(|result| result.asset.as_str()).collect();
    models.sort_unstable();
    models.dedup();
    match models.len() {
        0 => "No model was attacked: how they hold is unknown. Name one in a [[test]] of vauban.toml."
            .to_owned(),
        models => format!(
            "{} attacked, {} measured, each with its interval. A control's cost is measured where an exercise ran it and assumed where none did.",
            counted(models, "model"),
            counted(document.results().len(), "result"),
        ),
    }
}

/// A control at a place: what it takes from the attacker and from the model, and where that is from.
struct Cost {
    control: String,
    assets: Vec<String>,
    measured: Vec<String>,
    assumed: f64,
}

fn costs(document: &Document) -> Markup {
    let costs = all_costs(document);
    html! {
        @if costs.is_empty() { p { "No control is planned or was exercised." } }
        @else {
            div.scroll {
                table.sortable {
                    caption { "Usefulness lost is the library's share unless the owner declared another: assumed, not measured" }
                    thead { (columns(&["control", "at", "measured in exercises", "usefulness lost, assumed#"])) }
                    tbody {
                        @for cost in &costs {
                            tr {
                                th scope="row" { (text(&cost.control)) }
                                td { (list(&cost.assets)) }
                                td { @if cost.measured.is_empty() { "not exercised" } (list(&cost.measured)) }
                                td.number { (percent(cost.assumed)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn all_costs(document: &Document) -> Vec<Cost> {
    let steps = document.plan.iter().flat_map(|plan| &plan.steps);
    let planned = steps.map(|step| (step.control.clone(), step.assets.clone()));
    let exercised = document.exercises().iter().flat_map(|exercise| {
        exercise
            .runs
            .iter()
            .flat_map(|run| &run.controls)
            .map(|on| (on.control.clone(), vec![exercise.asset.clone()]))
    });
    let mut costs: Vec<Cost> = Vec::new();
    for (control, assets) in planned.chain(exercised) {
        let known = Knowledge::builtin().controls.iter().find(|known| known.id == control);
        let Some(assumed) = known.map(|known| known.utility_cost) else { continue };
        match costs.iter_mut().find(|cost| cost.control == control) {
            Some(cost) => cost.assets.extend(assets),
            None => costs.push(Cost { measured: measured(document, &control), control, assets, assumed }),
        }
    }
    for cost in &mut costs {
        cost.assets.sort();
        cost.assets.dedup();
    }
    costs.sort_by(|one, other| one.control.cmp(&other.control));
    costs
}

/// What the control takes from those who do not attack, as measured.
fn price(run: &ExerciseRun, bare: &ExerciseRun) -> String {
    let (Some(with), Some(without)) = (&run.usefulness, &bare.usefulness) else { return String::new() };
    let refused = with
        .ordinary_refused
        .map(|share| format!(", {} of ordinary clients' requests refused", percent(share)))
        .unwrap_or_default();
    format!(
        "; accuracy {} ({} to {}) instead of {} on {}{refused}",
        percent(with.accuracy),
        percent(with.interval.low),
        percent(with.interval.high),
        percent(without.accuracy),
        counted(usize::try_from(with.samples).unwrap_or(usize::MAX), "clean sample"),
    )
}

/// Runs with this control alone against the bare run before them.
fn measured(document: &Document, control: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for exercise in document.exercises() {
        let bare = exercise.runs.iter().find(|run| run.controls.is_empty());
        let alone = |run: &&ExerciseRun| matches!(run.controls.as_slice(), [on] if on.control == control);
        for run in exercise.runs.iter().filter(alone) {
            let Some(bare) = bare else { continue };
            lines.push(format!(
                "{} against {}: success {} instead of {}, {} of {} requests refused{}",
                exercise.attack,
                exercise.asset,
                percent(run.success),
                percent(bare.success),
                run.refused,
                run.requests,
                price(run, bare),
            ));
        }
    }
    lines
}
