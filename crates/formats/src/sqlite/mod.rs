//! SQLite databases, read only and from the bytes of the file alone: schema, tables, records.
//!
//! <https://www.sqlite.org/fileformat2.html>. What still lies in a `-wal` file beside the database is not seen, which is
//! said. Pages are followed only inside the file, each once for a table; free pages are never looked at.

mod page;
mod record;
mod schema;
#[cfg(test)]
pub(crate) mod tests;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::{Defect, Facts, Format, Input, Parsed, Recognised, mlflow};

pub use record::{Row, Value};
pub use schema::{Column, Table};

/// How databases are found and read; a database with a schema that another format knows becomes one of that format.
pub const FORMAT: Format = Format {
    name: "sqlite",
    extensions: &["db", "sqlite", "sqlite3"],
    recognise: |input| {
        if input.bytes.starts_with(MAGIC) { Recognised::ByMagic } else { Recognised::No }
    },
    parse,
};

const MAGIC: &[u8] = b"SQLite format 3\0";
/// Levels of a tree of pages; 2^32 pages of the smallest size need fewer.
const DEPTH: u32 = 24;
/// Bytes of records that are put together in one file beyond its own size, because chains of pages may be shared.
const SPARE: u64 = 16 << 20;
/// Defects kept.
const DEFECTS: usize = 32;

/// What a database holds, in names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sqlite {
    /// Tables in the order of the schema.
    pub tables: Vec<Table>,
    /// Number that the application stored, 0 if none.
    pub user_version: u32,
    /// Number by which the application marks its files, 0 if none.
    pub application: u32,
    /// Whether changes are logged to a file beside it.
    pub write_ahead: bool,
}

/// How text is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// An open database over the bytes of its file.
#[derive(Debug)]
pub struct Database<'a> {
    input: Input<'a>,
    page_size: usize,
    usable: usize,
    pages: u32,
    encoding: Encoding,
    facts: Sqlite,
    left: Cell<u64>,
    rows_left: Cell<usize>,
    defects: RefCell<Vec<Defect>>,
}

impl<'a> Database<'a> {
    /// Reads the header and the schema; `None` if there is no header of a database.
    pub fn open(input: &Input<'a>) -> Option<Self> {
        let bytes = input.bytes;
        let header = bytes.get(..100).filter(|header| header.starts_with(MAGIC))?;
        let page_size = match page::two(header, 16)? {
            1 => 65_536,
            size => size,
        };
        let reserved = usize::from(*header.get(20)?);
        let usable = page_size.checked_sub(reserved)?;
        if !page_size.is_power_of_two() || page_size < 512 || usable < 480 {
            return None;
        }
        let (encoding, known) = match page::four(header, 56)? {
            0 | 1 => (Encoding::Utf8, true),
            2 => (Encoding::Utf16Le, true),
            3 => (Encoding::Utf16Be, true),
            _ => (Encoding::Utf8, false),
        };
        let write_ahead = header.get(18) == Some(&2) || header.get(19) == Some(&2);
        let mut database = Self {
            input: *input,
            page_size,
            usable,
            pages: u32::try_from(bytes.len() / page_size).unwrap_or(u32::MAX),
            encoding,
            facts: Sqlite {
                tables: Vec::new(),
                user_version: page::four(header, 60)?,
                application: page::four(header, 68)?,
                write_ahead,
            },
            left: Cell::new((bytes.len() as u64).saturating_mul(2).saturating_add(SPARE)),
            rows_left: Cell::new(input.budget.limits.records),
            defects: RefCell::default(),
        };
        if !known {
            database.defect(Defect::at("sqlite-encoding", 56, "text is in no encoding that there is"));
        }
        if write_ahead {
            let detail = "changes are logged to a `-wal` file beside it, which was not looked at";
            database.defect(Defect::at("limit-wal", 18, detail));
        }
        let said = page::four(header, 28)?;
        if said > database.pages && page::four(header, 24) == page::four(header, 92) {
            let detail = format!("the header tells of {said} pages, there are {}", database.pages);
            database.defect(Defect::at("sqlite-truncated", 28, detail));
        }
        database.facts.tables = schema::read(&database);
        Some(database)
    }

    /// Names, columns and what the header says.
    pub fn facts(&self) -> &Sqlite {
        &self.facts
    }

    /// The table with this name, whatever the case of its letters.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.facts.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// Shows every row of a table in the order of its keys, until `see` says no; nothing if there is no such table.
    pub fn rows(&self, name: &str, mut see: impl FnMut(&Row<'_>) -> bool) {
        let Some(table) = self.table(name) else { return };
        if table.without_rowid {
            let detail = format!("`{}` is kept without row numbers, which was not looked at", table.name);
            self.defect(Defect::whole("limit-without-rowid", detail));
            return;
        }
        let mut seen = BTreeSet::new();
        self.walk(table.root, 0, &mut seen, &mut |key, payload| {
            let values = record::values(payload, self.encoding);
            see(&Row::new(&table.columns, values, key))
        });
    }

    /// What was wrong with the bytes that were looked at so far.
    pub fn defects(&self) -> Vec<Defect> {
        self.defects.borrow().clone()
    }

    fn defect(&self, defect: Defect) {
        let mut defects = self.defects.borrow_mut();
        if defects.len() < DEFECTS && !defects.iter().any(|known| known.code == defect.code) {
            defects.push(defect);
        }
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let done = |format, facts, defects| Parsed { format, facts, defects, members: Vec::new() };
    let Some(database) = Database::open(input) else {
        let defect = Defect::at("sqlite-header", 0, "the header of a database does not hold together");
        return done(FORMAT.name, Facts::Sqlite(Sqlite::default()), vec![defect]);
    };
    if let Some(facts) = mlflow::from_database(&database) {
        return done(mlflow::FORMAT.name, Facts::MlFlow(Box::new(facts)), database.defects());
    }
    let facts = Facts::Sqlite(database.facts().clone());
    done(FORMAT.name, facts, database.defects())
}
