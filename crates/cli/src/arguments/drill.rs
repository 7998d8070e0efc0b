//! Options of `vauban drill`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Plain;

#[derive(Debug, Args)]
pub(crate) struct DrillArguments {
    #[command(subcommand)]
    pub(crate) command: DrillCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DrillCommand {
    /// Writes a new record from the incident-response book of a system
    Start(DrillStartArguments),
    /// Adds who did what to a record
    Record(DrillRecordArguments),
    /// Ends a drill
    Finish {
        /// The record.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Shows who did what when, and what was missed
    Show {
        /// The record.
        #[arg(value_name = "FILE")]
        file: PathBuf,

        /// Format of the result.
        #[arg(long, short, value_enum, default_value_t = Plain::Text)]
        format: Plain,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DrillStartArguments {
    /// System to play, as in vauban.toml.
    #[arg(long, value_name = "NAME")]
    pub(crate) system: String,

    /// Attack path to play; the first one that ends in the system unless given.
    #[arg(long, value_name = "ID")]
    pub(crate) path: Option<String>,

    /// Saved review (JSON v1) to make the steps from.
    #[arg(long, value_name = "FILE", default_value = "vauban.json")]
    pub(crate) from: PathBuf,

    /// File to write; DATE-SYSTEM.drill.jsonl in the folder `drills` unless given.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DrillRecordArguments {
    /// The record.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Step that it belongs to; 0 for none.
    #[arg(long, value_name = "N")]
    pub(crate) step: u32,

    /// Who did it.
    #[arg(long, value_name = "NAME")]
    pub(crate) who: String,

    /// What was done.
    #[arg(long, value_name = "TEXT")]
    pub(crate) what: String,

    /// When (RFC 3339); now unless given.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}
