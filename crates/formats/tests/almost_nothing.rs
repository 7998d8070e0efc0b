//! Every parser on inputs too short to be of its format: what a name or a container promises may not be there.

use vauban_formats::{Budget, FORMATS, Input, Limits};

#[test]
fn every_parser_takes_what_is_too_short() {
    // The last one is what a fuzzer found for MXNet.
    let fills: [&[u8]; 6] = [&[0], &[0xff], b"{", b"(", b"PK", &[0x12, 0x20]];
    for format in FORMATS {
        for fill in fills {
            for length in 0..80 {
                let bytes: Vec<u8> = fill.iter().copied().cycle().take(length).collect();
                let budget = Budget::new(Limits::default());
                let parsed = (format.parse)(&Input::new("input", &bytes, &budget));
                assert!(!parsed.format.is_empty(), "{} on {length} bytes", format.name);
            }
        }
    }
}
