//! Colour and the two voices: results on standard output, talk on standard error.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
use vauban_domain::Severity;

use crate::arguments::When;

static COLOUR_OUT: AtomicBool = AtomicBool::new(false);
static COLOUR_TALK: AtomicBool = AtomicBool::new(false);

/// Decides once whether to use colour.
#[expect(clippy::disallowed_methods, reason = "NO_COLOR is the convention of https://no-color.org")]
pub(crate) fn choose(when: When) {
    let wanted = |terminal: bool| match when {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && std::env::var("NO_COLOR").map_or(true, |value| value.is_empty()),
    };
    COLOUR_OUT.store(wanted(std::io::stdout().is_terminal()), Ordering::Relaxed);
    COLOUR_TALK.store(wanted(std::io::stderr().is_terminal()), Ordering::Relaxed);
}

fn paint(text: &str, style: Style, colour: &AtomicBool) -> String {
    if colour.load(Ordering::Relaxed) { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

/// Text that stands out in a result.
pub(crate) fn strong(text: &str) -> String {
    paint(text, Style::new().bold(), &COLOUR_OUT)
}

/// Text that stands back in a result.
pub(crate) fn faint(text: &str) -> String {
    paint(text, Style::new().dimmed(), &COLOUR_OUT)
}

/// A severity: always the word, with colour only on top of it.
pub(crate) fn severity(severity: Severity) -> String {
    let colour = match severity {
        Severity::Critical => AnsiColor::Magenta,
        Severity::High => AnsiColor::Red,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::Cyan,
        Severity::Info => AnsiColor::White,
    };
    paint(&format!("{severity:8}"), Style::new().bold().fg_color(Some(colour.into())), &COLOUR_OUT)
}

/// A line of talk.
pub(crate) fn talk(line: &str) {
    // Talk that nobody can hear is not worth failing for.
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

/// An error with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    let label = paint("error:", Style::new().bold().fg_color(Some(AnsiColor::Red.into())), &COLOUR_TALK);
    talk(&format!("{label} {error:#}"));
}
