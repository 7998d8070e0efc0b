//! The options of commands that ask running hosts.

use std::path::PathBuf;

use clap::Args;

/// Which hosts to ask.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Running hosts")]
pub(crate) struct Asking {
    /// Asks a running host what it is, with `GET` only: `http://10.0.0.5:5000`, `mlflow+https://host` to read an MLflow server
    /// with its searches, or a recording made by --record; may be given several times.
    #[arg(long, value_name = "ADDRESS|FILE")]
    pub(crate) host: Vec<String>,

    /// Ports to ask of hosts named without one: `usual`, or `5000,8265`.
    #[arg(long, value_name = "PORTS", requires = "host", value_delimiter = ',')]
    pub(crate) ports: Vec<String>,

    /// Asks the sources that vauban.toml declares, with the credentials that it names. Read the file first: it says where they
    /// are sent.
    #[arg(long)]
    pub(crate) live: bool,

    /// Writes what hosts answer into this folder; a recording gives the same results as the host.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) record: Option<PathBuf>,
}
