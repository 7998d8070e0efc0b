//! Compose files: services that serve models, keep data or run agents, by their image.

use std::collections::BTreeMap;

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::compose::Service;
use vauban_formats::serving::command;
use vauban_knowledge::{Knowledge, image_of};

use super::{Collector, Seen, serving};

/// One asset per service, with its image and its model.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Compose(compose) = &seen.parsed.facts else { return };
    let file =
        collector.file_asset(AssetKind::Infrastructure, "iac", Layer::Deployment, &[("format", "compose")]);
    let mut ids: BTreeMap<&str, AssetId> = BTreeMap::new();
    for service in &compose.services {
        ids.insert(&service.name, add(seen, service, &file, collector));
    }
    for service in &compose.services {
        for other in &service.depends_on {
            if let (Some(from), Some(to)) = (ids.get(service.name.as_str()), ids.get(other.as_str())) {
                let locator = seen.locator().at_line(service.line);
                collector.relation(Relation::new(
                    from.clone(),
                    RelationKind::SendsTo,
                    to.clone(),
                    Confidence::Inferred,
                    locator,
                ));
            }
        }
    }
}

fn add(seen: &Seen<'_>, service: &Service, file: &AssetId, collector: &mut Collector) -> AssetId {
    let locator = seen.locator().at_line(service.line).at_key(service.name.clone());
    let known = image_of(&Knowledge::builtin().images, &service.image);
    let (kind, component, layer) = known
        .and_then(|known| {
            let (kind, layer) = (AssetKind::parse(&known.kind)?, Layer::from_id(&known.layer)?);
            Some((kind, known.component.as_str(), layer))
        })
        .unwrap_or((AssetKind::Infrastructure, "container", Layer::Deployment));
    let name = format!("{}#{}", seen.path, service.name);
    let mut asset = Asset::new(kind, component, layer, &name, Confidence::Declared, locator.clone());
    if let Some(known) = known {
        asset = asset.with("product", known.product.as_str()).with("role", known.role.as_str());
    }
    let open: Vec<&str> =
        service.ports.iter().filter(|port| port.is_open()).map(|port| port.published.as_str()).collect();
    asset = asset.with("exposure", if open.is_empty() { "internal" } else { "network" });
    if !service.ports.is_empty() {
        let ports: Vec<String> =
            service.ports.iter().map(|port| format!("{}:{}", port.published, port.target)).collect();
        asset = asset.with("ports", ports.join(", "));
    }
    let id = collector.asset(asset);
    collector.relation(Relation::new(
        id.clone(),
        RelationKind::RunsOn,
        file.clone(),
        Confidence::Declared,
        locator,
    ));
    if !service.image.is_empty() && !service.image.contains("${") {
        let locator = seen.locator().at_line(service.image_line);
        let asset = Asset::new(
            AssetKind::Infrastructure,
            "container_image",
            Layer::Deployment,
            &format!("image/{}", service.image),
            Confidence::Declared,
            locator.clone(),
        )
        .with("image", service.image.clone());
        let image = collector.asset(asset);
        collector.relation(Relation::new(
            id.clone(),
            RelationKind::RunsOn,
            image,
            Confidence::Declared,
            locator,
        ));
    }
    if let Some(build) = &service.build {
        let path = format!("{}/Dockerfile", build.trim_end_matches('/'));
        collector.link(&id, RelationKind::RunsOn, &path, seen.locator().at_line(service.line));
    }
    let words = service.command.iter().map(|word| (word.as_str(), service.line));
    let environment = service
        .environment
        .iter()
        .filter_map(|variable| Some((variable.name.as_str(), variable.value.as_deref()?, variable.line)));
    let command = command::read(words, environment);
    for named in &command.models {
        serving::served(named, &id, seen.locator().at_line(named.line), collector);
    }
    id
}
