//! Agents that read strangers, know secrets and have a way out.

use vauban_domain::{Evidence, Locator, RelationKind, rule};
use vauban_formats::Facts;

use super::tools::{EffectKind, asks_a_person, effects, tools};
use crate::{Check, Estate, Look, Report};

rule! {
    /// One agent has untrusted input, private data and a way out.
    pub const RULE: "agent-untrusted-to-exit" {
        family: Agent,
        severity: High,
        title: "agent joins untrusted input, private data and a way out",
        why: "one text by a stranger is enough to make it read private data and send it away; no single part looks wrong",
        remedy: "take one of the three away: split the agent, put a person before the exit, or keep strangers out of its input",
        techniques: ["AML.T0086@2026.09", "AML.T0051.001@2026.09"],
        mitigations: ["AML.M0030@2026.09", "AML.M0032@2026.09"],
        weaknesses: ["CWE-200"],
        owasp: ["LLM06:2025", "ASI01:2026", "ASI02:2026"],
        threats: ["L7.4@2025-02", "X.4@2025-02"],
        source: "https://simonwillison.net/2025/Jun/16/the-lethal-trifecta/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// One leg of the three, with what shows it.
#[derive(Default)]
struct Legs {
    untrusted: Vec<Evidence>,
    private: Vec<Evidence>,
    exit: Vec<Evidence>,
}

fn check(estate: &Estate<'_>, report: &mut Report) {
    for file in estate.inventory.files {
        let Facts::Python(python) = &file.parsed.facts else { continue };
        let tools = tools(python);
        if tools.is_empty() {
            continue;
        }
        report.looked_at(&file.home);
        let mut legs = Legs::default();
        for (index, function) in tools {
            let asked = asks_a_person(python, index);
            let place = Locator::file(&file.path).at_line(function.line);
            let show = |leg: &str| {
                Evidence::new(
                    place.clone(),
                    format!("{leg}/{}", function.name),
                    format!("{leg}: {}", function.name),
                )
            };
            for effect in effects(python, index) {
                match effect.kind {
                    EffectKind::Fetches => legs.untrusted.push(show("untrusted input")),
                    EffectKind::Reads => legs.private.push(show("private data")),
                    EffectKind::Sends if !asked => legs.exit.push(show("way out")),
                    _ => {}
                }
            }
        }
        declared(estate, file, &mut legs);
        if legs.untrusted.is_empty() || legs.private.is_empty() || legs.exit.is_empty() {
            continue;
        }
        let mut evidence: Vec<Evidence> =
            [legs.untrusted, legs.private, legs.exit].into_iter().flatten().collect();
        evidence.dedup();
        report.find(
            &file.home,
            "reads what strangers write, has private data and can send it away",
            evidence,
        );
    }
}

/// Legs that flows and attributes of the declaration add.
fn declared(estate: &Estate<'_>, file: &crate::File, legs: &mut Legs) {
    let inventory = estate.inventory;
    if let Some(asset) = inventory.asset(&file.home) {
        for (key, leg) in [("untrusted_input", 0), ("private_data", 1), ("way_out", 2)] {
            if asset.attribute(key) == Some("yes") {
                let evidence = Evidence::new(Locator::file(&file.path), key, format!("{key} = yes"));
                [&mut legs.untrusted, &mut legs.private, &mut legs.exit][leg].push(evidence);
            }
        }
    }
    for relation in inventory.relations.iter().filter(|relation| relation.kind == RelationKind::SendsTo) {
        let text = |key: &str| relation.attributes.get(key).map_or("", String::as_str);
        let evidence = |leg: &str| {
            Evidence::new(relation.locator.clone(), format!("{leg}/flow"), format!("{leg}: declared flow"))
        };
        if relation.to == file.home && text("boundary").contains("internet") {
            legs.untrusted.push(evidence("untrusted input"));
        }
        let crosses = !text("boundary").is_empty() && text("human_gate") != "yes";
        if relation.from == file.home && crosses {
            legs.exit.push(evidence("way out"));
        }
    }
}
