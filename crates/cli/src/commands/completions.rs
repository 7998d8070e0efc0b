//! `vauban completions`.

use clap::CommandFactory;

use crate::Ended;
use crate::arguments::{Arguments, CompletionsArguments};

/// Prints the completion script.
pub(crate) fn run(arguments: &CompletionsArguments) -> anyhow::Result<Ended> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "vauban", &mut script);
    crate::delivery::print(&script)?;
    Ok(Ended::Clean)
}
