//! The options of `vauban db`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Plain, Subject};

#[derive(Debug, Args)]
pub(crate) struct DbArguments {
    #[command(subcommand)]
    pub(crate) command: DbCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Reads published advisories and writes them where reviews find them
    #[command(after_help = IMPORT)]
    Import {
        /// Archives of OSV records, folders of them (JSON or YAML), tables that `vauban db import` wrote.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Forgets what was imported before instead of keeping the ecosystems that PATH does not have.
        #[arg(long)]
        replace: bool,
        /// Format of the result.
        #[arg(long, short, value_enum, default_value_t = Plain::Text)]
        format: Plain,
    },
    /// Shows what is known, how old it is, and with PATH how much of what is used there it covers
    #[command(after_help = STATUS)]
    Status {
        #[command(flatten)]
        subject: StatusSubject,
        /// Format of the result.
        #[arg(long, short, value_enum, default_value_t = Plain::Text)]
        format: Plain,
    },
}

/// What to measure the database by.
#[derive(Debug, Args)]
pub(crate) struct StatusSubject {
    /// Folder whose packages are looked up; without it only the database is shown.
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
    /// Looks at files that .gitignore and .ignore name, too.
    #[arg(long)]
    pub(crate) no_ignore: bool,
}

impl StatusSubject {
    /// The same as other commands have it, if there is a path.
    pub(crate) fn subject(&self) -> Option<Subject> {
        Some(Subject {
            path: self.path.clone()?,
            config: None,
            bounds: super::Bounds { max_files: 5_000_000, file_seconds: 60 },
            no_ignore: self.no_ignore,
        })
    }
}

const IMPORT: &str = "\
Vauban fetches nothing by itself. Bring the records from a machine that may, for example

  https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip   (npm, crates.io and Go likewise)
  a checkout of github.com/pypa/advisory-database, github/advisory-database or ossf/malicious-packages
  the folder that `osv-scanner --download-offline-databases` filled

and read them: `vauban db import PyPI/all.zip npm/all.zip`. Matched are PyPI, npm, crates.io and Go. How old an
ecosystem is, is told by its newest record, not by the day of the import.";

const STATUS: &str = "\
A compiled-in table knows the best-known packages of machine learning: what it finds is true, what it does not name is
unknown. With an imported database of at most --database-days, silence about a pinned version means clean.";
