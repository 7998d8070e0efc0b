//! Databases written by a small writer of our own, and databases that lie.

use super::*;
use crate::Budget;

/// A database of one page for each table, in pages of 4 096 bytes; rows are texts.
pub(crate) fn database(tables: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut pages: Vec<Vec<u8>> = Vec::new();
    let schema: Vec<Vec<Field>> = tables
        .iter()
        .enumerate()
        .map(|(index, (sql, _))| {
            let name = sql.split(['(', ' ']).nth(2).unwrap_or_default().trim_matches('"').to_owned();
            let root = u8::try_from(index + 2).expect("few tables");
            vec![
                Field::Text("table".into()),
                Field::Text(name.clone()),
                Field::Text(name),
                Field::Byte(root),
                Field::Text((*sql).into()),
            ]
        })
        .collect();
    pages.push(leaf(&schema, 100));
    for (_, rows) in tables {
        let rows: Vec<Vec<Field>> = rows
            .iter()
            .map(|row| {
                let field =
                    |text: &&str| if text.is_empty() { Field::Null } else { Field::Text((*text).into()) };
                row.iter().map(field).collect()
            })
            .collect();
        pages.push(leaf(&rows, 0));
    }
    let mut header = MAGIC.to_vec();
    header.extend([0x10, 0, 1, 1, 0, 64, 32, 32]);
    header.resize(100, 0);
    header[28..32].copy_from_slice(&u32::try_from(pages.len()).expect("few pages").to_be_bytes());
    header[59] = 1;
    pages[0][..100].copy_from_slice(&header);
    pages.concat()
}

enum Field {
    Null,
    Byte(u8),
    Text(String),
}

fn number(value: usize) -> Vec<u8> {
    let low = u8::try_from(value & 0x7f).unwrap_or(0);
    if value < 0x80 { vec![low] } else { vec![u8::try_from(value >> 7 | 0x80).expect("below 2^14"), low] }
}

fn leaf(rows: &[Vec<Field>], start: usize) -> Vec<u8> {
    let mut page = vec![0_u8; 4096];
    let mut end = page.len();
    page[start] = 0x0d;
    page[start + 3..start + 5].copy_from_slice(&u16::try_from(rows.len()).expect("few rows").to_be_bytes());
    for (index, row) in rows.iter().enumerate() {
        let (mut types, mut values) = (Vec::new(), Vec::new());
        for field in row {
            match field {
                Field::Null => types.push(0),
                Field::Byte(byte) => {
                    types.push(1);
                    values.push(*byte);
                }
                Field::Text(text) => {
                    types.extend(number(text.len() * 2 + 13));
                    values.extend(text.as_bytes());
                }
            }
        }
        let record = [number(types.len() + 1), types, values].concat();
        let cell = [number(record.len()), number(index + 1), record].concat();
        end -= cell.len();
        page[end..end + cell.len()].copy_from_slice(&cell);
        let place = start + 8 + 2 * index;
        page[place..place + 2].copy_from_slice(&u16::try_from(end).expect("in the page").to_be_bytes());
    }
    page
}

fn texts(bytes: &[u8], table: &str, column: &str) -> (Vec<String>, Vec<&'static str>) {
    let budget = Budget::default();
    let input = Input::new("a.db", bytes, &budget);
    let Some(database) = Database::open(&input) else { return (Vec::new(), vec!["no database"]) };
    let mut texts = Vec::new();
    database.rows(table, |row| {
        texts.push(row.text_or_empty(column));
        true
    });
    (texts, database.defects().iter().map(|defect| defect.code).collect())
}

fn two_rows() -> Vec<u8> {
    database(&[("CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT)", &[&["", "one"], &["", "two"]])])
}

#[test]
fn rows_are_read_with_their_numbers() {
    assert_eq!(texts(&two_rows(), "A", "name"), (vec!["one".to_owned(), "two".to_owned()], vec![]));
    assert_eq!(texts(&two_rows(), "a", "id").0, ["1", "2"]);
    assert_eq!(texts(&two_rows(), "b", "id").0, [""; 0]);
}

#[test]
fn pages_in_circles_end() {
    let mut bytes = two_rows();
    // An inner page whose last child is itself.
    bytes[4096] = 0x05;
    bytes[4096 + 3..4096 + 5].copy_from_slice(&[0, 0]);
    bytes[4096 + 8..4096 + 12].copy_from_slice(&[0, 0, 0, 2]);
    assert_eq!(texts(&bytes, "a", "name"), (vec![], vec!["sqlite-page"]));
}

#[test]
fn what_is_cut_off_and_what_is_logged_elsewhere_is_said() {
    let mut bytes = two_rows();
    bytes[18] = 2;
    assert_eq!(texts(&bytes, "a", "name").1, ["limit-wal"]);
    let bytes = two_rows();
    let cut = &bytes[..4096];
    assert_eq!(texts(cut, "a", "name").1, ["sqlite-truncated", "sqlite-page"]);
    assert_eq!(texts(&bytes[..99], "a", "name").1, ["no database"]);
}

#[test]
fn every_byte_may_be_wrong() {
    let bytes = two_rows();
    let set: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    for at in set {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = value;
            let _ = texts(&changed, "a", "name");
        }
    }
}
