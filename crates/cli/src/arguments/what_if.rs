//! `vauban what-if`: what to suppose.

use clap::Args;

use super::{Asking, Numbers, Plain, Subject};

#[derive(Debug, Args)]
pub(crate) struct WhatIfArguments {
    #[command(flatten)]
    pub(crate) subject: Subject,

    /// Control to suppose in place, `control:rate-limit`, everywhere it fits or where the rest says: `control:rate-limit@form
    /// reader`. May be given several times.
    #[arg(long, value_name = "control:ID[@WHERE]", required_unless_present = "remove")]
    pub(crate) add: Vec<String>,

    /// System, asset or pattern to leave out, `component:endpoint:chat-widget`. May be given several times.
    #[arg(long, value_name = "component:WHAT")]
    pub(crate) remove: Vec<String>,

    /// Format of the result.
    #[arg(long, short, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,

    #[command(flatten)]
    pub(crate) asking: Asking,

    #[command(flatten)]
    pub(crate) numbers: Numbers,
}
