#![no_main]
use libfuzzer_sys::fuzz_target;
use vauban_formats::Limits;

fuzz_target!(|data: &[u8]| {
    let _ = vauban_formats::json::read_text(&String::from_utf8_lossy(data), &Limits::default());
});
