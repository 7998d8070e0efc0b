//! `vauban what-if`: the review before and after a change, in one view.

use anyhow::Context;
use serde_json::{Value, json};
use vauban_domain::{Aspect, RequirementStatus, Review, Rung};
use vauban_engine::{Change, Stages, Supposed};

use crate::arguments::{Common, Plain, WhatIfArguments};
use crate::bars::Bars;
use crate::{Ended, delivery, present, text};

/// Reviews once, supposes the change, and shows what differs.
pub(crate) fn run(common: &Common, arguments: &WhatIfArguments) -> anyhow::Result<Ended> {
    let change = change(arguments)?;
    let bars = Bars::new(common.quiet);
    let mut request =
        super::request(&arguments.subject, Some(&arguments.numbers), Stages::REVIEW, present::now(common)?);
    super::asking::apply(common, &arguments.asking, &mut request)?;
    request.advisories = Some(present::advisories(common)?);
    let reviewed = vauban_engine::review(&request, &bars)?;
    let after = vauban_engine::what_if(&reviewed, &change, &request, &bars)?;
    bars.finish();
    super::asking::finish(common, &arguments.asking, &reviewed)?;
    let sides = [figures(&reviewed.review), figures(&after)];
    match arguments.format {
        Plain::Text => {
            delivery::print(text::what_if(&sides, &reviewed.review.declaration.currency).as_bytes())?
        }
        Plain::Json => delivery::print(&as_json(&change, &sides)?)?,
    }
    Ok(Ended::Clean)
}

fn change(arguments: &WhatIfArguments) -> anyhow::Result<Change> {
    let add = arguments
        .add
        .iter()
        .map(|written| {
            let rest = written
                .strip_prefix("control:")
                .with_context(|| format!("`{written}` is no control; write `--add control:rate-limit`"))?;
            let (control, at) = rest.split_once('@').unwrap_or((rest, ""));
            Ok(Supposed { control: control.to_owned(), at: at.to_owned() })
        })
        .collect::<anyhow::Result<_>>()?;
    let remove = arguments
        .remove
        .iter()
        .map(|written| {
            written.strip_prefix("component:").map(str::to_owned).with_context(|| {
                format!("`{written}` is no component; write `--remove component:endpoint:chat-widget`")
            })
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(Change { add, remove })
}

/// The figures of one side, by name, in the order in which they are shown.
fn figures(review: &Review) -> Vec<(&'static str, f64)> {
    let mut figures = vec![
        ("assets", review.assets.len() as f64),
        ("threats", review.threats.len() as f64),
        ("paths' expected loss", review.paths.iter().map(|path| path.expected_loss).sum()),
    ];
    if let Some(risk) = &review.risk {
        figures.extend([
            ("expected yearly loss", risk.total.mean),
            ("exceeded one year in twenty", risk.total.value_at_risk_95),
            ("mean of the worst twentieth", risk.total.tail_mean_95),
            ("points of the appetite exceeded", risk.exceeded.len() as f64),
        ]);
    }
    let at_least = |aspect: Aspect, rung: Rung| {
        review.coverage.iter().filter(|row| row.score(aspect).rung >= rung).count() as f64
    };
    figures.extend([
        ("prevention seen or exercised", at_least(Aspect::Prevent, Rung::Configured)),
        ("detection seen or exercised", at_least(Aspect::Detect, Rung::Configured)),
    ]);
    let requirements = |status: RequirementStatus| {
        let all = review.compliance.iter().flat_map(|framework| &framework.requirements);
        all.filter(|requirement| requirement.status == status).count() as f64
    };
    figures.extend([
        ("requirements satisfied", requirements(RequirementStatus::Satisfied)),
        ("requirements not satisfied", requirements(RequirementStatus::NotSatisfied)),
    ]);
    figures
}

fn as_json(change: &Change, sides: &[Vec<(&'static str, f64)>; 2]) -> anyhow::Result<Vec<u8>> {
    let side = |figures: &[(&'static str, f64)]| -> Value {
        figures
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let add: Vec<_> =
        change.add.iter().map(|supposed| json!({"control": supposed.control, "at": supposed.at})).collect();
    let value = json!({
        "add": add,
        "remove": change.remove,
        "before": side(&sides[0]),
        "after": side(&sides[1]),
    });
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
