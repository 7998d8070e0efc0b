#![no_main]
use libfuzzer_sys::fuzz_target;
use vauban_formats::{Budget, Input};

fuzz_target!(|data: &[u8]| {
    let _ = (vauban_formats::ci::FORMAT.parse)(&Input::new(
        ".github/workflows/input.yml",
        data,
        &Budget::default(),
    ));
});
