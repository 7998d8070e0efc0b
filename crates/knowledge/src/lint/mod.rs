//! Finds wrong, renamed, moved or misnamed framework ids in anyone's mapping.
//!
//! A mapping is any YAML, JSON or CSV that cites ATLAS, OWASP, MAESTRO, NIST AI 100-2 or CWE ids, with or without
//! names beside them. An id without a name can only be checked for existence; a name makes its meaning checkable,
//! which is how an id that was re-used between editions is caught.

mod judge;
mod mention;
mod names;
mod shipped;
mod threats;
mod tree;

pub(crate) use names::plain;
pub use shipped::{ShippedProblem, cites, shipped};

use crate::Knowledge;
use mention::Mention;

/// How to read a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Tell by looking at the text.
    #[default]
    Auto,
    /// Comma-separated, names of columns in the first line.
    Csv,
    /// JSON.
    Json,
    /// YAML, one or more documents.
    Yaml,
}

/// What is wrong with an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A real id of another framework, cited as if it were of this one.
    ForeignFramework {
        /// What the id really is.
        really: String,
    },
    /// The name beside it belongs to something else.
    Misnamed {
        /// Name of the id.
        expected: String,
        /// Name found beside it.
        found: String,
    },
    /// What it used to mean is at another id now.
    Moved {
        /// That id with its name.
        now: String,
    },
    /// The name beside it is an earlier name of the same thing.
    Renamed {
        /// Name today.
        now: String,
    },
    /// No edition has it.
    Unknown,
    /// It exists, but not at the edition that is meant.
    WrongEdition,
}

impl Problem {
    /// A hyphenated word for outputs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::ForeignFramework { .. } => "foreign-framework",
            Self::Misnamed { .. } => "misnamed",
            Self::Moved { .. } => "moved",
            Self::Renamed { .. } => "renamed",
            Self::Unknown => "unknown",
            Self::WrongEdition => "wrong-edition",
        }
    }
}

/// One problem of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintProblem {
    /// One-based line.
    pub line: usize,
    /// Key path or column, `techniques[3].id`; empty in running text.
    pub key: String,
    /// The id as it is written.
    pub id: String,
    /// What is wrong.
    pub problem: Problem,
    /// What to write instead, or how to find out.
    pub suggestion: String,
}

impl LintProblem {
    /// Where it is, for people: `line 12, techniques[3].id`.
    pub fn locator(&self) -> String {
        match self.key.as_str() {
            "" => format!("line {}", self.line),
            key => format!("line {}, {key}", self.line),
        }
    }
}

/// Largest text that is looked at.
pub const MAX_BYTES: usize = crate::import::MAX_BYTES;

/// All problems of a mapping, in the order of the text. A text that is not of its kind is read as plain lines.
///
/// Texts beyond [`MAX_BYTES`] are cut there; the caller says so.
pub fn lint(text: &str, kind: Kind) -> Vec<LintProblem> {
    let text = bounded(text);
    let kind = if kind == Kind::Auto { guess(text) } else { kind };
    let mentions = match kind {
        Kind::Csv => mention::in_csv(text),
        Kind::Json | Kind::Yaml | Kind::Auto => {
            tree::mentions(text).unwrap_or_else(|| mention::in_lines(text))
        }
    };
    let knowledge = Knowledge::builtin();
    let judged = |mention: &Mention| judge::judge(knowledge, mention);
    let mut problems: Vec<LintProblem> = mentions.iter().filter_map(judged).collect();
    problems
        .sort_by(|left, right| (left.line, &left.key, &left.id).cmp(&(right.line, &right.key, &right.id)));
    problems.dedup();
    problems
}

fn bounded(text: &str) -> &str {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

fn guess(text: &str) -> Kind {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[']) {
        return Kind::Json;
    }
    let line = start.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    let columns = line.split(',').count();
    let keyed =
        line.contains(": ") || line.ends_with(':') || line.starts_with("---") || line.starts_with("- ");
    if columns > 1 && !keyed { Kind::Csv } else { Kind::Yaml }
}
