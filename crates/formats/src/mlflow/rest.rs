//! Recorded answers of the interface, versions 2 and 3 alike.

use std::collections::BTreeMap;

use super::{Dataset, Experiment, Logged, MlFlow, Origin, Run, Version};
use crate::yaml::Node;
use crate::{Limits, json};

/// Facts out of answers, each with the path that was asked for (`/api/2.0/mlflow/runs/search`) and the JSON that came.
pub fn from_rest<'a>(answers: impl IntoIterator<Item = (&'a str, &'a str)>) -> MlFlow {
    let mut facts = MlFlow { origin: Origin::Answers, ..MlFlow::default() };
    for (path, body) in answers {
        let Some((_, call)) = path.split_once("/mlflow/") else { continue };
        let (page, _) = json::read_text(body, &Limits::default());
        match call.split('?').next().unwrap_or(call) {
            "experiments/search" => {
                page.get("experiments").items().iter().for_each(|node| experiment(&mut facts, node));
            }
            "experiments/get" => experiment(&mut facts, page.get("experiment")),
            "runs/search" => page.get("runs").items().iter().for_each(|node| run(&mut facts, node)),
            "runs/get" => run(&mut facts, page.get("run")),
            "registered-models/search" => {
                page.get("registered_models").items().iter().for_each(|node| model(&mut facts, node));
            }
            "registered-models/get" => model(&mut facts, page.get("registered_model")),
            "model-versions/search" => {
                page.get("model_versions").items().iter().for_each(|node| version(&mut facts, node));
            }
            "model-versions/get" => version(&mut facts, page.get("model_version")),
            "logged-models/search" => {
                page.get("models").items().iter().for_each(|node| logged(&mut facts, node));
            }
            "gateway/secrets/list" => {
                let secrets = page.get("secrets").items().iter();
                facts.secrets.extend(secrets.map(|node| (text(node, "secret_name"), text(node, "provider"))));
            }
            _ => {}
        }
    }
    facts
}

fn text(node: &Node, key: &str) -> String {
    node.get(key).text_or_empty().to_owned()
}

/// A list of keys with values.
fn pairs(list: &Node) -> BTreeMap<String, String> {
    list.items().iter().map(|pair| (text(pair, "key"), text(pair, "value"))).collect()
}

fn experiment(facts: &mut MlFlow, node: &Node) {
    let experiment = Experiment {
        name: text(node, "name"),
        artifacts: text(node, "artifact_location"),
        deleted: text(node, "lifecycle_stage") == "deleted",
    };
    facts.experiments.insert(text(node, "experiment_id"), experiment);
}

fn run(facts: &mut MlFlow, node: &Node) {
    let info = node.get("info");
    let id = text(info, "run_id");
    if id.is_empty() {
        return;
    }
    let mut inputs = Vec::new();
    for input in node.at("inputs.dataset_inputs").items() {
        let data = input.get("dataset");
        let dataset = Dataset::of(
            text(data, "name"),
            text(data, "digest"),
            text(data, "source_type"),
            data.get("source").text_or_empty(),
        );
        let context = pairs(input.get("tags")).remove("mlflow.data.context").unwrap_or_default();
        let id = format!("{}/{}", dataset.name, dataset.digest);
        inputs.push((id.clone(), context));
        facts.datasets.insert(id, dataset);
    }
    let run = Run {
        name: text(info, "run_name"),
        experiment: text(info, "experiment_id"),
        status: text(info, "status"),
        user: text(info, "user_id"),
        artifacts: text(info, "artifact_uri"),
        deleted: text(info, "lifecycle_stage") == "deleted",
        parameters: pairs(node.at("data.params")),
        metrics: pairs(node.at("data.metrics")),
        tags: pairs(node.at("data.tags")),
        inputs,
    };
    facts.runs.insert(id, run);
}

fn model(facts: &mut MlFlow, node: &Node) {
    let name = text(node, "name");
    if name.is_empty() {
        return;
    }
    let known = facts.models.entry(name).or_default();
    known.description = text(node, "description");
    known.tags.extend(pairs(node.get("tags")));
    let aliases = node.get("aliases").items().iter();
    known.aliases.extend(aliases.map(|alias| (text(alias, "alias"), text(alias, "version"))));
    node.get("latest_versions").items().iter().for_each(|node| version(facts, node));
}

fn version(facts: &mut MlFlow, node: &Node) {
    let (name, Ok(number)) = (text(node, "name"), node.get("version").text_or_empty().parse::<u64>()) else {
        return;
    };
    let version = Version {
        source: text(node, "source"),
        storage: String::new(),
        run: text(node, "run_id"),
        run_link: text(node, "run_link"),
        logged: text(node, "model_id"),
        stage: text(node, "current_stage"),
        status: text(node, "status"),
        user: text(node, "user_id"),
        description: text(node, "description"),
        tags: pairs(node.get("tags")),
    };
    let known = facts.models.entry(name).or_default();
    for alias in node.get("aliases").items().iter().filter_map(Node::text) {
        known.aliases.insert(alias.to_owned(), number.to_string());
    }
    known.versions.insert(number, version);
}

fn logged(facts: &mut MlFlow, node: &Node) {
    let info = node.get("info");
    let logged = Logged {
        name: text(info, "name"),
        experiment: text(info, "experiment_id"),
        run: text(info, "source_run_id"),
        artifacts: text(info, "artifact_uri"),
        kind: text(info, "model_type"),
        status: text(info, "status"),
        tags: pairs(info.get("tags")),
    };
    facts.logged.insert(text(info, "model_id"), logged);
}
