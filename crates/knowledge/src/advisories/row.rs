//! One line of the compact table: what one record says of one package.
//!
//! `ecosystem,package,sort,id,aliases,severity,published,spans,versions,source`. Cells with several entries have blanks
//! between them; a span is `from<end`, `from<=last` or `from<`. What would break the line is written as `%` and two
//! hexadecimal digits.

use std::fmt::Write;

use super::{Advisory, End, Sort, Span};
use crate::versions::Ecosystem;

/// Names of the cells, the first line of every table.
pub(super) const HEADER: &str = "ecosystem,package,sort,id,aliases,severity,published,spans,versions,source";

/// The start of all lines about one package.
pub(super) fn key(ecosystem: Ecosystem, package: &str) -> String {
    format!("{ecosystem},{},", escape(package))
}

/// One line, without its end.
pub(super) fn write(ecosystem: Ecosystem, package: &str, advisory: &Advisory) -> String {
    let list = |items: &[String]| items.iter().map(|item| escape(item)).collect::<Vec<_>>().join(" ");
    let mut line = key(ecosystem, package);
    let sort = match advisory.sort {
        Sort::Malicious => "malicious",
        Sort::Vulnerability => "vulnerability",
    };
    let severity = advisory.severity.map_or("", vauban_domain::Severity::as_str);
    let spans: Vec<String> = advisory.spans.iter().map(span).collect();
    let _ = write!(
        line,
        "{sort},{},{},{severity},{},{},{},",
        escape(&advisory.id),
        list(&advisory.aliases),
        escape(&advisory.published),
        spans.join(" "),
        list(&advisory.versions)
    );
    line
}

/// Reads a line; `None` if it is broken.
pub(super) fn read(line: &str) -> Option<(Ecosystem, String, Advisory)> {
    let cells: Vec<&str> = line.split(',').collect();
    let [ecosystem, package, sort, id, aliases, severity, published, spans, versions, _source] = cells[..]
    else {
        return None;
    };
    let list = |cell: &str| cell.split(' ').filter(|item| !item.is_empty()).map(unescape).collect();
    let advisory = Advisory {
        id: unescape(id),
        aliases: list(aliases),
        sort: match sort {
            "malicious" => Sort::Malicious,
            "vulnerability" => Sort::Vulnerability,
            _ => return None,
        },
        severity: if severity.is_empty() { None } else { Some(severity.parse().ok()?) },
        published: unescape(published),
        spans: spans.split(' ').filter(|span| !span.is_empty()).map(read_span).collect::<Option<_>>()?,
        versions: list(versions),
    };
    (!advisory.id.is_empty()).then(|| Some((Ecosystem::parse(ecosystem)?, unescape(package), advisory)))?
}

fn span(span: &Span) -> String {
    let from = escape(&span.from);
    match &span.end {
        End::Before(end) => format!("{from}<{}", escape(end)),
        End::Through(end) => format!("{from}<={}", escape(end)),
        End::Open => format!("{from}<"),
    }
}

fn read_span(cell: &str) -> Option<Span> {
    let (from, end) = cell.split_once('<')?;
    let end = match end.strip_prefix('=') {
        Some(last) => End::Through(unescape(last)),
        None if end.is_empty() => End::Open,
        None => End::Before(unescape(end)),
    };
    (!from.is_empty()).then(|| Span { from: unescape(from), end })
}

/// Bytes that separate cells, entries and lines, and the one that escapes them.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, ',' | ' ' | '%' | '<' | '"' | '#') || c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(escaped, "%{byte:02X}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let coded = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match coded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let advisory = Advisory {
            id: "GHSA-aaaa-bbbb-cccc".to_owned(),
            aliases: vec!["CVE-2024-1".to_owned(), "a, b<c%".to_owned()],
            sort: Sort::Vulnerability,
            severity: Some(vauban_domain::Severity::High),
            published: "2024-05-14".to_owned(),
            spans: vec![
                Span { from: "0".to_owned(), end: End::Before("1.2".to_owned()) },
                Span { from: "2.0".to_owned(), end: End::Through("2.1".to_owned()) },
                Span { from: "3!1.0".to_owned(), end: End::Open },
            ],
            versions: vec!["2004d".to_owned(), "1.0 beta".to_owned()],
        };
        let line = write(Ecosystem::PyPi, "a\nb", &advisory);
        assert!(!line.contains('\n'));
        assert_eq!(line.matches(',').count(), HEADER.matches(',').count());
        assert_eq!(read(&line), Some((Ecosystem::PyPi, "a\nb".to_owned(), advisory)));
    }

    #[test]
    fn broken_lines_are_not_read() {
        for line in [
            "",
            ",,,,,,,,,",
            "PyPI,a,vulnerability,,,,,,,",
            "PyPI,a,x,id,,,,,,",
            "Maven,a,malicious,id,,,,,,",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
