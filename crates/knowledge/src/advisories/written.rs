//! Gathers rows and writes a compact table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use vauban_domain::Timestamp;

use super::table::MAGIC;
use super::{Imported, Table, row};
use crate::versions::Ecosystem;

/// Gathers what records say, from any number of them.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    rows: Vec<String>,
    changed: BTreeMap<Ecosystem, Timestamp>,
    records: u64,
    skipped: BTreeMap<String, u64>,
    latest: Vec<(Ecosystem, Timestamp)>,
}

impl Builder {
    /// Takes what one record says.
    pub fn add(&mut self, record: Imported) {
        self.records += 1;
        for (ecosystem, line) in record.rows {
            self.rows.push(line);
            if let Some(modified) = record.modified {
                self.latest.push((ecosystem, modified));
            }
        }
        for reason in record.skipped {
            *self.skipped.entry(reason).or_default() += 1;
        }
    }

    /// Takes the ecosystems that `wanted` says yes to out of a table that was written before.
    pub fn add_table(&mut self, table: &Table, wanted: impl Fn(Ecosystem) -> bool) {
        for (ecosystem, package, advisory) in table.all().filter(|(ecosystem, ..)| wanted(*ecosystem)) {
            self.records += 1;
            self.rows.push(row::write(ecosystem, &package, &advisory));
        }
        let coverages = table.coverages().iter().filter(|coverage| wanted(coverage.ecosystem));
        self.latest.extend(coverages.map(|coverage| (coverage.ecosystem, coverage.as_of)));
    }

    /// Ecosystems of which there is something.
    pub fn ecosystems(&self) -> BTreeSet<Ecosystem> {
        self.rows.iter().filter_map(|line| Ecosystem::parse(line.split(',').next()?)).collect()
    }

    /// Takes what another one gathered.
    pub fn append(&mut self, mut other: Self) {
        self.rows.append(&mut other.rows);
        self.latest.append(&mut other.latest);
        self.records += other.records;
        for (reason, count) in other.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
    }

    /// Says that something was not taken, and why.
    pub fn skip(&mut self, reason: impl Into<String>) {
        *self.skipped.entry(reason.into()).or_default() += 1;
    }

    /// Records seen.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Rows gathered.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// What was not taken: reasons and how often.
    pub fn skipped(&self) -> &BTreeMap<String, u64> {
        &self.skipped
    }

    /// The table as text. A record that says it was changed after `now` does not make the table younger.
    pub fn finish(mut self, now: Timestamp, sources: &[String]) -> String {
        self.rows.sort_unstable();
        self.rows.dedup();
        for (ecosystem, modified) in self.latest.drain(..).filter(|(_, modified)| *modified <= now) {
            let latest = self.changed.entry(ecosystem).or_insert(modified);
            *latest = modified.max(*latest);
        }
        let mut counts: BTreeMap<Ecosystem, (u64, u64)> = BTreeMap::new();
        let mut last = "";
        for line in &self.rows {
            let mut cells = line.splitn(3, ',');
            let Some(ecosystem) = cells.next().and_then(Ecosystem::parse) else { continue };
            let package = cells.next().unwrap_or_default();
            let (records, packages) = counts.entry(ecosystem).or_default();
            *records += 1;
            *packages += u64::from(package != last || *packages == 0);
            last = package;
        }
        let size: usize = self.rows.iter().map(|line| line.len() + 1).sum();
        let mut text = String::with_capacity(size + 4_096);
        let _ = writeln!(text, "{MAGIC}");
        for (ecosystem, (records, packages)) in counts {
            // A table whose records have no date is as old as can be.
            let as_of = self.changed.get(&ecosystem).copied().unwrap_or(Timestamp(0));
            let _ = writeln!(text, "# has: {ecosystem} {as_of} {records} {packages}");
        }
        for source in sources {
            let _ = writeln!(text, "# source: {}", source.replace(char::is_control, " "));
        }
        let _ = writeln!(text, "{}", row::HEADER);
        for line in self.rows {
            text.push_str(&line);
            text.push('\n');
        }
        text
    }
}
