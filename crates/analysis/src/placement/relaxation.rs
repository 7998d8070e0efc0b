//! Lagrangian relaxation of a hitting set: a bound from below, reduced costs, and good answers on the way.
//!
//! Every row gets a price `u >= 0` for being left unhit. With prices the columns fall apart: each is worth choosing when
//! its cost less the prices of its rows is negative. For any prices
//! `sum of u + sum of min(0, cost - prices of its rows)` is at most the cost of the cheapest answer; subgradient steps
//! raise it towards the value of the linear relaxation.

use super::hitting::{Matrix, State};
use super::index_set::IndexSet;

/// Steps without a better bound after which the step length is halved.
const PATIENCE: usize = 8;
/// Steps after which a new answer is tried.
const ANSWER_EVERY: usize = 10;

/// What the relaxation says of the open part of a problem.
pub(super) struct Relaxation {
    /// Every answer for the open part costs at least this.
    pub(super) bound: f64,
    /// Price of each row at that bound.
    pub(super) multipliers: Vec<f64>,
    /// Cost of each column less the prices of its open rows.
    pub(super) reduced: Vec<f64>,
    /// Answers for the open part, as columns to choose.
    pub(super) answers: Vec<Vec<usize>>,
}

/// Relaxes the open part of a problem, from the given prices, with `target` as the best known cost of it.
pub(super) fn relax(matrix: &Matrix, state: &State, start: &[f64], target: u64, steps: usize) -> Relaxation {
    let rows: Vec<usize> = state.rows.iter().collect();
    let columns: Vec<usize> = state.columns.iter().collect();
    let hit: Vec<Vec<usize>> =
        columns.iter().map(|column| matrix.columns[*column].both(&state.rows).collect()).collect();
    let mut multipliers = start.to_vec();
    ascend(matrix, state, &rows, &mut multipliers);
    let mut reduced = vec![0.0; matrix.columns.len()];
    let mut best = Relaxation {
        bound: f64::NEG_INFINITY,
        multipliers: multipliers.clone(),
        reduced: reduced.clone(),
        answers: Vec::new(),
    };
    let mut cheapest = target;
    let (mut length, mut idle) = (1.0_f64, 0);
    for step in 0..steps {
        let mut bound: f64 = rows.iter().map(|row| multipliers[*row]).sum();
        let mut hits = vec![0_i32; matrix.rows.len()];
        for (column, hit) in columns.iter().zip(&hit) {
            let cost = matrix.costs[*column] as f64 - hit.iter().map(|row| multipliers[*row]).sum::<f64>();
            reduced[*column] = cost;
            if cost < 0.0 {
                bound += cost;
                hit.iter().for_each(|row| hits[*row] += 1);
            }
        }
        if bound > best.bound {
            idle = 0;
            best.bound = bound;
            best.multipliers.clone_from(&multipliers);
            best.reduced.clone_from(&reduced);
        } else {
            idle += 1;
        }
        if step % ANSWER_EVERY == 0 {
            let answer = greedy(matrix, state, &columns, &reduced);
            let cost = answer.iter().fold(0_u64, |sum, column| sum.saturating_add(matrix.costs[*column]));
            if cost < cheapest {
                cheapest = cost;
                best.answers.push(answer);
            }
        }
        // Done when no cost lies between the bound and the best answer.
        if best.bound + 1e-6 >= cheapest as f64 {
            break;
        }
        if idle >= PATIENCE {
            (length, idle) = (length / 2.0, 0);
        }
        let norm: f64 = rows.iter().map(|row| f64::from(1 - hits[*row]).powi(2)).sum();
        if norm == 0.0 || length < 1e-3 {
            break;
        }
        let aim = if cheapest == u64::MAX { bound.abs() * 1.1 + 1.0 } else { cheapest as f64 };
        let stride = length * (aim - bound).max(bound.abs() * 1e-3 + 1e-3) / norm;
        for row in &rows {
            multipliers[*row] = (multipliers[*row] + stride * f64::from(1 - hits[*row])).max(0.0);
        }
    }
    best
}

/// Dual ascent: lowers prices that are too high, then raises each row's price, those with the fewest columns first, as far
/// as no column gets a negative reduced cost.
fn ascend(matrix: &Matrix, state: &State, rows: &[usize], multipliers: &mut [f64]) {
    let mut slack: Vec<f64> = (0..matrix.columns.len())
        .map(|column| {
            let priced: f64 = matrix.columns[column].both(&state.rows).map(|row| multipliers[row]).sum();
            matrix.costs[column] as f64 - priced
        })
        .collect();
    let mut order: Vec<(usize, usize)> =
        rows.iter().map(|row| (matrix.rows[*row].common(&state.columns), *row)).collect();
    order.sort_unstable();
    let mut change = |row: usize, low: f64, high: f64| {
        let hitting = || matrix.rows[row].both(&state.columns);
        let least = hitting().map(|column| slack[column]).min_by(f64::total_cmp).unwrap_or(0.0);
        let change = least.clamp(low, high).max(-multipliers[row]);
        multipliers[row] += change;
        hitting().for_each(|column| slack[column] -= change);
    };
    // Prices inherited from another part of the search may be too high here.
    order.iter().rev().for_each(|(_, row)| change(*row, f64::NEG_INFINITY, 0.0));
    order.iter().for_each(|(_, row)| change(*row, 0.0, f64::INFINITY));
}

/// An answer by lowest cost per row newly hit, where cost is the reduced one as far as it is positive; then whatever
/// turned out needless is left out, the dearest first.
fn greedy(matrix: &Matrix, state: &State, columns: &[usize], reduced: &[f64]) -> Vec<usize> {
    let mut open = state.rows.clone();
    let mut chosen: Vec<usize> = Vec::new();
    while !open.is_empty() {
        let best = columns
            .iter()
            .filter_map(|column| {
                let count = matrix.columns[*column].common(&open);
                let price = reduced[*column].max(0.0) + matrix.costs[*column] as f64 * 0.01;
                (count > 0).then(|| (price / count as f64, *column))
            })
            .min_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.1.cmp(&other.1)));
        let Some((_, column)) = best else { break };
        open.subtract(&matrix.columns[column]);
        chosen.push(column);
    }
    let mut dearest = chosen.clone();
    dearest.sort_by(|one, other| matrix.costs[*other].cmp(&matrix.costs[*one]).then_with(|| other.cmp(one)));
    for column in dearest {
        let mut left = IndexSet::empty(matrix.rows.len());
        matrix.columns[column].both(&state.rows).for_each(|row| left.insert(row));
        chosen
            .iter()
            .filter(|other| **other != column)
            .for_each(|other| left.subtract(&matrix.columns[*other]));
        if left.is_empty() {
            chosen.retain(|other| *other != column);
        }
    }
    chosen
}
