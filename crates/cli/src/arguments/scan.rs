//! The options of `vauban scan`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use vauban_domain::Severity;

use super::{Asking, Bounds, CacheArguments, Output};

#[derive(Debug, Args)]
pub(crate) struct ScanArguments {
    /// Files and folders to look at; `-` is standard input.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) output: Output,

    /// Exits with 1 when a finding that is not accepted is at least this severe.
    #[arg(long, value_name = "SEVERITY", default_value = "medium")]
    pub(crate) fail_on: Severity,

    /// Shows every pickle, also those inside archives, as pseudo-Python with the lines that findings are about marked.
    #[arg(long)]
    pub(crate) explain: bool,

    /// Takes in what another engine found: SARIF, or the output of Bandit, Checkov, garak, Gitleaks, ModelAudit, ModelScan,
    /// nuclei, picklescan, promptfoo, Prowler, PyRIT, Semgrep or Trivy, or VEX. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Vec<PathBuf>,

    /// Shows findings below the gate one by one instead of counting them (text only).
    #[arg(long, short)]
    pub(crate) all: bool,

    /// Findings of this file are accepted: shown as such, and not counted by --fail-on.
    #[arg(long, value_name = "FILE", help_heading = "Accepted findings")]
    pub(crate) baseline: Option<PathBuf>,

    /// Writes a baseline with all findings of this scan. What --baseline accepts keeps its reason and date.
    #[arg(long, value_name = "FILE", help_heading = "Accepted findings")]
    pub(crate) write_baseline: Option<PathBuf>,

    /// Reason of new entries.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "found when the baseline was written",
        requires = "write_baseline",
        help_heading = "Accepted findings"
    )]
    pub(crate) reason: String,

    /// Last day of new entries, such as 2027-03-31; in 90 days unless given.
    #[arg(long, value_name = "DATE", requires = "write_baseline", help_heading = "Accepted findings")]
    pub(crate) until: Option<String>,

    /// Name of what comes through standard input; its ending settles what the content leaves open.
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub(crate) stdin_name: String,

    /// Mebibytes read from standard input, at most.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub(crate) stdin_limit: u64,

    /// Digest to take of every file; without one, bytes that no rule looks at are not read.
    #[arg(long, value_enum, value_name = "DIGEST", default_value_t = Digests::Sha256)]
    pub(crate) digest: Digests,

    #[command(flatten)]
    pub(crate) cache: CacheArguments,

    /// Takes a cached file as unchanged without reading it when its size, its place on the disk and the time of its last
    /// change are the same.
    #[arg(long, conflicts_with = "no_cache", help_heading = "Cache")]
    pub(crate) trust_times: bool,

    /// Declaration to use. A scan reads none on its own: what is scanned has no say in what is accepted.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) asking: Asking,

    #[command(flatten)]
    pub(crate) bounds: Bounds,

    /// Leaves out files whose name or place matches, such as `*.ipynb` or `docs/**`; may be given several times.
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,

    /// Leaves out files that .gitignore and .ignore name. A scan looks at them unless told so: what is downloaded is
    /// often ignored, and an ignore file may come with the download.
    #[arg(long)]
    pub(crate) respect_ignore: bool,

    /// Does nothing any more: a scan looks at ignored files.
    #[arg(long, hide = true)]
    pub(crate) no_ignore: bool,
}

/// Digests to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Digests {
    /// SHA-256: what registries, lock files and manifests record.
    Sha256,
    /// BLAKE3: faster on large files.
    Blake3,
    /// None.
    None,
}
