//! pip requirements files: requirements, indexes, includes.
//!
//! <https://pip.pypa.io/en/stable/reference/requirements-file-format/>

mod requirement;
#[cfg(test)]
mod tests;

pub use requirement::Requirement;

use std::collections::{BTreeMap, BTreeSet};

use crate::{Defect, Ecosystem, Facts, Format, Input, Limits, Parsed, Recognised};

/// Requirements and constraints files.
pub const FORMAT: Format = Format {
    name: "requirements",
    extensions: &["txt", "in"],
    recognise,
    parse: |input| {
        let (requirements, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Requirements(requirements), defects, members: Vec::new() }
    },
};

/// What a requirements file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    /// Packages, in stored order.
    pub requirements: Vec<Requirement>,
    /// Indexes, in stored order.
    pub indexes: Vec<Index>,
    /// Other files named by `-r` and `-c`, with their line.
    pub includes: Vec<(String, u32)>,
    /// Hosts named by `--trusted-host`, with their line.
    pub trusted_hosts: Vec<(String, u32)>,
    /// Whether `--require-hashes` stands in the file.
    pub require_hashes: bool,
    /// Whether the file only constrains versions (`constraints*.txt`).
    pub constraints: bool,
}

/// A package index, registry or channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// Its address.
    pub url: String,
    /// The name that requirements call it by, or the scope of npm packages it serves.
    pub name: Option<String>,
    /// Whether it stands beside the main index (`--extra-index-url`, `--find-links`) rather than in its place.
    pub extra: bool,
    /// Whether it serves only what names it.
    pub explicit: bool,
    /// One-based line.
    pub line: u32,
}

fn recognise(input: &Input<'_>) -> Recognised {
    let name = input.file_name().to_lowercase();
    let folder = input.name.rsplit(['/', '\\']).nth(1).unwrap_or_default().to_lowercase();
    let extension = input.extension();
    let text = FORMAT.extensions.contains(&extension.as_str()) && !input.head(1024).contains(&0);
    let named = name.contains("requirements") || name.starts_with("constraints") || folder == "requirements";
    if text && named { Recognised::ByShape } else { Recognised::No }
}

/// Reads a requirements file.
pub fn parse(input: &Input<'_>) -> (Requirements, Vec<Defect>) {
    let limits = &input.budget.limits;
    let (text, mut defects) = crate::yaml::text_of(input.bytes, limits);
    let mut requirements = parse_text(&text, limits, &mut defects);
    requirements.constraints = input.file_name().to_lowercase().starts_with("constraints");
    (requirements, defects)
}

fn parse_text(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Requirements {
    let mut facts = Requirements::default();
    for (line, number) in logical_lines(text) {
        if facts.requirements.len() >= limits.records {
            defects
                .push(Defect::whole("limit-records", format!("more than {} requirements", limits.records)));
            break;
        }
        if !facts.read_line(&line, number) && defects.len() < DEFECTS {
            defects.push(Defect::whole("requirement-unreadable", format!("line {number} is no requirement")));
        }
    }
    mark_transitive(text, &mut facts.requirements);
    facts
}

/// pip-compile and uv write behind each requirement what needs it (`# via`): where that is only other packages of the
/// file, the requirement is transitive.
fn mark_transitive(text: &str, requirements: &mut [Requirement]) {
    let mut needed_by: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let (mut at, mut open) = (0, false);
    let mut next = requirements.iter().map(|requirement| requirement.line).peekable();
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        while let Some(line) = next.next_if(|line| *line <= number) {
            (at, open) = (line, false);
        }
        let Some((_, comment)) = line.split_once('#') else { continue };
        let comment = comment.trim();
        let via = match comment.strip_prefix("via") {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest,
            _ if open => comment,
            _ => continue,
        };
        open = true;
        let names = via.split(',').map(str::trim).filter(|name| !name.is_empty());
        needed_by.entry(at).or_default().extend(names.map(|name| Ecosystem::PyPi.normalise(name)));
    }
    let names: BTreeSet<String> = requirements.iter().map(|requirement| requirement.name.clone()).collect();
    for requirement in requirements {
        requirement.transitive = needed_by
            .get(&requirement.line)
            .is_some_and(|needed| !needed.is_empty() && needed.iter().all(|name| names.contains(name)));
    }
}

/// Defects kept per file.
const DEFECTS: usize = 100;

impl Requirements {
    /// Takes in one line without its comment, also where another file quotes one; false if it is no requirement.
    pub(crate) fn read_line(&mut self, line: &str, number: u32) -> bool {
        let index = |url: &str, extra| Index { url: url.to_owned(), extra, line: number, ..Index::default() };
        let Some((option, value)) = option(line) else {
            let requirement = Requirement::parse(line, number);
            let readable = !requirement.name.is_empty() || requirement.url.is_some();
            self.requirements.extend(readable.then_some(requirement));
            return readable;
        };
        match option {
            "-r" | "--requirement" | "-c" | "--constraint" => self.includes.push((value.to_owned(), number)),
            "-i" | "--index-url" | "--pypi-url" => self.indexes.push(index(value, false)),
            "--extra-index-url" | "-f" | "--find-links" => self.indexes.push(index(value, true)),
            "--trusted-host" => self.trusted_hosts.push((value.to_owned(), number)),
            "--require-hashes" => self.require_hashes = true,
            "-e" | "--editable" => {
                let mut requirement = Requirement::parse(value, number);
                requirement.editable = true;
                self.requirements.push(requirement);
            }
            _ => {}
        }
        true
    }
}

/// Lines without comments, those ending in a backslash joined, with the number of their first.
fn logical_lines(text: &str) -> Vec<(String, u32)> {
    let mut lines = Vec::new();
    let mut open: Option<(String, u32)> = None;
    for (index, raw) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let (mut line, first) = open.take().unwrap_or((String::new(), number));
        let raw = if raw.trim_start().starts_with('#') { "" } else { raw };
        let raw = raw.find(" #").map_or(raw, |at| raw.get(..at).unwrap_or(raw));
        match raw.trim_end().strip_suffix('\\') {
            Some(part) => {
                line.push_str(part.trim());
                line.push(' ');
                open = Some((line, first));
            }
            None => {
                line.push_str(raw.trim());
                if !line.trim().is_empty() {
                    lines.push((line.trim().to_owned(), first));
                }
            }
        }
    }
    lines.extend(open.filter(|(line, _)| !line.trim().is_empty()));
    lines
}

/// Name and value of a global option; `None` if the line is a requirement.
fn option(line: &str) -> Option<(&str, &str)> {
    if !line.starts_with('-') {
        return None;
    }
    let end = line.find([' ', '=', '\t']).unwrap_or(line.len());
    let (option, rest) = line.split_at(end);
    // Short options take their value without a space too: `-rbase.txt`.
    let (option, rest) = match line.get(..2) {
        Some(short @ ("-r" | "-c" | "-e" | "-i" | "-f")) => (short, line.get(2..).unwrap_or_default()),
        _ => (option, rest),
    };
    Some((option, rest.trim_start_matches(['=', ' ', '\t']).trim().trim_matches(['"', '\''])))
}
