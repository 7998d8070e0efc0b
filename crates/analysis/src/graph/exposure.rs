//! From where an asset can be reached.

use std::collections::BTreeMap;

use vauban_domain::{Asset, AssetKind, System};
use vauban_knowledge::priors::Exposure;

use crate::gap::Served;

/// The words of `vauban.toml` and of configurations.
pub(crate) fn parse(word: &str) -> Option<Exposure> {
    match word {
        "internet" | "public" | "external" => Some(Exposure::Public),
        "partner" => Some(Exposure::Partner),
        "internal" => Some(Exposure::Internal),
        "isolated" | "local" => Some(Exposure::Isolated),
        _ => None,
    }
}

/// Exposure of an asset, and in words where that comes from.
///
/// What is said about the asset itself counts first. Only endpoints and agents take their system's exposure: what
/// stands behind them is internal. Packages come from other people.
pub(crate) fn exposure(asset: &Asset, systems: &BTreeMap<&str, &System>) -> (Exposure, String) {
    if let Some(exposure) = asset.attribute("exposure").and_then(parse) {
        return (exposure, format!("{} is {}", asset.id, phrase(exposure)));
    }
    if matches!(asset.attribute("public"), Some("yes" | "true")) {
        return (Exposure::Public, format!("{} is {}", asset.id, phrase(Exposure::Public)));
    }
    match asset.kind {
        AssetKind::Agent | AssetKind::Endpoint => {
            let system = asset.system.as_deref().and_then(|name| systems.get(name));
            match system.and_then(|system| parse(&system.exposure).map(|exposure| (system, exposure))) {
                Some((system, exposure)) => (
                    exposure,
                    format!(
                        "declared: system `{}` is {} ({})",
                        system.name,
                        phrase(exposure),
                        system.locator
                    ),
                ),
                None => (Exposure::Internal, format!("assumed: this {} is internal", asset.kind)),
            }
        }
        AssetKind::Package => (Exposure::Partner, "assumed: a package comes from a third party".to_owned()),
        _ => (Exposure::Internal, format!("assumed: this {} is internal", asset.kind)),
    }
}

/// The widest exposure of the endpoints that answer with this model, if any is wider than `own`.
pub(crate) fn exposure_in_front(
    asset: &Asset,
    own: Exposure,
    served: &Served<'_>,
    systems: &BTreeMap<&str, &System>,
) -> Option<(Exposure, String)> {
    let fronts = served.by_model.get(&asset.id)?;
    let (front, widest, _) = fronts
        .iter()
        .map(|front| {
            let (exposure, words) = exposure(front, systems);
            (front, exposure, words)
        })
        .max_by(|left, right| left.1.cmp(&right.1).then_with(|| right.0.id.cmp(&left.0.id)))?;
    (widest > own).then(|| (widest, format!("{} answers with it and is {}", front.id, phrase(widest))))
}

/// The exposure in words.
pub(crate) const fn phrase(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::Isolated => "reached only from its own system",
        Exposure::Internal => "reached from inside the organisation",
        Exposure::Partner => "reached by partners",
        Exposure::Public => "reached from the internet",
    }
}
