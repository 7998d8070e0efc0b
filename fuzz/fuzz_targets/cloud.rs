#![no_main]
use libfuzzer_sys::fuzz_target;
use vauban_formats::{Budget, Input};

fuzz_target!(|data: &[u8]| {
    for name in ["input.json", "input.yaml", "get-bucket-policy.json"] {
        let budget = Budget::default();
        let parsed = (vauban_formats::cloud::FORMAT.parse)(&Input::new(name, data, &budget));
        let _ = vauban_formats::cloud::Stack::of_file(name, &parsed.facts);
    }
});
