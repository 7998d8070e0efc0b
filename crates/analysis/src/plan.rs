//! The plan: which controls, in which order.
//!
//! A candidate is a control of the library at all assets of one system where it fits and is not seen in place yet
//! (claimed is not enough). The greedy choice takes the candidate that removes most expected yearly loss per
//! first-year cost, with the whole threat graph evaluated again under the controls taken before; a control in place
//! is assumed to work as its most likely effectiveness says. Candidates are ranked lazily: a candidate's last known
//! worth is re-computed before it is taken, and it is only taken while it still is the best. Of more than 300 candidates
//! only so many, those with the largest linear effects per cost (`placement::ceiling`), are computed before the first step; the
//! others when their linear effect makes them the best.
//!
//! Steps are proposed while one removes, within three years, more than its first-year cost and at least a five-hundredth
//! of the loss at the start. After them come controls that silence rules with open findings of high or critical
//! severity, by findings closed per cost, whatever they do to the expected loss.
//!
//! Without any declared loss the amounts are unknown; candidates are then ranked by how much they lower the frequency
//! of threat events, weighted by how grave these are, and every step says so.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use vauban_domain::{AssetId, Finding, Fingerprint, Plan, PlanStep, Severity, words::amount};
use vauban_knowledge::Control;

use crate::graph::assumptions::{losses, weight};
use crate::graph::{Evaluation, ThreatGraph};
use crate::placement::ceiling::{self, MANY, ROUGH};

/// Years over which a step has to pay for itself: assumed.
pub(crate) const HORIZON_YEARS: f64 = 3.0;
/// Smallest share of the loss at the start that a step must remove.
const SMALLEST_SHARE: f64 = 0.002;
/// Candidates whose worth is computed again together.
const BATCH: usize = 16;
/// Share of what a step has to remove that a linear effect must reach for its candidate's worth to be computed: it may
/// understate that.
const WORTH_A_LOOK: f64 = 0.5;
/// Steps of a plan at most.
const MOST_STEPS: usize = 25;

/// A plan, and the graph with all of its controls in place.
#[derive(Debug, Clone)]
pub struct Planned<'a> {
    /// The steps.
    pub plan: Plan,
    /// The graph after the last step, for the second loss curve.
    pub after: ThreatGraph<'a>,
    /// Weights of all placements after each step; empty without declared losses.
    pub(crate) states: Vec<Vec<f64>>,
}

/// Makes the plan for `graph`.
pub fn plan<'a>(graph: &ThreatGraph<'a>) -> Planned<'a> {
    let mut planner = Planner {
        graph,
        priced: !graph.losses.is_empty(),
        weights: graph.weights.clone(),
        now: graph.evaluate(),
        left: 0.0,
        closed: BTreeSet::new(),
        steps: Vec::new(),
        states: Vec::new(),
    };
    planner.left = planner.objective(&planner.now);
    let mut candidates = candidates(graph);
    planner.take_by_risk(&mut candidates);
    planner.take_by_findings(&mut candidates);
    let Planner { weights, now, steps, states, .. } = planner;
    let after = graph.settled_at(weights, now);
    Planned { plan: Plan { steps, unaddressed: unaddressed(graph) }, after, states }
}

/// A control that could be put in place in one system.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<'a> {
    pub(crate) control: &'a Control,
    pub(crate) system: Option<&'a str>,
    pub(crate) placements: Vec<usize>,
    /// Instances that any of the placements touches.
    pub(crate) touched: BTreeSet<usize>,
    assets: BTreeSet<&'a AssetId>,
    findings: Vec<&'a Finding>,
    /// Middle of the cost range.
    pub(crate) cost: f64,
}

impl Candidate<'_> {
    fn cost_basis(&self, currency: &str) -> String {
        format!(
            "assumed: {} to {} in the first year",
            amount(self.control.cost_low, currency),
            amount(self.control.cost_high, "")
        )
    }
}

/// All candidates that could change anything, by control and system.
pub(crate) fn candidates<'a>(graph: &ThreatGraph<'a>) -> Vec<Candidate<'a>> {
    let in_place = weight(vauban_domain::Rung::Configured);
    let mut touching: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, instance) in graph.instances.iter().enumerate() {
        for placement in instance.controls.iter().flat_map(|(_, placements)| placements) {
            touching.entry(*placement).or_default().push(index);
        }
    }
    let mut groups: BTreeMap<(usize, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (position, placement) in graph.placements.iter().enumerate() {
        if graph.weights[position] < in_place && touching.contains_key(&position) {
            let system = graph.assets[placement.asset].system.as_deref();
            groups.entry((placement.control, system)).or_default().push(position);
        }
    }
    let systems: BTreeMap<&AssetId, Option<&str>> =
        graph.assets.iter().map(|asset| (&asset.id, asset.system.as_deref())).collect();
    let mut silenced: BTreeMap<(usize, Option<&str>), Vec<&Finding>> = BTreeMap::new();
    for finding in graph.facts.findings {
        let Some(system) = systems.get(&finding.asset) else { continue };
        for (index, control) in graph.knowledge.controls.iter().enumerate() {
            if control.silences.iter().any(|rule| *rule == finding.rule) {
                silenced.entry((index, *system)).or_default().push(finding);
                groups.entry((index, *system)).or_default();
            }
        }
    }
    groups
        .into_iter()
        .map(|((index, system), placements)| {
            let control = &graph.knowledge.controls[index];
            let findings = silenced.remove(&(index, system)).unwrap_or_default();
            let mut assets: BTreeSet<&AssetId> = placements
                .iter()
                .map(|position| &graph.assets[graph.placements[*position].asset].id)
                .collect();
            assets.extend(findings.iter().map(|finding| &finding.asset));
            let cost = ((control.cost_low + control.cost_high) / 2.0).max(1.0);
            let touched = placements.iter().flat_map(|position| &touching[position]).copied().collect();
            Candidate { control, system, placements, touched, assets, findings, cost }
        })
        .collect()
}

/// Rules with findings that no control of the library silences.
fn unaddressed(graph: &ThreatGraph<'_>) -> Vec<String> {
    let found: BTreeSet<&str> = graph.facts.findings.iter().map(|finding| finding.rule.as_ref()).collect();
    found
        .into_iter()
        .filter(|rule| {
            !graph.knowledge.controls.iter().any(|control| control.silences.iter().any(|own| own == rule))
        })
        .map(str::to_owned)
        .collect()
}

struct Planner<'g, 'a> {
    graph: &'g ThreatGraph<'a>,
    /// Whether the owner declared any loss.
    priced: bool,
    weights: Vec<f64>,
    /// All instances under `weights`.
    now: Evaluation,
    /// Value of the objective under `weights`.
    left: f64,
    /// Findings closed by the steps so far.
    closed: BTreeSet<Fingerprint>,
    steps: Vec<PlanStep>,
    states: Vec<Vec<f64>>,
}

impl<'a> Planner<'_, 'a> {
    /// What the plan lowers: expected yearly loss, or without prices the weighted frequency of threat events.
    fn objective(&self, evaluation: &Evaluation) -> f64 {
        if self.priced {
            return self.graph.expected_loss(evaluation);
        }
        let gravity = |id: &str| losses(id).iter().map(|(_, share)| share).sum::<f64>();
        self.graph
            .instances
            .iter()
            .zip(&evaluation.rate)
            .map(|(instance, rate)| rate * gravity(&instance.kind.id))
            .sum()
    }

    /// All weights with the candidate in place as well.
    fn weights_with(&self, candidate: &Candidate<'_>) -> Vec<f64> {
        let mut weights = self.weights.clone();
        for placement in &candidate.placements {
            weights[*placement] = 1.0;
        }
        weights
    }

    /// What the candidate would take off the objective, per cost.
    fn worth(&self, candidate: &Candidate<'_>) -> f64 {
        let evaluation = self.graph.estimate(&self.now, &self.weights_with(candidate), &candidate.touched);
        (self.left - self.objective(&evaluation)) / candidate.cost
    }

    /// Worth of every candidate a year per cost, and after how many steps that was computed; `None` where it is only the
    /// linear effect.
    fn first_worth(&self, candidates: &[Candidate<'a>]) -> Vec<(f64, Option<usize>)> {
        if !self.priced || candidates.len() <= MANY {
            return candidates.par_iter().map(|candidate| (self.worth(candidate), Some(0))).collect();
        }
        let (_, effects) = ceiling::effects(self.graph, candidates, &self.weights, &self.now, ROUGH);
        let linear: Vec<f64> =
            effects.iter().zip(candidates).map(|(effect, candidate)| effect / candidate.cost).collect();
        let mut order = linear.clone();
        order.sort_by(|one, other| other.total_cmp(one));
        let least = order[MANY - 1];
        let candidates = linear.par_iter().zip(candidates);
        candidates
            .map(|(&linear, candidate)| {
                let is_among_them = linear >= least;
                if is_among_them { (self.worth(candidate), Some(0)) } else { (linear, None) }
            })
            .collect()
    }

    fn take_by_risk(&mut self, candidates: &mut Vec<Candidate<'a>>) {
        let start = self.left;
        if start <= 0.0 {
            return;
        }
        let mut worth = self.first_worth(candidates);
        while self.steps.len() < MOST_STEPS {
            let mut order: Vec<usize> = (0..candidates.len()).collect();
            order.sort_by(|left, right| {
                worth[*right].0.total_cmp(&worth[*left].0).then_with(|| left.cmp(right))
            });
            let Some(best) = order.first().copied() else { break };
            let (value, round) = worth[best];
            let enough = if round.is_none() { WORTH_A_LOOK } else { 1.0 };
            if value <= 0.0 || (self.priced && value * HORIZON_YEARS < enough) {
                break;
            }
            let fresh = Some(self.steps.len());
            if round != fresh {
                order.retain(|index| worth[*index].1 != fresh);
                order.truncate(BATCH);
                let again: Vec<f64> = order.par_iter().map(|index| self.worth(&candidates[*index])).collect();
                for (index, value) in order.into_iter().zip(again) {
                    worth[index] = (value, fresh);
                }
                continue;
            }
            if value * candidates[best].cost < SMALLEST_SHARE * start {
                // Cheap, but it changes next to nothing; later steps can only make it smaller.
                worth.remove(best);
                candidates.remove(best);
                continue;
            }
            worth.remove(best);
            let candidate = candidates.remove(best);
            self.take(&candidate, "removes most expected loss per cost among what is left");
        }
    }

    fn take_by_findings(&mut self, candidates: &mut Vec<Candidate<'a>>) {
        while self.steps.len() < MOST_STEPS {
            let open = |candidate: &Candidate<'_>| {
                candidate
                    .findings
                    .iter()
                    .filter(|finding| {
                        finding.severity >= Severity::High && !self.closed.contains(&finding.fingerprint)
                    })
                    .count()
            };
            let best = (0..candidates.len()).max_by(|left, right| {
                let value = |index: usize| open(&candidates[index]) as f64 / candidates[index].cost;
                value(*left).total_cmp(&value(*right)).then_with(|| right.cmp(left))
            });
            let Some(best) = best else { break };
            let count = open(&candidates[best]);
            if count == 0 {
                break;
            }
            let candidate = candidates.remove(best);
            self.take(&candidate, &format!("closes {count} open findings of high or critical severity"));
        }
    }

    fn take(&mut self, candidate: &Candidate<'a>, why: &str) {
        self.weights = self.weights_with(candidate);
        self.now = self.graph.evaluate_with(&self.weights);
        let before = self.left;
        self.left = self.objective(&self.now).min(before);
        let control = candidate.control;
        let currency = &self.graph.facts.declaration.currency;
        let mut basis = vec![
            why.to_owned(),
            format!("assumed: stops {:.0} % of what it touches", control.effectiveness.mode * 100.0),
            candidate.cost_basis(currency),
        ];
        if control.utility_cost > 0.0 {
            basis.push(format!("assumed: takes {:.0} % of usefulness away", control.utility_cost * 100.0));
        }
        if !self.priced {
            basis.push("unknown: no loss declared, so the loss it removes is not known".to_owned());
        }
        if let Some(system) = candidate.system {
            basis.push(format!("acts on system `{system}`"));
        }
        let findings: BTreeSet<Fingerprint> =
            candidate.findings.iter().map(|finding| finding.fingerprint.clone()).collect();
        let silences: BTreeSet<String> =
            candidate.findings.iter().map(|finding| finding.rule.clone().into_owned()).collect();
        self.closed.extend(findings.iter().cloned());
        let (risk_removed, risk_left) =
            if self.priced { (before - self.left, self.left) } else { (0.0, 0.0) };
        if self.priced {
            self.states.push(self.weights.clone());
        }
        self.steps.push(PlanStep {
            rank: u32::try_from(self.steps.len() + 1).unwrap_or(u32::MAX),
            control: control.id.clone(),
            name: control.name.clone(),
            assets: candidate.assets.iter().map(|asset| (*asset).clone()).collect(),
            cost: candidate.cost,
            risk_removed,
            risk_left,
            mitigations: control.mitigations.clone(),
            playbook: control.playbook.clone(),
            threats: candidate.touched.iter().map(|index| self.graph.id_of(*index)).collect(),
            silences: silences.into_iter().collect(),
            findings: findings.into_iter().collect(),
            return_on_control: None,
            cost_of_delay: None,
            basis,
        });
    }
}
