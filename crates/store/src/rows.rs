//! Many rows in few statements, for both databases.

use sqlx::AnyConnection;

/// A value of a column. Absent ones keep their type, because PostgreSQL asks for it.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Real(f64),
}

impl Value {
    /// Text without NUL characters, which PostgreSQL cannot hold and hostile file names do.
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Some(clean(text.as_ref())))
    }

    /// Text that may be absent.
    pub(crate) fn maybe_text(text: Option<impl AsRef<str>>) -> Self {
        Self::Text(text.map(|text| clean(text.as_ref())))
    }

    /// A number that may be absent; one too large for the column is kept as the largest.
    pub(crate) fn count(number: Option<u64>) -> Self {
        Self::Integer(number.map(|number| i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

/// Replaces NUL characters by the replacement character.
pub(crate) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Values of one statement at most. SQLite would take 32,766 (`SQLITE_MAX_VARIABLE_NUMBER`) and PostgreSQL 65,535, but
/// SQLite looks names such as `$7` up one by one, so that time grows with the square of this.
const VALUES: usize = 500;

/// Inserts `rows` into `table`; a row whose key is there already is left out.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    table: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Value>>,
) -> Result<(), sqlx::Error> {
    for chunk in rows.chunks(VALUES / columns.len().max(1)) {
        let mut statement = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        let mut number = 0;
        for (index, row) in chunk.iter().enumerate() {
            statement.push_str(if index == 0 { "(" } else { ", (" });
            for column in 0..row.len() {
                number += 1;
                statement.push_str(&format!("{}${number}", if column == 0 { "" } else { ", " }));
            }
            statement.push(')');
        }
        statement.push_str(" ON CONFLICT DO NOTHING");
        // Table and column names are constants of this crate; every value is bound.
        let mut query = sqlx::query(sqlx::AssertSqlSafe(statement)).persistent(false);
        for value in chunk.iter().flatten() {
            query = match value {
                Value::Text(text) => query.bind(text.clone()),
                Value::Integer(number) => query.bind(*number),
                Value::Real(number) => query.bind(*number),
            };
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
