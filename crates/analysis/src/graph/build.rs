//! From facts to the threat graph.

use std::collections::BTreeMap;

use vauban_domain::{
    Asset, AssetId, AssetKind, Confidence, Family, Finding, Measurement, Rule, Support, System, TechniqueId,
};
use vauban_knowledge::Knowledge;
use vauban_knowledge::atlas::Maturity;
use vauban_knowledge::maestro::ThreatKind;
use vauban_knowledge::priors::{AttemptPrior, Exposure};

use super::assumptions::{
    ATTEMPTS_AFTER_ALERT, ATTEMPTS_WITHOUT_PRIOR, HUMAN_GATE, INFERRED_RELATION, SUCCESS_WITHOUT_EVIDENCE,
    success_with_finding, weight,
};
use super::exposure::{exposure, exposure_in_front, phrase};
use super::{Edge, Group, Instance, LossKind, Placement, ThreatGraph, assumptions};
use crate::facts::{Facts, bare, related, speaks_for};
use crate::gap::{Served, judge, platform_mismatch, platforms};
use crate::held::{Controls, fits};
use crate::risk::Lognormal;

/// The component kind that threats of a model's queries also apply to.
const ENDPOINT: &str = "inference_endpoint";

pub(super) fn graph<'a>(facts: &Facts<'a>, knowledge: &'a Knowledge) -> ThreatGraph<'a> {
    let mut assets: Vec<&Asset> = facts.inventory.assets.iter().collect();
    assets.sort_by(|left, right| left.id.cmp(&right.id));
    assets.dedup_by(|left, right| left.id == right.id);
    let positions: BTreeMap<&AssetId, usize> =
        assets.iter().enumerate().map(|(position, asset)| (&asset.id, position)).collect();
    let served = Served::of(facts);
    let mut builder = Builder {
        facts,
        knowledge,
        systems: facts.declaration.systems.iter().map(|system| (system.name.as_str(), system)).collect(),
        rules: facts.rules_by_id(),
        controls: Controls::new(*facts, knowledge),
        served,
        assets,
        positions,
        placements: Vec::new(),
        weights: Vec::new(),
        by_asset: BTreeMap::new(),
    };
    builder.place_controls();
    let instances = builder.instances();
    let (edges, inbound) = builder.edges(&instances);
    let (losses, unusable_losses) = losses(facts);
    let mut outbound = vec![Vec::new(); instances.len()];
    for edge in &edges {
        outbound[edge.from].push(edge.to);
    }
    let groups = groups(&builder.assets, &instances, &losses);
    ThreatGraph {
        facts: *facts,
        knowledge,
        assets: builder.assets,
        instances,
        edges,
        inbound,
        outbound,
        groups,
        placements: builder.placements,
        weights: builder.weights,
        losses,
        unusable_losses,
    }
}

struct Builder<'f, 'a> {
    facts: &'f Facts<'a>,
    knowledge: &'a Knowledge,
    systems: BTreeMap<&'a str, &'a System>,
    rules: BTreeMap<&'a str, &'a Rule>,
    controls: Controls<'a, 'a>,
    served: Served<'a>,
    assets: Vec<&'a Asset>,
    positions: BTreeMap<&'a AssetId, usize>,
    placements: Vec<Placement>,
    weights: Vec<f64>,
    /// Placements at each asset, by control.
    by_asset: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Builder<'_, 'a> {
    /// Every control at every asset it can be placed on, with what proves it there.
    fn place_controls(&mut self) {
        for (position, asset) in self.assets.iter().enumerate() {
            let rungs = self.controls.rungs_at(asset);
            for (control, facts) in self.knowledge.controls.iter().enumerate() {
                let held = rungs.get(facts.id.as_str());
                if !fits(facts, asset) && held.is_none() {
                    continue;
                }
                self.by_asset.entry(position).or_default().push(self.placements.len());
                self.weights.push(held.map_or(0.0, |(rung, _)| weight(*rung)));
                self.placements.push(Placement {
                    control,
                    asset: position,
                    proof: held.map(|(rung, what)| format!("{rung}: {what}")).unwrap_or_default(),
                });
            }
        }
    }

    fn instances(&self) -> Vec<Instance<'a>> {
        let mut instances = Vec::new();
        for (position, asset) in self.assets.iter().enumerate() {
            for kind in &self.knowledge.maestro.threats {
                if kind.applies_to.contains(&asset.component) {
                    instances.push(self.instance(kind, position, asset));
                }
            }
        }
        instances
    }

    fn instance(&self, kind: &'a ThreatKind, position: usize, asset: &'a Asset) -> Instance<'a> {
        let platforms = platforms(asset, &self.served);
        let mut techniques: Vec<(Maturity, &str)> = kind
            .atlas
            .iter()
            .filter_map(|id| self.knowledge.atlas.technique(id))
            .filter(|technique| platform_mismatch(technique, asset, &platforms, self.knowledge).is_none())
            .map(|technique| (self.maturity(&technique.id), technique.id.as_str()))
            .collect();
        techniques.sort_by(|left, right| (right.0, left.1).cmp(&(left.0, right.1)));
        let ids: Vec<&str> = techniques.iter().map(|(_, id)| *id).collect();
        let findings: Vec<&Finding> = self
            .controls
            .findings_at(&asset.id)
            .iter()
            .copied()
            .filter(|finding| self.speaks_for(finding, kind, &ids))
            .collect();
        let measurements: Vec<&Measurement> = self
            .facts
            .measurements
            .iter()
            .filter(|measurement| measurement.asset == asset.id)
            .filter(|measurement| {
                measurement.techniques.iter().any(|own| ids.iter().any(|id| speaks_for(own, id)))
            })
            .collect();
        let named: Vec<&str> = findings
            .iter()
            .filter_map(|finding| self.rules.get(finding.rule.as_ref()))
            .flat_map(|rule| rule.techniques.iter())
            .chain(measurements.iter().flat_map(|measurement| &measurement.techniques))
            .map(|own| own.as_ref())
            .collect();
        let maturity = techniques.first().map_or(Maturity::Feasible, |(maturity, _)| *maturity);
        let (mut ids, unnamed): (Vec<&str>, Vec<&str>) =
            ids.into_iter().partition(|id| named.iter().any(|own| speaks_for(own, id)));
        ids.extend(unnamed);
        let queried = asset.kind == AssetKind::Model && kind.applies_to.iter().any(|to| to == ENDPOINT);
        let mut basis = Vec::new();
        let attempts = self.attempts(asset, maturity, queried, &findings, &mut basis);
        let success = self.success(asset, &findings, &measurements, &mut basis);
        let controls = self.controls_of(kind, position, asset, queried, &ids);
        for (_, placements) in &controls {
            let best = placements
                .iter()
                .max_by(|left, right| self.weights[**left].total_cmp(&self.weights[**right]));
            if let Some(best) = best
                && self.weights[*best] > 0.0
            {
                let placement = &self.placements[*best];
                basis.push(format!(
                    "control {}; counts for {:.0} % of its assumed effectiveness {:.2}",
                    placement.proof,
                    self.weights[*best] * 100.0,
                    self.knowledge.controls[placement.control].effectiveness.mode
                ));
            }
        }
        let observed = !findings.is_empty() || !measurements.is_empty();
        Instance {
            kind,
            asset: position,
            support: if observed { Support::Observed } else { Support::Structural },
            techniques: ids.iter().map(|id| TechniqueId::from((*id).to_owned())).collect(),
            findings: findings.iter().map(|finding| finding.fingerprint.clone()).collect(),
            measurements: measurements.iter().map(|measurement| measurement.id.clone()).collect(),
            attempts,
            success,
            basis,
            controls,
        }
    }

    /// Maturity of a technique, its parent's when it has none of its own.
    fn maturity(&self, id: &str) -> Maturity {
        let technique = self.knowledge.atlas.technique(id);
        let parent = technique.and_then(|technique| technique.parent.as_deref());
        technique
            .and_then(|technique| technique.maturity)
            .or_else(|| self.knowledge.atlas.technique(parent?)?.maturity)
            .unwrap_or(Maturity::Feasible)
    }

    fn speaks_for(&self, finding: &Finding, kind: &ThreatKind, techniques: &[&str]) -> bool {
        self.rules.get(finding.rule.as_ref()).is_some_and(|rule| {
            rule.threats.iter().any(|threat| bare(threat) == kind.id)
                || rule.techniques.iter().any(|own| techniques.iter().any(|id| speaks_for(own, id)))
        })
    }

    fn attempts(
        &self,
        asset: &Asset,
        maturity: Maturity,
        queried: bool,
        findings: &[&Finding],
        basis: &mut Vec<String>,
    ) -> f64 {
        let (mut reach, mut words) = exposure(asset, &self.systems);
        if queried && let Some(front) = exposure_in_front(asset, reach, &self.served, &self.systems) {
            (reach, words) = front;
        }
        let mut attempts = match self.prior(maturity, reach) {
            Some(row) => {
                basis.push(format!(
                    "assumed: maturity {} on an asset {} -> {} attempts a year (expert prior, {} to {})",
                    maturity.as_str(),
                    phrase(reach),
                    row.mode,
                    row.low,
                    row.high
                ));
                row.mode
            }
            None => {
                basis.push(format!("assumed: {ATTEMPTS_WITHOUT_PRIOR} attempts a year, for want of a prior"));
                ATTEMPTS_WITHOUT_PRIOR
            }
        };
        basis.push(words);
        let alert = findings.iter().find(|finding| {
            self.rules.get(finding.rule.as_ref()).is_some_and(|rule| rule.family == Family::Detection)
        });
        if let Some(alert) = alert
            && attempts < ATTEMPTS_AFTER_ALERT
        {
            attempts = ATTEMPTS_AFTER_ALERT;
            basis.push(format!(
                "observed: {} raised the alarm; assumed: at least {attempts} attempts a year",
                alert.rule
            ));
        }
        attempts
    }

    fn prior(&self, maturity: Maturity, exposure: Exposure) -> Option<&AttemptPrior> {
        let row = self.knowledge.priors.attempts(maturity, exposure)?;
        (row.mode.is_finite() && row.mode >= 0.0).then_some(row)
    }

    fn success(
        &self,
        asset: &Asset,
        findings: &[&Finding],
        measurements: &[&Measurement],
        basis: &mut Vec<String>,
    ) -> f64 {
        let measured = measurements
            .iter()
            .filter_map(|measurement| judge(measurement, asset, self.facts.declaration))
            .max_by(|left, right| left.success.total_cmp(&right.success));
        if let Some(judgement) = measured {
            basis.push(format!(
                "measured: {} -> {:.2} of attempts succeed",
                judgement.words, judgement.success
            ));
            return judgement.success;
        }
        // An alert says that somebody tried, not that it worked.
        let worst = findings
            .iter()
            .filter(|finding| {
                self.rules.get(finding.rule.as_ref()).is_none_or(|rule| rule.family != Family::Detection)
            })
            .max_by(|left, right| {
                left.severity.cmp(&right.severity).then_with(|| right.rule.cmp(&left.rule))
            });
        match worst {
            Some(finding) => {
                let success = success_with_finding(finding.severity);
                basis.push(format!(
                    "found: {} ({}); assumed: {success} of attempts succeed",
                    finding.rule, finding.severity
                ));
                success
            }
            None => {
                basis.push(format!(
                    "assumed: {SUCCESS_WITHOUT_EVIDENCE} of attempts succeed, nothing speaks for a weakness"
                ));
                SUCCESS_WITHOUT_EVIDENCE
            }
        }
    }

    /// Controls that touch the threat, at the asset or, for threats of queries, at an endpoint in front of it.
    fn controls_of(
        &self,
        kind: &ThreatKind,
        position: usize,
        asset: &Asset,
        queried: bool,
        techniques: &[&str],
    ) -> Vec<(usize, Vec<usize>)> {
        let fronts = self.served.by_model.get(&asset.id).filter(|_| queried).into_iter().flatten();
        let places = std::iter::once(position)
            .chain(fronts.filter_map(|front| self.positions.get(&front.id).copied()));
        let mut touching: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for place in places {
            for placement in self.by_asset.get(&place).into_iter().flatten() {
                let index = self.placements[*placement].control;
                let control = &self.knowledge.controls[index];
                let touches = if control.threats.is_empty() {
                    control.techniques.iter().any(|own| techniques.iter().any(|id| related(own, id)))
                } else {
                    control.threats.iter().any(|threat| bare(threat) == kind.id)
                };
                if touches {
                    touching.entry(index).or_default().push(*placement);
                }
            }
        }
        touching.into_iter().collect()
    }

    /// Cascades along relations and within assets, by target; and where each target's begin.
    fn edges(&self, instances: &[Instance<'a>]) -> (Vec<Edge>, Vec<usize>) {
        let mut at: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        let mut of_asset: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, instance) in instances.iter().enumerate() {
            at.insert((instance.asset, &instance.kind.id), index);
            of_asset.entry(instance.asset).or_default().push(index);
        }
        let mut edges: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
        let mut join = |source: usize, target: usize, factor: f64, how: &str| {
            for from in of_asset.get(&source).into_iter().flatten() {
                for cascade in &instances[*from].kind.cascades_to {
                    let Some(to) = at.get(&(target, cascade.to.as_str())) else { continue };
                    let prior = cascade.prior.clamp(0.0, 1.0) * factor;
                    let via =
                        if how.is_empty() { cascade.via.clone() } else { format!("{}; {how}", cascade.via) };
                    let edge = Edge { from: *from, to: *to, prior, via };
                    match edges.get(&(*to, *from)) {
                        Some(known) if known.prior >= prior => {}
                        _ => drop(edges.insert((*to, *from), edge)),
                    }
                }
            }
        };
        for position in 0..self.assets.len() {
            join(position, position, 1.0, "");
        }
        for relation in self.facts.inventory.relations {
            let (Some(from), Some(to)) =
                (self.positions.get(&relation.from), self.positions.get(&relation.to))
            else {
                continue;
            };
            if from == to {
                continue;
            }
            let (source, target) =
                if relation.kind.harm_flows_backwards() { (*to, *from) } else { (*from, *to) };
            let mut factor = 1.0;
            if relation.confidence == Confidence::Inferred {
                factor *= INFERRED_RELATION;
            }
            if relation.attributes.get("human_gate").is_some_and(|gate| gate == "yes" || gate == "true") {
                factor *= HUMAN_GATE;
            }
            let words = format!("{} {} {}", relation.from, relation.kind, relation.to);
            join(source, target, factor, &words);
        }
        let edges: Vec<Edge> = edges.into_values().collect();
        let inbound = (0..=instances.len()).map(|to| edges.partition_point(|edge| edge.to < to)).collect();
        (edges, inbound)
    }
}

/// Declared losses that can be fitted, and in words those that cannot.
fn losses<'a>(facts: &Facts<'a>) -> (Vec<LossKind<'a>>, Vec<String>) {
    let (mut losses, mut unusable) = (Vec::new(), Vec::new());
    for system in &facts.declaration.systems {
        for (impact, range) in &system.losses {
            match Lognormal::from_range(range.low, range.high) {
                Some(loss) => losses.push(LossKind { system, impact, low: range.low, high: range.high, loss }),
                None => unusable.push(format!(
                    "unknown: the {impact} loss {} to {} of system `{}` cannot be fitted; give two amounts above 0, the smaller first ({})",
                    range.low, range.high, system.name, system.locator
                )),
            }
        }
    }
    losses.sort_by(|left, right| (&left.system.name, left.impact).cmp(&(&right.system.name, right.impact)));
    (losses, unusable)
}

/// Instances by system and kind of threat, with the declared losses that these lead to.
fn groups(assets: &[&Asset], instances: &[Instance<'_>], losses: &[LossKind<'_>]) -> Vec<Group> {
    let mut members: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, instance) in instances.iter().enumerate() {
        if let Some(system) = assets[instance.asset].system.as_deref() {
            members.entry((system, &instance.kind.id)).or_default().push(index);
        }
    }
    members
        .into_iter()
        .map(|((system, kind), instances)| {
            let shares = assumptions::losses(kind);
            let shares = losses
                .iter()
                .enumerate()
                .filter(|(_, loss)| loss.system.name == system)
                .filter_map(|(position, loss)| {
                    let (_, share) = shares.iter().find(|(impact, _)| *impact == loss.impact)?;
                    Some((position, *share))
                })
                .collect();
            Group { instances, shares }
        })
        .filter(|group| !group.shares.is_empty())
        .collect()
}
