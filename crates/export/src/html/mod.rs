//! A report to read, print and pass on: one file, no network, no need for its script.
//!
//! Every name in it may come from an attacker, so text is escaped, characters that hide or turn text are spelled out,
//! drawings from outside are shown as images, and a content security policy allows nothing but our own script.

mod actions;
mod assets;
mod blind;
mod cascades;
mod chart;
mod compliance;
mod coverage;
mod findings;
mod head;
mod heatmap;
mod measurements;
mod placement;
mod plan;
mod risk;
pub(crate) mod roles;
mod rules;
mod schedule;
mod threats;
mod tornado;
mod trend;
mod unknown;
mod vendors;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use vauban_domain::{Digest, day};

pub(crate) use heatmap::EXPORTER as HEATMAP;

use crate::{
    base64,
    exporter::{ExportError, Exporter},
    v1::Document,
};

/// A report as one HTML file.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "html",
    extension: "html",
    media_type: "text/html",
    summary: "a report to read and print, in one file",
    write,
};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A part of the report: id of its heading, heading, content; absent when the document has nothing for it.
type Section = (&'static str, &'static str, Option<Markup>);

#[allow(clippy::unnecessary_wraps, reason = "the signature of every exporter")]
fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let sections = [
        ("findings", "Findings", findings::section(document)),
        ("actions", "What to do", actions::section(document)),
        ("assets", "Assets by layer", assets::section(document)),
        ("coverage", "Coverage of ATLAS techniques", coverage::section(document)),
        ("measurements", "Measurements", measurements::section(document)),
        ("exercises", "Exercises", measurements::exercises(document)),
        ("threats", "Threats and paths", threats::section(document)),
        ("cascades", "What threats come to together", cascades::section(document)),
        ("risk", "Money at risk", risk::section(document)),
        ("trend", "Earlier reviews", trend::section(document)),
        ("plan", "Plan", plan::section(document)),
        ("placement", "Where controls do most", placement::section(document)),
        ("vendors", "Third parties", vendors::section(document)),
        ("compliance", "Requirements", compliance::section(document)),
        ("schedule", "When to look again", schedule::section(document)),
        ("unknown", "What was not looked at", Some(unknown::section(document))),
        ("assumptions", "Assumptions", risk::assumptions(document)),
        ("rules", "Appendix: rules in force", rules::section(document)),
    ];
    Ok(page(document, "", head::header(document), &sections))
}

/// A whole page: who it is for (empty for everyone), what stands at the top, and its parts.
fn page(document: &Document, reader: &str, header: Markup, sections: &[Section]) -> Vec<u8> {
    // The hash lets our own script run and no other (CSP level 3, section 2.3.1).
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
         script-src 'sha256-{}'",
        base64::encode(Digest::of(SCRIPT.as_bytes()).bytes())
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "vauban " (document.review.tool_version) };
                title { "Vauban: " (shown(&document.review.subject)) @if !reader.is_empty() { ", for " (reader) } }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (header)
                main id="main" {
                    nav aria-label="Sections" {
                        ul {
                            @for (id, heading, content) in sections {
                                @if content.is_some() { li { a href={ "#" (id) } { (heading) } } }
                            }
                        }
                    }
                    @for (id, heading, content) in sections {
                        @if let Some(content) = content {
                            section aria-labelledby=(id) { h2 id=(id) { (heading) } (content) }
                        }
                    }
                }
                footer {
                    p {
                        "Review " code { (text(&document.review.id)) } ", made by Vauban "
                        (text(&document.review.tool_version)) ". The same review gives this file to the byte."
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string().into_bytes()
}

/// Text with characters that hide or turn other text spelled out.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => shown.push(character),
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => {
                shown.push_str(&format!("\u{27e8}U+{:04X}\u{27e9}", u32::from(character)))
            }
            character if character.is_control() => {
                shown.push_str(&format!("\u{27e8}U+{:04X}\u{27e9}", u32::from(character)));
            }
            character => shown.push(character),
        }
    }
    shown
}

/// The same as content: what stands between backticks as code, and long names with places where a line may break.
fn text(text: &str) -> Markup {
    let shown = shown(text);
    let parts: Vec<&str> = shown.split('`').collect();
    // A last backtick without a partner stands for itself.
    let lone = parts.len().is_multiple_of(2);
    let last = parts.len() - 1;
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if lone && index == last { "`" (breakable(part)) }
            @else if index % 2 == 1 { code { (breakable(part)) } }
            @else { (breakable(part)) }
        }
    }
}

/// The day of a moment, in one piece in however narrow a column.
fn date(moment: &str) -> Markup {
    let day = shown(day(moment));
    html! { time datetime=(day) { (day) } }
}

/// Text with places where a long word may break, so that the name of a file does not decide how wide a table is.
fn breakable(text: &str) -> Markup {
    html! {
        @for word in text.split_inclusive(char::is_whitespace) {
            @for (index, piece) in pieces(word).into_iter().enumerate() { @if index > 0 { wbr; } (piece) }
        }
    }
}

/// A word in pieces: a long one after the signs that part names, and in any case after so many characters.
fn pieces(word: &str) -> Vec<&str> {
    const WHOLE: usize = 18;
    const SHORTEST: usize = 8;
    const REST: usize = 4;
    const LONGEST: usize = 24;
    if word.chars().count() <= WHOLE {
        return vec![word];
    }
    let (mut pieces, mut begin, mut length) = (Vec::new(), 0, 0);
    for (at, character) in word.char_indices() {
        length += 1;
        let end = at + character.len_utf8();
        let parts = length >= SHORTEST && "/:#_.=@,&?|~+".contains(character);
        if (parts || length >= LONGEST) && word.len() - end >= REST {
            pieces.push(&word[begin..end]);
            (begin, length) = (end, 0);
        }
    }
    if begin < word.len() {
        pieces.push(&word[begin..]);
    }
    pieces
}

/// The head of a table; a name that ends in `#` stands over numbers.
fn columns(names: &[&str]) -> Markup {
    html! {
        tr {
            @for name in names {
                @if let Some(name) = name.strip_suffix('#') { th.number scope="col" { (name) } }
                @else { th scope="col" { (name) } }
            }
        }
    }
}

/// The plain items of a list, nothing for none.
fn list(items: &[String]) -> Markup {
    html! { @if !items.is_empty() { ul.plain { @for item in items { li { (text(item)) } } } } }
}

/// The same where the first are enough to know what is meant; the rest is counted.
fn short_list(items: &[String]) -> Markup {
    const LISTED: usize = 12;
    let rest = items.len().saturating_sub(LISTED);
    html! {
        (list(&items[..items.len() - rest]))
        @if rest > 0 { span.note { "and " (rest) " more, which the JSON document names" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_spelled_out() {
        assert_eq!(
            shown("a\u{202e}b\u{1b}c\u{200b}"),
            "a\u{27e8}U+202E\u{27e9}b\u{27e8}U+001B\u{27e9}c\u{27e8}U+200B\u{27e9}"
        );
        assert_eq!(shown("käse 日本"), "käse 日本");
    }

    #[test]
    fn long_names_may_break_and_backticks_are_code() {
        let content = |words: &str| text(words).into_string();
        assert_eq!(content("add `regions` to <it>"), "add <code>regions</code> to &lt;it&gt;");
        assert_eq!(content("a `lone one"), "a `lone one");
        assert_eq!(
            content("at model:form-reader/models/v1.onnx"),
            "at model:form-reader/<wbr>models/v1.<wbr>onnx"
        );
        let digest = "é".repeat(64);
        assert_eq!(pieces(&digest).concat(), digest);
        assert_eq!(pieces(&digest).len(), 3);
    }
}
