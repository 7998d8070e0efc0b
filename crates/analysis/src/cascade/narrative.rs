//! A path told in a few sentences.

use vauban_domain::{PathStep, words::amount};

use crate::graph::ThreatGraph;

/// The path in words: entry, each cascade and why, the loss and where it falls.
pub(super) fn tell(
    graph: &ThreatGraph<'_>,
    instances: &[usize],
    steps: &[PathStep],
    system: Option<&str>,
    probability: f64,
    loss: f64,
) -> String {
    let mut text = String::new();
    for (index, step) in instances.iter().zip(steps) {
        let kind = &graph.instances[*index].kind;
        let what = format!("{} ({}) at {}", kind.name, kind.id, step.asset);
        if text.is_empty() {
            text = format!("It begins with {what}");
            if let Some(technique) = &step.technique {
                text.push_str(&format!(" by {}", technique_in_words(graph, technique)));
            }
        } else {
            text.push_str(&format!("; that leads to {what} ({})", step.via));
        }
    }
    let share = if probability >= 0.001 {
        format!("{:.1} %", probability * 100.0)
    } else {
        "less than 0.1 %".to_owned()
    };
    match system {
        Some(system) if loss > 0.0 => text.push_str(&format!(
            ". The loss falls on `{system}`: {} a year on this path, probability {share} a year.",
            amount(probability * loss, &graph.facts.declaration.currency)
        )),
        Some(system) => text.push_str(&format!(
            ". It ends in `{system}`, for which no loss is declared; probability {share} a year."
        )),
        None => text.push_str(&format!(
            ". It ends at an asset of no declared system, so its loss is unknown; probability {share} a year."
        )),
    }
    text
}

/// `AML.T0043 Craft Adversarial Data`.
fn technique_in_words(graph: &ThreatGraph<'_>, id: &str) -> String {
    match graph.knowledge.atlas.technique(id) {
        Some(technique) => format!("{id} {}", graph.knowledge.atlas.full_name(technique)),
        None => id.to_owned(),
    }
}
