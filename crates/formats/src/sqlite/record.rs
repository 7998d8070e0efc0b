//! Records: a header of types, then the values.

use super::Encoding;
use super::page::varint;
use super::schema::Column;

/// Bytes of one text that are kept.
const TEXT: usize = 1 << 20;
/// Values of one record; a table has at most 32 767 columns.
const VALUES: usize = 32_767;

/// One value as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Real(f64),
    /// Text, at most a mebibyte of it.
    Text(String),
    /// Bytes, of which only the number is kept.
    Blob(usize),
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'t> {
    columns: &'t [Column],
    values: Vec<Value>,
    /// Its number in the table.
    pub key: i64,
}

impl<'t> Row<'t> {
    pub(super) fn new(columns: &'t [Column], values: Vec<Value>, key: i64) -> Self {
        Self { columns, values, key }
    }

    /// The value in a column; `None` if there is no such column or the record is older than it.
    pub fn value(&self, column: &str) -> Option<&Value> {
        let at = self.columns.iter().position(|known| known.name.eq_ignore_ascii_case(column))?;
        self.values.get(at)
    }

    /// The value at a place of the record.
    pub fn at(&self, index: usize) -> Option<&Value> {
        self.values.get(index)
    }

    /// Text in a column; numbers as text; `None` for no value and for bytes.
    pub fn text(&self, column: &str) -> Option<String> {
        match self.value(column)? {
            Value::Text(text) => Some(text.clone()),
            Value::Integer(_) => self.integer(column).map(|number| number.to_string()),
            Value::Real(number) => Some(number.to_string()),
            // A column that is another name of the row number is stored as nothing.
            Value::Null => self.is_key(column).then(|| self.key.to_string()),
            Value::Blob(_) => None,
        }
    }

    /// Text in a column, empty if there is none.
    pub fn text_or_empty(&self, column: &str) -> String {
        self.text(column).unwrap_or_default()
    }

    /// A whole number in a column.
    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.value(column)? {
            Value::Integer(number) => Some(*number),
            Value::Null if self.is_key(column) => Some(self.key),
            _ => None,
        }
    }

    fn is_key(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known.row_number && known.name.eq_ignore_ascii_case(column))
    }
}

/// The values of a record; those that are not all there are left out, with all behind them.
pub(super) fn values(record: &[u8], encoding: Encoding) -> Vec<Value> {
    let mut values = Vec::new();
    let Some((header, mut at)) = varint(record, 0) else { return values };
    let Ok(header) = usize::try_from(header) else { return values };
    let mut place = header;
    while at < header.min(record.len()) && values.len() < VALUES {
        let Some((kind, next)) = varint(record, at) else { break };
        at = next;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => break,
            _ => (kind - 12) / 2,
        };
        let end = usize::try_from(length).ok().and_then(|length| place.checked_add(length));
        let Some(bytes) = end.and_then(|end| record.get(place..end)) else { break };
        place += bytes.len();
        values.push(value(kind, bytes, encoding));
    }
    values
}

fn value(kind: u64, bytes: &[u8], encoding: Encoding) -> Value {
    match kind {
        0 => Value::Null,
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        1..=6 => {
            let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
            let start = if negative { -1_i64 } else { 0 };
            Value::Integer(bytes.iter().fold(start, |number, byte| number << 8 | i64::from(*byte)))
        }
        7 => match bytes.try_into() {
            Ok(bytes) => Value::Real(f64::from_be_bytes(bytes)),
            Err(_) => Value::Null,
        },
        kind if kind % 2 == 0 => Value::Blob(bytes.len()),
        _ => Value::Text(text(bytes.get(..TEXT).unwrap_or(bytes), encoding)),
    }
}

fn text(bytes: &[u8], encoding: Encoding) -> String {
    let wide = |number: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| number(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Encoding::Utf16Le => wide(u16::from_le_bytes),
        Encoding::Utf16Be => wide(u16::from_be_bytes),
    }
}
