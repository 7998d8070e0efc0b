//! What a registry keeps: models with versions and aliases, the runs that made them, the data that runs were given.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::recording::{Recording, Registered, RunInput};

use super::super::{Collector, Seen, identity};

/// Maps everything that the registry said, if it is one.
pub(super) fn map(recording: &Recording, registry_id: &AssetId, seen: &Seen<'_>, collector: &mut Collector) {
    let registry = recording.registry();
    let place = |line: u32, key: &str| seen.locator().at_line(line).at_key(key);
    for (id, run) in &registry.runs {
        let locator = place(run.line, &format!("run {id}"));
        let mut asset = Asset::new(
            AssetKind::Pipeline,
            "training_pipeline",
            Layer::FoundationModels,
            &run_name(id),
            Confidence::Verified,
            locator.clone(),
        )
        .with("source", "mlflow")
        .with("run_name", run.name.clone())
        .with("status", run.status.to_lowercase());
        if let Some(experiment) = registry.experiments.get(&run.experiment) {
            asset = asset.with("experiment", experiment.clone());
        }
        for (key, value) in &run.tags {
            asset = asset.with(key.trim_start_matches("mlflow."), value.clone());
        }
        let run_id = collector.asset(asset);
        let on = Relation::new(
            run_id.clone(),
            RelationKind::RunsOn,
            registry_id.clone(),
            Confidence::Verified,
            locator.clone(),
        );
        collector.relation(on);
        for input in &run.inputs {
            let data = dataset(input, locator.clone(), collector);
            let reads = Relation::new(
                run_id.clone(),
                RelationKind::Reads,
                data,
                Confidence::Declared,
                locator.clone(),
            );
            collector.relation(reads);
        }
    }
    for (name, model) in &registry.models {
        let locator = place(model.line, name);
        let id = collector.asset(registered(name, model, locator.clone()));
        let on = Relation::new(
            id.clone(),
            RelationKind::RunsOn,
            registry_id.clone(),
            Confidence::Verified,
            locator.clone(),
        );
        collector.relation(on);
        for version in model.versions.values() {
            let Some(run) = registry.runs.get(&version.run) else { continue };
            let run_id = AssetId::new(AssetKind::Pipeline, &run_name(&version.run));
            let made = Relation::new(
                run_id,
                RelationKind::Produces,
                id.clone(),
                Confidence::Declared,
                locator.clone(),
            );
            collector.relation(made);
            for input in &run.inputs {
                let data = dataset(input, locator.clone(), collector);
                // What a run calls evaluation is not what the model learned from.
                let kind = match input.context.as_str() {
                    "eval" | "evaluation" | "test" | "testing" | "validation" => RelationKind::EvaluatedOn,
                    _ => RelationKind::TrainedOn,
                };
                collector.relation(Relation::new(
                    id.clone(),
                    kind,
                    data,
                    Confidence::Declared,
                    locator.clone(),
                ));
            }
        }
    }
}

fn run_name(id: &str) -> String {
    format!("mlflow/run/{id}")
}

fn registered(name: &str, model: &Registered, locator: vauban_domain::Locator) -> Asset {
    let versions: Vec<&str> = model.versions.keys().map(String::as_str).collect();
    let aliases: Vec<String> =
        model.aliases.iter().map(|(alias, version)| format!("{alias}={version}")).collect();
    let mut asset = Asset::new(
        AssetKind::Model,
        "model",
        Layer::FoundationModels,
        &format!("mlflow/{name}"),
        Confidence::Verified,
        locator,
    )
    .with("source", "mlflow")
    .with("version", versions.join(", "));
    if !aliases.is_empty() {
        asset = asset.with("aliases", aliases.join(", "));
    }
    if let Some(latest) = model.versions.values().next_back().filter(|version| !version.source.is_empty()) {
        asset = asset.with("artifacts", latest.source.clone());
    }
    if !model.description.is_empty() {
        asset = asset.with("description", model.description.clone());
    }
    asset
}

/// The data set that an input is; the same name and digest is the same data.
fn dataset(input: &RunInput, locator: vauban_domain::Locator, collector: &mut Collector) -> AssetId {
    let name = if input.digest.is_empty() {
        format!("mlflow/dataset/{}", input.name)
    } else {
        format!("mlflow/dataset/{}/{}", input.name, input.digest)
    };
    let mut asset = Asset::new(
        AssetKind::Dataset,
        "dataset",
        Layer::DataOperations,
        &name,
        Confidence::Declared,
        locator,
    )
    .with("source", "mlflow")
    .with("source_type", input.source_type.clone());
    if !input.source.is_empty() {
        asset = asset.with("place", input.source.clone());
    }
    let id = collector.asset(asset);
    if let Some(object) = identity::object(&input.source) {
        collector.known_as(&id, object);
    }
    id
}
