//! A compact table as text: looked up without being read as a whole.

use std::borrow::Cow;
use std::fmt;

use vauban_domain::Timestamp;

use super::{Advisory, row};
use crate::versions::Ecosystem;

/// The first line of every table; the number grows when old programs could not read it.
pub(super) const MAGIC: &str = "# vauban advisories 1";

/// Where a table came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// It is compiled in: a choice of packages.
    #[default]
    Builtin,
    /// It was imported: everything that its sources have.
    Imported,
}

/// What a table has of one ecosystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// When its newest record was changed, or the table was made.
    pub as_of: Timestamp,
    /// Records.
    pub records: u64,
    /// Packages.
    pub packages: u64,
}

/// Why a table cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It is something else, or of a later version.
    #[error("it does not begin with `{MAGIC}`")]
    NotOurs,
    /// Its lines are not in order, so nothing could be found in it.
    #[error("line {0} is out of order or broken")]
    Broken(usize),
}

/// Records in sorted lines.
#[derive(Clone, PartialEq, Default)]
pub struct Table {
    origin: Origin,
    text: Cow<'static, str>,
    /// Where the records begin.
    body: usize,
    coverage: Vec<Coverage>,
    sources: Vec<String>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("origin", &self.origin).field("coverage", &self.coverage).finish()
    }
}

impl Table {
    /// Takes a table as [`super::Builder`] wrote it.
    ///
    /// # Errors
    /// When it is none, or its lines are not in order.
    pub fn read(text: Cow<'static, str>, origin: Origin) -> Result<Self, TableError> {
        let mut table = Self { origin, ..Self::default() };
        let mut at = 0;
        let mut lines = text.split_inclusive('\n');
        if lines.next().map(str::trim_end) != Some(MAGIC) {
            return Err(TableError::NotOurs);
        }
        at += MAGIC.len() + 1;
        let mut number = 1;
        for line in lines {
            number += 1;
            at += line.len();
            let Some(fact) = line.trim_end().strip_prefix("# ") else { break };
            if let Some(coverage) = fact.strip_prefix("has: ") {
                table.coverage.extend(read_coverage(coverage));
            } else if let Some(source) = fact.strip_prefix("source: ") {
                table.sources.push(source.to_owned());
            }
        }
        let mut last = "";
        for line in text.get(at..).unwrap_or_default().lines() {
            number += 1;
            if line <= last || !line.contains(',') {
                return Err(TableError::Broken(number));
            }
            last = line;
        }
        table.body = at.min(text.len());
        table.text = text;
        Ok(table)
    }

    /// Whether a file begins like a table.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC.as_bytes())
    }

    /// Where it came from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// What it was made from, in the words of its maker.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// What it has, by ecosystem.
    pub fn coverages(&self) -> &[Coverage] {
        &self.coverage
    }

    /// What it has of one ecosystem.
    pub fn coverage(&self, ecosystem: Ecosystem) -> Option<&Coverage> {
        self.coverage.iter().find(|coverage| coverage.ecosystem == ecosystem)
    }

    /// Every record of one package, by its normalised name.
    pub fn find(&self, ecosystem: Ecosystem, package: &str) -> Vec<Advisory> {
        let key = row::key(ecosystem, package);
        let body = self.body();
        let (mut low, mut high) = (0, body.len());
        // Invariant: every line that starts before `low` is less than the key, none that starts at `high` or later is.
        while low < high {
            let middle = low + (high - low) / 2;
            let start =
                body.as_bytes()[..middle].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let end = body.as_bytes()[middle..]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(body.len(), |at| middle + at + 1);
            if body[start..end].trim_end() < key.as_str() {
                low = end;
            } else {
                high = start;
            }
        }
        let lines = body.get(low..).unwrap_or_default().lines();
        let ours = lines.take_while(|line| line.starts_with(&key));
        ours.filter_map(|line| Some(row::read(line)?.2)).collect()
    }

    /// Every record, in order.
    pub fn all(&self) -> impl Iterator<Item = (Ecosystem, String, Advisory)> {
        self.body().lines().filter_map(row::read)
    }

    fn body(&self) -> &str {
        self.text.get(self.body..).unwrap_or_default()
    }
}

/// `PyPI 2026-11-20T00:00:00Z 20000 9000`
fn read_coverage(text: &str) -> Option<Coverage> {
    let [ecosystem, as_of, records, packages] = text.split(' ').collect::<Vec<_>>()[..] else { return None };
    Some(Coverage {
        ecosystem: Ecosystem::parse(ecosystem)?,
        as_of: Timestamp::parse(as_of)?,
        records: records.parse().ok()?,
        packages: packages.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Builder, import_json};
    use super::*;

    fn table() -> Table {
        let mut builder = Builder::default();
        for name in ["a", "a-b", "aa", "b", "zz"] {
            for number in 1..=3 {
                let record = format!(
                    r#"{{"id":"X-{number}","modified":"2026-11-0{number}T00:00:00Z","affected":[{{"package":{{"ecosystem":"PyPI","name":"{name}"}},"versions":["{number}.0"]}}]}}"#
                );
                builder.add(import_json(record.as_bytes()));
            }
        }
        let text = builder.finish(Timestamp::parse("2026-11-20").unwrap(), &["test".to_owned()]);
        Table::read(text.into(), Origin::Imported).unwrap()
    }

    #[test]
    fn every_package_is_found_and_no_other() {
        let table = table();
        for name in ["a", "a-b", "aa", "b", "zz"] {
            assert_eq!(table.find(Ecosystem::PyPi, name).len(), 3, "{name}");
        }
        for name in ["", "0", "a-", "ab", "c", "zzz"] {
            assert_eq!(table.find(Ecosystem::PyPi, name).len(), 0, "{name}");
        }
        assert_eq!(table.find(Ecosystem::Npm, "a").len(), 0);
        let coverage = table.coverage(Ecosystem::PyPi).unwrap();
        assert_eq!((coverage.records, coverage.packages), (15, 5));
        assert_eq!(coverage.as_of, Timestamp::parse("2026-11-03").unwrap());
        assert_eq!(table.sources(), ["test"]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let read = |text: &str| Table::read(text.to_owned().into(), Origin::Imported).map(|_| ());
        assert_eq!(read(""), Err(TableError::NotOurs));
        assert_eq!(read("# vauban advisories 2\n"), Err(TableError::NotOurs));
        let swapped = format!("{MAGIC}\n{}\nb,\na,\n", row::HEADER);
        assert_eq!(read(&swapped), Err(TableError::Broken(4)));
        assert_eq!(read(&format!("{MAGIC}\n{}\n", row::HEADER)), Ok(()));
    }
}
