//! `vauban bom`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Subject;

#[derive(Debug, Args)]
pub(crate) struct BomArguments {
    #[command(subcommand)]
    pub(crate) command: BomCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BomCommand {
    /// Writes a bill of materials: models, data, packages, services, vulnerabilities
    Export {
        #[command(flatten)]
        source: BomSource,

        /// Format of the bill.
        #[arg(long, short, value_enum, default_value_t = BomFormat::Cyclonedx)]
        format: BomFormat,

        #[command(flatten)]
        output: BomOutput,
    },
    /// Says which minimum elements of a bill of materials for AI are known, and who could supply the others
    Score {
        #[command(flatten)]
        source: BomSource,

        /// Format of the result.
        #[arg(long, short, value_enum, default_value_t = Prose::Text)]
        format: Prose,

        #[command(flatten)]
        output: BomOutput,
    },
    /// Drafts the public summary of training content of the EU's AI Act, Article 53(1)(d)
    TrainingSummary {
        #[command(flatten)]
        source: BomSource,

        /// Format of the result.
        #[arg(long, short, value_enum, default_value_t = Draft::Markdown)]
        format: Draft,

        #[command(flatten)]
        output: BomOutput,
    },
    /// Compares two bills of materials of any tool (CycloneDX, SPDX)
    Diff {
        /// The earlier one.
        before: PathBuf,

        /// The later one.
        after: PathBuf,

        /// Format of the result.
        #[arg(long, short, value_enum, default_value_t = Prose::Text)]
        format: Prose,

        /// Exits with 1 when anything differs.
        #[arg(long)]
        fail_on_change: bool,
    },
}

/// What the bill is made of.
#[derive(Debug, Args)]
pub(crate) struct BomSource {
    #[command(flatten)]
    pub(crate) subject: Subject,

    /// Takes this saved review (JSON v1) instead of looking anew; one of `vauban review` also has measurements and coverage.
    #[arg(long, value_name = "FILE", conflicts_with = "path")]
    pub(crate) from: Option<PathBuf>,
}

/// Where the result goes.
#[derive(Debug, Args)]
pub(crate) struct BomOutput {
    /// Writes the result to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Formats of bills of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BomFormat {
    /// CycloneDX 1.6.
    Cyclonedx,
    /// CycloneDX 1.7.
    #[value(name = "cyclonedx-1.7")]
    Cyclonedx17,
    /// SPDX 3.0.1.
    Spdx,
}

/// Formats of results for people and programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Prose {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// For a page.
    Markdown,
}

/// Formats of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Draft {
    /// For people.
    Markdown,
    /// For programs.
    Json,
}
