//! What the threats of the whole estate come to.

use std::fmt::Write;

use vauban_export::v1::Document;

use super::amounts::{money, share};
use super::{absent, section, short, table};

/// Rows of blast radii shown.
const SHOWN: usize = 15;

/// `vauban cascades`.
pub(crate) fn cascades(document: &Document) -> String {
    let Some(cascades) = &document.cascades else { return absent("cascades") };
    let currency = &document.review.declaration.currency;
    let mut text = String::new();
    section(&mut text, "probability of each impact within a year");
    text.push_str(&table(
        ["system", "impact", "probability", "events a year"],
        cascades.impacts.iter().map(|impact| {
            [
                impact.system.clone(),
                impact.impact.clone(),
                share(impact.probability),
                format!("{:.3}", impact.frequency),
            ]
        }),
    ));
    section(&mut text, "what falls with a component or a vendor");
    text.push_str(&table(
        ["origin", "", "reaches", "systems", "expected loss"],
        cascades.blast_radii.iter().take(SHOWN).map(|radius| {
            [
                short(&radius.origin, 60),
                if radius.vendor { "vendor" } else { "" }.to_owned(),
                format!("{} assets", radius.reached.len()),
                short(&radius.systems.join(", "), 60),
                format!("{} {currency}", money(radius.expected_loss)),
            ]
        }),
    ));
    section(&mut text, "from layer to layer, expected events a year");
    text.push_str(&table(
        ["from", "to", "cascades", "a year"],
        cascades.matrix.iter().map(|link| {
            [link.from.clone(), link.to.clone(), link.cascades.to_string(), format!("{:.3}", link.frequency)]
        }),
    ));
    if !cascades.choke_points.is_empty() {
        section(&mut text, "choke points");
        for point in &cascades.choke_points {
            let _ = writeln!(
                text,
                "  {} of the loss of all paths passes {}; controls: {}",
                share(point.share),
                point.asset,
                point.controls.join(", ")
            );
        }
    }
    text
}
