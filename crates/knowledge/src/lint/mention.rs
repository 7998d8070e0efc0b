//! Where a text mentions framework ids, and which name stands beside each.

use std::collections::BTreeMap;

use super::names::reads_like_a_name;

/// Characters of the surroundings that are kept.
const CONTEXT: usize = 300;
/// Characters of a name that are compared.
const NAME: usize = 160;

/// An id in a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Mention {
    /// One-based line.
    pub line: usize,
    /// Key path or column.
    pub key: String,
    /// As written.
    pub written: String,
    /// Upper case, without edition.
    pub id: String,
    /// Edition written with it.
    pub edition: Option<String>,
    /// Name beside it.
    pub name: Option<String>,
    /// Words around it, lower case: the text it stands in and its keys, innermost first.
    pub context: Vec<String>,
}

/// An id inside a piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub start: usize,
    pub end: usize,
    pub id: String,
    pub edition: Option<&'a str>,
}

/// All ids in a piece of text, left to right.
pub(super) fn ids(text: &str) -> Vec<Found<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let fresh = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        match fresh.then(|| id_at(text, at)).flatten() {
            Some(hit) => {
                at = hit.end;
                found.push(hit);
            }
            None => at += 1,
        }
    }
    found
}

fn id_at(text: &str, start: usize) -> Option<Found<'_>> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes.get(from..).map_or(0, |rest| rest.iter().take_while(|b| b.is_ascii_digit()).count())
    };
    let literal = |from: usize, word: &str| {
        bytes.get(from..from + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    let exact = |word: &str| bytes.get(start..start + word.len()) == Some(word.as_bytes());
    // Dotted parts after a number: `.002`; a full stop that ends a sentence has no digits behind it.
    let dotted = |from: usize| match bytes.get(from) {
        Some(b'.') if digits(from + 1) > 0 => from + 1 + digits(from + 1),
        _ => from,
    };
    let end = if literal(start, "AML.") {
        let letters = ["TA", "CS", "T", "M"].into_iter().find(|word| literal(start + 4, word))?;
        let number = start + 4 + letters.len();
        let count = digits(number);
        if count == 0 {
            return None;
        }
        dotted(number + count)
    } else if exact("NISTAML.") {
        start + 8 + digits(start + 8)
    } else if exact("CWE-") {
        start + 4 + digits(start + 4)
    } else if let Some(word) = ["LLM", "ASI", "ML"].into_iter().find(|word| exact(word)) {
        let number = start + word.len();
        if digits(number) != 2 {
            return None;
        }
        number + 2
    } else if exact("T")
        && digits(start + 1) == 4
        && !(start > 0 && matches!(bytes[start - 1], b'/' | b'.' | b'-'))
    {
        dotted(start + 5)
    } else if matches!(bytes[start], b'L' | b'X' | b'T') && digits(start + 1) <= 2 {
        let end = dotted(start + 1 + digits(start + 1));
        // Short ids are only ids with their edition.
        if bytes.get(end) != Some(&b'@') || end == start + 1 {
            return None;
        }
        end
    } else {
        return None;
    };
    let after = bytes.get(end).copied().unwrap_or(b' ');
    if end <= start + 1 || after.is_ascii_alphanumeric() || (exact("CWE-") && end == start + 4) {
        return None;
    }
    let (edition, end) = edition_at(text, end);
    let id_end = edition.map_or(end, |edition| end - edition.len() - 1);
    Some(Found { start, end, id: text.get(start..id_end)?.to_ascii_uppercase(), edition })
}

/// `@2026.09` or `:2025` directly behind an id.
fn edition_at(text: &str, from: usize) -> (Option<&str>, usize) {
    let Some(rest) = text.get(from..) else {
        return (None, from);
    };
    let mark = rest.as_bytes().first().copied();
    let body = rest.get(1..).unwrap_or_default();
    let part = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'-');
    let mut length = body.bytes().take_while(part).count();
    while length > 0 && !body.as_bytes()[length - 1].is_ascii_digit() {
        length -= 1;
    }
    let whole = match mark {
        Some(b'@') => length > 0,
        Some(b':') => {
            length = length.min(body.bytes().take_while(u8::is_ascii_digit).count());
            length == 4
        }
        _ => false,
    };
    match body.get(..length) {
        Some(edition) if whole => (Some(edition), from + 1 + length),
        _ => (None, from),
    }
}

/// Mentions inside one value.
pub(super) fn in_value(value: &str, line: usize, key: &str, keys: &[String]) -> Vec<Mention> {
    let hits = ids(value);
    let ends: Vec<usize> = hits.iter().skip(1).map(|hit| hit.start).chain([value.len()]).collect();
    if hits.is_empty() {
        return Vec::new();
    }
    let mut context = vec![value.chars().take(CONTEXT).collect::<String>().to_lowercase()];
    context.extend(keys.iter().rev().map(|key| key.to_lowercase()));
    hits.iter()
        .zip(ends)
        .map(|(hit, end)| Mention {
            line: line + value.get(..hit.start).map_or(0, |before| before.matches('\n').count()),
            key: key.to_owned(),
            written: value.get(hit.start..hit.end).unwrap_or_default().to_owned(),
            id: hit.id.clone(),
            edition: hit.edition.map(str::to_owned),
            name: name_behind(value, hit, end),
            context: context.clone(),
        })
        .collect()
}

/// The name that follows an id in text: `AML.T0051: LLM Prompt Injection`, `AML.T0051 (LLM Prompt Injection)`.
fn name_behind(value: &str, hit: &Found<'_>, end: usize) -> Option<String> {
    let rest = value.get(hit.end..end)?.lines().next()?;
    let trimmed = rest.trim_start();
    let first = trimmed.chars().next()?;
    let leads = value.get(..hit.start)?.trim().is_empty();
    let body = match first {
        '(' | '[' | '"' | '\'' | '“' => {
            let close = trimmed.find([')', ']', '"', '\'', '”']).filter(|at| *at > 0)?;
            trimmed.get(first.len_utf8()..close)?
        }
        ':' | '-' | '–' | '—' | '/' | '=' | '>' => {
            let body = trimmed.trim_start_matches([':', '-', '–', '—', '/', '=', '>', ' ']);
            body.split([';', '|', '(', '[', '"']).next()?
        }
        _ if leads => trimmed.split([';', '|', '(', '[', '"', ',']).next()?,
        _ => return None,
    };
    let body = body.split(" - ").next().unwrap_or(body);
    let name = body.trim().trim_end_matches(['.', ',', ':', ';', '*', '`']).trim();
    reads_like_a_name(name).then(|| name.to_owned())
}

/// A name given in a column or key of its own, cut where no real name goes on.
pub(super) fn shortened(name: &str) -> String {
    name.chars().take(NAME).collect()
}

/// Mentions in plain lines.
pub(super) fn in_lines(text: &str) -> Vec<Mention> {
    text.lines().zip(1..).flat_map(|(value, line)| in_value(value, line, "", &[])).collect()
}

/// Mentions in a CSV: each cell, with the name in the column that goes with an id column.
pub(super) fn in_csv(text: &str) -> Vec<Mention> {
    let mut reader =
        csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).from_reader(text.as_bytes());
    let Ok(headers) = reader.headers().cloned() else {
        return in_lines(text);
    };
    let columns: BTreeMap<&str, usize> = headers.iter().zip(0..).collect();
    let mut mentions = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else { continue };
        let line = record.position().map_or(0, |position| position.line());
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let row: String = record.iter().flat_map(|cell| cell.chars().chain([' '])).take(CONTEXT).collect();
        for (at, cell) in record.iter().enumerate() {
            let column = headers.get(at).unwrap_or_default();
            let mut found = in_value(cell, line, column, &[row.clone(), column.to_owned()]);
            if let [only] = found.as_mut_slice()
                && only.written == cell.trim()
            {
                let name = name_key(column).and_then(|key| columns.get(key.as_str()).copied());
                only.name = name.and_then(|at| record.get(at)).map(shortened).filter(|name| !name.is_empty());
            }
            mentions.append(&mut found);
        }
    }
    mentions
}

/// The key that holds the name of the id under `key`: `id` and `name`, `technique_id` and `technique_name`.
pub(super) fn name_key(key: &str) -> Option<String> {
    for (id, name) in [("id", "name"), ("ID", "Name"), ("Id", "Name")] {
        if key == id {
            return Some(name.to_owned());
        }
        if let Some(stem) =
            key.strip_suffix(id).filter(|stem| stem.ends_with(['_', '-', ' ', '.']) || id != "id")
        {
            return Some(format!("{stem}{name}"));
        }
    }
    None
}
