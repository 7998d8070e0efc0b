//! What tests of the binary share.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the binary in `folder` as a user does, whose machine says nothing of the time or of other reviews.
pub(crate) fn vauban(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vauban"))
        .args(words)
        .current_dir(folder)
        .env("HOME", folder)
        .env_remove("XDG_DATA_HOME")
        .env_remove("VAUBAN_STORE")
        .env_remove("VAUBAN_NOW")
        .env_remove("SOURCE_DATE_EPOCH")
        .output()
        .unwrap()
}
