//! The schema: which tables there are, and what `CREATE TABLE` says of their columns.

use std::collections::BTreeSet;

use super::{Database, Value, record};

/// A table and where its rows are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Name.
    pub name: String,
    /// Columns that are stored, in stored order.
    pub columns: Vec<Column>,
    /// Page at which its tree begins.
    pub root: u32,
    /// Whether its rows are kept by key and have no number.
    pub without_rowid: bool,
}

/// A column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Whether it is another name for the row's number.
    pub row_number: bool,
}

/// Tables that are kept; the largest schemas in the field have some hundred.
const TABLES: usize = 10_000;
/// Columns of one table.
const COLUMNS: usize = 4_096;

/// Tables of a database, in the order of the schema.
pub(super) fn read(database: &Database<'_>) -> Vec<Table> {
    let mut tables = Vec::new();
    database.walk(1, 0, &mut BTreeSet::new(), &mut |_, payload| {
        let values = record::values(payload, database.encoding);
        if let [Value::Text(kind), Value::Text(name), _, Value::Integer(root), Value::Text(sql), ..] =
            values.as_slice()
            && kind == "table"
            && let Ok(root) = u32::try_from(*root)
            && root > 0
        {
            let (columns, without_rowid) = columns(sql);
            tables.push(Table { name: name.clone(), columns, root, without_rowid });
        }
        tables.len() < TABLES
    });
    tables
}

/// A word of a statement.
#[derive(Debug, Clone, PartialEq)]
enum Word {
    Name { text: String, quoted: bool },
    Mark(char),
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Name { text, quoted: false } if text.eq_ignore_ascii_case(keyword))
    }

    fn text(&self) -> &str {
        match self {
            Self::Name { text, .. } => text,
            Self::Mark(_) => "",
        }
    }
}

/// Columns of a `CREATE TABLE`, and whether it says `WITHOUT ROWID`.
fn columns(sql: &str) -> (Vec<Column>, bool) {
    let words = words(sql);
    let Some(open) = words.iter().position(|word| *word == Word::Mark('(')) else {
        return (Vec::new(), false);
    };
    let (mut depth, mut start, mut end) = (0_usize, open + 1, words.len());
    let mut parts: Vec<&[Word]> = Vec::new();
    for (index, word) in words.iter().enumerate().skip(open) {
        match word {
            Word::Mark('(') => depth += 1,
            Word::Mark(')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    parts.extend(words.get(start..index));
                    end = index;
                    break;
                }
            }
            Word::Mark(',') if depth == 1 && parts.len() < COLUMNS => {
                parts.extend(words.get(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut whole: BTreeSet<String> = BTreeSet::new();
    let mut keys: Vec<String> = Vec::new();
    for part in parts {
        let Some(first) = part.first() else { continue };
        if ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|keyword| first.is(keyword)) {
            keys.extend(primary(part).map(str::to_lowercase));
            continue;
        }
        let says = |keyword: &str| part.iter().skip(1).any(|word| word.is(keyword));
        // A column that is worked out when it is asked for is not stored.
        if (says("GENERATED") || says("AS")) && !says("STORED") {
            continue;
        }
        let name = first.text().to_owned();
        let integer = part.get(1).is_some_and(|word| word.is("INTEGER"));
        let key = part.windows(2).any(|pair| matches!(pair, [a, b] if a.is("PRIMARY") && b.is("KEY")));
        if integer {
            whole.insert(name.to_lowercase());
        }
        columns.push(Column { name, row_number: integer && key && !says("DESC") });
    }
    if let [key] = keys.as_slice()
        && whole.contains(key)
    {
        for column in columns.iter_mut().filter(|column| column.name.eq_ignore_ascii_case(key)) {
            column.row_number = true;
        }
    }
    let tail = words.get(end..).unwrap_or_default();
    let without = tail.windows(2).any(|pair| matches!(pair, [a, b] if a.is("WITHOUT") && b.is("ROWID")));
    (columns, without)
}

/// Columns that a constraint of a table makes its primary key.
fn primary(part: &[Word]) -> impl Iterator<Item = &str> {
    let at = part.windows(2).position(|pair| matches!(pair, [a, b] if a.is("PRIMARY") && b.is("KEY")));
    let after = at.and_then(|at| part.get(at + 2..)).unwrap_or_default();
    after
        .iter()
        .take_while(|word| **word != Word::Mark(')'))
        .filter(|word| matches!(word, Word::Name { .. }))
        .map(Word::text)
}

fn words(sql: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = sql.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' | '`' | '\'' | '[' => {
                let close = if next == '[' { ']' } else { next };
                let mut text = String::new();
                while let Some(inner) = rest.next() {
                    if inner != close {
                        text.push(inner);
                    } else if close != ']' && rest.peek() == Some(&close) {
                        text.push(close);
                        rest.next();
                    } else {
                        break;
                    }
                }
                words.push(Word::Name { text, quoted: true });
            }
            '-' if rest.peek() == Some(&'-') => {
                for inner in rest.by_ref() {
                    if inner == '\n' {
                        break;
                    }
                }
            }
            '/' if rest.peek() == Some(&'*') => {
                rest.next();
                let mut before = ' ';
                for inner in rest.by_ref() {
                    if before == '*' && inner == '/' {
                        break;
                    }
                    before = inner;
                }
            }
            next if next.is_whitespace() => {}
            next if next.is_alphanumeric() || next == '_' || next == '$' => {
                let mut text = String::from(next);
                while let Some(inner) = rest.next_if(|c| c.is_alphanumeric() || *c == '_' || *c == '$') {
                    text.push(inner);
                }
                words.push(Word::Name { text, quoted: false });
            }
            mark => words.push(Word::Mark(mark)),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, expected: &[&str]) {
        let (columns, _) = columns(sql);
        let shown: Vec<String> = columns
            .iter()
            .map(|column| format!("{}{}", column.name, if column.row_number { "#" } else { "" }))
            .collect();
        assert_eq!(shown, expected, "{sql}");
    }

    #[test]
    fn columns_are_told_from_constraints() {
        check(
            "CREATE TABLE a (x INTEGER PRIMARY KEY, \"y z\" TEXT DEFAULT ',(', CHECK (x > 0))",
            &["x#", "y z"],
        );
        check(
            "CREATE TABLE \"a\" (\n\tid INTEGER NOT NULL, -- one, two\n name VARCHAR(256), CONSTRAINT pk PRIMARY KEY (id)\n)",
            &["id#", "name"],
        );
        check("CREATE TABLE a (x VARCHAR(3) PRIMARY KEY, [y] INT, z AS (x + 1) VIRTUAL)", &["x", "y"]);
        check("CREATE TABLE a (x INTEGER, y INTEGER, PRIMARY KEY (x, y))", &["x", "y"]);
        check("CREATE TABLE a", &[]);
        assert!(columns("CREATE TABLE a (x PRIMARY KEY) WITHOUT ROWID").1);
    }
}
