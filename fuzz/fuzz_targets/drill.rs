#![no_main]
use libfuzzer_sys::fuzz_target;
use vauban_formats::{Budget, Input};

fuzz_target!(|data: &[u8]| {
    let _ = vauban_formats::drill::read(&Input::new("input", data, &Budget::default()));
});
