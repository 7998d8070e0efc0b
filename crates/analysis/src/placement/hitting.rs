//! The cheapest choice that hits every row: weighted hitting set, which is weighted set cover, by branch and bound.
//!
//! A *row* is a list of columns of which at least one has to be chosen: the controls that touch one threat, or the
//! controls that stand on one way. Before and during the search rows that contain another row, and columns that a
//! cheaper column does the work of, are taken out; a row with one column left decides that column. What falls apart into
//! parts that share no column is solved part by part. Bounds are Lagrangian ([`super::relaxation`]); costs are whole
//! numbers, so that sums are exact and a bound may be rounded up to the next sum that can occur.
//!
//! Within the given effort the answer is proven the cheapest; beyond it the best known answer comes with a cost below which
//! there is none. Effort is counted, not timed, so that the same problem has the same answer everywhere: a node of the
//! search counts one, and one more for every [`NODE_SIZE`] pairs of an open row and an open column.

use std::collections::BTreeMap;

use super::index_set::IndexSet;
use super::relaxation::{Relaxation, relax};

/// Comparisons of rows or columns in one reduction, at most; larger problems are reduced by single columns only.
const MOST_COMPARISONS: usize = 4_000_000;
/// Pairs of open rows and columns that make looking at a node as much work as one more node.
const NODE_SIZE: usize = 4_000;
/// Steps of the relaxation at the root and below it.
const ROOT_STEPS: usize = 200;
const NODE_STEPS: usize = 25;

/// A choice of columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// Columns, rising.
    pub chosen: Vec<usize>,
    /// Their cost.
    pub cost: u64,
    /// No choice that hits every row is cheaper; equal to `cost` when the answer is proven.
    pub lower_bound: u64,
    /// Effort spent, in nodes of the search.
    pub nodes: u64,
}

/// The cheapest columns that hit every row, with an effort of about `nodes` small nodes at most.
///
/// Rows without any column cannot be hit; they are left out, and whoever asks has to tell them.
pub fn cheapest(costs: &[u64], rows: &[Vec<usize>], nodes: u64) -> Choice {
    let mut rows: Vec<Vec<usize>> = rows.iter().filter(|row| !row.is_empty()).cloned().collect();
    for row in &mut rows {
        row.sort_unstable();
        row.dedup();
    }
    rows.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    rows.dedup();
    let whole = Matrix::new(costs, &rows);
    let mut state = State::whole(&whole);
    whole.reduce(&mut state);
    let parts = whole.parts(&state);
    let mut answer =
        Choice { chosen: state.chosen.clone(), cost: state.cost, lower_bound: state.cost, nodes: 0 };
    let count = parts.len() as u64;
    for (done, (part_rows, part_columns)) in (0_u64..).zip(parts) {
        // Nodes that an easy part leaves over are there for the parts after it.
        let share = nodes.saturating_sub(answer.nodes) / (count - done);
        let part = whole.part(&part_rows, &part_columns);
        let solved = search(&part, share.max(1));
        answer.cost = answer.cost.saturating_add(solved.cost);
        answer.lower_bound = answer.lower_bound.saturating_add(solved.lower_bound);
        answer.nodes += solved.nodes;
        answer.chosen.extend(solved.chosen.iter().map(|column| part_columns[*column]));
    }
    answer.chosen.sort_unstable();
    answer
}

/// Rows and columns, each as the set of the other.
#[derive(Debug)]
pub(super) struct Matrix {
    pub(super) costs: Vec<u64>,
    pub(super) rows: Vec<IndexSet>,
    pub(super) columns: Vec<IndexSet>,
    /// Every possible cost is a multiple of it.
    unit: u64,
}

/// What is still open.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) rows: IndexSet,
    pub(super) columns: IndexSet,
    pub(super) cost: u64,
    pub(super) chosen: Vec<usize>,
}

impl State {
    fn whole(matrix: &Matrix) -> Self {
        Self {
            rows: IndexSet::full(matrix.rows.len()),
            columns: IndexSet::full(matrix.columns.len()),
            cost: 0,
            chosen: Vec::new(),
        }
    }

    fn take(&mut self, matrix: &Matrix, column: usize) {
        self.chosen.push(column);
        self.cost = self.cost.saturating_add(matrix.costs[column]);
        self.rows.subtract(&matrix.columns[column]);
        self.columns.remove(column);
    }
}

impl Matrix {
    fn new(costs: &[u64], rows: &[Vec<usize>]) -> Self {
        let mut columns = vec![IndexSet::empty(rows.len()); costs.len()];
        for (index, row) in rows.iter().enumerate() {
            row.iter().for_each(|column| columns[*column].insert(index));
        }
        let unit = costs.iter().copied().fold(0, greatest_common_divisor).max(1);
        let rows = rows.iter().map(|row| IndexSet::of(costs.len(), row)).collect();
        Self { costs: costs.to_vec(), rows, columns, unit }
    }

    /// The same problem on some rows and columns only.
    fn part(&self, rows: &[usize], columns: &[usize]) -> Self {
        let place: BTreeMap<usize, usize> =
            columns.iter().enumerate().map(|(place, column)| (*column, place)).collect();
        let costs: Vec<u64> = columns.iter().map(|column| self.costs[*column]).collect();
        let rows: Vec<Vec<usize>> = rows
            .iter()
            .map(|row| self.rows[*row].iter().filter_map(|column| place.get(&column).copied()).collect())
            .collect();
        Self::new(&costs, &rows)
    }

    /// Rows and columns that hang together.
    fn parts(&self, state: &State) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut left = state.rows.clone();
        let mut parts = Vec::new();
        for first in state.rows.iter() {
            if !left.contains(first) {
                continue;
            }
            let (mut rows, mut columns) = (vec![first], IndexSet::empty(self.columns.len()));
            left.remove(first);
            let mut next = 0;
            while let Some(row) = rows.get(next).copied() {
                next += 1;
                for column in self.rows[row].both(&state.columns) {
                    if columns.contains(column) {
                        continue;
                    }
                    columns.insert(column);
                    let joined: Vec<usize> = self.columns[column].both(&left).collect();
                    joined.iter().for_each(|row| left.remove(*row));
                    rows.extend(joined);
                }
            }
            rows.sort_unstable();
            parts.push((rows, columns.iter().collect()));
        }
        parts
    }

    /// Takes out what the cheapest choice does not need and takes what it has to, until nothing changes. False when a
    /// row can no longer be hit.
    fn reduce(&self, state: &mut State) -> bool {
        loop {
            let mut changed = false;
            let open: Vec<usize> = state.rows.iter().collect();
            for row in &open {
                if !state.rows.contains(*row) {
                    continue;
                }
                let mut hitting = self.rows[*row].both(&state.columns);
                match (hitting.next(), hitting.next()) {
                    (None, _) => return false,
                    (Some(only), None) => {
                        drop(hitting);
                        state.take(self, only);
                        changed = true;
                    }
                    _ => {}
                }
            }
            changed |= self.drop_rows(state);
            changed |= self.drop_columns(state);
            if !changed {
                return true;
            }
        }
    }

    /// Drops rows that are hit whenever another one is.
    fn drop_rows(&self, state: &mut State) -> bool {
        let mut open: Vec<(usize, usize)> =
            state.rows.iter().map(|row| (self.rows[row].common(&state.columns), row)).collect();
        if open.len() * open.len() > MOST_COMPARISONS {
            return false;
        }
        open.sort_unstable();
        let mut changed = false;
        for (place, (_, small)) in open.iter().enumerate() {
            if !state.rows.contains(*small) {
                continue;
            }
            for (_, large) in &open[place + 1..] {
                if state.rows.contains(*large)
                    && self.rows[*small].is_inside(&self.rows[*large], &state.columns)
                {
                    state.rows.remove(*large);
                    changed = true;
                }
            }
        }
        changed
    }

    /// Drops columns whose rows another column hits at no higher cost.
    fn drop_columns(&self, state: &mut State) -> bool {
        let mut open: Vec<usize> = state.columns.iter().collect();
        // The cheapest first, among equals the one that hits most, then the first: each can only be beaten by one before.
        open.sort_by_cached_key(|column| {
            (self.costs[*column], usize::MAX - self.columns[*column].common(&state.rows), *column)
        });
        let small = open.len() * open.len() <= MOST_COMPARISONS;
        let mut changed = false;
        for (place, column) in open.iter().enumerate() {
            let idle = self.columns[*column].common(&state.rows) == 0;
            let beaten = small
                && open[..place].iter().any(|better| {
                    state.columns.contains(*better)
                        && self.columns[*column].is_inside(&self.columns[*better], &state.rows)
                });
            if idle || beaten {
                state.columns.remove(*column);
                changed = true;
            }
        }
        changed
    }

    /// The smallest cost that can occur and is not below `bound`.
    fn round_up(&self, bound: f64) -> u64 {
        // The bound is a sum of floating-point numbers; a little less than it is surely right.
        let whole = (bound - 1e-6 - bound.abs() * 1e-9).max(0.0).ceil() as u64;
        whole.div_ceil(self.unit).saturating_mul(self.unit)
    }
}

fn greatest_common_divisor(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

struct Search<'m> {
    matrix: &'m Matrix,
    best: Option<State>,
    nodes: u64,
    most_nodes: u64,
    /// Smallest bound of what was not looked at.
    unseen: u64,
}

fn search(matrix: &Matrix, nodes: u64) -> Choice {
    let mut search = Search { matrix, best: None, nodes: 0, most_nodes: nodes, unseen: u64::MAX };
    let multipliers = vec![0.0; matrix.rows.len()];
    search.look(State::whole(matrix), &multipliers, 0);
    let Search { best, nodes, unseen, .. } = search;
    let best = best.unwrap_or_else(|| State::whole(matrix));
    Choice { lower_bound: unseen.min(best.cost), cost: best.cost, chosen: best.chosen, nodes }
}

impl Search<'_> {
    fn best_cost(&self) -> u64 {
        self.best.as_ref().map_or(u64::MAX, |best| best.cost)
    }

    fn keep(&mut self, state: State) {
        if state.cost < self.best_cost() {
            self.best = Some(state);
        }
    }

    /// Looks at everything below `state`, none of which is cheaper than `bound`.
    fn look(&mut self, mut state: State, multipliers: &[f64], bound: u64) {
        // The root is always looked at, so that there is an answer.
        if self.nodes > 0 && self.nodes >= self.most_nodes {
            self.unseen = self.unseen.min(bound);
            return;
        }
        let root = self.nodes == 0;
        self.nodes += 1 + (state.rows.iter().count() * state.columns.iter().count() / NODE_SIZE) as u64;
        if !self.matrix.reduce(&mut state) || state.cost >= self.best_cost() {
            return;
        }
        if state.rows.is_empty() {
            self.keep(state);
            return;
        }
        let steps = if root { ROOT_STEPS } else { NODE_STEPS };
        let target = self.best_cost().saturating_sub(state.cost);
        let Relaxation { bound: relaxed, multipliers, reduced, answers } =
            relax(self.matrix, &state, multipliers, target, steps);
        for answer in answers {
            let mut known = state.clone();
            answer.into_iter().for_each(|column| known.take(self.matrix, column));
            self.keep(known);
        }
        let base = state.cost;
        let bound = bound.max(base.saturating_add(self.matrix.round_up(relaxed)));
        if bound >= self.best_cost() {
            return;
        }
        // A column whose reduced cost alone lifts the bound to the best known answer is not in a better one; one that
        // lifts it by being left out is in every better one.
        let room = |extra: f64| base.saturating_add(self.matrix.round_up(relaxed + extra)) < self.best_cost();
        let columns: Vec<usize> = state.columns.iter().collect();
        for column in columns {
            if reduced[column] > 0.0 && !room(reduced[column]) {
                state.columns.remove(column);
            } else if reduced[column] < 0.0 && !room(-reduced[column]) {
                state.take(self.matrix, column);
            }
        }
        let Some(row) = state.rows.iter().min_by_key(|row| self.matrix.rows[*row].common(&state.columns))
        else {
            self.keep(state);
            return;
        };
        let mut hitting: Vec<usize> = self.matrix.rows[row].both(&state.columns).collect();
        hitting.sort_by(|one, other| reduced[*one].total_cmp(&reduced[*other]).then_with(|| one.cmp(other)));
        for column in hitting {
            let mut with = state.clone();
            with.take(self.matrix, column);
            self.look(with, &multipliers, bound);
            state.columns.remove(column);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_choice_beats_the_greedy_one() {
        // The textbook trap: one column hits everything, but each single one looks cheaper per row.
        let rows: Vec<Vec<usize>> = vec![vec![0, 1], vec![0, 2], vec![0, 3]];
        let answer = cheapest(&[320, 100, 100, 100], &rows, 1_000);
        assert_eq!((answer.chosen, answer.cost, answer.lower_bound), (vec![1, 2, 3], 300, 300));
        let answer = cheapest(&[290, 100, 100, 100], &rows, 1_000);
        assert_eq!((answer.chosen, answer.cost, answer.lower_bound), (vec![0], 290, 290));
    }

    #[test]
    fn nothing_to_hit_costs_nothing() {
        assert_eq!(cheapest(&[5], &[], 10), Choice::default());
        assert_eq!(cheapest(&[5], &[Vec::new()], 10), Choice::default());
    }

    #[test]
    fn without_nodes_left_the_bound_stays_below_the_cost() {
        // Every pair of ten: nine columns of one are needed, the relaxation knows of five.
        let rows: Vec<Vec<usize>> =
            (0..10).flat_map(|one| (one + 1..10).map(move |other| vec![one, other])).collect();
        let cut_short = cheapest(&[7; 10], &rows, 1);
        assert_eq!(cut_short.cost, 63);
        assert!(cut_short.lower_bound <= 63 && cut_short.lower_bound >= 35, "{cut_short:?}");
        let proven = cheapest(&[7; 10], &rows, 100_000);
        assert_eq!((proven.cost, proven.lower_bound), (63, 63));
    }
}
