//! Every parser on inputs too short to be of its format: what a name or a container promises may not be there.

use vauban_formats::{Budget, FORMATS, Input, Limits};

#[test]
fn every_parser_takes_what_is_too_short() {
    // `12 20` is what a fuzzer found for MXNet, and `PAR1` what it found for Parquet: magic at the end and nothing before it.
    let fills: [&[u8]; 13] = [
        &[0],
        &[0xff],
        b"{",
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
    for format in FORMATS {
        for fill in fills {
            // Once with the fill at the start, once with it at the end.
            for (length, at_end) in (0..80).flat_map(|length| [(length, false), (length, true)]) {
                let skip = if at_end { (fill.len() - length % fill.len()) % fill.len() } else { 0 };
                let bytes: Vec<u8> = fill.iter().copied().cycle().skip(skip).take(length).collect();
                let budget = Budget::new(Limits::default());
                let parsed = (format.parse)(&Input::new("input", &bytes, &budget));
                assert!(!parsed.format.is_empty(), "{} on {length} bytes", format.name);
            }
        }
    }
}
