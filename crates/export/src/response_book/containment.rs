//! What to cut, freeze and revoke at the assets of a system, layer by layer; what to keep, and how to come back.

use std::fmt::Write as _;

use vauban_domain::AssetKind;
use vauban_knowledge::{Knowledge, Measure};

use crate::markdown::escape;
use crate::v1::Asset;

/// Assets that are named with a measure.
const NAMED: usize = 15;

/// A measure, and the assets it is for.
pub(crate) struct Held<'a> {
    pub(crate) measure: &'static Measure,
    pub(crate) assets: Vec<&'a Asset>,
}

/// Measures for these assets, by layer, then in the order of the table.
pub(crate) fn held<'a>(assets: &[&'a Asset]) -> Vec<Held<'a>> {
    let knowledge = Knowledge::builtin();
    let mut held: Vec<Held<'a>> = Vec::new();
    for measure in &knowledge.measures {
        let known = held.iter().any(|one| one.measure.id == measure.id);
        let here: Vec<&Asset> = assets
            .iter()
            .filter(|asset| {
                let kind = AssetKind::parse(asset.kind.as_str());
                kind.is_some_and(|kind| {
                    knowledge.measures(kind, &asset.component).iter().any(|one| one.id == measure.id)
                })
            })
            .copied()
            .collect();
        if !known && !here.is_empty() {
            held.push(Held { measure, assets: here });
        }
    }
    held.sort_by_key(|one| one.measure.layer);
    held
}

pub(super) fn write(text: &mut String, held: &[Held<'_>]) {
    text.push_str("### Containment\n\n");
    if held.is_empty() {
        text.push_str("No asset of the system is known.\n\n");
        return;
    }
    let mut layer = None;
    for Held { measure, assets } in held {
        if layer != Some(measure.layer) {
            layer = Some(measure.layer);
            let _ = writeln!(text, "{} {}:\n", measure.layer, measure.layer.name());
        }
        let names: Vec<String> = assets.iter().take(NAMED).map(|asset| escape(&asset.id)).collect();
        let more = assets.len().saturating_sub(names.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let _ = writeln!(
            text,
            "- {} ({}), at {}{more}",
            escape(&measure.action),
            escape(&measure.owner),
            names.join(", ")
        );
    }
    text.push_str("\n### Evidence to keep before it is lost\n\n");
    for Held { measure, .. } in held {
        let _ = writeln!(text, "- before `{}`: {}", measure.id, escape(&measure.evidence));
    }
    text.push_str("\n### Recovery\n\n");
    for Held { measure, .. } in held {
        let _ = writeln!(text, "- after `{}`: {}", measure.id, escape(&measure.recovery));
    }
    text.push('\n');
}
