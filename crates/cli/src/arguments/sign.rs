//! `vauban sign` and `vauban verify`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use vauban_export::signature::{Decision, ROLES};

use super::Plain;

/// Which document is signed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Document")]
pub(crate) struct Signed {
    /// What was reviewed: its vauban.toml declares reviewers and their keys, and its last stored review is meant unless
    /// another is named.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,

    /// Declaration to use instead of PATH/vauban.toml; paths of keys are relative to PATH.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// A saved review (JSON v1); its signatures stand in FILE.signatures.jsonl.
    #[arg(long, value_name = "FILE", conflicts_with = "review")]
    pub(crate) from: Option<PathBuf>,

    /// A stored review, by id; its signatures stand in the store.
    #[arg(long, value_name = "ID")]
    pub(crate) review: Option<String>,

    /// Signatures of the review before, which the first one of this review comes after.
    #[arg(long, value_name = "FILE")]
    pub(crate) continues: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SignArguments {
    #[command(subcommand)]
    pub(crate) command: Option<SignCommand>,

    #[command(flatten)]
    pub(crate) signed: Signed,

    /// Private key to sign with: PEM (PKCS#8), as `vauban sign keygen` and `openssl genpkey` write it.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Option<PathBuf>,

    /// What you decide.
    #[arg(long, value_name = "DECISION", required = true, value_parser = parse_decision)]
    pub(crate) decision: Option<Decision>,

    /// Your role: data-science, owner or security. Unless given, the one that [[reviewer]] declares for the key.
    #[arg(long, value_name = "ROLE", value_parser = parse_role)]
    pub(crate) role: Option<String>,

    /// Your name, as [[reviewer]] declares it. Unless given, the one that it declares for the key.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,

    /// System that you sign for; every system that you answer for unless given.
    #[arg(long, value_name = "NAME")]
    pub(crate) system: Option<String>,

    /// What you say to it; a rejection needs one.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) comment: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignCommand {
    /// Makes a key pair: NAME.key.pem for you alone, NAME.pub.pem for vauban.toml
    Keygen {
        /// Where to write the pair, without the endings. Files that are there already stay as they are.
        #[arg(value_name = "NAME")]
        name: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    pub(crate) signed: Signed,

    /// Public key (PEM) that is trusted for reviewers who are declared without one; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,

    /// Digest of a statement that has to stand in the chain, as `vauban sign` said it: a chain whose end was cut off does
    /// not have it.
    #[arg(long, value_name = "SHA256")]
    pub(crate) head: Vec<String>,

    /// Format of the result.
    #[arg(long, short, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
}

fn parse_decision(word: &str) -> Result<Decision, String> {
    Decision::ALL
        .into_iter()
        .find(|decision| decision.as_str() == word)
        .ok_or_else(|| "unknown decision; use one of approve, reject, comment".to_owned())
}

fn parse_role(word: &str) -> Result<String, String> {
    if ROLES.contains(&word) {
        Ok(word.to_owned())
    } else {
        Err(format!("unknown role; use one of {}", ROLES.join(", ")))
    }
}
