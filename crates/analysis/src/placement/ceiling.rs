//! How much loss any choice of controls can remove at most: a bound that holds for the threat graph as it is.
//!
//! What two controls remove together is not always less than the sum of what each removes: when the stronger of two
//! causes is cut the weaker one takes its place, and only both together help. So the graph is first replaced by one from below.
//! With the evaluation under some controls `A` held fixed, likelihoods under further controls are at least
//!
//! ```text
//! likelihood(i) >= through(i) * (alpha(i) + sum over today's causes j of beta(i, j) * likelihood(j))
//! rate(i)       >= through(i) * (attempts(i) * success(i) + sum of b(i, j) * likelihood(j))
//! loss          >= sum of value(i) * rate(i)
//! ```
//!
//! where `alpha`, `beta`, `b` and `value` are never negative and are chosen so that little is lost at `A`: the ranks of causes,
//! of assets in a group and of threats behind a loss stay what they are at `A`, which can only make sums smaller; and
//! `1 - exp(-x)` and `min(.7, x)` are concave, so they lie above their chords. Unrolled, the right-hand side is a sum of products
//! of `through`, and of such a sum two controls together never remove more than the sum of what each removes (it is
//! supermodular and falling). What further controls remove is therefore at most what is lost at `A` plus the sum of
//! their single effects, each at most its gradient times its change of `through`; within a budget that is a fractional
//! knapsack. Any `A` gives a bound; the smallest of several is taken.

use crate::ThreatGraph;
use crate::graph::Evaluation;
use crate::graph::assumptions::{FURTHER_ASSET, FURTHER_CAUSE, FURTHER_THREAT, MOST_CASCADE};
use crate::plan::Candidate;

/// Candidates from which on their linear effects rank them.
pub(crate) const MANY: usize = 300;
/// Change of the linear effects that still counts as none where they only rank.
pub(crate) const ROUGH: f64 = 1e-4;
/// Rounds of the linear fixed point; each shrinks the change by a fifth or more.
const MOST_ROUNDS: usize = 400;
/// Change that still counts as none, relative to the largest value.
const TOLERANCE: f64 = 1e-13;
/// Added to the bound for what floating-point sums lose.
const SLACK: f64 = 1.0 + 1e-9;

/// What `candidates` within `budget` can remove at most on top of the controls of `weights`, whose evaluation and expected
/// loss are given.
pub(super) fn further(
    graph: &ThreatGraph<'_>,
    candidates: &[Candidate<'_>],
    weights: &[f64],
    evaluation: &Evaluation,
    loss: f64,
    budget: f64,
) -> f64 {
    let (linear_loss, effects) = effects(graph, candidates, weights, evaluation, TOLERANCE);
    let lost = (loss - linear_loss).max(0.0);
    let mut effects: Vec<(f64, f64)> = effects
        .into_iter()
        .zip(candidates)
        .map(|(effect, candidate)| (effect, candidate.cost))
        .filter(|(effect, cost)| *effect > 0.0 && *cost <= budget)
        .collect();
    effects.sort_by(|one, other| (other.0 / other.1).total_cmp(&(one.0 / one.1)));
    let (mut left, mut removed) = (budget, 0.0);
    for (effect, cost) in effects {
        removed += effect * (left / cost).clamp(0.0, 1.0);
        left -= cost;
        if left <= 0.0 {
            break;
        }
    }
    (lost + removed) * SLACK
}

/// The expected loss of the graph from below, and what each candidate removes of it at most, with the controls of `weights` in
/// place. A `tolerance` that is not small is good enough to rank candidates.
pub(crate) fn effects(
    graph: &ThreatGraph<'_>,
    candidates: &[Candidate<'_>],
    weights: &[f64],
    evaluation: &Evaluation,
    tolerance: f64,
) -> (f64, Vec<f64>) {
    let linear = Linear::at(graph, evaluation, tolerance);
    let mut with = weights.to_vec();
    let effects = candidates
        .iter()
        .map(|candidate| {
            let before: Vec<f64> = candidate.placements.iter().map(|at| with[*at]).collect();
            candidate.placements.iter().for_each(|at| with[*at] = 1.0);
            let stopped = |at: usize| (evaluation.through[at] - graph.through(at, &with)).max(0.0);
            let effect = candidate.touched.iter().map(|at| linear.gradient[*at] * stopped(*at)).sum();
            candidate.placements.iter().zip(before).for_each(|(at, weight)| with[*at] = weight);
            effect
        })
        .collect();
    (linear.loss, effects)
}

/// The graph from below, around one evaluation.
struct Linear {
    /// Its expected loss there.
    loss: f64,
    /// How fast that rises with what gets through to each instance.
    gradient: Vec<f64>,
}

/// Causes of an instance: source, and events of the instance per event of the source and share let through.
type Causes = Vec<(usize, f64)>;

impl Linear {
    fn at(graph: &ThreatGraph<'_>, evaluation: &Evaluation, tolerance: f64) -> Self {
        let count = graph.instances.len();
        let through = &evaluation.through;
        let causes: Vec<Causes> = (0..count).map(|index| causes(graph, evaluation, index)).collect();
        let spared: Vec<f64> = (0..count).map(|index| 1.0 - evaluation.own(index)).collect();
        let alpha: Vec<f64> = (0..count).map(|index| evaluation.own(index) / through[index]).collect();
        let own_rate: Vec<f64> =
            graph.instances.iter().map(|instance| instance.attempts * instance.success).collect();
        let value = values(graph, evaluation);
        // Likelihoods from below: sums over longer and longer chains of causes.
        let caused = |likelihood: &[f64], index: usize| -> f64 {
            causes[index].iter().map(|(from, events)| events * likelihood[*from]).sum()
        };
        let likelihood = settle(count, tolerance, |likelihood, index| {
            through[index] * (alpha[index] + spared[index] * caused(likelihood, index))
        });
        // What one more unit of likelihood of each instance adds to the loss, over everything it causes.
        let mut effects: Vec<Causes> = vec![Vec::new(); count];
        for (to, causes) in causes.iter().enumerate() {
            causes.iter().for_each(|(from, events)| effects[*from].push((to, through[to] * events)));
        }
        let price = settle(count, tolerance, |price, index| {
            effects[index].iter().map(|(to, events)| events * (value[*to] + price[*to] * spared[*to])).sum()
        });
        let mut loss = 0.0;
        let gradient = (0..count)
            .map(|index| {
                let caused = caused(&likelihood, index);
                let rate = own_rate[index] + caused;
                loss += value[index] * through[index] * rate;
                value[index] * rate + price[index] * (alpha[index] + spared[index] * caused)
            })
            .collect();
        Self { loss, gradient }
    }
}

/// The smallest solution of `x = next(x)`, from zero upwards.
fn settle(count: usize, tolerance: f64, next: impl Fn(&[f64], usize) -> f64) -> Vec<f64> {
    let mut values = vec![0.0; count];
    for _ in 0..MOST_ROUNDS {
        let after: Vec<f64> = (0..count).map(|index| next(&values, index)).collect();
        let change = after.iter().zip(&values).map(|(after, before)| after - before).fold(0.0, f64::max);
        let largest = after.iter().copied().fold(0.0, f64::max);
        values = after;
        if change <= largest * tolerance {
            break;
        }
    }
    values
}

/// The strongest causes of an instance at this evaluation, in their ranks.
fn causes(graph: &ThreatGraph<'_>, evaluation: &Evaluation, index: usize) -> Causes {
    let through = evaluation.through[index];
    let mut strongest: Vec<(f64, usize, f64)> = graph
        .edges_into(index)
        .iter()
        .map(|edge| {
            let chance = (edge.prior * through).min(MOST_CASCADE);
            (chance * evaluation.likelihood[edge.from], edge.from, chance / through)
        })
        .filter(|(cause, ..)| *cause > 0.0)
        .collect();
    strongest.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    strongest.truncate(crate::graph::CAUSES);
    let (mut weight, mut none_before) = (1.0, 1.0);
    strongest
        .into_iter()
        .map(|(cause, from, chance)| {
            let events = weight * chance * none_before;
            none_before *= 1.0 - weight * cause;
            weight *= FURTHER_CAUSE;
            (from, events)
        })
        .collect()
}

/// Expected loss per event a year of each instance, with the ranks of this evaluation.
fn values(graph: &ThreatGraph<'_>, evaluation: &Evaluation) -> Vec<f64> {
    let mut behind: Vec<Vec<(f64, usize, f64)>> = vec![Vec::new(); graph.losses.len()];
    let mut ranked: Vec<Vec<usize>> = Vec::with_capacity(graph.groups.len());
    for (position, group) in graph.groups.iter().enumerate() {
        let mut members = group.instances.clone();
        members.sort_by(|one, other| {
            evaluation.rate[*other].total_cmp(&evaluation.rate[*one]).then_with(|| one.cmp(other))
        });
        let weights = std::iter::successors(Some(1.0), |weight| Some(weight * FURTHER_ASSET));
        let rate: f64 =
            members.iter().zip(weights).map(|(index, weight)| weight * evaluation.rate[*index]).sum();
        for (loss, share) in &group.shares {
            behind[*loss].push((rate * share, position, *share));
        }
        ranked.push(members);
    }
    let mut values = vec![0.0; graph.instances.len()];
    for (kinds, loss) in behind.iter_mut().zip(&graph.losses) {
        kinds.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        let mut worth = loss.experience.factor * loss.loss.mean();
        for (_, group, share) in kinds {
            let mut weight = worth * *share;
            for index in &ranked[*group] {
                values[*index] += weight;
                weight *= FURTHER_ASSET;
            }
            worth *= FURTHER_THREAT;
        }
    }
    values
}
