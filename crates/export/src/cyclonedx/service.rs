//! Services: endpoints, agents and the tools that agents call.

use serde_json::{Value, json};

use super::properties;
use crate::{
    bill::{self, key, said},
    v1::{Asset, Document},
};

pub(super) fn service(document: &Document, asset: &Asset) -> Value {
    let declaration = &document.review.declaration;
    let crosses = document.relations().iter().any(|relation| {
        (relation.to == asset.id || relation.from == asset.id)
            && relation.attributes.get("boundary").is_some_and(|boundary| !boundary.is_empty())
    });
    let declared = || declaration.flows.iter().filter(|flow| flow.to == asset.id || flow.from == asset.id);
    let crosses = crosses || declared().any(|flow| !flow.boundary.is_empty());
    let provider = declaration
        .vendors
        .iter()
        .find(|vendor| vendor.assets.contains(&asset.id))
        .map(|vendor| vendor.name.as_str())
        .or_else(|| said(asset, &["provider"]));
    let data: Vec<Value> = declared()
        .flat_map(|flow| {
            let way = if flow.to == asset.id { "inbound" } else { "outbound" };
            flow.data.iter().map(move |class| json!({"flow": way, "classification": class}))
        })
        .collect();
    let url = asset
        .attribute("url")
        .or_else(|| asset.attribute("base_url"))
        .filter(|url| url.starts_with("http") && bill::is_plain(url));
    json!({
        "bom-ref": asset.id,
        "provider": provider.map(|name| json!({"name": name})),
        "name": asset.name,
        "version": bill::versions(asset).first(),
        "description": said(asset, key::DESCRIPTION),
        "endpoints": url.map(|url| json!([url])),
        "authenticated": match asset.attribute("authentication") {
            Some("none") => Some(false),
            Some("unknown") | None => None,
            Some(_) => Some(true),
        },
        // Only what is known is said; that no boundary is seen does not mean there is none.
        "x-trust-boundary": crosses.then_some(true),
        "trustZone": said(asset, &["exposure"]),
        "data": data,
        "properties": properties(asset),
    })
}
