//! Actions for blind spots: techniques that can happen at an asset, that nobody prevents and nobody detects.
//!
//! Coverage decides what is blind, and it counts detections only where their log arrives. Of the controls of the library,
//! the one that fits most blind spots of a system is taken first, so that few pieces of work remain.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    Action, ActionKind, Aspect, Asset, AssetId, AssetKind, Coverage, Rung, Severity, TechniqueId,
    words::counted,
};
use vauban_knowledge::atlas::Maturity;
use vauban_knowledge::{Control, Detection, Knowledge};

use super::{due, identify, owner};
use crate::Facts;
use crate::facts::{bare, related};
use crate::held::fits;

/// Rules that an action names at most.
const RULES: usize = 12;

/// A technique at an asset where both scores are blind.
type Spot<'a> = (&'a Asset, &'a TechniqueId);

/// One action for each system and control that would end blind spots there, and one for each system with what no
/// control of the library helps against.
pub(super) fn actions(facts: &Facts<'_>, knowledge: &Knowledge, coverage: &[Coverage]) -> Vec<Action> {
    let mut actions = Vec::new();
    for (system, mut left) in spots(facts, coverage) {
        while let Some(control) = widest(knowledge, &left) {
            let (ended, rest): (Vec<Spot<'_>>, Vec<Spot<'_>>) =
                left.into_iter().partition(|spot| ends(control, spot));
            left = rest;
            actions.push(action(facts, knowledge, system, Some(control), &ended));
        }
        if !left.is_empty() {
            actions.push(action(facts, knowledge, system, None, &left));
        }
    }
    actions
}

/// Blind spots by system. What has findings is no blind spot: somebody looked, and the finding asks for its own action.
fn spots<'a>(facts: &Facts<'a>, coverage: &'a [Coverage]) -> BTreeMap<Option<&'a str>, Vec<Spot<'a>>> {
    let assets = facts.assets_by_id();
    let rules = facts.rules_by_id();
    let mut found: BTreeMap<&AssetId, BTreeSet<&str>> = BTreeMap::new();
    for finding in facts.findings {
        if let Some(rule) = rules.get(finding.rule.as_ref()) {
            found.entry(&finding.asset).or_default().extend(rule.techniques.iter().map(|id| bare(id)));
        }
    }
    let mut spots: BTreeMap<Option<&str>, Vec<Spot<'_>>> = BTreeMap::new();
    for row in coverage {
        if row.prevent.rung != Rung::Blind || row.detect.rung != Rung::Blind {
            continue;
        }
        let told = found.get(&row.asset);
        if told.is_some_and(|told| told.iter().any(|id| related(id, &row.technique))) {
            continue;
        }
        if let Some(asset) = assets.get(&row.asset).copied() {
            spots.entry(asset.system.as_deref()).or_default().push((asset, &row.technique));
        }
    }
    spots
}

fn ends(control: &Control, (asset, technique): &Spot<'_>) -> bool {
    let acts = control.aspects.contains(&Aspect::Prevent) || control.aspects.contains(&Aspect::Detect);
    acts && fits(control, asset) && control.techniques.iter().any(|own| related(own, technique))
}

/// The control that ends most of the blind spots, the cheaper of two; controls that prevent go before those that only
/// detect.
fn widest<'k>(knowledge: &'k Knowledge, spots: &[Spot<'_>]) -> Option<&'k Control> {
    let widest = |prevents: bool| {
        knowledge
            .controls
            .iter()
            .filter(|control| control.aspects.contains(&Aspect::Prevent) == prevents)
            .map(|control| (spots.iter().filter(|spot| ends(control, spot)).count(), control))
            .filter(|(count, _)| *count > 0)
            .max_by(|(count, one), (more, other)| {
                let cost = |control: &Control| control.cost_low + control.cost_high;
                count
                    .cmp(more)
                    .then_with(|| cost(other).total_cmp(&cost(one)))
                    .then_with(|| other.id.cmp(&one.id))
            })
            .map(|(_, control)| control)
    };
    widest(true).or_else(|| widest(false))
}

fn action(
    facts: &Facts<'_>,
    knowledge: &Knowledge,
    system: Option<&str>,
    control: Option<&Control>,
    spots: &[Spot<'_>],
) -> Action {
    let techniques: BTreeSet<&TechniqueId> = spots.iter().map(|(_, technique)| *technique).collect();
    let assets: BTreeMap<&AssetId, &Asset> = spots.iter().map(|(asset, _)| (&asset.id, *asset)).collect();
    let severity = severity(facts, knowledge, system, &techniques);
    let place = system.unwrap_or("assets of no declared system");
    let id = control.map_or("", |control| control.id.as_str());
    let detection = watching(knowledge, &techniques);
    let playbook = control.and_then(|control| knowledge.playbook(&control.playbook));
    let silences: Vec<String> =
        control.map_or_else(Vec::new, |control| silences(facts, control, &techniques));
    let title = match control {
        Some(control) => format!("end blind spots of {place} with `{}`", control.name),
        None => format!("decide about blind spots of {place} that no control helps against"),
    };
    let why = format!(
        "{} can happen at {}, nothing prevents them and nothing would show them",
        counted(techniques.len(), "technique"),
        counted(assets.len(), "asset")
    );
    let log = detection.map_or_else(String::new, |detection| log(detection, assets.values().copied()));
    Action {
        id: identify(system, id, "blind-spot"),
        kind: ActionKind::BlindSpot,
        title,
        why,
        severity,
        system: system.map(str::to_owned),
        done_when: done_when(&silences, detection, &techniques),
        assets: assets.into_keys().cloned().collect(),
        techniques: techniques.into_iter().cloned().collect(),
        control: id.to_owned(),
        detection: detection.map_or_else(String::new, |detection| detection.rule.id.to_string()),
        log,
        playbook: playbook.map_or_else(String::new, |playbook| playbook.id.clone()),
        containment: playbook.map_or_else(Vec::new, |playbook| {
            playbook.containment.iter().map(|step| format!("{}: {}", step.layer, step.action)).collect()
        }),
        owner: owner(facts, system, id),
        due: due(facts.now, severity, &facts.declaration.remediation),
        silences,
        findings: Vec::new(),
    }
}

/// Our own rule, assumed: a technique seen at real adversaries is high, shown on real systems medium, known from
/// research low; one more at a system that is critical, one less where criticality is low.
fn severity(
    facts: &Facts<'_>,
    knowledge: &Knowledge,
    system: Option<&str>,
    techniques: &BTreeSet<&TechniqueId>,
) -> Severity {
    let maturity = techniques
        .iter()
        .filter_map(|id| knowledge.atlas.techniques.iter().find(|known| known.id == bare(id)))
        .filter_map(|technique| technique.maturity)
        .max();
    let base = match maturity {
        Some(Maturity::Realized) => Severity::High,
        Some(Maturity::Demonstrated) => Severity::Medium,
        Some(Maturity::Feasible) | None => Severity::Low,
    };
    let declared = facts.declaration.systems.iter().find(|known| Some(known.name.as_str()) == system);
    match (declared.map_or("", |system| system.criticality.as_str()), base) {
        ("critical", Severity::High) => Severity::Critical,
        ("critical", Severity::Medium) => Severity::High,
        ("critical", Severity::Low) | ("low", Severity::High) => Severity::Medium,
        ("low", Severity::Medium) => Severity::Low,
        (_, base) => base,
    }
}

/// The detection that watches for most of the techniques.
fn watching<'k>(knowledge: &'k Knowledge, techniques: &BTreeSet<&TechniqueId>) -> Option<&'k Detection> {
    let watched = |detection: &Detection| {
        techniques.iter().filter(|id| detection.rule.techniques.iter().any(|own| related(own, id))).count()
    };
    knowledge
        .detections
        .iter()
        .map(|detection| (watched(detection), detection))
        .filter(|(count, _)| *count > 0)
        .max_by(|(count, one), (more, other)| count.cmp(more).then_with(|| other.rule.id.cmp(&one.rule.id)))
        .map(|(_, detection)| detection)
}

/// The log that a detection reads, and what it has to be about: what answers requests before what stands behind it.
pub(super) fn log<'a>(detection: &Detection, assets: impl Iterator<Item = &'a Asset>) -> String {
    let order = |asset: &Asset| match (detection.category.as_str(), asset.kind) {
        ("agent", AssetKind::Agent) | ("inference", AssetKind::Endpoint) => 0,
        ("registry", _) if asset.component == "model_registry" => 0,
        (_, AssetKind::Endpoint | AssetKind::Agent | AssetKind::Model) => 1,
        _ => 2,
    };
    let about = assets.min_by(|one, other| (order(one), &one.id).cmp(&(order(other), &other.id)));
    let about = about.map_or_else(String::new, |asset| format!(" about {}", asset.id));
    format!(
        "{} log{about} (Sigma product ml, category {}), as OpenTelemetry NDJSON, named in a [[log]] of vauban.toml",
        detection.category, detection.category
    )
}

/// Rules that look for these techniques and that the control keeps silent.
fn silences(facts: &Facts<'_>, control: &Control, techniques: &BTreeSet<&TechniqueId>) -> Vec<String> {
    let mut rules: Vec<String> = facts
        .rules
        .iter()
        .filter(|rule| control.silences.iter().any(|silenced| *silenced == rule.id))
        .filter(|rule| rule.techniques.iter().any(|own| techniques.iter().any(|id| related(own, id))))
        .map(|rule| rule.id.to_string())
        .collect();
    rules.sort();
    rules.truncate(RULES);
    rules
}

fn done_when(
    silences: &[String],
    detection: Option<&Detection>,
    techniques: &BTreeSet<&TechniqueId>,
) -> Vec<String> {
    let mut lines = Vec::new();
    if !silences.is_empty() {
        lines.push(format!("`vauban review` looks with {} and finds nothing", silences.join(", ")));
    }
    if let Some(detection) = detection {
        lines.push(format!(
            "`{}` reads its log in `vauban detect`, raises the alarm in an exercise or drill, and is silent again on \
             ordinary traffic",
            detection.rule.id
        ));
    }
    let named: Vec<&str> = techniques.iter().take(RULES).map(|id| id.as_ref()).collect();
    let more = techniques.len().saturating_sub(named.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    lines.push(format!("`vauban gap` shows prevent or detect above blind for {}{more}", named.join(", ")));
    lines
}
