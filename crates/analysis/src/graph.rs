//! The threat graph: MAESTRO threats at real assets, the cascades between them, the controls in their way.
//!
//! # The model
//!
//! An *instance* is a MAESTRO threat at an asset whose component kind it applies to. For instance `i`:
//!
//! ```text
//! through(i)   = max(residual, product over controls c that touch i of (1 - effectiveness(c) * weight(c)))
//! frequency(i) = attempts(i) * success(i) * through(i)                                   events a year
//! own(i)       = 1 - exp(-frequency(i))
//! cause(j, i)  = min(.7, prior(kind j -> kind i) * relation(j, i) * through(i)) * likelihood(j) * needs(j, i)
//! inbound(i)   = 1 - product over causes, strongest first, of (1 - cause * (1/4)^rank)
//! likelihood(i)= 1 - (1 - own(i)) * (1 - inbound(i))                                      bounded fixed point
//! rate(i)      = frequency(i) - ln(1 - inbound(i))                                        events a year
//! ```
//!
//! - `attempts` are the prior of the most mature technique that brings the threat about, at the asset's exposure; at
//!   least monthly where a detection has raised the alarm.
//! - `success` is the measured success of attacks where there is one, else assumed from the worst open finding, else
//!   the value for "nothing speaks for it".
//! - `weight` is what the rung of a control's proof is worth: claimed .25, configured .7, exercised 1.
//! - A cascade exists only between instances at the same asset or at assets joined by a relation, in the direction in
//!   which harm travels along it. Controls at its target are in its way too.
//! - `needs` is 1, or the probability of the further threats that a cascade waits for ([`condition`]): the product of
//!   their likelihoods where all are needed, one minus the product of the complements where any is enough.
//! - Causes of one event share their attacker, so they are treated as strongly dependent. With priors up to .6 the
//!   weights keep the gain of a round below .6 * 4/3 = .8 (below .94 in any case), so the iteration converges on any
//!   graph, cyclic or not, and cannot saturate: where own probabilities are at most q, likelihoods are at most 5q.
//!   Further needs only lower a cause, and each round still rises with the round before, so that the iteration from
//!   nothing climbs to the least fixed point.
//!
//! Every term rises with every input, so a control never raises a likelihood (tests hold it to that).
//!
//! A *loss event* of a system and a kind of impact has the frequency
//!
//! ```text
//! kind(k) = share(k, impact) * (worst rate + next / 2 + next / 4 ...)        over the system's assets
//! loss    = worst kind + next * .75 + next * .75^2 ...                       over the kinds of threat
//! ```
//!
//! times what the owner's own incidents say ([`experience`]: a weak prior is outweighed by a record of years),
//! since instances of one threat in one system share attackers and defences, and different threats are often steps of
//! the same attack.

pub mod assumptions;
mod build;
mod condition;
mod evaluation;
mod experience;
pub(crate) mod exposure;

use std::collections::BTreeMap;
use std::sync::Arc;

use vauban_domain::{Asset, Fingerprint, LossRange, Relation, Support, System, TechniqueId};
use vauban_knowledge::Knowledge;
use vauban_knowledge::condition::Fact;
use vauban_knowledge::maestro::{Cascade, ThreatKind};
use vauban_knowledge::priors::AttemptPrior;

pub(crate) use condition::Requirement;
pub(crate) use evaluation::CAUSES;
use evaluation::Causes;
pub use evaluation::Evaluation;
pub(crate) use experience::Experience;

use crate::facts::Facts;
use crate::risk::{LossRecord, Magnitude};

/// A MAESTRO threat at an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance<'a> {
    /// The threat.
    pub kind: &'a ThreatKind,
    /// Position of the asset.
    pub asset: usize,
    /// Techniques that bring it about here: those that evidence names, then the others, most mature first.
    pub techniques: Vec<TechniqueId>,
    /// What it stands on.
    pub support: Support,
    /// Findings that speak for it.
    pub findings: Vec<Fingerprint>,
    /// Measurements that speak for it.
    pub measurements: Vec<String>,
    /// Attempts a year.
    pub attempts: f64,
    /// The expert prior behind them, if there is one.
    pub prior: Option<&'a AttemptPrior>,
    /// Whether an alarm raised them.
    pub alarmed: bool,
    /// Probability that an attempt succeeds when no control is in the way.
    pub success: f64,
    /// Inputs in words.
    pub basis: Vec<String>,
    /// Controls that touch it (position in the knowledge base), with the placements where each can act.
    pub(crate) controls: Vec<(usize, Vec<usize>)>,
}

/// A cascade between two instances, without controls.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Edge<'a> {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Prior of the cascade times what the relation adds.
    pub(crate) prior: f64,
    /// The cascade in MAESTRO's terms.
    pub(crate) cascade: &'a Cascade,
    /// The relation it goes along, and whether against the direction of its flow; `None` within one asset.
    pub(crate) along: Option<(&'a Relation, bool)>,
    /// What must have happened besides.
    pub(crate) needs: Option<Requirement>,
    /// What the cascade takes for granted because nobody has said otherwise.
    pub(crate) assumed: Vec<&'a Fact>,
}

/// A control at an asset, in place or possible.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placement {
    /// Position of the control in the knowledge base.
    pub(crate) control: usize,
    /// Position of the asset.
    pub(crate) asset: usize,
    /// What proves it today; empty when nothing does.
    pub(crate) proof: String,
}

/// One declared kind of loss of one system.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LossKind<'a> {
    pub(crate) system: &'a System,
    pub(crate) impact: &'a str,
    /// As declared.
    pub(crate) range: LossRange,
    /// Loss per event, after what the owner's own losses say.
    pub(crate) loss: Magnitude,
    /// What those are.
    pub(crate) record: LossRecord,
    /// What the owner's own incidents do to the frequency; 1 without any record.
    pub(crate) experience: Experience,
}

/// Threat instances, cascades and controls of the estate.
#[derive(Debug, Clone)]
pub struct ThreatGraph<'a> {
    pub(crate) facts: Facts<'a>,
    pub(crate) knowledge: &'a Knowledge,
    /// By id.
    pub(crate) assets: Vec<&'a Asset>,
    /// By asset, then threat.
    pub(crate) instances: Arc<[Instance<'a>]>,
    /// By target, then source.
    pub(crate) edges: Arc<[Edge<'a>]>,
    /// What an evaluation reads of the edges.
    causes: Arc<Causes>,
    /// Where the edges into each instance begin, and one past the end.
    pub(crate) inbound: Arc<[usize]>,
    /// Targets of the edges out of each instance.
    pub(crate) outbound: Arc<[Vec<usize>]>,
    /// Instances of each system and kind of threat that can lose something.
    pub(crate) groups: Arc<[Group]>,
    /// By control, then asset.
    pub(crate) placements: Arc<[Placement]>,
    /// How much each placement counts today, in 0..1.
    pub(crate) weights: Vec<f64>,
    /// Declared losses, by system and impact.
    pub(crate) losses: Vec<LossKind<'a>>,
    /// Losses that cannot be used, in words.
    pub(crate) unusable_losses: Vec<String>,
    /// The last evaluation of all instances, and the weights it holds for.
    settled: Arc<(Vec<f64>, Evaluation)>,
}

/// Instances of one kind of threat in one system.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) instances: Vec<usize>,
    /// Positions of declared losses, with the share of events that become one.
    pub(crate) shares: Vec<(usize, f64)>,
}

/// Loss events a year by one kind of threat, and the part of each instance.
type KindRate = (f64, Vec<(usize, f64)>);

/// How often a declared kind of loss happens, and by which instances.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LossRate {
    /// Expected loss events a year.
    pub(crate) frequency: f64,
    /// Instances with their part of it, largest first.
    pub(crate) parts: Vec<(usize, f64)>,
}

impl<'a> ThreatGraph<'a> {
    /// Builds the graph of what was found.
    pub fn new(facts: &Facts<'a>, knowledge: &'a Knowledge) -> Self {
        build::graph(facts, knowledge)
    }

    /// All instances, by asset and then threat.
    pub fn instances(&self) -> &[Instance<'a>] {
        &self.instances
    }

    /// All instances under the controls that hold today. Worked out once for the same controls.
    pub fn evaluate(&self) -> Evaluation {
        let (weights, evaluation) = &*self.settled;
        if *weights == self.weights { evaluation.clone() } else { self.evaluate_with(&self.weights) }
    }

    /// The same estate under other weights of the placements, whose evaluation is known.
    pub(crate) fn settled_at(&self, weights: Vec<f64>, evaluation: Evaluation) -> Self {
        let settled = Arc::new((weights.clone(), evaluation));
        Self { weights, settled, ..self.clone() }
    }

    /// The asset of an instance.
    pub fn asset_of(&self, instance: usize) -> &'a Asset {
        self.assets[self.instances[instance].asset]
    }

    /// Stable id of an instance, `L1.1/model:form-reader.onnx`.
    pub fn id_of(&self, instance: usize) -> String {
        format!("{}/{}", self.instances[instance].kind.id, self.asset_of(instance).id)
    }

    pub(crate) fn effectiveness(&self, control: usize) -> f64 {
        self.knowledge.controls[control].effectiveness.mode.clamp(0.0, 1.0)
    }

    /// Edges into an instance.
    pub(crate) fn edges_into(&self, instance: usize) -> &[Edge<'a>] {
        &self.edges[self.inbound[instance]..self.inbound[instance + 1]]
    }

    /// Probability that harm passes along an edge once its source has happened.
    pub(crate) fn passage(&self, evaluation: &Evaluation, edge: &Edge<'_>) -> f64 {
        self.passage_with(evaluation, edge, &|instance| evaluation.likelihood[instance])
    }

    /// The same where it is known what else has happened: `of` gives the probability of each instance.
    pub(crate) fn passage_with(
        &self,
        evaluation: &Evaluation,
        edge: &Edge<'_>,
        of: &impl Fn(usize) -> f64,
    ) -> f64 {
        let open = (edge.prior * evaluation.through[edge.to]).min(assumptions::MOST_CASCADE);
        edge.needs.as_ref().map_or(open, |needs| open * needs.probability(of))
    }

    /// How the harm travels along an edge, in words.
    pub(crate) fn via(&self, edge: &Edge<'_>) -> String {
        let mut words = edge.cascade.via.clone();
        if let Some((relation, back)) = edge.along {
            words.push_str(&format!("; {} {} {}", relation.from, relation.kind, relation.to));
            if back {
                words.push_str(", and back");
            }
        }
        if let Some(needs) = &edge.needs {
            words
                .push_str(&format!("; only together with {}", needs.words(&|instance| self.id_of(instance))));
        }
        for fact in &edge.assumed {
            words.push_str(&format!("; assumed, as nobody says otherwise: {fact}"));
        }
        words
    }

    /// Expected loss of one event of each instance, as [`Self::loss_of_event`].
    pub(crate) fn losses_of_events(&self) -> Vec<f64> {
        let mut of_system: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
        for loss in &self.losses {
            of_system.entry(&loss.system.name).or_default().push((loss.impact, loss.loss.mean()));
        }
        self.instances
            .iter()
            .map(|instance| {
                let Some(losses) =
                    self.assets[instance.asset].system.as_deref().and_then(|system| of_system.get(system))
                else {
                    return 0.0;
                };
                let shares = assumptions::losses(&instance.kind.id);
                losses
                    .iter()
                    .filter_map(|(impact, mean)| {
                        let (_, share) = shares.iter().find(|(own, _)| own == impact)?;
                        Some(share * mean)
                    })
                    .sum()
            })
            .collect()
    }

    /// Frequency of every declared kind of loss, in the order of `losses`.
    pub(crate) fn loss_rates(&self, evaluation: &Evaluation) -> Vec<LossRate> {
        // Every group behind a loss: what it brings about, and by which instances.
        let mut behind: Vec<Vec<KindRate>> = vec![Vec::new(); self.losses.len()];
        for group in self.groups.iter() {
            let mut members = group.instances.clone();
            members.sort_by(|left, right| {
                evaluation.rate[*right].total_cmp(&evaluation.rate[*left]).then_with(|| left.cmp(right))
            });
            let mut weight = 1.0;
            let mut parts = Vec::with_capacity(members.len());
            for index in members {
                parts.push((index, weight * evaluation.rate[index]));
                weight *= assumptions::FURTHER_ASSET;
            }
            let rate: f64 = parts.iter().map(|(_, part)| part).sum();
            for (loss, share) in &group.shares {
                let scaled = parts.iter().map(|(index, part)| (*index, part * share)).collect();
                behind[*loss].push((rate * share, scaled));
            }
        }
        behind
            .into_iter()
            .zip(&self.losses)
            .map(|(kinds, loss)| {
                let mut rate = combine(kinds);
                rate.frequency *= loss.experience.factor;
                for (_, part) in &mut rate.parts {
                    *part *= loss.experience.factor;
                }
                rate
            })
            .collect()
    }

    /// Expected loss a year over all declared losses: the frequencies of [`Self::loss_rates`] times the mean losses,
    /// without telling the parts.
    pub(crate) fn expected_loss(&self, evaluation: &Evaluation) -> f64 {
        let frequencies = self.frequencies(evaluation);
        let losses = frequencies.iter().zip(&self.losses);
        losses.map(|(frequency, loss)| frequency * loss.experience.factor * loss.loss.mean()).sum()
    }

    /// Events a year of every declared kind of loss as the graph gives them, without what the owner's incidents say.
    pub(crate) fn frequencies(&self, evaluation: &Evaluation) -> Vec<f64> {
        let mut behind: Vec<Vec<f64>> = vec![Vec::new(); self.losses.len()];
        let mut rates = Vec::new();
        for group in self.groups.iter() {
            rates.clear();
            rates.extend(group.instances.iter().map(|index| evaluation.rate[*index]));
            let rate = discounted(&mut rates, assumptions::FURTHER_ASSET);
            for (loss, share) in &group.shares {
                behind[*loss].push(rate * share);
            }
        }
        behind.iter_mut().map(|rates| discounted(rates, assumptions::FURTHER_THREAT)).collect()
    }

    /// Expected loss of one event of an instance: what its system loses, by kind of impact, times how likely the
    /// event becomes such a loss.
    pub(crate) fn loss_of_event(&self, instance: usize) -> f64 {
        let Some(system) = self.asset_of(instance).system.as_deref() else { return 0.0 };
        let shares = assumptions::losses(&self.instances[instance].kind.id);
        self.losses
            .iter()
            .filter(|loss| loss.system.name == system)
            .filter_map(|loss| {
                let (_, share) = shares.iter().find(|(impact, _)| *impact == loss.impact)?;
                Some(share * loss.loss.mean())
            })
            .sum()
    }
}

/// The largest value in full, each further one times one more `factor`.
fn discounted(values: &mut [f64], factor: f64) -> f64 {
    values.sort_unstable_by(|left, right| right.total_cmp(left));
    values.iter().fold((0.0, 1.0), |(sum, weight), value| (sum + weight * value, weight * factor)).0
}

/// The worst kind of threat in full, each further one less.
fn combine(mut kinds: Vec<KindRate>) -> LossRate {
    kinds.sort_by(|left, right| right.0.total_cmp(&left.0));
    let mut weight = 1.0;
    let (mut frequency, mut parts) = (0.0, Vec::new());
    for (rate, members) in kinds {
        frequency += weight * rate;
        parts.extend(members.into_iter().map(|(index, part)| (index, weight * part)));
        weight *= assumptions::FURTHER_THREAT;
    }
    parts.retain(|(_, part)| *part > 0.0);
    parts.sort_by(|left, right| right.1.total_cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    LossRate { frequency, parts }
}
