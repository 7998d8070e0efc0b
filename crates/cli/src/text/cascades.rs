//! What the threats of the whole estate come to.

use std::fmt::Write;

use vauban_export::v1::{Document, ToxicCombination};

use super::amounts::{expected_loss, share};
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
        ["origin", "", "reaches", "systems", &format!("expected loss, {currency}")],
        cascades.blast_radii.iter().take(SHOWN).map(|radius| {
            [
                short(&radius.origin, 60),
                if radius.vendor { "vendor" } else { "" }.to_owned(),
                format!("{}{} assets", if radius.more { "more than " } else { "" }, radius.reached.len()),
                short(&radius.systems.join(", "), 60),
                expected_loss(radius.expected_loss),
            ]
        }),
    ));
    combinations(&mut text, &cascades.combinations);
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

/// Conditions that are worse together, with what shows each and what breaks them.
fn combinations(text: &mut String, combinations: &[ToxicCombination]) {
    if combinations.is_empty() {
        return;
    }
    section(text, "toxic combinations, worst first");
    for one in combinations {
        let _ = writeln!(text, "  {} {} ({})", one.severity.as_str(), one.title, one.id);
        for part in &one.parts {
            let _ = writeln!(text, "    {} at {}: {}", part.condition, part.asset, part.shown_by);
            if !part.findings.is_empty() {
                let _ = writeln!(text, "      findings {}", part.findings.join(", "));
            }
        }
        if one.broken_by.is_empty() {
            let _ = writeln!(text, "    no control of the library that is not in place acts on a part of it");
        } else {
            let _ = writeln!(text, "    each of these breaks it: {}", one.broken_by.join(", "));
        }
    }
}
