//! MLflow's stores: registered models, the runs that made them, the data that runs were given.
//!
//! Names are those of recorded servers as well, so that a database and a server that tell of one thing make one asset.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::mlflow::{MlFlow, Origin, Registered, Run};

use super::{Collector, Seen, identity};

/// Maps a database or a file of a store.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::MlFlow(facts) = &seen.parsed.facts else { return };
    let store = store(facts, seen);
    let store_id = collector.asset(store);
    collector.home(&store_id);
    let mut map = Map { facts, seen, collector, store: store_id, runs_with_files: BTreeSet::new() };
    // What runs read is said by files of their own in a file store; here the names come first.
    for (id, run) in &facts.runs {
        map.run(id, run);
    }
    for (name, model) in &facts.models {
        map.model(name, model);
    }
    map.gateway();
}

/// The registry itself: the database file, or the folder of a file store.
fn store(facts: &MlFlow, seen: &Seen<'_>) -> Asset {
    let (name, form) = match facts.origin {
        Origin::Files => (if facts.root.is_empty() { "mlruns" } else { &facts.root }, "files"),
        _ => (seen.path, "sqlite"),
    };
    let mut asset = Asset::new(
        AssetKind::Infrastructure,
        "model_registry",
        Layer::FoundationModels,
        name,
        Confidence::Verified,
        seen.locator(),
    )
    .with("product", "mlflow")
    .with("format", form);
    if facts.origin == Origin::Files {
        return asset;
    }
    for (key, count) in [
        ("experiments", facts.experiments.len()),
        ("runs", facts.runs.len()),
        ("models", facts.models.len()),
        ("logged_models", facts.logged.len()),
        ("users", facts.users.len()),
        ("secrets", facts.secrets.len()),
    ] {
        if count > 0 {
            asset = asset.with(key, count.to_string());
        }
    }
    asset.size = Some(seen.size);
    asset.digest = seen.digest;
    asset
}

struct Map<'a, 's, 'p> {
    facts: &'a MlFlow,
    seen: &'s Seen<'p>,
    collector: &'s mut Collector,
    store: AssetId,
    runs_with_files: BTreeSet<String>,
}

impl Map<'_, '_, '_> {
    fn place(&self, key: &str) -> Locator {
        self.seen.locator().at_key(key)
    }

    fn relate(&mut self, from: &AssetId, kind: RelationKind, to: &AssetId, key: &str) {
        let locator = self.place(key);
        let relation = Relation::new(from.clone(), kind, to.clone(), Confidence::Declared, locator);
        self.collector.relation(relation);
    }

    fn run(&mut self, id: &str, run: &Run) {
        // A file of an input says nothing of the run but its inputs, and names data by an id alone.
        if run.experiment.is_empty() || !self.runs_with_files.insert(id.to_owned()) {
            return;
        }
        let key = format!("run {id}");
        let mut asset = Asset::new(
            AssetKind::Pipeline,
            "training_pipeline",
            Layer::FoundationModels,
            &run_name(id),
            Confidence::Verified,
            self.place(&key),
        )
        .with("source", "mlflow");
        let experiment = self.facts.experiments.get(&run.experiment).map(|known| known.name.as_str());
        let deleted = if run.deleted { "deleted" } else { "" };
        for (name, value) in [
            ("run_name", run.name.as_str()),
            ("status", &run.status.to_lowercase()),
            ("experiment", experiment.unwrap_or_default()),
            ("user", &run.user),
            ("lifecycle", deleted),
            ("source.name", run.tags.get("mlflow.source.name").map_or("", String::as_str)),
            ("source.git.commit", run.tags.get("mlflow.source.git.commit").map_or("", String::as_str)),
            ("source.git.repoURL", run.tags.get("mlflow.source.git.repoURL").map_or("", String::as_str)),
            ("parameters", &shown(&run.parameters)),
            ("metrics", &shown(&run.metrics)),
        ] {
            if !value.is_empty() {
                asset = asset.with(name, value);
            }
        }
        let run_id = self.collector.asset(asset);
        let store = self.store.clone();
        self.relate(&run_id, RelationKind::RunsOn, &store, &key);
        for data in self.data(run).into_keys() {
            self.relate(&run_id, RelationKind::Reads, &data, &key);
        }
    }

    /// Data sets of a run, and whether it learned from them.
    fn data(&mut self, run: &Run) -> BTreeMap<AssetId, bool> {
        let mut found = BTreeMap::new();
        for (id, context) in &run.inputs {
            let Some(data) = self.facts.datasets.get(id) else { continue };
            let name = if data.digest.is_empty() {
                format!("mlflow/dataset/{}", data.name)
            } else {
                format!("mlflow/dataset/{}/{}", data.name, data.digest)
            };
            let mut asset = Asset::new(
                AssetKind::Dataset,
                "dataset",
                Layer::DataOperations,
                &name,
                Confidence::Declared,
                self.place(&format!("dataset {}", data.name)),
            )
            .with("source", "mlflow")
            .with("source_type", data.source_type.clone());
            if !data.place.is_empty() {
                asset = asset.with("place", data.place.clone());
            }
            if !data.digest.is_empty() {
                asset = asset.with("mlflow_digest", data.digest.clone());
            }
            let data_id = self.collector.asset(asset);
            if let Some(object) = identity::object(&data.place) {
                self.collector.known_as(&data_id, object);
            }
            // What a run calls evaluation is not what the model learned from.
            let judged =
                matches!(context.as_str(), "eval" | "evaluation" | "test" | "testing" | "validation");
            let learned = found.entry(data_id).or_insert(false);
            *learned |= !judged;
        }
        found
    }

    fn model(&mut self, name: &str, model: &Registered) {
        let store = self.store.clone();
        let id = self.collector.asset(registered(name, model, self.place(name)));
        self.relate(&id, RelationKind::RunsOn, &store, name);
        for (number, version) in model.versions.iter().filter(|(_, version)| !version.is_deleted()) {
            let key = format!("{name} version {number}");
            let maker = self.facts.maker(version);
            if !maker.is_empty() {
                let run_id = AssetId::new(AssetKind::Pipeline, &run_name(maker));
                self.relate(&run_id, RelationKind::Produces, &id, &key);
                if let Some(run) = self.facts.runs.get(maker) {
                    for (data, learned) in self.data(run) {
                        let kind = if learned { RelationKind::TrainedOn } else { RelationKind::EvaluatedOn };
                        self.relate(&id, kind, &data, &key);
                    }
                }
            }
            for place in [&version.source, &version.storage] {
                if let Some(object) = identity::object(place) {
                    self.collector.known_as(&id, object);
                }
            }
            // The files of the version, where they lie in the same tree.
            let logged = self.facts.logged.get(&version.logged).map_or("", |logged| &logged.artifacts);
            let places = [version.storage.as_str(), version.source.as_str(), logged];
            for place in places.into_iter().filter_map(below_store) {
                let file = format!("{place}/MLmodel");
                let locator = self.place(&key);
                self.collector.link(&id, RelationKind::DerivedFrom, &file, locator);
            }
        }
    }

    fn gateway(&mut self) {
        for endpoint in &self.facts.endpoints {
            let key = format!("gateway endpoint {}", endpoint.name);
            let asset = Asset::new(
                AssetKind::Endpoint,
                "api_gateway",
                Layer::Deployment,
                &format!("mlflow/gateway/{}", endpoint.name),
                Confidence::Verified,
                self.place(&key),
            )
            .with("source", "mlflow");
            let endpoint_id = self.collector.asset(asset);
            let store = self.store.clone();
            self.relate(&endpoint_id, RelationKind::RunsOn, &store, &key);
            for (provider, model) in &endpoint.models {
                let asset = Asset::new(
                    AssetKind::Model,
                    "model",
                    Layer::FoundationModels,
                    &format!("{provider}/{model}"),
                    Confidence::Declared,
                    self.place(&key),
                )
                .with("source", provider.clone());
                let model_id = self.collector.asset(asset);
                self.relate(&endpoint_id, RelationKind::Serves, &model_id, &key);
            }
        }
        for (name, address) in &self.facts.tool_servers {
            let mut asset = Asset::new(
                AssetKind::Tool,
                "mcp_server",
                Layer::AgentFrameworks,
                &format!("mlflow/mcp/{name}"),
                Confidence::Declared,
                self.place(&format!("mcp server {name}")),
            )
            .with("source", "mlflow");
            if !address.is_empty() {
                asset = asset.with("url", address.clone());
            }
            let id = self.collector.asset(asset);
            if let Some(address) = identity::address(address) {
                self.collector.known_as(&id, address);
            }
        }
    }
}

fn run_name(id: &str) -> String {
    format!("mlflow/run/{id}")
}

/// A registered model with what its versions are.
fn registered(name: &str, model: &Registered, locator: Locator) -> Asset {
    let mut asset = Asset::new(
        AssetKind::Model,
        "model",
        Layer::FoundationModels,
        &format!("mlflow/{name}"),
        Confidence::Verified,
        locator,
    )
    .with("source", "mlflow");
    let living = || model.versions.iter().filter(|(_, version)| !version.is_deleted());
    let versions: Vec<String> = living().map(|(number, _)| number.to_string()).collect();
    let aliases: Vec<String> =
        model.aliases.iter().map(|(alias, version)| format!("{alias}={version}")).collect();
    let stages: Vec<String> = living()
        .filter(|(_, version)| !matches!(version.stage.as_str(), "" | "None"))
        .map(|(number, version)| format!("{}={number}", version.stage))
        .collect();
    let latest = living().next_back().map_or("", |(_, version)| version.source.as_str());
    for (key, value) in [
        ("version", versions.join(", ")),
        ("aliases", aliases.join(", ")),
        ("stages", stages.join(", ")),
        ("artifacts", latest.to_owned()),
        ("description", model.description.clone()),
        ("licence", model.tags.get("license").or(model.tags.get("licence")).cloned().unwrap_or_default()),
    ] {
        if !value.is_empty() {
            asset = asset.with(key, value);
        }
    }
    asset
}

/// Pairs of an attribute, at most so many.
const SHOWN: usize = 24;

fn shown(pairs: &BTreeMap<String, String>) -> String {
    let short = |text: &str| text.chars().take(80).collect::<String>();
    let shown = pairs.iter().take(SHOWN).map(|(key, value)| format!("{}={}", short(key), short(value)));
    shown.collect::<Vec<_>>().join(", ")
}

/// A path of artifacts from the folder of the store on: the machine that wrote it had its store elsewhere.
fn below_store(place: &str) -> Option<String> {
    let path = place.strip_prefix("file://").unwrap_or(place);
    if path.contains("://") || path.starts_with("runs:") || path.starts_with("models:") {
        return None;
    }
    let folder = ["mlruns/", "mlartifacts/"].iter().find_map(|folder| path.find(folder));
    let path = path.get(folder.unwrap_or(0)..)?.trim_matches('/');
    (!path.is_empty()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use vauban_formats::mlflow::from_rest;
    use vauban_formats::{Facts, Parsed};

    use super::*;
    use crate::inventory::{Estate, map as map_all};

    #[test]
    fn a_registry_becomes_models_runs_and_data() {
        let mut facts = from_rest([
            (
                "/api/2.0/mlflow/runs/search",
                r#"{"runs":[{"info":{"run_id":"r1","experiment_id":"1"},"inputs":{"dataset_inputs":[{"dataset":{"name":"visits","digest":"ab","source":"{\"uri\":\"s3://d/v.csv\"}"}}]}}]}"#,
            ),
            (
                "/api/2.0/mlflow/model-versions/search",
                r#"{"model_versions":[{"name":"triage","version":"1","run_id":"r1","aliases":["champion"]},{"name":"triage","version":"2"}]}"#,
            ),
        ]);
        facts.origin = Origin::Database;
        let parsed = Parsed {
            format: "mlflow",
            facts: Facts::MlFlow(Box::new(facts)),
            defects: Vec::new(),
            members: Vec::new(),
        };
        let seen = Seen { path: "mlflow.db", size: 1, digest: None, parsed: &parsed };
        let estate = Estate::merge(vec![map_all(&seen)], &[], "all");
        let ids: Vec<&str> = estate.assets.iter().map(|asset| asset.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "dataset:mlflow/dataset/visits/ab",
                "infrastructure:mlflow.db",
                "model:mlflow/triage",
                "pipeline:mlflow/run/r1"
            ]
        );
        let model = &estate.assets[2];
        assert_eq!(
            (model.attribute("version"), model.attribute("aliases")),
            (Some("1, 2"), Some("champion=1"))
        );
        let kinds: Vec<&str> = estate.relations.iter().map(|relation| relation.kind.as_str()).collect();
        assert_eq!(kinds, ["runs-on", "trained-on", "produces", "reads", "runs-on"]);
    }
}
