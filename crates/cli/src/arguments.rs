//! The command line: every command, every option, and what `--help` says.

mod asking;
mod attack;
mod bom;
mod compliance;
mod db;
mod drill;
mod harden;
mod scan;
mod schedule;
mod serving;
mod sign;
mod what_if;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use vauban_domain::{Severity, Trigger};
use vauban_knowledge::advisories::FRESH_DAYS;

pub(crate) use asking::Asking;
pub(crate) use attack::AttackArguments;
pub(crate) use bom::{BomArguments, BomCommand, BomFormat, BomOutput, BomSource, Draft, Prose};
pub(crate) use compliance::ComplianceArguments;
pub(crate) use db::{DbArguments, DbCommand, StatusSubject};
pub(crate) use drill::{DrillArguments, DrillCommand, DrillRecordArguments, DrillStartArguments};
pub(crate) use harden::HardenArguments;
pub(crate) use scan::{Digests, ScanArguments};
pub(crate) use schedule::ScheduleArguments;
pub(crate) use serving::Serving;
pub(crate) use sign::{SignArguments, SignCommand, Signed, VerifyArguments};
pub(crate) use what_if::WhatIfArguments;

/// ML security posture: find ML assets, check them, attack them, watch them, and say what is proven.
///
/// Start with `vauban review .` in a repository that holds models, data, notebooks or agents. Everything runs on this
/// machine; nothing that is scanned is executed, and nobody is asked over the network but hosts that you name.
#[derive(Debug, Parser)]
#[command(name = "vauban", version, propagate_version = true, max_term_width = 110, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, nothing at or above the gate (--fail-on)
  1  findings at or above the gate, wrong ids in a linted mapping, signatures that are broken or missing, what is
     overdue (--fail-overdue) or got worse (diff --fail-on)
  2  could not do the job; the message says why and what to do
  3  nothing to look at

Learn more: `vauban explain AML.T0018`, `vauban explain pickle-code-execution`, `vauban explain L1`.";

/// Options that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "General options")]
pub(crate) struct Common {
    /// Where reviews are kept: a file (SQLite) or postgres://user@host/database.
    #[arg(long, global = true, env = "VAUBAN_STORE", value_name = "PATH|URL")]
    pub(crate) store: Option<String>,

    /// Advisories to match packages with, as `vauban db import` wrote them; in the user's data folder unless given.
    #[arg(long, global = true, env = "VAUBAN_DATABASE", value_name = "FILE")]
    pub(crate) database: Option<PathBuf>,

    /// Days after which advisories are too old: what they do not name is then unknown, not clean.
    #[arg(long, global = true, value_name = "DAYS", default_value_t = FRESH_DAYS)]
    pub(crate) database_days: i64,

    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,

    /// Says nothing but results and errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Threads to use; all cores unless given. Results do not depend on it.
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<usize>,

    /// Takes this as the present (RFC 3339), for results that can be reproduced to the byte.
    #[arg(long, global = true, env = "VAUBAN_NOW", value_name = "TIME")]
    pub(crate) now: Option<String>,

    /// Asks nobody over the network. Without it only hosts that are named with --host, or declared and asked for with --live, are
    /// asked.
    #[arg(long, global = true)]
    pub(crate) offline: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Does everything: discover, check, attack, detect, exercise, then coverage, threats, risk and plan
    Review(ReviewArguments),
    /// Checks files and folders, or what comes through a pipe, and nothing else
    Scan(ScanArguments),
    /// Lists ML assets and how they hang together
    Inventory(InventoryArguments),
    /// Attacks models: the ones that vauban.toml permits, or a file or an endpoint given with its data
    Attack(Box<AttackArguments>),
    /// Trains a model to hold against attacks, or tries controls in front of it
    Harden(HardenArguments),
    /// Runs detections over inference logs
    Detect(PartArguments),
    /// Replays an attack as traffic through detections, with controls off and on
    Exercise(PartArguments),
    /// Shows coverage of ATLAS techniques per asset, blind spots first
    Gap(PartArguments),
    /// Shows MAESTRO threats and the paths they take
    Threats(PartArguments),
    /// Shows what threats come to together: impacts, what falls with a component or vendor, choke points
    Cascades(PartArguments),
    /// Shows money at risk
    Risk(PartArguments),
    /// Shows which controls to put in place, in which order
    Plan(PartArguments),
    /// Shows where controls do most: the cheapest cut, the cheapest cover, what a budget buys, what falls together
    Placement(PartArguments),
    /// Supposes controls in place or components gone, and shows what that changes
    #[command(name = "what-if")]
    WhatIf(Box<WhatIfArguments>),
    /// Shows what to do about each gap: who, until when, how, and what shows that it is done
    Actions(PartArguments),
    /// Shows what hangs on each third party, and what to ask it
    Vendors(PartArguments),
    /// Shows how requirements of frameworks stand, with reason and evidence
    Compliance(Box<ComplianceArguments>),
    /// Plays an incident from the response book, and writes down who did what when
    Drill(DrillArguments),
    /// Renders a stored or saved review in another format
    Report(ReportArguments),
    /// Writes, judges and compares bills of materials
    Bom(BomArguments),
    /// Says when each system has to be reviewed next, and what is overdue
    Schedule(ScheduleArguments),
    /// Signs a review in a role, or makes a key pair
    Sign(Box<SignArguments>),
    /// Says which signatures of a review hold, and whose are missing
    Verify(VerifyArguments),
    /// Compares two reviews, stored or saved: what is new, gone, better, worse
    Diff(DiffArguments),
    /// Lists, imports and lints facts: ATLAS, MAESTRO, OWASP, CWE
    Knowledge(KnowledgeArguments),
    /// Imports advisories about packages, and says how old they are and what they cover
    Db(DbArguments),
    /// Lists every rule
    Rules(RulesArguments),
    /// Explains a rule, technique, mitigation, layer, threat, control or playbook
    Explain(ExplainArguments),
    /// Accepts a finding for a reason and a time
    Accept(AcceptArguments),
    /// Writes a vauban.toml from what it finds
    Init(InitArguments),
    /// Prints a completion script for a shell
    Completions(CompletionsArguments),
}

/// What to look at.
#[derive(Debug, Args)]
pub(crate) struct Subject {
    /// File or folder to look at.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,

    /// Declaration to use instead of PATH/vauban.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) bounds: Bounds,

    /// Looks at files that .gitignore and .ignore name, too.
    #[arg(long)]
    pub(crate) no_ignore: bool,
}

/// How much of a look there may be.
#[derive(Debug, Args)]
pub(crate) struct Bounds {
    /// Files to look at, at most.
    #[arg(long, value_name = "N", default_value_t = 5_000_000)]
    pub(crate) max_files: usize,

    /// Seconds that parsing one file may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) file_seconds: u64,
}

/// Where the result goes.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// Format of the result: text, or one of `vauban report --help`.
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: String,

    /// Writes the result to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReviewArguments {
    #[command(flatten)]
    pub(crate) subject: Subject,
    #[command(flatten)]
    pub(crate) output: Output,

    /// Folder for report.html, vauban.json, vauban.sarif, navigator.json and bom.cdx.json.
    #[arg(long, value_name = "FOLDER", default_value = "vauban-report")]
    pub(crate) reports: PathBuf,

    /// Writes no report files.
    #[arg(long, conflicts_with = "reports")]
    pub(crate) no_reports: bool,

    /// Takes in what another engine found, besides what [[import]] of the declaration names: SARIF, or the output of Bandit,
    /// Checkov, garak, Gitleaks, ModelAudit, ModelScan, nuclei, picklescan, promptfoo, Prowler, PyRIT, Semgrep or Trivy,
    /// or VEX. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Vec<PathBuf>,

    /// Keeps the review out of the store.
    #[arg(long)]
    pub(crate) no_store: bool,

    /// Compares ATLAS editions and dates with this saved review (JSON v1) instead of the last stored one: what it did not know
    /// is new and unreviewed.
    #[arg(long, value_name = "FILE")]
    pub(crate) earlier: Option<PathBuf>,

    /// Why the review is made.
    #[arg(long, value_parser = parse_trigger, default_value = "manual", value_name = "TRIGGER")]
    pub(crate) trigger: Trigger,

    /// Exits with 1 when a finding that is not accepted is at least this severe.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,

    #[command(flatten)]
    pub(crate) asking: Asking,

    #[command(flatten)]
    pub(crate) numbers: Numbers,
}

/// What draws numbers.
#[derive(Debug, Args)]
pub(crate) struct Numbers {
    /// Seed of attacks and simulations.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Years to simulate for the loss exceedance curve.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(crate) trials: u64,
}

#[derive(Debug, Args)]
pub(crate) struct PartArguments {
    #[command(flatten)]
    pub(crate) subject: Subject,
    #[command(flatten)]
    pub(crate) output: Output,

    /// Shows this part of a saved review (JSON v1) instead of looking anew.
    #[arg(long, value_name = "FILE", conflicts_with = "path")]
    pub(crate) from: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) asking: Asking,

    #[command(flatten)]
    pub(crate) numbers: Numbers,
}

#[derive(Debug, Args)]
pub(crate) struct InventoryArguments {
    #[command(flatten)]
    pub(crate) part: PartArguments,

    #[command(flatten)]
    pub(crate) cache: CacheArguments,
}

/// Where what was found out about files is kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cache")]
pub(crate) struct CacheArguments {
    /// Folder for what is found out about files, so that unchanged ones are not read or judged twice; in the user's cache
    /// folder unless given.
    #[arg(long, env = "VAUBAN_CACHE", value_name = "FOLDER")]
    pub(crate) cache: Option<PathBuf>,

    /// Neither reads nor writes the cache. Results are the same with and without it.
    #[arg(long)]
    pub(crate) no_cache: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// What was reviewed; the last stored review of it is rendered.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) subject: PathBuf,

    /// Renders this saved review (JSON v1) instead of a stored one.
    #[arg(long, value_name = "FILE", conflicts_with = "review")]
    pub(crate) from: Option<PathBuf>,

    /// Renders the stored review with this id; `vauban report --list` shows them.
    #[arg(long, value_name = "ID")]
    pub(crate) review: Option<String>,

    /// Lists the stored reviews.
    #[arg(long)]
    pub(crate) list: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// Two reviews, earlier and later: ids of stored ones, or files (JSON v1). With one PATH or none, the last two stored
    /// reviews of what is there.
    #[arg(value_name = "REVIEW|PATH", num_args = 0..=2)]
    pub(crate) reviews: Vec<String>,

    /// Earlier review, by id; the last but one unless given.
    #[arg(long, value_name = "ID")]
    pub(crate) before: Option<String>,

    /// Later review, by id; the last unless given.
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<String>,

    /// Exits with 1 when something got worse: new findings, lower scores, new or more likely threats, requirements that are
    /// met less, more money at risk than simulation errs. What could not be compared counts neither way.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) fail_on: Option<DiffGate>,

    /// Format of the result.
    #[arg(long, short, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
}

/// What makes a comparison fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffGate {
    /// Something got worse.
    Regression,
}

/// Formats of results that are no reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plain {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct KnowledgeArguments {
    #[command(subcommand)]
    pub(crate) command: KnowledgeCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KnowledgeCommand {
    /// Shows which facts are compiled in: framework, edition, number of entries
    List {
        /// Format of the result.
        #[arg(long, short, value_enum, default_value_t = Plain::Text)]
        format: Plain,
    },
    /// Reads an ATLAS release (either file format) and shows how it differs from ours
    Import {
        /// ATLAS.yaml or ATLAS-<edition>.yaml.
        file: PathBuf,
        /// Format of the result.
        #[arg(long, short, value_enum, default_value_t = Plain::Text)]
        format: Plain,
    },
    /// Finds wrong, renamed and misnamed framework ids in a mapping (YAML, JSON or CSV), or in every mapping that is compiled in
    Lint {
        /// The mapping; without one, those that are compiled in.
        file: Option<PathBuf>,
        /// Format of the result.
        #[arg(long, short, value_enum, default_value_t = Plain::Text)]
        format: Plain,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RulesArguments {
    /// Only rules of this family.
    #[arg(long, value_name = "FAMILY")]
    pub(crate) family: Option<String>,

    /// Format of the result.
    #[arg(long, short, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// `pickle-code-execution`, `AML.T0018`, `AML.M0013`, `L1`, `L1.3`, `rate-limit`, `LLM01:2025` ...
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptArguments {
    /// Fingerprint of the finding, as every report shows it.
    pub(crate) fingerprint: String,

    /// Why it is acceptable.
    #[arg(long)]
    pub(crate) reason: String,

    /// Until when: a date such as 2027-03-31.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: String,

    /// Who accepts it.
    #[arg(long, env = "USER", default_value = "unknown", value_name = "NAME")]
    pub(crate) by: String,
}

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// Folder to look at.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,

    /// Replaces a vauban.toml that is already there.
    #[arg(long)]
    pub(crate) force: bool,

    /// Prints the file instead of writing it.
    #[arg(long)]
    pub(crate) stdout: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

fn parse_trigger(word: &str) -> Result<Trigger, String> {
    Trigger::ALL.into_iter().find(|trigger| trigger.as_str() == word).ok_or_else(|| {
        let all: Vec<_> = Trigger::ALL.iter().map(|trigger| trigger.as_str()).collect();
        format!("unknown trigger; use one of {}", all.join(", "))
    })
}
