//! YAML 1.2 out of untrusted bytes: a tree with lines for every document, within bounds.
//!
//! Shared by every format that is written in YAML. Events come from `granit-parser`; the tree is built here so that
//! aliases are copied under a budget (no billion laughs), a node that contains itself is refused, and whatever
//! precedes a syntax error is kept. <https://yaml.org/spec/1.2.2/>

mod builder;
mod node;
mod tagged;

use granit_parser::{Event, Parser, ScalarStyle, Tag, options};

use crate::{Defect, Input, Limits};
use builder::Builder;
use tagged::Tags;

pub(crate) use node::ABSENT;
pub use node::{Entry, Node, Value};
pub use tagged::Tagged;

/// Lists and maps inside one another; more than any person writes, few enough for recursive readers.
pub const DEPTH: usize = 96;

/// Nodes that aliases may add to one file.
const ALIASED_NODES: usize = 100_000;

/// Defects kept per file.
const DEFECTS: usize = 100;

/// What was read: one tree per document, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Documents {
    /// The trees; an empty document is a null node.
    pub documents: Vec<Node>,
    /// Nodes with tags of their own, in order of where they start.
    pub tags: Vec<Tagged>,
    /// What was wrong.
    pub defects: Vec<Defect>,
}

/// Reads the bytes of an input. Bytes that are no UTF-8 are replaced and leave a defect.
pub fn read(input: &Input<'_>) -> Documents {
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let mut read = read_text(&text, &input.budget.limits);
    defects.append(&mut read.defects);
    Documents { defects, ..read }
}

/// Text of a file that is read as a whole: bounded, without byte order mark, made UTF-8 if need be.
pub fn text_of<'a>(bytes: &'a [u8], limits: &Limits) -> (std::borrow::Cow<'a, str>, Vec<Defect>) {
    let mut defects = Vec::new();
    let head = bytes.get(..limits.text_bytes).unwrap_or(bytes);
    if head.len() < bytes.len() {
        let detail = format!("only the first {} of {} bytes were read", head.len(), bytes.len());
        defects.push(Defect::whole("limit-text", detail));
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text.into(),
        Err(error) => {
            defects.push(Defect::at("not-utf8", error.valid_up_to() as u64, "the text is not UTF-8"));
            String::from_utf8_lossy(head)
        }
    };
    (text, defects)
}

/// Reads text. After a syntax error it goes on with the next document that starts with `---`.
pub fn read_text(text: &str, limits: &Limits) -> Documents {
    read_as(text, limits, false)
}

/// Reads text in which short tags stand for functions, as CloudFormation has it: `!Ref x` is read as `{Ref: x}`, `!Sub x`
/// as `{"Fn::Sub": x}`.
pub fn read_with_tags(text: &str, limits: &Limits) -> Documents {
    read_as(text, limits, true)
}

fn read_as(text: &str, limits: &Limits, functions: bool) -> Documents {
    let mut builder = Builder::new(limits.nodes, ALIASED_NODES);
    let mut tags = Tags::default();
    let mut defects = Vec::new();
    let mut start = Place { byte: 0, line: 0 };
    while let Some(error) =
        read_from(text.get(start.byte..).unwrap_or_default(), start, functions, &mut builder, &mut tags)
    {
        tags.close();
        if defects.len() < DEFECTS {
            defects.push(Defect::at("yaml-syntax", error.place.byte as u64, error.detail));
        }
        match next_document(text, error.place) {
            Some(next) if next.byte > start.byte => start = next,
            _ => break,
        }
    }
    let (documents, mut limits) = builder.finish();
    defects.append(&mut limits);
    Documents { documents, tags: tags.finish(), defects }
}

/// A position in the whole text; the line counts from 0.
#[derive(Debug, Clone, Copy)]
struct Place {
    byte: usize,
    line: usize,
}

struct SyntaxError {
    place: Place,
    detail: String,
}

/// Feeds the builder until the text ends, a bound is hit or the syntax is broken.
fn read_from(
    text: &str,
    start: Place,
    functions: bool,
    builder: &mut Builder,
    tags: &mut Tags,
) -> Option<SyntaxError> {
    let options = options! { emit_comments: false, emit_unresolved_aliases: true };
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                builder.abandon();
                let line = start.line + error.marker().line();
                return Some(SyntaxError {
                    place: Place {
                        byte: start.byte + byte_of_line(text, error.marker().line()),
                        line: line.saturating_sub(1),
                    },
                    detail: format!("line {line}: {}", error.info()),
                });
            }
        };
        let line = u32::try_from(start.line + span.start.line()).unwrap_or(u32::MAX);
        match event {
            Event::DocumentStart(..) => builder.start_document(line),
            Event::DocumentEnd => {
                tags.close();
                builder.end_document();
            }
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                builder.tagged(function(functions, tag.as_deref()));
                tags.scalar(line, &text, tag.as_deref());
                builder.scalar(line, &text, !plain, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                tags.start(line, tag.as_deref());
                builder.tagged(function(functions, tag.as_deref()));
                builder.start(line, false, anchor);
            }
            Event::MappingStart(_, anchor, tag) => {
                tags.start(line, tag.as_deref());
                builder.tagged(function(functions, tag.as_deref()));
                builder.start(line, true, anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                tags.end();
                builder.end();
            }
            Event::Alias(anchor) => builder.alias(line, anchor),
            Event::UnresolvedAlias(name) => builder.unknown_alias(line, &name),
            _ => {}
        }
        if builder.is_full() {
            builder.abandon();
            return None;
        }
    }
    None
}

/// The function that a short tag stands for.
fn function(wanted: bool, tag: Option<&Tag>) -> Option<String> {
    let written = tag.filter(|tag| wanted && tag.is_custom())?.to_string();
    let name = written.strip_prefix('!')?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == ':');
    plain.then(|| match name {
        "Condition" | "Ref" => name.to_owned(),
        name => format!("Fn::{name}"),
    })
}

/// Byte at which a one-based line starts.
fn byte_of_line(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

/// The next `---` at the start of a line after the line of `place`.
fn next_document(text: &str, place: Place) -> Option<Place> {
    let rest = text.get(place.byte..)?;
    let mut next = place;
    for (index, line) in rest.split_inclusive('\n').enumerate() {
        if index > 0 && line.starts_with("---") {
            return Some(next);
        }
        next = Place { byte: next.byte + line.len(), line: next.line + 1 };
    }
    None
}

#[cfg(test)]
mod tests;
