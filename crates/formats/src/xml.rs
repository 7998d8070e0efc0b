//! XML as events: what it declares, which processing instructions it has, and its elements one by one.
//!
//! Entities are counted and never expanded; no tree is built. Source: XML 1.0, fifth edition, sections 2.8 and 4.2.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::{Budget, Defect, Facts, Format, Input, Parsed, Recognised};

/// How XML with a document type declaration is found and read; other XML is text, or a format of its own.
pub const FORMAT: Format = Format { name: "xml", extensions: &["xml"], recognise, parse };

/// What a document declares before its first element, and what it asks for from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Xml {
    /// Name of the first element, without prefix.
    pub root: String,
    /// Address of the document type, if it is not in the document.
    pub external: Option<String>,
    /// Declared entities.
    pub entities: Vec<Entity>,
    /// Processing instructions, target and content.
    pub instructions: Vec<(String, String)>,
    /// Files that are to be included, by XInclude.
    pub included: Vec<String>,
    /// Characters that the largest entity stands for when all entities in it are expanded.
    pub expanded: u64,
    /// Whether an entity contains itself.
    pub endless: bool,
    /// The text, cut, for checks that look at lines.
    pub text: String,
}

/// A declared entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entity {
    /// Name.
    pub name: String,
    /// Whether it is used in the declaration itself (`%name;`).
    pub parameter: bool,
    /// Address of its content, if that is elsewhere.
    pub external: Option<String>,
    /// Whether its content is no XML and never parsed.
    pub unparsed: bool,
    /// Its content, cut.
    pub value: String,
}

/// Bytes that are looked at to recognise a document.
const HEAD: usize = 16 << 10;
/// Bytes of text that are kept.
const KEPT: usize = 4 << 20;
/// Entities that are kept.
const ENTITIES: usize = 10_000;
/// Expansion is not followed further than this.
const EXPANSION: u64 = 1 << 50;
/// Elements inside elements that a document may have.
const DEPTH: u32 = 10_000;

/// The head of a document as text, whatever its encoding; nothing if it is no XML.
pub(crate) fn head(input: &Input<'_>) -> Option<String> {
    let text = decode(input.head(HEAD));
    let trimmed = text.trim_start_matches('\u{feff}').trim_start();
    trimmed.starts_with('<').then(|| trimmed.to_owned())
}

/// Bytes as text: UTF-8, or UTF-16 by its mark or by the zero beside the first bracket.
pub(crate) fn decode(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let wide = |big: bool, bytes: &[u8]| {
        let units: Vec<u16> = bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|pair| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) })
            .collect();
        String::from_utf16_lossy(&units).into()
    };
    match bytes {
        [0xfe, 0xff, rest @ ..] => wide(true, rest),
        [0xff, 0xfe, rest @ ..] => wide(false, rest),
        [0, b'<', ..] => wide(true, bytes),
        [b'<', 0, ..] => wide(false, bytes),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// Whether the first element of a document's head has this name, behind any prefix.
pub(crate) fn begins_with(head: &str, names: &[&str]) -> bool {
    let mut rest = head;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if rest.starts_with("!--") {
            let Some(end) = rest.find("-->") else { return false };
            rest = rest.get(end..).unwrap_or_default();
        } else if rest.starts_with("!DOCTYPE") {
            // The declaration names the first element.
            let name = rest.get(8..).unwrap_or_default().split_whitespace().next().unwrap_or_default();
            return names.contains(&name.trim_end_matches(['[', '>']));
        } else if !rest.starts_with(['?', '!']) {
            let end = rest
                .find(|char: char| char.is_whitespace() || matches!(char, '>' | '/'))
                .unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default();
            return names.contains(&name.rsplit(':').next().unwrap_or(name));
        }
    }
    false
}

fn recognise(input: &Input<'_>) -> Recognised {
    if !matches!(input.bytes.first(), Some(b'<' | 0xef | 0xfe | 0xff | 0 | b' ' | b'\t' | b'\n' | b'\r')) {
        return Recognised::No;
    }
    match head(input) {
        Some(head) if head.contains("<!ENTITY") || head.contains("<xi:include") => Recognised::ByShape,
        Some(head) if head.contains("<!DOCTYPE") && !head.to_ascii_lowercase().contains("<!doctype html") => {
            Recognised::ByShape
        }
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    // Documents of people have mistakes: those are no defects here.
    let (xml, _) = walk(input, |_, _, _| {});
    Parsed { format: FORMAT.name, facts: Facts::Xml(xml), defects: Vec::new(), members: Vec::new() }
}

/// What a walk shows.
#[derive(Debug)]
pub(crate) enum Seen<'a, 'b> {
    /// An element begins; its name is without prefix.
    Start(&'a str, &'a BytesStart<'b>),
    /// Text in the innermost element.
    Text(&'a str),
    /// The innermost element ends.
    End,
}

/// The value of an attribute, references to characters resolved.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    attributes(element).find(|(key, _)| key == name).map(|(_, value)| value)
}

/// All attributes, names without prefix.
pub(crate) fn attributes(element: &BytesStart<'_>) -> impl Iterator<Item = (String, String)> {
    let mut found = Vec::new();
    for attribute in element.attributes().with_checks(false).flatten() {
        let key = attribute.key.as_ref().rsplit(':').next().unwrap_or_default().to_owned();
        found.push((key, unescape(&attribute.value)));
    }
    found.into_iter()
}

fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// Reads a document from its beginning to its end, or to its first mistake; `see` is shown elements and text with the
/// number of elements around them.
pub(crate) fn walk(input: &Input<'_>, mut see: impl FnMut(Seen<'_, '_>, u32, &Budget)) -> (Xml, Vec<Defect>) {
    let most = input.budget.limits.text_bytes.saturating_mul(8);
    let text = decode(input.head(most));
    let mut xml = Xml { text: text.chars().take(KEPT).collect(), ..Xml::default() };
    let mut defects = Vec::new();
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    reader.config_mut().allow_dangling_amp = true;
    let mut depth = 0_u32;
    let mut references: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for round in 0_u64.. {
        if round % 4096 == 4095 && input.budget.is_stopped() {
            defects.push(Defect::at(
                "limit-time",
                reader.buffer_position(),
                "the time for the file was over",
            ));
            break;
        }
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                begin(&element, &mut xml);
                see(Seen::Start(element.local_name().as_ref(), &element), depth, input.budget);
                depth += 1;
                if depth > DEPTH {
                    let detail = "elements are nested so deeply that readers run out of stack";
                    defects.push(Defect::at("xml-depth", reader.buffer_position(), detail));
                    break;
                }
            }
            Ok(Event::Empty(element)) => {
                begin(&element, &mut xml);
                see(Seen::Start(element.local_name().as_ref(), &element), depth, input.budget);
                see(Seen::End, depth, input.budget);
            }
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                see(Seen::End, depth, input.budget);
            }
            Ok(Event::Text(text)) => see(Seen::Text(&text), depth, input.budget),
            Ok(Event::CData(text)) => see(Seen::Text(&text), depth, input.budget),
            Ok(Event::PI(instruction)) => {
                if xml.instructions.len() < 1000 {
                    xml.instructions
                        .push((instruction.target().to_owned(), instruction.content().to_owned()));
                }
            }
            Ok(Event::DocType(declaration)) => declare(&declaration, &mut xml),
            Ok(Event::GeneralRef(name)) => {
                if references.len() < ENTITIES || references.contains_key(&*name) {
                    *references.entry(name.to_string()).or_default() += 1;
                }
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                defects.push(Defect::at("xml-syntax", reader.error_position(), error.to_string()));
                break;
            }
        }
    }
    expand(&mut xml, &references);
    (xml, defects)
}

fn begin(element: &BytesStart<'_>, xml: &mut Xml) {
    if xml.root.is_empty() {
        element.local_name().as_ref().clone_into(&mut xml.root);
    }
    if xml.included.len() > 1000 {
        return;
    }
    for (_, value) in attributes(element).filter(|(key, _)| key.ends_with("chemaLocation")) {
        xml.included
            .extend(value.split_whitespace().filter(|part| part.starts_with("file:")).map(str::to_owned));
    }
    if element.local_name().as_ref() == "include" && element.name().as_ref().contains(':') {
        xml.included.extend(attribute(element, "href"));
    }
}

/// The quoted text at the beginning of `text`, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|char| matches!(char, '"' | '\''))?;
    text.get(1..)?.split_once(quote)
}

/// The address behind `SYSTEM` or `PUBLIC`, and what follows it.
fn external(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix("SYSTEM") {
        return quoted(rest).map(|(address, rest)| (address.to_owned(), rest));
    }
    let (_, rest) = quoted(text.strip_prefix("PUBLIC")?)?;
    quoted(rest).map(|(address, rest)| (address.to_owned(), rest)).or(Some((String::new(), rest)))
}

/// Reads a document type declaration: its address and the entities in it.
fn declare(declaration: &str, xml: &mut Xml) {
    let (before, subset) = declaration.split_once('[').unwrap_or((declaration, ""));
    let name_end = before.trim_start().find(char::is_whitespace).unwrap_or(before.len());
    let rest = before.trim_start().get(name_end..).unwrap_or_default();
    xml.external = external(rest).map(|(address, _)| address);
    let mut rest = subset;
    while let Some(at) = rest.find("<!ENTITY") {
        rest = rest.get(at + 8..).unwrap_or_default();
        if xml.entities.len() >= ENTITIES {
            break;
        }
        let mut entity = Entity::default();
        let mut text = rest.trim_start();
        if let Some(after) = text.strip_prefix('%') {
            entity.parameter = true;
            text = after.trim_start();
        }
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        entity.name = text.get(..end).unwrap_or_default().to_owned();
        let text = text.get(end..).unwrap_or_default();
        if let Some((address, after)) = external(text) {
            entity.external = Some(address);
            entity.unparsed = after.trim_start().starts_with("NDATA");
        } else if let Some((value, _)) = quoted(text) {
            entity.value = value.chars().take(1 << 16).collect();
        }
        xml.entities.push(entity);
    }
}

/// How many characters every entity stands for; entities may refer to those declared before and after them.
///
/// `references_to` says how often the document itself refers to each.
fn expand(xml: &mut Xml, references_to: &std::collections::BTreeMap<String, u64>) {
    let places: std::collections::BTreeMap<&str, usize> =
        xml.entities.iter().enumerate().rev().map(|(at, entity)| (entity.name.as_str(), at)).collect();
    let references: Vec<Vec<usize>> = xml
        .entities
        .iter()
        .map(|entity| {
            entity
                .value
                .split(['&', '%'])
                .skip(1)
                .filter_map(|part| places.get(part.split_once(';')?.0).copied())
                .collect()
        })
        .collect();
    let lengths: Vec<u64> = xml.entities.iter().map(|entity| entity.value.len() as u64).collect();
    // Rounds instead of recursion: whatever still grows after as many rounds as there are entities contains itself.
    let mut sizes = lengths.clone();
    for round in 0..=sizes.len().min(64) {
        let grown: Vec<u64> = references
            .iter()
            .zip(&lengths)
            .map(|(references, length)| {
                let inside = references.iter().filter_map(|at| sizes.get(*at));
                inside.fold(*length, |sum, size| sum.saturating_add(*size)).min(EXPANSION)
            })
            .collect();
        if grown == sizes {
            break;
        }
        xml.endless = round >= sizes.len();
        sizes = grown;
    }
    let all = references_to
        .iter()
        .filter_map(|(name, count)| Some(sizes.get(*places.get(name.as_str())?)?.saturating_mul(*count)))
        .fold(0, u64::saturating_add);
    xml.expanded = sizes.iter().copied().max().unwrap_or(0).max(all);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Xml {
        let budget = Budget::default();
        walk(&Input::new("m.xml", text.as_bytes(), &budget), |_, _, _| {}).0
    }

    #[test]
    fn entities_are_counted_and_not_expanded() {
        let mut text = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY e0 \"ha\">".to_owned();
        for level in 1..20 {
            let part = format!("&e{};", level - 1).repeat(10);
            text.push_str(&format!("<!ENTITY e{level} \"{part}\">"));
        }
        text.push_str("]><a>&e19;</a>");
        let xml = read(&text);
        assert_eq!(xml.entities.len(), 20);
        assert!(xml.expanded > 1 << 40, "{}", xml.expanded);
        assert!(!xml.endless);
        assert!(read("<!DOCTYPE a [<!ENTITY a \"&b;\"><!ENTITY b \"&a;\">]><a/>").endless);
    }

    #[test]
    fn addresses_elsewhere() {
        let xml = read(
            "<!DOCTYPE a SYSTEM \"http://example.org/a.dtd\" [<!ENTITY % p SYSTEM 'file:///etc/hostname'>\
             <!ENTITY q PUBLIC \"-//X\" \"x.xml\"><!ENTITY i SYSTEM \"a.gif\" NDATA gif>]><x:a/>",
        );
        assert_eq!(xml.root, "a");
        assert_eq!(xml.external.as_deref(), Some("http://example.org/a.dtd"));
        assert_eq!(xml.entities[0].external.as_deref(), Some("file:///etc/hostname"));
        assert!(xml.entities[0].parameter);
        assert_eq!(xml.entities[1].external.as_deref(), Some("x.xml"));
        assert!(xml.entities[2].unparsed);
    }

    #[test]
    fn other_encodings() {
        let wide: Vec<u8> =
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"x\">]><a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let budget = Budget::default();
        let input = Input::new("m.xml", &wide, &budget);
        assert_eq!(recognise(&input), Recognised::ByShape);
        assert_eq!(walk(&input, |_, _, _| {}).0.entities.len(), 1);
    }

    #[test]
    fn broken_bytes_never_panic() {
        let good =
            "<!DOCTYPE a [<!ENTITY % p SYSTEM 'x'><!ENTITY q \"&p;\">]><a b='c'>d<!-- e --><?f g?></a>";
        for at in 0..good.len() {
            read(&good[..at]);
            for char in ["<", ">", "\"", "'", "[", "&", "\u{e9}"] {
                let mut text = good.to_owned();
                text.replace_range(at..=at, char);
                read(&text);
            }
        }
    }
}
