//! What MLflow keeps: experiments, runs, registered models with versions and aliases, logged models, inputs.
//!
//! One set of facts, filled from the database of a tracking server, from the folders of a file store, or from recorded
//! answers of its interface. Values of secrets and password hashes are never read.
//! <https://mlflow.org/docs/latest/rest-api.html>, `mlflow/store/**/dbmodels/models.py`, `mlflow/store/**/file_store.py`.

mod database;
mod files;
mod rest;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::{Facts, Format, Parsed};

pub(crate) use database::from_database;
pub use rest::from_rest;

/// Files of a file store; databases are found by [`crate::sqlite`].
pub const FORMAT: Format = Format {
    name: "mlflow",
    extensions: &["yaml"],
    recognise: files::recognise,
    parse: |input| {
        let (facts, defects) = files::parse(input);
        Parsed { format: FORMAT.name, facts: Facts::MlFlow(Box::new(facts)), defects, members: Vec::new() }
    },
};

/// Where the facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The database of a server: everything is in it.
    #[default]
    Database,
    /// Folders with a file for each thing: one file tells of one thing.
    Files,
    /// Answers of a server: what was asked for.
    Answers,
}

/// What was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MlFlow {
    /// Where it was read from.
    pub origin: Origin,
    /// Folder of the file store, as the path of the file has it; empty for the others.
    pub root: String,
    /// Experiments by id.
    pub experiments: BTreeMap<String, Experiment>,
    /// Runs by id.
    pub runs: BTreeMap<String, Run>,
    /// Registered models by name.
    pub models: BTreeMap<String, Registered>,
    /// Models that runs logged, by id; from version 3 on.
    pub logged: BTreeMap<String, Logged>,
    /// Data sets by the id that inputs name.
    pub datasets: BTreeMap<String, Dataset>,
    /// Users of basic authentication: name, and whether it is an administrator.
    pub users: Vec<(String, bool)>,
    /// Keys that the gateway keeps, encrypted: name and provider.
    pub secrets: Vec<(String, String)>,
    /// Endpoints of the gateway.
    pub endpoints: Vec<GatewayEndpoint>,
    /// Tool servers in the registry of such: name and address or command.
    pub tool_servers: Vec<(String, String)>,
    /// Addresses that are told of events: name and address.
    pub webhooks: Vec<(String, String)>,
}

/// A group of runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Experiment {
    /// Name.
    pub name: String,
    /// Where its runs put files.
    pub artifacts: String,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// A run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// Name.
    pub name: String,
    /// Id of its experiment.
    pub experiment: String,
    /// `FINISHED`, `RUNNING` ...
    pub status: String,
    /// Who started it.
    pub user: String,
    /// Where its files are.
    pub artifacts: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Parameters.
    pub parameters: BTreeMap<String, String>,
    /// Last values of its metrics.
    pub metrics: BTreeMap<String, String>,
    /// Tags, those that MLflow sets among them.
    pub tags: BTreeMap<String, String>,
    /// Data that it read: id of the data set, and `training`, `validation` ... or nothing.
    pub inputs: Vec<(String, String)>,
}

/// A registered model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registered {
    /// What its owners wrote about it.
    pub description: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Which version each alias means.
    pub aliases: BTreeMap<String, String>,
    /// Versions by number.
    pub versions: BTreeMap<u64, Version>,
}

/// A version of a registered model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    /// Where its files were taken from.
    pub source: String,
    /// Where they are, if that is elsewhere.
    pub storage: String,
    /// Run that made it, empty if nothing is said.
    pub run: String,
    /// Link to a run on another server.
    pub run_link: String,
    /// Logged model that it is, empty if nothing is said.
    pub logged: String,
    /// `Production`, `Staging`, `Archived`, `None`; `Deleted_Internal` if it is gone.
    pub stage: String,
    /// `READY` ...
    pub status: String,
    /// Who registered it.
    pub user: String,
    /// What was written about it.
    pub description: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A model that was logged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logged {
    /// Name.
    pub name: String,
    /// Id of its experiment.
    pub experiment: String,
    /// Run that made it.
    pub run: String,
    /// Where its files are.
    pub artifacts: String,
    /// `agent`, `classifier` ... as its makers call it.
    pub kind: String,
    /// `READY` ...
    pub status: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A data set as runs name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dataset {
    /// Name.
    pub name: String,
    /// Digest, as MLflow computes it.
    pub digest: String,
    /// `local`, `s3`, `hugging_face`, `http`, `code` ...
    pub source_type: String,
    /// Address or path, if the source names one.
    pub place: String,
}

/// A name under which the gateway serves models of providers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayEndpoint {
    /// Name.
    pub name: String,
    /// Models behind it: provider and model.
    pub models: Vec<(String, String)>,
}

impl MlFlow {
    /// Takes in what another file of the same store says.
    pub fn merge(&mut self, other: &Self) {
        self.experiments.extend(other.experiments.clone());
        self.logged.extend(other.logged.clone());
        self.datasets.extend(other.datasets.clone());
        for (id, run) in &other.runs {
            let known = self.runs.entry(id.clone()).or_default();
            let inputs: Vec<_> = std::mem::take(&mut known.inputs);
            // A file that tells of an input tells nothing else of the run.
            if !run.experiment.is_empty() {
                known.clone_from(run);
                known.inputs.clear();
            }
            known.inputs.extend(inputs);
            known.inputs.extend(run.inputs.iter().cloned());
            known.inputs.sort();
            known.inputs.dedup();
        }
        for (name, model) in &other.models {
            let known = self.models.entry(name.clone()).or_default();
            if known.description.is_empty() {
                known.description.clone_from(&model.description);
            }
            known.tags.extend(model.tags.clone());
            known.aliases.extend(model.aliases.clone());
            for (number, version) in &model.versions {
                let known = known.versions.entry(*number).or_default();
                let mut tags = std::mem::take(&mut known.tags);
                // A file that tells of a tag tells nothing else of the version.
                if !version.stage.is_empty() || !version.source.is_empty() {
                    known.clone_from(version);
                }
                tags.extend(version.tags.clone());
                known.tags = tags;
            }
        }
    }

    /// The run that made a version, by what the version itself or its logged model says; empty if neither says one.
    pub fn maker<'a>(&'a self, version: &'a Version) -> &'a str {
        if !version.run.is_empty() {
            return &version.run;
        }
        self.logged.get(&version.logged).map_or("", |logged| logged.run.as_str())
    }
}

impl Version {
    /// Whether it was deleted and is only kept for the record.
    pub fn is_deleted(&self) -> bool {
        self.stage == "Deleted_Internal"
    }
}

impl Dataset {
    /// Reads the description of a source, which is JSON in every store.
    fn of(name: String, digest: String, source_type: String, source: &str) -> Self {
        let (node, _) = crate::json::read_text(source, &crate::Limits { nodes: 1_000, ..Default::default() });
        let keys = ["uri", "url", "path", "delta_table_name", "table", "name"];
        let place = keys.iter().find_map(|key| node.get(key).text()).unwrap_or_default().to_owned();
        Self { name, digest, source_type, place }
    }
}
