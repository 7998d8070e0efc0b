//! DVC: which stage makes what from what.

use vauban_domain::{AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;

use super::{Collector, Seen};

/// Endings of files that hold data, and of those that hold models.
const DATA: &[&str] = &[".csv", ".tsv", ".parquet", ".npy", ".npz", ".json", ".jsonl"];
const MODELS: &[&str] =
    &[".onnx", ".pkl", ".joblib", ".pt", ".pth", ".safetensors", ".gguf", ".h5", ".keras"];

/// Maps a pipeline; a `.dvc` file only tracks bytes and is judged by the checks of provenance.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Dvc(dvc) = &seen.parsed.facts else { return };
    if dvc.stages.iter().all(|stage| stage.command.is_none()) {
        return;
    }
    let stages = dvc.stages.len().to_string();
    let attributes = [("format", "dvc"), ("stages", stages.as_str())];
    let home =
        collector.file_asset(AssetKind::Pipeline, "training_pipeline", Layer::DataOperations, &attributes);
    let folder = seen.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let ends =
        |path: &str, endings: &[&str]| endings.iter().any(|ending| path.to_lowercase().ends_with(ending));
    for stage in &dvc.stages {
        let locator = || seen.locator().at_line(stage.line).at_key(stage.name.clone());
        for dependency in &stage.dependencies {
            collector.link(&home, RelationKind::Reads, &dependency.path, locator());
        }
        for output in &stage.outputs {
            collector.link(&home, RelationKind::Produces, &output.path, locator());
            for dependency in stage.dependencies.iter().filter(|dependency| ends(&dependency.path, DATA)) {
                if ends(&output.path, MODELS) {
                    // Both are files of the estate; the relation is dropped if one of them is not there.
                    let model = AssetId::new(AssetKind::Model, &below(&output.path));
                    let data = AssetId::new(AssetKind::Dataset, &below(&dependency.path));
                    collector.relation(Relation::new(
                        model,
                        RelationKind::TrainedOn,
                        data,
                        Confidence::Declared,
                        locator(),
                    ));
                }
            }
        }
    }
}
