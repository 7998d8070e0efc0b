//! Assets, layer by layer.

use maud::{Markup, html};
use vauban_domain::Layer;

use super::{shown, text};
use crate::v1::{Asset, Document};

/// Places named per asset; a package may be seen in hundreds.
const PLACES: usize = 5;

pub(super) fn section(document: &Document) -> Option<Markup> {
    let assets = document.assets.as_deref()?;
    let findings = |asset: &Asset| {
        document
            .findings()
            .iter()
            .filter(|finding| finding.asset == asset.id && !finding.is_accepted())
            .count()
    };
    Some(html! {
        @for layer in Layer::ALL {
            @let here: Vec<&Asset> = assets.iter().filter(|asset| asset.layer == layer.id()).collect();
            @if !here.is_empty() {
                h3 { (layer.id()) " " (layer.name()) " (" (here.len()) ")" }
                div.scroll {
                    table.sortable {
                        thead {
                            tr {
                                th scope="col" { "asset" }
                                th scope="col" { "kind" }
                                th scope="col" { "system" }
                                th scope="col" { "known" }
                                th scope="col" { "facts" }
                                th scope="col" { "seen at" }
                                @if document.findings.is_some() { th.number scope="col" { "open findings" } }
                            }
                        }
                        tbody {
                            @for asset in here {
                                tr {
                                    th scope="row" { (text(&asset.name)) }
                                    td { (asset.kind) br; span.note { (text(&asset.component)) } }
                                    td { (asset.system.as_deref().map(shown).unwrap_or_default()) }
                                    td { (asset.confidence) }
                                    td {
                                        @for (key, value) in &asset.attributes { (text(key)) ": " (text(value)) br; }
                                        @if let Some(digest) = &asset.digest { code title=(digest) { (digest.get(..19).unwrap_or(digest)) "\u{2026}" } }
                                    }
                                    td {
                                        @for locator in asset.locators.iter().take(PLACES) { code { (text(&locator.to_string())) } br; }
                                        @if asset.locators.len() > PLACES { "and " (asset.locators.len() - PLACES) " more" }
                                    }
                                    @if document.findings.is_some() { td.number { (findings(asset)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}
