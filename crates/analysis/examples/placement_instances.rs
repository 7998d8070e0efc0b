//! Writes random covers and cuts with our answers, for a solver that we did not write (`benches/peers/placement.py`):
//! `cargo run --release -p vauban-analysis --example placement_instances -- FOLDER [COUNT]`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a tool writes files and prints")]

use std::fmt::Write;
use std::path::Path;

use vauban_analysis::placement::hitting::cheapest;
use vauban_analysis::placement::network::{Effort, Network};

const NODES: u64 = 2_000_000;
const EFFORT: Effort = Effort { rounds: 500, nodes: NODES };

/// A fixed linear congruence: the same instances every time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn some_of(&mut self, count: usize, among: usize) -> Vec<usize> {
        (0..count).map(|_| self.below(among)).collect()
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "placement-instances".to_owned());
    let count = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(200);
    std::fs::create_dir_all(&folder)?;
    let mut proven = 0;
    for index in 0..count {
        let text = cover(&mut Draw(1_000 + index as u64), index, &mut proven);
        std::fs::write(Path::new(&folder).join(format!("cover-{index:03}.json")), text)?;
        let text = cut(&mut Draw(900_000 + index as u64), &mut proven);
        std::fs::write(Path::new(&folder).join(format!("cut-{index:03}.json")), text)?;
    }
    println!("{count} covers and {count} cuts in {folder}; {proven} of {} proven", 2 * count);
    Ok(())
}

/// Up to 200 threats and 200 controls; every fourth is of that full size.
fn cover(draw: &mut Draw, index: usize, proven: &mut usize) -> String {
    let (columns, rows) =
        if index.is_multiple_of(4) { (200, 200) } else { (10 + draw.below(150), 10 + draw.below(190)) };
    let costs: Vec<u64> = (0..columns).map(|_| 50 * (1 + draw.below(400) as u64)).collect();
    let rows: Vec<Vec<usize>> = (0..rows)
        .map(|_| {
            let count = 1 + draw.below(6);
            draw.some_of(count, columns)
        })
        .collect();
    let answer = cheapest(&costs, &rows, NODES);
    *proven += usize::from(answer.cost == answer.lower_bound);
    format!(
        "{{\"costs\": {costs:?}, \"rows\": {rows:?}, \"chosen\": {:?}, \"cost\": {}, \"lower_bound\": {}}}\n",
        answer.chosen, answer.cost, answer.lower_bound
    )
}

/// Up to 150 nodes in layers with some ways back, and controls that touch up to a dozen nodes each.
fn cut(draw: &mut Draw, proven: &mut usize) -> String {
    let (nodes, controls) = (20 + draw.below(130), 8 + draw.below(50));
    let mut arcs = vec![Vec::new(); nodes];
    for (from, targets) in arcs.iter_mut().enumerate() {
        for _ in 0..1 + draw.below(4) {
            let ahead = from + 1 + draw.below(nodes / 4);
            targets.push(if draw.below(10) == 0 || ahead >= nodes { draw.below(nodes) } else { ahead });
        }
    }
    let mut touching = vec![Vec::new(); nodes];
    for list in &mut touching {
        for _ in 0..1 + draw.below(3) {
            list.push(draw.below(controls));
        }
    }
    let entries = draw.some_of(3, nodes / 4);
    let jewels: Vec<usize> = draw.some_of(3, nodes / 4).into_iter().map(|node| nodes - 1 - node).collect();
    let costs: Vec<u64> = (0..controls).map(|_| 50 * (1 + draw.below(400) as u64)).collect();
    let network = Network { arcs, entries, jewels, touching, costs };
    let parting = network.part(EFFORT);
    *proven += usize::from(parting.cost == parting.lower_bound);
    let Network { arcs, entries, jewels, touching, costs } = &network;
    let mut text = format!("{{\"costs\": {costs:?}, \"arcs\": {arcs:?}, \"touching\": {touching:?}, ");
    let _ = writeln!(
        text,
        "\"entries\": {entries:?}, \"jewels\": {jewels:?}, \"chosen\": {:?}, \"cost\": {}, \"lower_bound\": {}, \"flow_bound\": {}}}",
        parting.chosen, parting.cost, parting.lower_bound, parting.flow_bound
    );
    text
}
