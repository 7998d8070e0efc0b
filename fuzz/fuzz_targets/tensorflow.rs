#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let budget = vauban_formats::Budget::default();
    let _ = (vauban_formats::tensorflow::FORMAT.parse)(&vauban_formats::Input::new(
        "saved_model.pb",
        data,
        &budget,
    ));
});
