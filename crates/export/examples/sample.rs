//! Writes the tests' sample review, hostile names and all, in every format into a folder, for `.ci/validate_exports.py`:
//! `cargo run -p vauban-export --example sample -- FOLDER`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a tool for CI, not part of the library")]

#[path = "../tests/sample/mod.rs"]
mod sample;

use vauban_export::{
    FORMATS,
    v1::{Document, Part},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).ok_or("name a folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let review = sample::review();
    let document = Document::of(&review, Part::ALL, &sample::history(&review));
    for format in FORMATS {
        std::fs::write(folder.join(format!("sample.{}", format.extension)), (format.write)(&document)?)?;
    }
    Ok(())
}
