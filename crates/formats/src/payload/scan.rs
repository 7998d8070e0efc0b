//! What is hidden in bytes that should hold nothing of the kind: executables, scripts, archives, pickles that call.

use super::opcodes::calling_pickle;
use crate::search::holds;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Machine code with a header that holds together.
    Executable,
    /// A complete pickle that looks something up and calls it.
    Pickle,
    /// A script for an interpreter.
    Script,
    /// An archive or compressed stream.
    Archive,
    /// Words.
    Text,
}

impl Kind {
    /// Whether it can be started as it is.
    pub(crate) const fn runs(self) -> bool {
        matches!(self, Self::Executable | Self::Script)
    }

    /// Code of the defect.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Executable => "hidden-executable",
            Self::Pickle => "hidden-pickle",
            Self::Script => "hidden-script",
            Self::Archive => "hidden-archive",
            Self::Text => "hidden-text",
        }
    }
}

/// Something hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    /// What, for people, with its article.
    pub(crate) what: &'static str,
    /// Where in the bytes that were searched.
    pub(crate) at: usize,
    /// How long it is, if it says so.
    pub(crate) length: Option<usize>,
}

/// Findings that are made elsewhere.
pub(crate) mod starts {
    use super::{Found, Kind};

    /// Text that begins at `at` of something that is no text.
    pub(crate) const fn text(at: usize) -> Found {
        Found { kind: Kind::Text, what: "text", at, length: None }
    }
}

/// Findings in one stretch of bytes; more say nothing new.
const MOST: usize = 8;

/// Everything hidden in `bytes`, in order.
pub(crate) fn scan(bytes: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) =
        bytes.get(at..).and_then(|rest| rest.iter().position(|byte| START[usize::from(*byte)]))
    {
        at += offset;
        if !goes_on(bytes.get(at..at + 2).unwrap_or_default()) {
            at += 1;
        } else if let Some(hit) = begins(bytes, at) {
            at += hit.length.unwrap_or(4).max(1);
            found.push(hit);
            if found.len() >= MOST {
                break;
            }
        } else {
            at += 1;
        }
    }
    found
}

/// Whether two bytes begin something worth finding: a look that spares nearly all others.
fn goes_on(two: &[u8]) -> bool {
    matches!(
        two,
        [0x7f, b'E']
            | [b'M', b'Z']
            | [0xce | 0xcf, 0xfa]
            | [0xca | 0xfe, 0xfe | 0xed]
            | [0x80, 0..=5]
            | [b'c' | b'(', b'_' | b'a'..=b'z' | b'A'..=b'Z']
            | [b'P', b'K']
            | [0x1f, 0x8b]
            | [b'7', b'z']
            | [0xfd, b'7']
            | [b'B', b'Z']
            | [b'R', b'a']
            | [b'#', b'!']
            | [b'<', b'?' | b's']
            | [b'j', b'a']
            | [b'd', b'e']
    )
}

/// Bytes that something worth finding begins with.
const START: [bool; 256] = {
    let mut start = [false; 256];
    let first = [
        0x7f, b'M', 0xcf, 0xce, 0xca, 0xfe, b'j', b'd', 0x80, b'c', b'(', b'P', 0x1f, b'7', 0xfd, b'R', b'#',
        b'<', b'B',
    ];
    let mut index = 0;
    while index < first.len() {
        start[first[index] as usize] = true;
        index += 1;
    }
    start
};

/// Beginnings of scripts that are long enough not to occur by chance.
const SCRIPTS: &[(&[u8], &str)] = &[
    (b"#!/bin/", "a shell script"),
    (b"#!/usr/bin/", "a script"),
    (b"#!/usr/local/bin/", "a script"),
    (b"<?php ", "a PHP script"),
    (b"<script>", "a script for browsers"),
    (b"<script ", "a script for browsers"),
];

/// What begins at `at`, if anything does.
pub(crate) fn begins(bytes: &[u8], at: usize) -> Option<Found> {
    let rest = bytes.get(at..)?;
    let found = |kind, what, length| Some(Found { kind, what, at, length });
    if let Some(what) = program(rest) {
        return found(Kind::Executable, what, None);
    }
    match rest {
        [0x80, 0..=5, ..] | [b'c' | b'(', b'_' | b'a'..=b'z' | b'A'..=b'Z', ..] => {
            let length = calling_pickle(rest)?;
            found(Kind::Pickle, "a pickle that calls something", Some(length))
        }
        [b'P', b'K', 3, 4, ..] => {
            local_header(rest).then_some(()).and_then(|()| found(Kind::Archive, "a ZIP archive", None))
        }
        [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => crate::compression::opens(rest)
            .then_some(())
            .and_then(|()| found(Kind::Archive, "a gzip stream", None)),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => found(Kind::Archive, "a 7z archive", None),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => found(Kind::Archive, "an XZ stream", None),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => {
            found(Kind::Archive, "a bzip2 stream", None)
        }
        [b'R', b'a', b'r', b'!', 0x1a, 7, 0 | 1, ..] => found(Kind::Archive, "a RAR archive", None),
        _ => {
            let script = SCRIPTS.iter().find(|(start, _)| rest.starts_with(start));
            script.and_then(|(start, what)| found(Kind::Script, what, Some(start.len())))
        }
    }
}

/// What program begins here. Whoever hides one may have cut it off behind the beginning of its header, of which more
/// bytes are fixed than chance can hit.
fn program(bytes: &[u8]) -> Option<&'static str> {
    if let Some(program) = crate::executable::at(bytes, 0) {
        return Some(program.kind.as_str());
    }
    match bytes {
        [0x7f, b'E', b'L', b'F', 1 | 2, 1 | 2, 1, 0..=18, ..] => Some("ELF binary"),
        [b'M', b'Z', 0x90, 0, 3, 0, 0, 0, 4, 0, ..] => Some("Windows binary"),
        [b'M', b'Z', ..] => bytes
            .get(0x40..0x100.min(bytes.len()))
            .is_some_and(|stub| holds(stub, b"This program cannot "))
            .then_some("Windows binary"),
        _ => None,
    }
}

/// Whether the fields of a local header make sense.
fn local_header(bytes: &[u8]) -> bool {
    let field = |at: usize| bytes.get(at..at + 2).map(|two| u16::from(two[0]) | u16::from(two[1]) << 8);
    let (Some(version), Some(method), Some(length)) = (field(4), field(8), field(26)) else { return false };
    // Whoever only wants the magic leaves the rest of the header empty.
    if bytes.get(4..30).is_some_and(|rest| rest.iter().all(|byte| *byte == 0)) {
        return true;
    }
    let name = bytes.get(30..30 + usize::from(length));
    version & 0xff <= 63
        && matches!(method, 0 | 8 | 9 | 12 | 14 | 93 | 95)
        && length > 0
        && name.is_some_and(|name| !name.iter().any(|byte| *byte < 0x20))
}

/// Whether most of the bytes are written text with words in it.
pub(crate) fn is_prose(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    let (mut letters, mut spaces) = (0_usize, 0_usize);
    for byte in bytes {
        if !(matches!(byte, 0x20..=0x7e) || b"\t\r\n".contains(byte)) {
            return false;
        }
        if let Some(seen) = seen.get_mut(usize::from(*byte)) {
            *seen = true;
        }
        letters += usize::from(byte.is_ascii_alphanumeric());
        spaces += usize::from(byte.is_ascii_whitespace());
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    distinct >= 16 && letters * 2 >= bytes.len() && spaces * 40 >= bytes.len()
}

/// Where a stretch of prose of `length` bytes begins.
pub(crate) fn prose(bytes: &[u8], length: usize) -> Option<usize> {
    let printable = |byte: &u8| matches!(byte, 0x20..=0x7e) || b"\t\r\n".contains(byte);
    let mut at = 0;
    while let Some(window) = bytes.get(at..at + length) {
        match window.iter().rposition(|byte| !printable(byte)) {
            Some(last) => at += last + 1,
            None if is_prose(window) => return Some(at),
            None => at += length,
        }
    }
    None
}
