//! What the clinic has.

use vauban_domain::{Asset, AssetKind, Confidence, Digest, Layer, Locator, Relation, RelationKind};

use super::{HOSTILE, id, reader, triage};

pub(super) fn assets() -> Vec<Asset> {
    let file = |kind, component, layer, name: &str| {
        let mut asset = Asset::new(kind, component, layer, name, Confidence::Verified, Locator::file(name));
        asset.digest = Some(Digest::of(name.as_bytes()));
        asset.size = Some(48_213);
        asset
    };
    let mut triage = file(AssetKind::Model, "model_weights", Layer::FoundationModels, "models/triage.pkl")
        .with("format", "pickle")
        .with("licence", "Apache-2.0");
    triage.system = Some("triage".to_owned());
    triage.locators.push(Locator::file("backup/triage.pkl"));
    triage.locators.sort();
    let mut reader =
        file(AssetKind::Model, "model_weights", Layer::FoundationModels, "models/form-reader.onnx")
            .with("format", "onnx")
            .with("classes", "10")
            .with("input_shape", "1x8x8")
            .with("version", "2");
    reader.system = Some("form reader".to_owned());
    let mut endpoint = Asset::new(
        AssetKind::Endpoint,
        "inference_endpoint",
        Layer::Deployment,
        "k8s/clinic/form-reader",
        Confidence::Inferred,
        Locator::file("deploy/kserve.yaml").at_line(4).at_key("spec.predictor"),
    )
    .with("authentication", "none")
    .with("exposure", "internet");
    endpoint.system = Some("form reader".to_owned());
    let package = Asset::new(
        AssetKind::Package,
        "package",
        Layer::AgentFrameworks,
        "pypi/torch",
        Confidence::Declared,
        Locator::file("requirements.txt").at_line(3),
    )
    .with("version", "2.9.1");
    let agent = Asset::new(
        AssetKind::Agent,
        "agent",
        Layer::Ecosystem,
        "assistant",
        Confidence::Inferred,
        Locator::file("assistant/agent.py").at_line(12),
    );
    let tool = Asset::new(
        AssetKind::Tool,
        "mcp_server",
        Layer::AgentFrameworks,
        "mcp/files",
        Confidence::Inferred,
        Locator::file("assistant/mcp.json").at_key("mcpServers.files"),
    );
    let identity = Asset::new(
        AssetKind::Identity,
        "service_account",
        Layer::Security,
        "k8s/clinic/runner",
        Confidence::Inferred,
        Locator::file("deploy/role.yaml").at_line(2),
    );
    let data = file(AssetKind::Dataset, "training_data", Layer::DataOperations, "data/digits.npy")
        .with("rows", "1437");
    let hostile = file(AssetKind::Notebook, "notebook", Layer::DataOperations, HOSTILE);
    let mut assets = vec![triage, reader, endpoint, package, agent, tool, identity, data, hostile];
    assets.sort_by(|a, b| a.id.cmp(&b.id));
    assets
}

pub(super) fn relations() -> Vec<Relation> {
    let relation =
        |from, kind, to| Relation::new(from, kind, to, Confidence::Inferred, Locator::file("train.py"));
    let mut crossing = relation(
        id(AssetKind::Agent, "assistant"),
        RelationKind::SendsTo,
        id(AssetKind::Endpoint, "k8s/clinic/form-reader"),
    );
    crossing.attributes.insert("boundary".to_owned(), "internet".to_owned());
    vec![
        crossing,
        relation(id(AssetKind::Endpoint, "k8s/clinic/form-reader"), RelationKind::Serves, reader()),
        relation(reader(), RelationKind::TrainedOn, id(AssetKind::Dataset, "data/digits.npy")),
        relation(triage(), RelationKind::DependsOn, id(AssetKind::Package, "pypi/torch")),
    ]
}
