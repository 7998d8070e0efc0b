//! `vauban schedule`.

use anyhow::Context;
use serde_json::json;
use vauban_engine::DeclarationSource;
use vauban_export::due::{Due, due};
use vauban_export::v1::Document;

use crate::arguments::{Common, Plain, ScheduleArguments};
use crate::{Ended, delivery, present, style, text};

/// Says when every system is due, and what is overdue.
pub(crate) fn run(common: &Common, arguments: &ScheduleArguments) -> anyhow::Result<Ended> {
    let now = present::now(common)?;
    let review = match &arguments.from {
        Some(path) => Some(super::read_document(path)?),
        None => last(common, arguments)?,
    };
    let declared = declared(arguments)?;
    let list = due(review.as_ref(), declared.as_deref(), now);
    let new: &[String] = review
        .as_ref()
        .and_then(|review| review.schedule.as_ref())
        .map_or(&[], |schedule| &schedule.new_techniques);
    match arguments.format {
        Plain::Text if list.is_empty() => {
            style::talk("no system is declared, so none is due; declare some with [[system]] in vauban.toml");
        }
        Plain::Text => delivery::print(text::due(&list, new).as_bytes())?,
        Plain::Json => {
            let value = json!({ "now": now.to_string(), "systems": list, "new_techniques": new });
            let mut bytes = serde_json::to_vec_pretty(&value)?;
            bytes.push(b'\n');
            delivery::print(&bytes)?;
        }
    }
    if list.is_empty() {
        return Ok(Ended::Nothing);
    }
    Ok(if arguments.fail_overdue && list.iter().any(Due::is_overdue) { Ended::Gated } else { Ended::Clean })
}

/// The last stored review of what is there.
fn last(common: &Common, arguments: &ScheduleArguments) -> anyhow::Result<Option<Document>> {
    let mut store = present::store(common)?;
    let Some(row) = store.latest(&super::subject_name(&arguments.path))? else { return Ok(None) };
    let Some(bytes) = store.document(&row.id)? else { return Ok(None) };
    Document::read(&bytes).map(Some).context("the stored review cannot be read")
}

/// Names and days of the declared systems; `None` without a declaration.
fn declared(arguments: &ScheduleArguments) -> anyhow::Result<Option<Vec<(String, u32)>>> {
    let source = match &arguments.config {
        Some(path) => DeclarationSource::File(path.clone()),
        None if arguments.path.join("vauban.toml").is_file() => DeclarationSource::AtRoot,
        None => return Ok(None),
    };
    let declaration = vauban_engine::read_declaration(&arguments.path, &source)?;
    let every = declaration.cadence.every_days;
    let days = |own: Option<u32>| own.unwrap_or(every).max(1);
    Ok(Some(declaration.systems.into_iter().map(|one| (one.name, days(one.every_days))).collect()))
}
