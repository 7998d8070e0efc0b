//! What pickles do, as pseudo-Python.

use std::fmt::Write;

use vauban_engine::Listing;

use super::short;
use crate::style;

/// Columns of a line that are shown.
const WIDTH: usize = 200;

/// Every listing under the name of its place; lines that findings are about have their rules above them.
pub(crate) fn listings(listings: &[Listing]) -> String {
    let mut text = String::new();
    for listing in listings {
        let _ = writeln!(text, "{}", style::strong(&short(&listing.place, WIDTH)));
        for (line, rules) in &listing.lines {
            let line = short(line, WIDTH);
            if rules.is_empty() {
                let _ = writeln!(text, "    {line}");
            } else {
                let _ = writeln!(text, ">>  {}  # {}", style::strong(&line), rules.join(", "));
            }
        }
        text.push('\n');
    }
    text
}
