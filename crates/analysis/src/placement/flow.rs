//! Greatest flow through a network whose nodes have capacities: Dinic's algorithm on the network with every node split
//! into a way in and a way out. It equals the cheapest set of nodes that stands on every way.

use std::collections::VecDeque;

/// A capacity that nothing reaches.
pub(super) const UNBOUNDED: u64 = u64::MAX / 8;

struct Pipe {
    to: usize,
    left: u64,
}

/// Pipes in pairs: the one at an odd place leads back along the one before it.
struct Pipes {
    pipes: Vec<Pipe>,
    from: Vec<Vec<usize>>,
}

impl Pipes {
    fn lay(&mut self, from: usize, to: usize, capacity: u64) {
        self.from[from].push(self.pipes.len());
        self.pipes.push(Pipe { to, left: capacity });
        self.from[to].push(self.pipes.len());
        self.pipes.push(Pipe { to: from, left: 0 });
    }

    fn levels(&self, source: usize) -> Vec<usize> {
        let mut levels = vec![usize::MAX; self.from.len()];
        levels[source] = 0;
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for pipe in &self.from[node] {
                let Pipe { to, left } = self.pipes[*pipe];
                if left > 0 && levels[to] == usize::MAX {
                    levels[to] = levels[node] + 1;
                    queue.push_back(to);
                }
            }
        }
        levels
    }

    /// One way along rising levels, as pipes; without recursion, since ways can be long.
    fn way(&self, source: usize, sink: usize, levels: &[usize], next: &mut [usize]) -> Option<Vec<usize>> {
        let mut way: Vec<usize> = Vec::new();
        let mut node = source;
        while node != sink {
            let onward = self.from[node].get(next[node]).copied();
            match onward {
                Some(pipe) => {
                    let Pipe { to, left } = self.pipes[pipe];
                    if left > 0 && levels[to] != usize::MAX && levels[to] == levels[node] + 1 {
                        way.push(pipe);
                        node = to;
                    } else {
                        next[node] += 1;
                    }
                }
                None => {
                    let back = way.pop()?;
                    node = self.pipes[back ^ 1].to;
                    next[node] += 1;
                }
            }
        }
        Some(way)
    }
}

/// The greatest flow from `entries` to `jewels` over `arcs` (targets per node), at most `capacities` through each node;
/// at least [`UNBOUNDED`] when a way has no bound.
pub(super) fn greatest(arcs: &[Vec<usize>], capacities: &[u64], entries: &[usize], jewels: &[usize]) -> u64 {
    let count = capacities.len();
    let (source, sink) = (2 * count, 2 * count + 1);
    let mut pipes = Pipes { pipes: Vec::new(), from: vec![Vec::new(); 2 * count + 2] };
    for (node, capacity) in capacities.iter().enumerate() {
        pipes.lay(2 * node, 2 * node + 1, *capacity);
        arcs[node].iter().for_each(|to| pipes.lay(2 * node + 1, 2 * to, UNBOUNDED));
    }
    entries.iter().for_each(|entry| pipes.lay(source, 2 * entry, UNBOUNDED));
    jewels.iter().for_each(|jewel| pipes.lay(2 * jewel + 1, sink, UNBOUNDED));
    let mut flow = 0_u64;
    loop {
        let levels = pipes.levels(source);
        if levels[sink] == usize::MAX || flow >= UNBOUNDED {
            return flow;
        }
        let mut next = vec![0; pipes.from.len()];
        while let Some(way) = pipes.way(source, sink, &levels, &mut next) {
            let least = way.iter().map(|pipe| pipes.pipes[*pipe].left).min().unwrap_or(0);
            for pipe in way {
                pipes.pipes[pipe].left -= least;
                pipes.pipes[pipe ^ 1].left = pipes.pipes[pipe ^ 1].left.saturating_add(least);
            }
            flow = flow.saturating_add(least);
            if flow >= UNBOUNDED {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_nodes_bound_the_flow() {
        // 0 -> {1, 2} -> 3, and 0 -> 4 -> 2.
        let arcs = vec![vec![1, 2, 4], vec![3], vec![3], vec![], vec![2]];
        assert_eq!(greatest(&arcs, &[100, 5, 7, 100, 100], &[0], &[3]), 12);
        assert_eq!(greatest(&arcs, &[100, 5, 7, 9, 100], &[0], &[3]), 9);
        assert_eq!(greatest(&arcs, &[UNBOUNDED; 5], &[0], &[3]), UNBOUNDED);
        assert_eq!(greatest(&arcs, &[1, 1, 1, 1, 1], &[3], &[0]), 0);
        assert_eq!(greatest(&arcs, &[1, 1, 1, 1, 1], &[3], &[3]), 1);
    }
}
