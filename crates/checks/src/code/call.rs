//! What the checks of code share: the place of a call, and its evidence.

use vauban_domain::{Evidence, Locator};
use vauban_formats::python::{Call, Python};

use crate::Subject;

/// The line in the file, or in the cell of a notebook.
pub(super) fn place(subject: &Subject<'_, Python>, line: u32) -> Locator {
    subject.locator.clone().at_line(line)
}

/// Evidence of one call, named by file, callee and the function it is made in.
pub(super) fn evidence(
    subject: &Subject<'_, Python>,
    call: &Call,
    excerpt: impl Into<String>,
) -> Vec<Evidence> {
    let inside =
        call.function.and_then(|index| subject.facts.functions.get(index)).map_or("", |f| f.name.as_str());
    let key = format!("{}:{}:{inside}", subject.locator.path, call.callee);
    vec![Evidence::new(place(subject, call.line), key, excerpt)]
}
