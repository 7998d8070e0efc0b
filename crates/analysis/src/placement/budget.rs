//! What a budget buys: the controls that remove most expected loss for it.
//!
//! Every choice is judged by the whole threat graph evaluated under it, so that controls on the same threat, and on the same
//! path, count as much as they do together. With few candidates every choice is tried; with more, two greedy choices are
//! made (most loss removed per cost, and most loss removed) and improved by leaving one out and filling up again. With very
//! many, several candidates that touch different threats are taken at a time, ranked by the linear effects of the ceiling, and the
//! curve has a point for each such handful. How far the
//! best choice can lie above is told by [`super::ceiling`].

use rayon::prelude::*;
use vauban_domain::{BudgetPlan, BudgetPoint};

use super::ceiling::{self, MANY, ROUGH};
use crate::ThreatGraph;
use crate::graph::Evaluation;
use crate::plan::{Candidate, HORIZON_YEARS};

/// Candidates of which every choice is tried.
const MOST_TRIED: usize = 10;
/// Handfuls that all candidates are about.
const HANDFULS: usize = 25;
/// Candidates whose worth is computed again together.
const BATCH: usize = 8;
/// Controls of one choice, at most.
const MOST_CONTROLS: usize = 400;
/// Smallest share of the loss at the start that a control must remove to be taken.
const SMALLEST_SHARE: f64 = 1e-4;
/// Evaluations spent on improving a greedy choice, at most.
const MOST_IMPROVEMENTS: usize = 3_000;
/// Choices around which the ceiling is computed.
const CEILINGS: usize = 12;
/// Points of the curve, at most.
const MOST_POINTS: usize = 60;

/// A choice of candidates with what it leaves.
#[derive(Debug, Clone)]
struct Bought {
    /// Candidates in the order taken.
    chosen: Vec<usize>,
    weights: Vec<f64>,
    evaluation: Evaluation,
    cost: f64,
    /// Expected loss left.
    left: f64,
}

struct Shop<'g, 'a, 'c> {
    graph: &'g ThreatGraph<'a>,
    candidates: &'c [Candidate<'a>],
    start: Bought,
}

/// What the declared budget buys, or without one everything that pays; nothing when no loss is declared. The controls are
/// positions of `candidates`, for the caller to name.
pub(super) fn best(
    graph: &ThreatGraph<'_>,
    candidates: &[Candidate<'_>],
) -> Option<(BudgetPlan, Vec<usize>)> {
    if graph.losses.is_empty() {
        return None;
    }
    let evaluation = graph.evaluate();
    let left = graph.expected_loss(&evaluation);
    let start = Bought { chosen: Vec::new(), weights: graph.weights.clone(), evaluation, cost: 0.0, left };
    let shop = Shop { graph, candidates, start };
    let mut curve = Vec::new();
    let paying = if candidates.len() > MANY {
        shop.handfuls(f64::INFINITY, Some(&mut curve))
    } else {
        shop.greedy(shop.start.clone(), f64::INFINITY, true, Some(&mut curve))
    };
    let order = paying.chosen.clone();
    let declared = graph.facts.declaration.budget.filter(|budget| budget.is_finite() && *budget >= 0.0);
    let budget = declared.unwrap_or(paying.cost);
    let (bought, proven) = match declared {
        Some(_) => shop.within(budget),
        None => (paying, false),
    };
    let removed = (left - bought.left).max(0.0);
    let upper_bound = if proven { removed } else { shop.ceiling(budget, &order, &bought).max(removed) };
    let mut points = curve;
    points.extend([shop.point(&shop.start), shop.point(&bought)]);
    frontier(&mut points);
    let mut chosen = bought.chosen;
    chosen.sort_unstable();
    let plan = BudgetPlan {
        budget,
        declared: declared.is_some(),
        controls: Vec::new(),
        removed,
        upper_bound,
        curve: points,
        basis: Vec::new(),
    };
    Some((plan, chosen))
}

/// Keeps points that remove more than every cheaper one, thinned to what a reader can take in; the last one always stays.
fn frontier(points: &mut Vec<BudgetPoint>) {
    points.sort_by(|one, other| {
        one.spent.total_cmp(&other.spent).then_with(|| other.removed.total_cmp(&one.removed))
    });
    let mut most = -1.0;
    points.retain(|point| {
        let more = point.removed > most;
        most = most.max(point.removed);
        more
    });
    let step = points.len().div_ceil(MOST_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let mut place = 0;
    points.retain(|_| {
        let keep = place % step == 0 || place == last;
        place += 1;
        keep
    });
}

impl Shop<'_, '_, '_> {
    fn point(&self, bought: &Bought) -> BudgetPoint {
        BudgetPoint {
            spent: bought.cost,
            removed: (self.start.left - bought.left).max(0.0),
            left: bought.left,
        }
    }

    /// Expected loss that one more candidate removes.
    fn gain(&self, bought: &Bought, candidate: usize) -> f64 {
        let candidate = &self.candidates[candidate];
        let mut weights = bought.weights.clone();
        candidate.placements.iter().for_each(|at| weights[*at] = 1.0);
        let evaluation = self.graph.estimate(&bought.evaluation, &weights, &candidate.touched);
        bought.left - self.graph.expected_loss(&evaluation)
    }

    fn add(&self, bought: &mut Bought, candidate: usize) {
        self.candidates[candidate].placements.iter().for_each(|at| bought.weights[*at] = 1.0);
        bought.evaluation = self.graph.evaluate_with(&bought.weights);
        bought.left = self.graph.expected_loss(&bought.evaluation);
        bought.cost += self.candidates[candidate].cost;
        bought.chosen.push(candidate);
    }

    /// The choice of exactly these candidates.
    fn of(&self, chosen: &[usize]) -> Bought {
        let mut bought = self.start.clone();
        for candidate in chosen {
            self.candidates[*candidate].placements.iter().for_each(|at| bought.weights[*at] = 1.0);
            bought.cost += self.candidates[*candidate].cost;
        }
        bought.chosen = chosen.to_vec();
        bought.evaluation = self.graph.evaluate_with(&bought.weights);
        bought.left = self.graph.expected_loss(&bought.evaluation);
        bought
    }

    /// Adds what removes most loss per cost, while it fits; without a budget, while it pays within the horizon of the
    /// plan. Each step is noted on the curve.
    fn greedy(
        &self,
        mut bought: Bought,
        budget: f64,
        per_cost: bool,
        mut curve: Option<&mut Vec<BudgetPoint>>,
    ) -> Bought {
        let least = SMALLEST_SHARE * self.start.left;
        let mut worth: Vec<(f64, usize, usize)> = (0..self.candidates.len())
            .filter(|candidate| !bought.chosen.contains(candidate))
            .collect::<Vec<usize>>()
            .into_par_iter()
            .map(|candidate| (self.gain(&bought, candidate), candidate, bought.chosen.len()))
            .collect();
        let order = |entry: &(f64, usize, usize)| {
            if per_cost { entry.0 / self.candidates[entry.1].cost } else { entry.0 }
        };
        while bought.chosen.len() < MOST_CONTROLS {
            worth.retain(|(gain, candidate, _)| {
                let cost = self.candidates[*candidate].cost;
                let pays = budget.is_finite() || gain * HORIZON_YEARS >= cost;
                *gain > 0.0 && *gain >= least && pays && bought.cost + cost <= budget
            });
            worth.sort_by(|one, other| order(other).total_cmp(&order(one)).then_with(|| one.1.cmp(&other.1)));
            let Some((_, best, round)) = worth.first().copied() else { break };
            if round == bought.chosen.len() {
                self.add(&mut bought, best);
                worth.remove(0);
                if let Some(curve) = &mut curve {
                    curve.push(self.point(&bought));
                }
                continue;
            }
            let stale: Vec<usize> =
                (0..worth.len()).filter(|at| worth[*at].2 < bought.chosen.len()).take(BATCH).collect();
            let again: Vec<f64> = stale.par_iter().map(|at| self.gain(&bought, worth[*at].1)).collect();
            for (at, gain) in stale.into_iter().zip(again) {
                worth[at] = (gain, worth[at].1, bought.chosen.len());
            }
        }
        bought
    }

    /// The greedy choice by handfuls: what removes most per cost by its linear effect, while it fits or pays.
    fn handfuls(&self, budget: f64, mut curve: Option<&mut Vec<BudgetPoint>>) -> Bought {
        let mut bought = self.start.clone();
        let least = SMALLEST_SHARE * self.start.left;
        let most = self.candidates.len().div_ceil(HANDFULS);
        loop {
            let (_, effects) =
                ceiling::effects(self.graph, self.candidates, &bought.weights, &bought.evaluation, ROUGH);
            let mut order: Vec<(f64, usize)> = effects
                .into_iter()
                .enumerate()
                .filter(|(own, effect)| {
                    let cost = self.candidates[*own].cost;
                    let pays = budget.is_finite() || effect * HORIZON_YEARS >= cost;
                    *effect > 0.0 && *effect >= least && pays && bought.cost + cost <= budget
                })
                .map(|(own, effect)| (effect / self.candidates[own].cost, own))
                .collect();
            order.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
            let mut touched = vec![false; self.graph.instances.len()];
            let mut cost = bought.cost;
            let mut handful = Vec::new();
            for (_, own) in order {
                let candidate = &self.candidates[own];
                let apart = candidate.touched.iter().all(|at| !touched[*at]);
                if handful.len() < most && apart && cost + candidate.cost <= budget {
                    cost += candidate.cost;
                    candidate.touched.iter().for_each(|at| touched[*at] = true);
                    handful.push(own);
                }
            }
            if handful.is_empty() {
                return bought;
            }
            let mut chosen = bought.chosen;
            chosen.extend(handful);
            bought = self.of(&chosen);
            if let Some(curve) = &mut curve {
                curve.push(self.point(&bought));
            }
        }
    }

    /// The best choice found within a budget, and whether it is proven the best.
    fn within(&self, budget: f64) -> (Bought, bool) {
        let affordable: Vec<usize> = (0..self.candidates.len())
            .filter(|candidate| self.candidates[*candidate].cost <= budget)
            .collect();
        if affordable.len() <= MOST_TRIED {
            return (self.try_all(&affordable, budget), true);
        }
        if affordable.len() > MANY {
            return (self.handfuls(budget, None), false);
        }
        let mut best = self.greedy(self.start.clone(), budget, true, None);
        let by_gain = self.greedy(self.start.clone(), budget, false, None);
        if by_gain.left < best.left {
            best = by_gain;
        }
        let mut spent = 0;
        'improve: loop {
            for leave in 0..best.chosen.len() {
                spent += affordable.len();
                if spent > MOST_IMPROVEMENTS {
                    break 'improve;
                }
                let mut rest = best.chosen.clone();
                let left_out = rest.remove(leave);
                let other = self.refill(&rest, left_out, budget);
                if other.left < best.left * (1.0 - 1e-9) {
                    best = other;
                    continue 'improve;
                }
            }
            break;
        }
        (best, false)
    }

    /// Fills up a choice with whatever removes most loss, but not with what was just left out as the first.
    fn refill(&self, rest: &[usize], left_out: usize, budget: f64) -> Bought {
        let mut bought = self.of(rest);
        let first = (0..self.candidates.len())
            .filter(|candidate| *candidate != left_out && !rest.contains(candidate))
            .filter(|candidate| bought.cost + self.candidates[*candidate].cost <= budget)
            .collect::<Vec<usize>>()
            .into_par_iter()
            .map(|candidate| (self.gain(&bought, candidate), candidate))
            .max_by(|one, other| one.0.total_cmp(&other.0).then_with(|| other.1.cmp(&one.1)));
        if let Some((gain, first)) = first
            && gain > 0.0
        {
            self.add(&mut bought, first);
            return self.greedy(bought, budget, true, None);
        }
        bought
    }

    fn try_all(&self, affordable: &[usize], budget: f64) -> Bought {
        let choice = |bits: u32| -> Vec<usize> {
            affordable.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, own)| *own).collect()
        };
        let cost = |chosen: &[usize]| chosen.iter().map(|own| self.candidates[*own].cost).sum::<f64>();
        (0..1_u32 << affordable.len())
            .into_par_iter()
            .map(|bits| (bits, choice(bits)))
            .filter(|(_, chosen)| cost(chosen) <= budget)
            .map(|(bits, chosen)| (bits, self.of(&chosen)))
            .min_by(|(one_bits, one), (other_bits, other)| {
                one.left
                    .total_cmp(&other.left)
                    .then_with(|| one.cost.total_cmp(&other.cost))
                    .then_with(|| one_bits.cmp(other_bits))
            })
            .map_or_else(|| self.start.clone(), |(_, bought)| bought)
    }

    /// What no choice within the budget exceeds: the smallest of the bounds around some choices, and what all
    /// candidates together remove.
    fn ceiling(&self, budget: f64, order: &[usize], bought: &Bought) -> f64 {
        let affordable: Vec<usize> =
            (0..self.candidates.len()).filter(|own| self.candidates[*own].cost <= budget).collect();
        let all = self.start.left - self.of(&affordable).left;
        let step = order.len().div_ceil(CEILINGS).max(1);
        let prefixes = (0..=order.len()).step_by(step).map(|taken| self.of(&order[..taken]));
        let around: Vec<Bought> = std::iter::once(bought.clone()).chain(prefixes).collect();
        around
            .into_par_iter()
            .map(|base| {
                let more = ceiling::further(
                    self.graph,
                    self.candidates,
                    &base.weights,
                    &base.evaluation,
                    base.left,
                    budget,
                );
                self.start.left - base.left + more
            })
            .collect::<Vec<f64>>()
            .into_iter()
            .fold(all, f64::min)
    }
}
