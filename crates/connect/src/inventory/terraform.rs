//! Cloud resources: buckets, roles and endpoints.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::terraform::{Block, Terraform};
use vauban_formats::yaml::Value;

use super::{Collector, Seen};

/// Resource types that become assets: type, kind, component, layer.
const RESOURCES: &[(&str, AssetKind, &str, Layer)] = &[
    ("aws_ecr_repository", AssetKind::Infrastructure, "registry", Layer::Deployment),
    ("aws_eks_cluster", AssetKind::Infrastructure, "orchestrator", Layer::Deployment),
    ("aws_iam_role", AssetKind::Identity, "service_identity", Layer::Security),
    ("aws_iam_user", AssetKind::Identity, "service_identity", Layer::Security),
    ("aws_s3_bucket", AssetKind::Infrastructure, "object_store", Layer::DataOperations),
    ("aws_sagemaker_endpoint", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
    ("aws_sagemaker_notebook_instance", AssetKind::Infrastructure, "container", Layer::Deployment),
    ("azurerm_machine_learning_workspace", AssetKind::Infrastructure, "cloud_account", Layer::Deployment),
    ("azurerm_storage_account", AssetKind::Infrastructure, "object_store", Layer::DataOperations),
    ("azurerm_storage_container", AssetKind::Infrastructure, "object_store", Layer::DataOperations),
    ("azurerm_user_assigned_identity", AssetKind::Identity, "service_identity", Layer::Security),
    ("google_service_account", AssetKind::Identity, "service_identity", Layer::Security),
    ("google_storage_bucket", AssetKind::Infrastructure, "object_store", Layer::DataOperations),
    ("google_vertex_ai_endpoint", AssetKind::Endpoint, "inference_endpoint", Layer::FoundationModels),
];

/// Assets for the resources of a file; the first one is what the file belongs to.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Terraform(file) = &seen.parsed.facts else { return };
    let mut known: Vec<(&Block, AssetId)> = Vec::new();
    for block in file.resources("") {
        let Some((_, kind, component, layer)) =
            RESOURCES.iter().find(|(known, ..)| *known == block.resource_type())
        else {
            continue;
        };
        let locator = seen.locator().at_line(block.line).at_key(block.address());
        let name = format!("{}/{}", folder(seen.path), block.address());
        let mut asset = Asset::new(*kind, component, *layer, &name, Confidence::Verified, locator);
        for key in ["bucket", "name", "location", "region"] {
            if let Some(text) = file.resolve(block.body.get(key)).text() {
                asset = asset.with(key, text);
            }
        }
        let id = collector.asset(asset);
        collector.home(&id);
        known.push((block, id));
    }
    relations(seen, file, &known, collector);
}

/// Two modules may use one address, so the folder is part of the name.
fn folder(path: &str) -> String {
    format!("terraform/{}", path.rsplit_once('/').map_or(".", |(folder, _)| folder))
}

/// What refers to a role acts as it; what refers to a bucket reads it.
fn relations(seen: &Seen<'_>, file: &Terraform, known: &[(&Block, AssetId)], collector: &mut Collector) {
    for (block, from) in known {
        for (other, to) in known.iter().filter(|(other, _)| other.address() != block.address()) {
            let mut place = None;
            block.body.visit_scalars(|_, node| {
                if matches!(node.value, Value::Expression(_)) && file.refers_to(node, other) {
                    place.get_or_insert(node.line);
                }
            });
            let Some(line) = place else { continue };
            let kind = match other.resource_type() {
                role if role.contains("iam")
                    || role.contains("identity")
                    || role.contains("service_account") =>
                {
                    RelationKind::ActsAs
                }
                bucket if bucket.contains("s3") || bucket.contains("storage") => RelationKind::Reads,
                _ => RelationKind::RunsOn,
            };
            let locator = seen.locator().at_line(line);
            collector.relation(Relation::new(from.clone(), kind, to.clone(), Confidence::Verified, locator));
        }
    }
}
