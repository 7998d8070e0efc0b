//! MLflow's `MLmodel`: what the registry says of the model beside it.

use vauban_domain::{Asset, AssetKind, Confidence, Layer};
use vauban_formats::Facts;

use super::{Collector, Seen};

/// Maps a model description onto the model file that it names.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::MlModel(model) = &seen.parsed.facts else { return };
    let folder = seen.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = match (model.files().first(), folder) {
        (Some(file), "") => (*file).to_owned(),
        (Some(file), folder) => format!("{folder}/{file}"),
        (None, _) => seen.path.to_owned(),
    };
    let mut asset = Asset::new(
        AssetKind::Model,
        "model",
        Layer::FoundationModels,
        &name,
        Confidence::Declared,
        seen.locator(),
    )
    .with("source", "mlflow");
    // The generic flavour says nothing that the specific one does not.
    let flavor =
        model.flavors.iter().find(|flavor| flavor.name != "python_function").or(model.flavors.first());
    if let Some(flavor) = flavor {
        asset = asset.with("framework", flavor.name.clone());
        let version =
            flavor.settings.iter().find(|(key, _)| key.ends_with("_version") && key != "python_version");
        if let Some((_, version)) = version {
            asset = asset.with("framework_version", version.clone());
        }
    }
    for (key, value) in
        [("run", &model.run_id), ("model_uuid", &model.model_uuid), ("created", &model.created)]
    {
        if let Some(value) = value {
            asset = asset.with(key, value.clone());
        }
    }
    let id = collector.asset(asset);
    collector.home(&id);
}
