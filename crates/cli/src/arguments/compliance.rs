//! `vauban compliance`: which frameworks to assess.

use clap::Args;

use super::PartArguments;

#[derive(Debug, Args)]
pub(crate) struct ComplianceArguments {
    #[command(flatten)]
    pub(crate) part: PartArguments,

    /// Assesses this framework, `eu-ai-act` or `owasp-llm@2025`, instead of those that vauban.toml names or its systems call
    /// for. May be given several times; `vauban knowledge list` shows which there are.
    #[arg(long, value_name = "SLUG")]
    pub(crate) framework: Vec<String>,

    /// Shows requirements that do not apply, too.
    #[arg(long)]
    pub(crate) all: bool,
}
