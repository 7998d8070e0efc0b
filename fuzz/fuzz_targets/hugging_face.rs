#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let budget = vauban_formats::Budget::default();
    let _ = (vauban_formats::hugging_face::FORMAT.parse)(&vauban_formats::Input::new(
        "tokenizer_config.json",
        data,
        &budget,
    ));
});
