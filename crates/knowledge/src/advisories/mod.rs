//! What is known to be wrong with which versions of which packages.
//!
//! The semantics are those of OSV (<https://ossf.github.io/osv-schema/>): a version is affected if the record lists it,
//! or if it lies in one of its ranges. Records are kept as compact rows ([`row`]) in sorted text, so that a database of
//! a quarter of a million records costs one read and a binary search for each package.

mod osv;
mod ranges;
mod row;
mod span;
mod table;
mod written;

use std::sync::Arc;

use vauban_domain::{Severity, Timestamp};

pub use osv::{Imported, import_json, import_yaml};
pub use span::{End, Span, Where};
pub use table::{Coverage, Origin, Table, TableError};
pub use written::Builder;

use crate::versions::Ecosystem;

/// Days after which a database is too old to call anything clean, unless told otherwise.
pub const FRESH_DAYS: i64 = 30;

/// What sort of record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// The package was made or taken over to do harm.
    Malicious,
    /// A weakness.
    Vulnerability,
}

/// What one record says about one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
    /// Id in its database: `GHSA-…`, `PYSEC-…`, `CVE-…`, `MAL-…`, `RUSTSEC-…`.
    pub id: String,
    /// Other ids of the same.
    pub aliases: Vec<String>,
    /// What sort it is.
    pub sort: Sort,
    /// How bad it is; `None` if the record does not say.
    pub severity: Option<Severity>,
    /// When it was published, `2024-05-14`; empty if that is not known.
    pub published: String,
    /// Affected versions from and to.
    pub spans: Vec<Span>,
    /// Affected versions one by one, without those inside the spans.
    pub versions: Vec<String>,
}

impl Advisory {
    /// The id that people look it up by: that of CVE if it has one, else its own.
    pub fn name(&self) -> &str {
        let all = std::iter::once(&self.id).chain(&self.aliases);
        all.filter(|id| id.starts_with("CVE-")).min().unwrap_or(&self.id)
    }

    /// Whether it is the same as another by any of their ids.
    pub fn is_same(&self, other: &Self) -> bool {
        let has = |id: &String| *id == other.id || other.aliases.contains(id);
        has(&self.id) || self.aliases.iter().any(has)
    }

    /// Where `version` stands: listed versions come before ranges.
    pub fn at(&self, ecosystem: Ecosystem, version: &str) -> Where {
        let version = ecosystem.public(version);
        let listed = self.versions.iter().any(|listed| {
            listed == version || ecosystem.compare(listed, version) == Some(std::cmp::Ordering::Equal)
        });
        let mut known = ecosystem.is_version(version);
        for span in &self.spans {
            match span.at(ecosystem, version) {
                Where::Outside => {}
                Where::Unknown => known = false,
                inside => return inside,
            }
        }
        match (listed, known) {
            (true, _) => Where::Inside { fixed: None },
            (false, true) => Where::Outside,
            (false, false) => Where::Unknown,
        }
    }
}

/// All tables: the one that is compiled in, and the one that was imported.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Advisories {
    builtin: Arc<Table>,
    imported: Option<Arc<Table>>,
    fresh_days: i64,
}

/// How well an ecosystem is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knows {
    /// A database of everything that is published.
    All {
        /// When its newest record was changed.
        as_of: Timestamp,
    },
    /// The compiled-in table of some packages.
    Some {
        /// When it was made.
        as_of: Timestamp,
        /// Packages of the ecosystem in it.
        packages: u64,
    },
    /// Nothing.
    Nothing,
}

impl Advisories {
    /// The compiled-in table alone.
    pub fn builtin() -> Self {
        let text = include_str!("../../data/advisories.csv");
        let table = match Table::read(text.into(), Origin::Builtin) {
            Ok(table) => table,
            Err(error) => panic!("compiled-in table of advisories: {error}"),
        };
        Self { builtin: Arc::new(table), imported: None, fresh_days: FRESH_DAYS }
    }

    /// The same with an imported table, which speaks for the ecosystems it covers.
    #[must_use]
    pub fn with(mut self, imported: Table) -> Self {
        self.imported = Some(Arc::new(imported));
        self
    }

    /// The same, where a database is too old after so many days.
    #[must_use]
    pub fn fresh_for(mut self, days: i64) -> Self {
        self.fresh_days = days;
        self
    }

    /// Days after which a database is too old to call anything clean.
    pub fn fresh_days(&self) -> i64 {
        self.fresh_days
    }

    /// The imported table, if there is one.
    pub fn imported_table(&self) -> Option<&Table> {
        self.imported.as_deref()
    }

    /// The compiled-in table.
    pub fn builtin_table(&self) -> &Table {
        &self.builtin
    }

    /// How well packages of this ecosystem are known.
    pub fn knows(&self, ecosystem: Ecosystem) -> Knows {
        if let Some(coverage) = self.imported.as_deref().and_then(|table| table.coverage(ecosystem)) {
            return Knows::All { as_of: coverage.as_of };
        }
        match self.builtin.coverage(ecosystem) {
            Some(coverage) => Knows::Some { as_of: coverage.as_of, packages: coverage.packages },
            None => Knows::Nothing,
        }
    }

    /// Everything about one package. What both tables say of malice is kept; of weaknesses the imported one is asked
    /// if it covers the ecosystem.
    pub fn of(&self, ecosystem: Ecosystem, name: &str) -> Vec<Advisory> {
        let name = ecosystem.normalise(name);
        let covering = self.imported.as_deref().filter(|table| table.coverage(ecosystem).is_some());
        let Some(imported) = covering else { return self.builtin.find(ecosystem, &name) };
        let mut all = imported.find(ecosystem, &name);
        for ours in self.builtin.find(ecosystem, &name) {
            if ours.sort == Sort::Malicious && !all.iter().any(|known| known.is_same(&ours)) {
                all.push(ours);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_table_loads_and_is_worth_having() {
        let advisories = Advisories::builtin();
        let table = advisories.builtin_table();
        assert!(table.all().count() >= 250);
        for (ecosystem, package, advisory) in table.all() {
            let what = format!("{ecosystem} {package} {}", advisory.id);
            assert_eq!(ecosystem.normalise(&package), package, "{what}");
            assert!(!advisory.spans.is_empty() || !advisory.versions.is_empty(), "{what}");
            for span in &advisory.spans {
                assert!(span.is_sound(ecosystem), "{what}: {span:?}");
            }
            assert!(advisory.versions.iter().all(|version| ecosystem.is_version(version)), "{what}");
            let sourced = advisory.severity.is_some() || advisory.sort == Sort::Malicious;
            assert!(sourced, "{what} has no severity");
        }
    }

    #[test]
    fn one_weakness_under_two_ids_has_one_name() {
        let advisory = |id: &str, aliases: &[&str]| Advisory {
            id: id.to_owned(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            sort: Sort::Vulnerability,
            severity: None,
            published: String::new(),
            spans: Vec::new(),
            versions: Vec::new(),
        };
        let ghsa = advisory("GHSA-aaaa-bbbb-cccc", &["CVE-2024-1"]);
        let pysec = advisory("PYSEC-2024-9", &["CVE-2024-1"]);
        assert_eq!((ghsa.name(), pysec.name()), ("CVE-2024-1", "CVE-2024-1"));
        assert!(ghsa.is_same(&pysec));
        assert!(!ghsa.is_same(&advisory("PYSEC-2024-10", &[])));
    }
}
