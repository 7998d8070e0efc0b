#![no_main]
use libfuzzer_sys::fuzz_target;
use vauban_formats::{Budget, Input, installer};

// The first byte chooses the name of the file, by which the formats of this family are told apart.
fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let name = installer::NAMES[usize::from(*first) % installer::NAMES.len()];
    let _ = (installer::FORMAT.parse)(&Input::new(name, rest, &Budget::default()));
});
