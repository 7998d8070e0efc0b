#![no_main]
use libfuzzer_sys::fuzz_target;
use vauban_formats::{Budget, Input};

fuzz_target!(|data: &[u8]| {
    let _ =
        (vauban_formats::mlflow::FORMAT.parse)(&Input::new("mlruns/1/meta.yaml", data, &Budget::default()));
});
