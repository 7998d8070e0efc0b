//! `vauban schedule`.

use std::path::PathBuf;

use clap::Args;

use super::Plain;

#[derive(Debug, Args)]
pub(crate) struct ScheduleArguments {
    /// What was reviewed: its vauban.toml declares systems and days, its last stored review is where they count from.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,

    /// Declaration to use instead of PATH/vauban.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Counts from this saved review (JSON v1) instead of a stored one; without vauban.toml its own systems and days count.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,

    /// Exits with 1 when a system is overdue or was never reviewed.
    #[arg(long)]
    pub(crate) fail_overdue: bool,

    /// Format of the result; `vauban report --format icalendar` writes dates for a calendar.
    #[arg(long, short, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
}
