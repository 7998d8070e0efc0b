//! What an MLflow server said that it keeps, out of the pages of a recording.
//!
//! <https://mlflow.org/docs/latest/rest-api.html>; versions 2 and 3 answer alike as far as this goes.

use std::collections::BTreeMap;

use super::Recording;
use crate::Limits;
use crate::json;
use crate::yaml::Node;

/// What a registry keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry {
    /// Registered models, by name.
    pub models: BTreeMap<String, Registered>,
    /// Runs, by id.
    pub runs: BTreeMap<String, Run>,
    /// Names of experiments, by id.
    pub experiments: BTreeMap<String, String>,
    /// Models that runs logged (from version 3 on), by id: name and run.
    pub logged: BTreeMap<String, (String, String)>,
}

/// A registered model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registered {
    /// What its owners wrote about it.
    pub description: String,
    /// Versions, by number as written.
    pub versions: BTreeMap<String, Version>,
    /// Which version each alias means.
    pub aliases: BTreeMap<String, String>,
    /// Line of the answer that names it first.
    pub line: u32,
}

/// A version of a registered model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Version {
    /// Where its files are.
    pub source: String,
    /// The run that made it.
    pub run: String,
    /// Stage, as versions before 3 have it.
    pub stage: String,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// Id of its experiment.
    pub experiment: String,
    /// `FINISHED`, `RUNNING`.
    pub status: String,
    /// Tags that say where it came from: `mlflow.source.name`, `mlflow.source.git.commit`, `mlflow.user`.
    pub tags: BTreeMap<String, String>,
    /// Data it was given.
    pub inputs: Vec<Input>,
    /// Line of the answer.
    pub line: u32,
}

/// Data that a run was given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Input {
    /// Name.
    pub name: String,
    /// Digest, as MLflow computes it.
    pub digest: String,
    /// `local`, `s3`, `hugging_face`, `http` ...
    pub source_type: String,
    /// Address or path, if the source has one.
    pub source: String,
    /// `training`, `validation` ...; empty if it is not said.
    pub context: String,
}

/// Tags that are kept.
const TAGS: &[&str] =
    &["mlflow.source.name", "mlflow.source.git.commit", "mlflow.source.git.repoURL", "mlflow.user"];

impl Recording {
    /// What the registry said; empty if it is none.
    pub fn registry(&self) -> Registry {
        let mut registry = Registry::default();
        for exchange in self.answers().filter(|exchange| exchange.status == 200) {
            let Some((_, call)) = exchange.path.split_once("/mlflow/") else { continue };
            let call = call.split('?').next().unwrap_or(call);
            let known = matches!(
                call,
                "registered-models/search"
                    | "model-versions/search"
                    | "experiments/search"
                    | "runs/get"
                    | "runs/search"
                    | "logged-models/search"
            );
            if known {
                let (page, _) = json::read_text(&exchange.body, &Limits::default());
                registry.page(call, &page, exchange.line);
            }
        }
        registry
    }
}

impl Registry {
    fn page(&mut self, call: &str, page: &Node, line: u32) {
        match call {
            "registered-models/search" => {
                for model in page.get("registered_models").items() {
                    let Some(known) = self.model(model.get("name"), line) else { continue };
                    known.description = model.get("description").text_or_empty().to_owned();
                    for alias in model.get("aliases").items() {
                        let (name, version) = (text(alias, "alias"), text(alias, "version"));
                        known.aliases.insert(name, version);
                    }
                    for latest in model.get("latest_versions").items() {
                        version(known, latest);
                    }
                }
            }
            "model-versions/search" => {
                for found in page.get("model_versions").items() {
                    if let Some(known) = self.model(found.get("name"), line) {
                        version(known, found);
                    }
                }
            }
            "experiments/search" => {
                for experiment in page.get("experiments").items() {
                    self.experiments.insert(text(experiment, "experiment_id"), text(experiment, "name"));
                }
            }
            "runs/get" => self.run(page.get("run"), line),
            "runs/search" => page.get("runs").items().iter().for_each(|run| self.run(run, line)),
            _ => {
                for model in page.get("models").items() {
                    let info = model.get("info");
                    let made = (text(info, "name"), text(info, "source_run_id"));
                    self.logged.insert(text(info, "model_id"), made);
                }
            }
        }
    }

    fn model(&mut self, name: &Node, line: u32) -> Option<&mut Registered> {
        let name = name.text().filter(|name| !name.is_empty())?;
        let new = || Registered { line, ..Registered::default() };
        Some(self.models.entry(name.to_owned()).or_insert_with(new))
    }

    fn run(&mut self, run: &Node, line: u32) {
        let info = run.get("info");
        let Some(id) = info.get("run_id").text().filter(|id| !id.is_empty()) else { return };
        let tags = run.at("data.tags").items().iter();
        let tags = tags.map(|tag| (text(tag, "key"), text(tag, "value")));
        let inputs = run.at("inputs.dataset_inputs").items().iter().map(|input| {
            let data = input.get("dataset");
            let contexts = input.get("tags").items().iter();
            let context = contexts.filter(|tag| tag.get("key").text() == Some("mlflow.data.context"));
            Input {
                name: text(data, "name"),
                digest: text(data, "digest"),
                source_type: text(data, "source_type"),
                source: source(data.get("source").text_or_empty()),
                context: context.map(|tag| text(tag, "value")).next().unwrap_or_default(),
            }
        });
        let inputs = inputs.collect();
        let run = Run {
            name: text(info, "run_name"),
            experiment: text(info, "experiment_id"),
            status: text(info, "status"),
            tags: tags.filter(|(key, _)| TAGS.contains(&key.as_str())).collect(),
            inputs,
            line,
        };
        self.runs.insert(id.to_owned(), run);
    }
}

fn version(model: &mut Registered, found: &Node) {
    let entry = model.versions.entry(text(found, "version")).or_default();
    entry.source = text(found, "source");
    entry.run = text(found, "run_id");
    entry.stage = text(found, "current_stage");
    for alias in found.get("aliases").items() {
        model.aliases.insert(alias.text_or_empty().to_owned(), text(found, "version"));
    }
}

/// The address in the JSON that a source of data is.
fn source(written: &str) -> String {
    let (node, _) = json::read_text(written, &Limits::default());
    ["uri", "url", "path"]
        .into_iter()
        .find_map(|key| node.get(key).text())
        .filter(|text| text.len() < 2048)
        .unwrap_or_default()
        .to_owned()
}

fn text(node: &Node, key: &str) -> String {
    node.get(key).text_or_empty().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Exchange;

    #[test]
    fn models_versions_aliases_runs_and_their_data() {
        let answer = |path: &str, body: &str| Exchange {
            path: format!("/api/2.0/mlflow/{path}"),
            body: body.to_owned(),
            status: 200,
            ..Exchange::default()
        };
        let recording = Recording {
            exchanges: vec![
                answer(
                    "registered-models/search?max_results=1",
                    r#"{"registered_models":[{"name":"m","aliases":[{"alias":"champion","version":"2"}],"latest_versions":[{"name":"m","version":"2","run_id":"r","source":"models:/m-1"}]}]}"#,
                ),
                answer(
                    "model-versions/search",
                    r#"{"model_versions":[{"name":"m","version":"1","run_id":"q","current_stage":"Archived"}]}"#,
                ),
                answer("experiments/search", r#"{"experiments":[{"experiment_id":"0","name":"Default"}]}"#),
                answer(
                    "runs/get?run_id=r",
                    r#"{"run":{"info":{"run_id":"r","run_name":"n","experiment_id":"0","status":"FINISHED"},"data":{"tags":[{"key":"mlflow.user","value":"u"},{"key":"x","value":"y"}]},"inputs":{"dataset_inputs":[{"tags":[{"key":"mlflow.data.context","value":"training"}],"dataset":{"name":"letters","digest":"d1","source_type":"s3","source":"{\"uri\": \"s3://b/letters.csv\"}"}}]}}}"#,
                ),
                answer(
                    "logged-models/search",
                    r#"{"models":[{"info":{"model_id":"m-1","name":"model","source_run_id":"r"}}]}"#,
                ),
                answer("users/get", r#"{"user":1}"#),
            ],
            ..Recording::default()
        };
        let registry = recording.registry();
        let model = &registry.models["m"];
        assert_eq!(model.aliases["champion"], "2");
        assert_eq!(model.versions.keys().collect::<Vec<_>>(), ["1", "2"]);
        let run = &registry.runs["r"];
        assert_eq!(
            (run.inputs[0].source.as_str(), run.inputs[0].context.as_str()),
            ("s3://b/letters.csv", "training")
        );
        assert_eq!(run.tags.len(), 1);
        assert_eq!(registry.experiments["0"], "Default");
        assert_eq!(registry.logged["m-1"].1, "r");
    }
}
