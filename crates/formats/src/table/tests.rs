//! Tables of all sorts.

use super::*;
use crate::{Budget, Limits};

fn read(text: &str) -> (Table, Vec<Defect>) {
    parse(&Input::new("a.csv", text.as_bytes(), &Budget::default()))
}

#[test]
fn header_types_and_delimiter_are_read_off() {
    let (table, defects) = read("id;name;score\n1;\"a;b\";0.5\n2;c;\n3;a;-1e3\n");
    assert_eq!(defects, []);
    assert_eq!((table.delimiter, table.has_header, table.rows), (b';', true, 3));
    let Values::Numbers(score) = &table.column("Score").unwrap().values else { panic!("numbers") };
    assert!(score[1].is_nan() && score[2] == -1000.0);
    assert_eq!(
        table.columns[1].values,
        Values::Categories(vec!["a".into(), "a;b".into(), "c".into()], vec![1, 2, 0])
    );
    assert_eq!((table.columns[1].distinct(), table.columns[2].missing), (Some(3), 1));
    let (table, _) = read("1,2\n3,4\n");
    assert!(!table.has_header);
}

#[test]
fn equal_rows_have_equal_hashes() {
    let (table, _) = read("a,b\n1,2\n12,\n1,2\n");
    assert_eq!(table.row_hashes[0], table.row_hashes[2]);
    assert_ne!(table.row_hashes[0], table.row_hashes[1]);
}

#[test]
fn long_tables_are_thinned_evenly() {
    let text: String =
        std::iter::once("n\n".to_owned()).chain((0..100_000).map(|n| format!("{n}\n"))).collect();
    let (table, _) = read(&text);
    assert_eq!(table.rows, 100_000);
    assert!(table.kept.len() <= KEPT_ROWS && table.kept.len() > KEPT_ROWS / 2);
    assert!(table.kept.windows(2).all(|pair| pair[1] - pair[0] == table.kept[1]));
    assert_eq!(table.row_hashes.len(), 100_000);
}

#[test]
fn ragged_and_endless_tables_are_survived() {
    let (table, defects) = read("a,b\n1\n2,3,4\n");
    assert_eq!((table.rows, defects[0].code), (2, "csv-ragged"));
    let wide = ",".repeat(100_000);
    let (table, defects) = read(&wide);
    assert_eq!((table.columns.len(), defects[0].code), (4096, "limit-columns"));
    let (table, _) = parse(&Input::new("a.csv", b"\"never closed\n1,2\n", &Budget::new(Limits::default())));
    assert!(table.rows <= 1);
    assert_eq!(read("").0.columns.len(), 0);
}
