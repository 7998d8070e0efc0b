//! `vauban report`.

use anyhow::{Context, bail};
use vauban_export::v1::Document;

use crate::arguments::{Common, ReportArguments};
use crate::{Ended, delivery, present, text};

/// Renders a stored or saved review, or lists what is stored.
pub(crate) fn run(common: &Common, arguments: &ReportArguments) -> anyhow::Result<Ended> {
    delivery::check_format(&arguments.output.format)?;
    if let Some(path) = &arguments.from {
        delivery::deliver(&super::read_document(path)?, &arguments.output, text::review)?;
        return Ok(Ended::Clean);
    }
    let mut store = present::store(common)?;
    let subject = super::subject_name(&arguments.subject);
    if arguments.list {
        let reviews = store.reviews(&subject)?;
        delivery::print(text::reviews(&reviews).as_bytes())?;
        return Ok(if reviews.is_empty() { Ended::Nothing } else { Ended::Clean });
    }
    let id = match &arguments.review {
        Some(id) => id.clone(),
        None => match store.latest(&subject)? {
            Some(row) => row.id,
            None => bail!("no review of `{subject}` is stored; make one with `vauban review`"),
        },
    };
    let bytes = store
        .document(&id)?
        .with_context(|| format!("no review `{id}` is stored; see `vauban report --list`"))?;
    let document = Document::read(&bytes).context("the stored review cannot be read")?;
    delivery::deliver(&document, &arguments.output, text::review)?;
    Ok(Ended::Clean)
}
