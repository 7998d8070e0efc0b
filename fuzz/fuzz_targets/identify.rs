#![no_main]
use libfuzzer_sys::fuzz_target;
use vauban_formats::{Budget, Input};

// Content picks its parser, as in a review; members of containers are parsed too.
fuzz_target!(|data: &[u8]| {
    let _ = vauban_formats::parse(&Input::new("input", data, &Budget::default()));
});
