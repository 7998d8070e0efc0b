//! Recordings of hosts: the service that answers there, what it lists, and the packages it says it is made of.

mod registry;

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::recording::Recording;
use vauban_knowledge::Knowledge;
use vauban_knowledge::fingerprints::{Item, Listed, Recognised};

use super::{Collector, Seen, identity};

/// Maps what a host answered.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Recording(recording) = &seen.parsed.facts else { return };
    if recording.answers().next().is_none() {
        return;
    }
    let answers: Vec<_> = recording.answers().map(crate::live::answer).collect();
    let known = Knowledge::builtin().fingerprints.recognise(&answers);
    let place = |path: &str| seen.locator().at_key(path);
    let asset = match &known {
        Some(known) => service(recording, known, place(&known.path)),
        None => Asset::new(
            AssetKind::Infrastructure,
            "external_service",
            Layer::Ecosystem,
            &recording.base,
            Confidence::Verified,
            seen.locator(),
        )
        .with("product", "unknown"),
    };
    let mut asset = asset.with(
        "tls",
        match recording.certificate_trusted {
            None => "none",
            Some(true) => "trusted",
            Some(false) => "untrusted certificate",
        },
    );
    if let Some(exposure) = exposure(recording.host()) {
        asset = asset.with("exposure", exposure);
    }
    let id = collector.asset(asset);
    collector.home(&id);
    if let Some(name) = identity::address(&recording.base) {
        // Another service may answer below another path of the same host.
        if recording.base.matches('/').count() == 2 {
            collector.known_as(&id, name);
        }
    }
    let Some(known) = known else { return };
    for package in &known.packages {
        let Some((ecosystem, name)) = package.name.split_once('/') else { continue };
        let locator = place(&package.path);
        let mut asset = identity::package(ecosystem, name, Some(&package.version), locator.clone());
        asset.confidence = Confidence::Verified;
        let package_id = collector.asset(asset);
        let mut relation =
            Relation::new(id.clone(), RelationKind::DependsOn, package_id, Confidence::Verified, locator);
        relation.attributes.insert("version".to_owned(), package.version.clone());
        collector.relation(relation);
    }
    for listed in &known.listed {
        entry(recording, &known, listed, &id, place(&listed.path), collector);
    }
    registry::map(recording, &id, seen, collector);
}

fn service(recording: &Recording, known: &Recognised<'_>, locator: Locator) -> Asset {
    let service = known.service;
    let mut asset = Asset::new(
        service.kind,
        &service.component,
        service.layer,
        &recording.base,
        Confidence::Verified,
        locator,
    )
    .with("product", service.id.clone())
    .with("product_name", service.name.clone())
    .with("authentication", known.authentication.0.as_str());
    if let Some(version) = &known.version {
        asset = match version.doubt.as_str() {
            "" => asset.with("version", version.text.clone()).with("version_from", version.path.clone()),
            doubt => asset.with("version_claimed", version.text.clone()).with("version_doubt", doubt),
        };
    }
    if service.gives == vauban_knowledge::fingerprints::Gives::Notebooks {
        asset = asset.with("role", "notebook server");
    }
    asset
}

/// Who can reach a host of this name, as far as the name says.
fn exposure(host: &str) -> Option<&'static str> {
    let number: Option<std::net::IpAddr> = host.parse().ok();
    match number {
        Some(number) if number.is_loopback() => Some("local"),
        Some(std::net::IpAddr::V4(number)) => {
            let near = number.is_private()
                || number.is_link_local()
                || number.octets()[0] == 100 && number.octets()[1] & 0xc0 == 64;
            Some(if near { "internal" } else { "internet" })
        }
        Some(std::net::IpAddr::V6(number)) => {
            let near = number.segments()[0] & 0xfe00 == 0xfc00 || number.segments()[0] & 0xffc0 == 0xfe80;
            Some(if near { "internal" } else { "internet" })
        }
        None if host == "localhost" || host.ends_with(".localhost") => Some("local"),
        None => {
            let inner = [".internal", ".local", ".lan", ".svc", ".intranet", ".corp", ".home.arpa"];
            (!host.contains('.') || inner.iter().any(|end| host.ends_with(end))).then_some("internal")
        }
    }
}

/// Something that the service lists.
fn entry(
    recording: &Recording,
    known: &Recognised<'_>,
    listed: &Listed,
    service: &AssetId,
    locator: Locator,
    collector: &mut Collector,
) {
    let own = format!("{}/{}", recording.base, listed.name);
    let (kind, component, layer) = match listed.what {
        Item::Model => (AssetKind::Model, "model", Layer::FoundationModels),
        Item::Collection => (AssetKind::Dataset, known.service.component.as_str(), Layer::DataOperations),
        Item::Pipeline => (AssetKind::Pipeline, "workflow_engine", Layer::AgentFrameworks),
        Item::Notebook => (AssetKind::Notebook, "training_pipeline", Layer::DataOperations),
    };
    let is_repository = listed.name.split('/').filter(|part| !part.is_empty()).count() == 2
        && listed.name.matches('/').count() == 1
        && !listed.name.contains([':', ' ']);
    let asset = match listed.names.as_str() {
        "huggingface" if is_repository => {
            identity::hugging_face(kind, &listed.name, None, Confidence::Verified, locator.clone())
        }
        "" | "huggingface" => Asset::new(kind, component, layer, &own, Confidence::Verified, locator.clone()),
        names => {
            let name = format!("{names}/{}", listed.name);
            Asset::new(kind, component, layer, &name, Confidence::Verified, locator.clone())
                .with("source", names)
        }
    };
    let id = collector.asset(asset.with("listed_by", recording.base.clone()));
    let relation = if listed.what == Item::Model && known.service.kind == AssetKind::Endpoint {
        Relation::new(service.clone(), RelationKind::Serves, id, Confidence::Verified, locator)
    } else {
        Relation::new(id, RelationKind::RunsOn, service.clone(), Confidence::Verified, locator)
    };
    collector.relation(relation);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_reach_a_host_is_said_where_its_name_says_it() {
        for (host, wanted) in [
            ("127.0.0.1", Some("local")),
            ("localhost", Some("local")),
            ("10.1.2.3", Some("internal")),
            ("100.64.0.1", Some("internal")),
            ("8.8.8.8", Some("internet")),
            ("fd00::1", Some("internal")),
            ("::1", Some("local")),
            ("mlflow", Some("internal")),
            ("mlflow.ml.svc", Some("internal")),
            ("ml.example.org", None),
        ] {
            assert_eq!(exposure(host), wanted, "{host}");
        }
    }
}
