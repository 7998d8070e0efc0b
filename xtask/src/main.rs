//! The `vauban` command.
fn main() {}
