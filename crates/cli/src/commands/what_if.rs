//! `vauban what-if`: the review before and after a change, in one view.

use anyhow::Context;
use serde_json::{Value, json};
use vauban_engine::{Change, Stages, Supposed};

use crate::arguments::{Common, Plain, WhatIfArguments};
use crate::bars::Bars;
use crate::supposition::{Comparison, Figure};
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
    let comparison = Comparison::of(&reviewed.review, &after);
    match arguments.format {
        Plain::Text => {
            delivery::print(text::what_if(&comparison, &reviewed.review.declaration.currency).as_bytes())?
        }
        Plain::Json => delivery::print(&as_json(&change, &comparison)?)?,
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

fn as_json(change: &Change, comparison: &Comparison) -> anyhow::Result<Vec<u8>> {
    let side = |value: fn(&Figure) -> f64| -> Value {
        let figures = comparison.figures.iter();
        figures
            .map(|figure| (figure.name.to_owned(), json!(value(figure))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let add: Vec<_> =
        change.add.iter().map(|supposed| json!({"control": supposed.control, "at": supposed.at})).collect();
    let value = json!({
        "add": add,
        "remove": change.remove,
        "before": side(|figure| figure.before),
        "after": side(|figure| figure.after),
        "changed": comparison,
    });
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
