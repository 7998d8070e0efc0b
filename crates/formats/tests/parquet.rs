//! Parquet files written by pyarrow (benches/parquet_goldens.py): every codec, page version and encoding gives the values
//! that were written.
#![allow(clippy::unwrap_used)]

use vauban_formats::Budget;
use vauban_formats::parquet::{Cells, columns};

const GOOD: [(&str, &[u8]); 14] = [
    ("none, 1, dictionary", include_bytes!("parquet/none-page1-dictionary.parquet")),
    ("none, 1, plain", include_bytes!("parquet/none-page1-plain.parquet")),
    ("none, 2, dictionary", include_bytes!("parquet/none-page2-dictionary.parquet")),
    ("none, 2, plain", include_bytes!("parquet/none-page2-plain.parquet")),
    ("snappy, 1, dictionary", include_bytes!("parquet/snappy-page1-dictionary.parquet")),
    ("snappy, 1, plain", include_bytes!("parquet/snappy-page1-plain.parquet")),
    ("snappy, 2, dictionary", include_bytes!("parquet/snappy-page2-dictionary.parquet")),
    ("snappy, 2, plain", include_bytes!("parquet/snappy-page2-plain.parquet")),
    ("gzip, 1, dictionary", include_bytes!("parquet/gzip-page1-dictionary.parquet")),
    ("gzip, 2, plain", include_bytes!("parquet/gzip-page2-plain.parquet")),
    ("zstd, 1, dictionary", include_bytes!("parquet/zstd-page1-dictionary.parquet")),
    ("zstd, 2, plain", include_bytes!("parquet/zstd-page2-plain.parquet")),
    ("lz4, 1, dictionary", include_bytes!("parquet/lz4-page1-dictionary.parquet")),
    ("lz4, 2, plain", include_bytes!("parquet/lz4-page2-plain.parquet")),
];

fn bits(cells: &Cells) -> Vec<u64> {
    let Cells::Numbers(numbers) = cells else { panic!("{cells:?}") };
    numbers.iter().map(|number| if number.is_nan() { u64::MAX } else { number.to_bits() }).collect()
}

#[test]
fn values_are_those_that_were_written() {
    let numbers = |of: fn(u32) -> f64| bits(&Cells::Numbers((0..200).map(of).collect()));
    for (name, bytes) in GOOD {
        let columns =
            columns(bytes, &Budget::default()).unwrap_or_else(|defect| panic!("{name}: {defect:?}"));
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["whole", "long", "single", "double", "truth", "text"], "{name}");
        assert_eq!(bits(&columns[0].1), numbers(|i| f64::from(i % 7)), "{name}");
        assert_eq!(bits(&columns[1].1), numbers(|i| f64::from(i * 1000)), "{name}");
        assert_eq!(bits(&columns[2].1), numbers(|i| f64::from(i) / 4.0), "{name}");
        let sparse = numbers(|i| if i.is_multiple_of(5) { f64::NAN } else { f64::from(i) / 8.0 });
        assert_eq!(bits(&columns[3].1), sparse, "{name}");
        assert_eq!(bits(&columns[4].1), numbers(|i| f64::from(u8::from(i.is_multiple_of(3)))), "{name}");
        let texts = (0..200).map(|i| ["red", "green", ""][i % 3].to_owned()).collect();
        assert_eq!(columns[5].1, Cells::Texts(texts), "{name}");
    }
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    let refused = |bytes: &[u8]| columns(bytes, &Budget::default()).unwrap_err().detail;
    assert!(refused(include_bytes!("parquet/refused-delta.parquet")).contains("DELTA_BINARY_PACKED"));
    assert!(refused(include_bytes!("parquet/refused-nested.parquet")).contains("nested"));
}

#[test]
fn broken_bytes_never_panic() {
    for (_, bytes) in [GOOD[0], GOOD[6], GOOD[9]] {
        // Every place takes half a minute, because a broken count of rows is believed up to its bound.
        for at in (0..bytes.len()).step_by(11) {
            for value in [0, 0x7f, 0xff] {
                let mut bytes = bytes.to_vec();
                bytes[at] = value;
                drop(columns(&bytes, &Budget::default()));
            }
        }
    }
}
