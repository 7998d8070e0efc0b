//! Programs that answer requests with a model: an endpoint.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::python::Python;
use vauban_formats::python::serve::serving;

use super::{loaded, relate};
use crate::inventory::{Collector, Seen};

/// Maps a file that serves a model; false if it does not. Where the file is an agent already, the endpoint uses that.
pub(super) fn map(seen: &Seen<'_>, python: &Python, collector: &mut Collector) -> bool {
    let Some(serving) = serving(python) else { return false };
    let loads =
        python.calls.iter().any(|call| loaded(call).is_some_and(|(kind, _)| kind == RelationKind::Loads));
    let agent = AssetId::new(AssetKind::Agent, seen.path);
    let is_agent = collector.has(&agent);
    if !serving.asks_model && !loads && !is_agent {
        return false;
    }
    let locator = seen.locator().at_line(serving.line);
    let name = if is_agent { format!("{}#{}", seen.path, serving.framework) } else { seen.path.to_owned() };
    let mut asset = Asset::new(
        AssetKind::Endpoint,
        "inference_endpoint",
        Layer::FoundationModels,
        &name,
        Confidence::Inferred,
        locator.clone(),
    )
    .with("framework", serving.framework)
    .with("authentication", if serving.signs_in { "seen in the code" } else { "none in the code" });
    if !serving.routes.is_empty() {
        asset = asset.with("routes", serving.routes.iter().take(20).cloned().collect::<Vec<_>>().join(", "));
    }
    if let Some(host) = &serving.host {
        asset = asset.with("binds", host.clone());
    }
    if serving.shared.is_some() {
        asset = asset.with("exposure", "internet");
    }
    if !is_agent {
        asset.digest = seen.digest;
        asset.size = Some(seen.size);
    }
    let id = collector.asset(asset);
    collector.home(&id);
    if is_agent {
        collector.relation(Relation::new(id, RelationKind::Uses, agent, Confidence::Inferred, locator));
    } else {
        relate(&id, python, |line| seen.locator().at_line(line), collector);
    }
    true
}
