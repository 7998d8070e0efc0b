//! Every parser on inputs too short to be of its format: what a name or a container promises may not be there.

use vauban_formats::{
    Budget, FORMATS, Input, Limits, dataset, declaration, drill, foreign, questionnaire, tabular_schema,
    threat_model, vnnlib,
};

/// Calls `see` with inputs up to 79 bytes long that begin or end like something.
fn short(mut see: impl FnMut(&[u8])) {
    // `12 20` is what a fuzzer found for MXNet, and `PAR1` what it found for Parquet: magic at the end and nothing before it.
    let fills: [&[u8]; 15] = [
        &[0],
        &[0xff],
        b"{",
        b"[",
        b"\",\"answer",
        b"(",
        b"PK",
        &[0x12, 0x20],
        b"PAR1",
        b"PARE",
        b"ARROW1",
        b"GGUF",
        b"TFL3",
        b"\x93NUMPY",
        b"\x89HDF\r\n\x1a\n",
    ];
    for fill in fills {
        // Once with the fill at the start, once with it at the end.
        for (length, at_end) in (0..80).flat_map(|length| [(length, false), (length, true)]) {
            let skip = if at_end { (fill.len() - length % fill.len()) % fill.len() } else { 0 };
            see(&fill.iter().copied().cycle().skip(skip).take(length).collect::<Vec<u8>>());
        }
    }
}

#[test]
fn every_parser_takes_what_is_too_short() {
    for format in FORMATS {
        short(|bytes| {
            let budget = Budget::new(Limits::default());
            let parsed = (format.parse)(&Input::new("input", bytes, &budget));
            assert!(!parsed.format.is_empty(), "{} on {} bytes", format.name, bytes.len());
        });
    }
}

#[test]
fn every_reader_of_files_that_are_named_takes_what_is_too_short() {
    short(|bytes| {
        let (text, budget) = (String::from_utf8_lossy(bytes), Budget::new(Limits::default()));
        let input = Input::new("input", bytes, &budget);
        assert_eq!(drill::read(&input).0, drill::DrillRecord::default());
        assert!(!drill::read(&input).1.is_empty());
        assert_eq!(questionnaire::read(&input).0, []);
        assert!(foreign::read(&input).0.results.is_empty());
        assert!(threat_model::read(&input).0.components.is_empty());
        assert!(vnnlib::read(&input).0.common.is_empty());
        assert!(dataset::read_table(bytes).map_or(0, |table| table.rows) <= bytes.len());
        assert!(tabular_schema::read(&text).0.columns.is_empty());
        assert!(declaration::parse(&text, "vauban.toml").0.systems.is_empty());
    });
}
