//! The cheapest controls that stand on every way through a network: an implicit hitting set.
//!
//! A control stands on a way when it touches one of its nodes. One control touches many nodes at one price, so the plain
//! greatest flow gives only a bound: with the price of each control shared out evenly over the nodes it touches, no cut
//! is cheaper than the flow, and where every control touches a single node the flow is the answer.
//!
//! The answer itself comes from ways as rows of a [hitting set](super::hitting): some ways are found, the cheapest controls
//! that stand on all of them are chosen, ways that these leave open are found and added, and so on. When none is left
//! open the choice is the cheapest there is, because fewer ways cannot cost more. Ways are sought on which few
//! controls stand, since these say most.
//!
//! A jewel that can be reached over nodes that no control touches cannot be kept. Such ways are told, and the cut is
//! that of the other jewels.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

use super::flow::{UNBOUNDED, greatest};
use super::hitting::cheapest;
use super::index_set::IndexSet;

/// Capacities are counted in thousandths of the unit of cost, so that sharing costs loses next to nothing.
const FINE: u64 = 1_000;
/// Rounds without progress after which the proof is given up.
const PATIENCE: usize = 5;
/// What a further node makes a way longer by, against the controls that touch it.
const NODE_LENGTH: usize = 1;
const CONTROL_LENGTH: usize = 16;

/// What is to be cut.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// Targets of the arcs out of each node.
    pub arcs: Vec<Vec<usize>>,
    /// Nodes where ways begin.
    pub entries: Vec<usize>,
    /// Nodes where ways end.
    pub jewels: Vec<usize>,
    /// Controls that touch each node.
    pub touching: Vec<Vec<usize>>,
    /// Cost of each control.
    pub costs: Vec<u64>,
}

/// The cheapest cut of a network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parting {
    /// Controls, rising.
    pub chosen: Vec<usize>,
    /// Their cost.
    pub cost: u64,
    /// No cut is cheaper; equal to `cost` when the answer is proven.
    pub lower_bound: u64,
    /// What the greatest flow alone says of the cost from below.
    pub flow_bound: u64,
    /// A shortest way to each jewel that can be reached where no control stands.
    pub open_ways: Vec<Vec<usize>>,
    /// Whether any way can be cut.
    pub any_way: bool,
}

/// How long to look for a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Rounds of finding open ways.
    pub rounds: usize,
    /// Effort of the searches over all rounds, in nodes.
    pub nodes: u64,
}

impl Network {
    /// The cheapest controls that stand on every way from an entry to a jewel.
    pub fn part(&self, effort: Effort) -> Parting {
        let bare = IndexSet::of(self.count(), &self.nodes(|node| self.touching[node].is_empty()));
        let open_ways = self.bare_ways(&bare);
        let lost: BTreeSet<usize> = open_ways.iter().filter_map(|way| way.last().copied()).collect();
        let jewels: Vec<usize> = self.jewels.iter().copied().filter(|jewel| !lost.contains(jewel)).collect();
        let Some(inside) = self.between(&jewels) else { return Parting { open_ways, ..Parting::default() } };
        let mut search = Search::new(self, inside, &jewels);
        search.run(effort);
        let cost = search.cost_of(&search.best);
        Parting {
            chosen: search.best,
            cost,
            lower_bound: search.lower_bound.min(cost),
            flow_bound: search.flow_bound,
            open_ways,
            any_way: true,
        }
    }

    fn count(&self) -> usize {
        self.arcs.len()
    }

    fn nodes(&self, keep: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.count()).filter(|node| keep(*node)).collect()
    }

    /// A shortest way to each jewel over nodes that no control touches.
    fn bare_ways(&self, bare: &IndexSet) -> Vec<Vec<usize>> {
        let mut before = vec![usize::MAX; self.count()];
        let mut seen = IndexSet::empty(self.count());
        let mut queue: VecDeque<usize> = VecDeque::new();
        for entry in &self.entries {
            if bare.contains(*entry) && !seen.contains(*entry) {
                seen.insert(*entry);
                queue.push_back(*entry);
            }
        }
        while let Some(node) = queue.pop_front() {
            for next in &self.arcs[node] {
                if bare.contains(*next) && !seen.contains(*next) {
                    seen.insert(*next);
                    before[*next] = node;
                    queue.push_back(*next);
                }
            }
        }
        let jewels: BTreeSet<usize> = self.jewels.iter().copied().collect();
        jewels.into_iter().filter(|jewel| seen.contains(*jewel)).map(|jewel| trace(&before, jewel)).collect()
    }

    /// Nodes on some walk from an entry to one of the jewels; nothing when there is none.
    fn between(&self, jewels: &[usize]) -> Option<IndexSet> {
        let mut backward = vec![Vec::new(); self.count()];
        for (from, targets) in self.arcs.iter().enumerate() {
            targets.iter().for_each(|to| backward[*to].push(from));
        }
        let ahead = reach(&self.arcs, &self.entries);
        let behind = reach(&backward, jewels);
        let inside =
            IndexSet::of(self.count(), &self.nodes(|node| ahead.contains(node) && behind.contains(node)));
        (!inside.is_empty()).then_some(inside)
    }
}

fn reach(arcs: &[Vec<usize>], from: &[usize]) -> IndexSet {
    let mut seen = IndexSet::of(arcs.len(), from);
    let mut open = from.to_vec();
    while let Some(node) = open.pop() {
        for next in &arcs[node] {
            if !seen.contains(*next) {
                seen.insert(*next);
                open.push(*next);
            }
        }
    }
    seen
}

fn trace(before: &[usize], last: usize) -> Vec<usize> {
    let mut way = vec![last];
    let mut at = last;
    while before[at] != usize::MAX {
        at = before[at];
        way.push(at);
    }
    way.reverse();
    way
}

struct Search<'n> {
    network: &'n Network,
    inside: IndexSet,
    entries: Vec<usize>,
    jewels: IndexSet,
    /// Nodes inside that each control touches.
    touched: Vec<Vec<usize>>,
    rows: Vec<Vec<usize>>,
    best: Vec<usize>,
    lower_bound: u64,
    flow_bound: u64,
}

impl<'n> Search<'n> {
    fn new(network: &'n Network, inside: IndexSet, jewels: &[usize]) -> Self {
        let mut touched = vec![Vec::new(); network.costs.len()];
        for node in inside.iter() {
            for control in &network.touching[node] {
                if touched[*control].last() != Some(&node) {
                    touched[*control].push(node);
                }
            }
        }
        let mut entries: Vec<usize> =
            network.entries.iter().copied().filter(|entry| inside.contains(*entry)).collect();
        entries.sort_unstable();
        entries.dedup();
        let jewels: Vec<usize> = jewels.iter().copied().filter(|jewel| inside.contains(*jewel)).collect();
        let flow_bound = flow_bound(network, &inside, &touched, &entries, &jewels);
        let jewels = IndexSet::of(network.count(), &jewels);
        // A jewel that is an entry is a way by itself.
        let rows: BTreeSet<Vec<usize>> = entries
            .iter()
            .filter(|entry| jewels.contains(**entry))
            .map(|entry| {
                let mut row = network.touching[*entry].clone();
                row.sort_unstable();
                row.dedup();
                row
            })
            .collect();
        Self {
            network,
            inside,
            entries,
            jewels,
            touched,
            rows: rows.into_iter().collect(),
            best: Vec::new(),
            lower_bound: flow_bound,
            flow_bound,
        }
    }

    fn cost_of(&self, chosen: &[usize]) -> u64 {
        chosen.iter().fold(0, |sum, control| sum.saturating_add(self.network.costs[*control]))
    }

    fn run(&mut self, effort: Effort) {
        let mut nodes = effort.nodes;
        let mut idle = 0;
        for round in 0..effort.rounds.max(1) {
            let rounds_left = (effort.rounds.max(1) - round) as u64;
            // Most of what is left may go into one round: hard rounds are few and late.
            let share = (nodes / rounds_left.min(4)).max(1);
            let choice = cheapest(&self.network.costs, &self.rows, share);
            nodes = nodes.saturating_sub(choice.nodes);
            // Rounds that no longer prove their choice and no longer raise the bound will not end in a proof.
            let risen = choice.lower_bound > self.lower_bound;
            let unproven = choice.lower_bound < choice.cost;
            idle = if unproven && !risen { idle + 1 } else { 0 };
            self.lower_bound = self.lower_bound.max(choice.lower_bound);
            let found = self.complete(choice.chosen);
            if idle >= PATIENCE || self.lower_bound >= self.cost_of(&self.best) || !found || nodes == 0 {
                break;
            }
        }
    }

    /// Adds controls until no way is open, keeping each way found as a row, and remembers the result if it is the best.
    /// Whether any way was open.
    fn complete(&mut self, mut chosen: Vec<usize>) -> bool {
        let mut free = self.inside.clone();
        for control in &chosen {
            self.touched[*control].iter().for_each(|node| free.remove(*node));
        }
        let mut found = false;
        while let Some(way) = self.open_way(&free) {
            found = true;
            let row: BTreeSet<usize> =
                way.iter().flat_map(|node| &self.network.touching[*node]).copied().collect();
            // The control that closes most for its cost.
            let price = |control: usize| {
                let closes = self.touched[control].iter().filter(|node| free.contains(**node)).count();
                self.network.costs[control] as f64 / closes.max(1) as f64
            };
            let best = row
                .iter()
                .copied()
                .min_by(|one, other| price(*one).total_cmp(&price(*other)).then_with(|| one.cmp(other)));
            let Some(best) = best else { break };
            self.touched[best].iter().for_each(|node| free.remove(*node));
            chosen.push(best);
            self.rows.push(row.into_iter().collect());
        }
        if self.best.is_empty() || self.cost_of(&chosen) < self.cost_of(&self.best).saturating_mul(2) {
            self.prune(&mut chosen);
        }
        chosen.sort_unstable();
        if self.best.is_empty() || self.cost_of(&chosen) < self.cost_of(&self.best) {
            self.best = chosen;
        }
        found
    }

    /// Leaves out controls that are not needed, the dearest first.
    fn prune(&self, chosen: &mut Vec<usize>) {
        let mut count = vec![0_usize; self.network.count()];
        let mut free = self.inside.clone();
        for control in chosen.iter() {
            for node in &self.touched[*control] {
                count[*node] += 1;
                free.remove(*node);
            }
        }
        let mut dearest = chosen.clone();
        dearest.sort_by_key(|control| (Reverse(self.network.costs[*control]), Reverse(*control)));
        for control in dearest {
            let alone: Vec<usize> =
                self.touched[control].iter().copied().filter(|node| count[*node] == 1).collect();
            alone.iter().for_each(|node| free.insert(*node));
            if self.passable(&free) {
                alone.iter().for_each(|node| free.remove(*node));
            } else {
                self.touched[control].iter().for_each(|node| count[*node] -= 1);
                chosen.retain(|other| *other != control);
            }
        }
    }

    /// Whether a way leads over free nodes.
    fn passable(&self, free: &IndexSet) -> bool {
        let mut left = free.clone();
        let mut open: Vec<usize> = Vec::new();
        for entry in &self.entries {
            if left.contains(*entry) {
                left.remove(*entry);
                open.push(*entry);
            }
        }
        while let Some(node) = open.pop() {
            if self.jewels.contains(node) {
                return true;
            }
            for next in &self.network.arcs[node] {
                if left.contains(*next) {
                    left.remove(*next);
                    open.push(*next);
                }
            }
        }
        false
    }

    /// The way over free nodes on which the fewest controls stand, counted node by node.
    fn open_way(&self, free: &IndexSet) -> Option<Vec<usize>> {
        let length = |node: usize| NODE_LENGTH + CONTROL_LENGTH * self.network.touching[node].len();
        let mut least = vec![usize::MAX; self.network.count()];
        let mut before = vec![usize::MAX; self.network.count()];
        let mut queue = BinaryHeap::new();
        for entry in &self.entries {
            if free.contains(*entry) && least[*entry] == usize::MAX {
                least[*entry] = length(*entry);
                queue.push(Reverse((least[*entry], *entry)));
            }
        }
        while let Some(Reverse((so_far, node))) = queue.pop() {
            if so_far > least[node] {
                continue;
            }
            if self.jewels.contains(node) {
                return Some(trace(&before, node));
            }
            for next in &self.network.arcs[node] {
                if !free.contains(*next) {
                    continue;
                }
                let longer = so_far + length(*next);
                if longer < least[*next] {
                    least[*next] = longer;
                    before[*next] = node;
                    queue.push(Reverse((longer, *next)));
                }
            }
        }
        None
    }
}

/// What the greatest flow says of the cheapest cut from below, with the cost of each control shared out over the nodes
/// it touches.
fn flow_bound(
    network: &Network,
    inside: &IndexSet,
    touched: &[Vec<usize>],
    entries: &[usize],
    jewels: &[usize],
) -> u64 {
    let nodes: Vec<usize> = inside.iter().collect();
    let mut place = vec![usize::MAX; network.count()];
    nodes.iter().enumerate().for_each(|(at, node)| place[*node] = at);
    let arcs: Vec<Vec<usize>> = nodes
        .iter()
        .map(|node| network.arcs[*node].iter().map(|to| place[*to]).filter(|to| *to != usize::MAX).collect())
        .collect();
    let share = |control: &usize| {
        network.costs[*control].saturating_mul(FINE) / (touched[*control].len() as u64).max(1)
    };
    let capacities: Vec<u64> = nodes
        .iter()
        .map(|node| network.touching[*node].iter().map(share).min().unwrap_or(UNBOUNDED).min(UNBOUNDED))
        .collect();
    let placed = |nodes: &[usize]| -> Vec<usize> { nodes.iter().map(|node| place[*node]).collect() };
    let flow = greatest(&arcs, &capacities, &placed(entries), &placed(jewels));
    if flow >= UNBOUNDED { 0 } else { flow.div_ceil(FINE) }
}
