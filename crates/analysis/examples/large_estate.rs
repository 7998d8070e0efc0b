//! Measures the whole analysis on a made-up estate of so many assets (1,000 unless given) and ten times as many relations:
//! `cargo run --release -p vauban-analysis --example large_estate -- 1000`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement reads a clock and prints")]

use std::collections::BTreeMap;
use std::time::Instant;

use vauban_analysis::{
    Brought, Facts, Inventory, ThreatGraph, cascade, gap, placement, plan, risk, technique, threat,
};
use vauban_domain::{
    Asset, AssetKind, Confidence, Declaration, Layer, Locator, LossRange, Relation, RelationKind, System,
    Timestamp,
};
use vauban_knowledge::Knowledge;
use vauban_knowledge::maestro::default_component;

const SYSTEMS: usize = 20;

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1_000_usize).max(20);
    let knowledge = Knowledge::builtin();
    let assets: Vec<Asset> = (0..count)
        .map(|index| {
            let kind = AssetKind::ALL[index % AssetKind::ALL.len()];
            let component = default_component(kind);
            let layer = knowledge.maestro.layer_of(component).unwrap_or(Layer::Ecosystem);
            let name = format!("asset-{index}");
            let mut asset =
                Asset::new(kind, component, layer, &name, Confidence::Verified, Locator::file(name.as_str()));
            asset.system = Some(format!("system-{:02}", index % SYSTEMS));
            asset
        })
        .collect();
    // A fixed linear congruence instead of a random generator: the same estate every time.
    let mut state = 1_usize;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let relations: Vec<Relation> = (0..10 * count)
        .map(|_| {
            let (from, to) = (&assets[next(count)], &assets[next(count)]);
            let kind = RelationKind::ALL[next(RelationKind::ALL.len())];
            Relation::new(
                from.id.clone(),
                kind,
                to.id.clone(),
                Confidence::Verified,
                Locator::file("made up"),
            )
        })
        .collect();
    let systems = (0..SYSTEMS)
        .map(|index| System {
            name: format!("system-{index:02}"),
            owner: "an owner".to_owned(),
            criticality: "high".to_owned(),
            purpose: "to be measured".to_owned(),
            assets: Vec::new(),
            losses: ["availability", "confidentiality", "integrity"]
                .map(|impact| (impact.to_owned(), LossRange { low: 10_000.0, likely: None, high: 500_000.0 }))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            exposure: if index % 4 == 0 { "internet" } else { "internal" }.to_owned(),
            data: Vec::new(),
            locator: Locator::file("vauban.toml"),
            ..System::default()
        })
        .collect();
    let declaration = Declaration { currency: "EUR".to_owned(), systems, ..Declaration::default() };
    let facts = Facts {
        inventory: Inventory { assets: &assets, relations: &relations },
        declaration: &declaration,
        rules: &[],
        findings: &[],
        outcomes: &[],
        measurements: &[],
        exercises: &[],
        detections: &[],
        supposed: &[],
        brought: Brought::NONE,
        now: Timestamp(0),
    };
    let mut start = Instant::now();
    let mut lap = |what: &str, count: usize| {
        println!("{:>7.2} s  {what}: {count}", start.elapsed().as_secs_f64());
        start = Instant::now();
    };
    lap("coverage rows", gap::coverage(&facts, knowledge).len());
    let graph = ThreatGraph::new(&facts, knowledge);
    lap("threat instances in the graph", graph.instances().len());
    let threats = threat::threats(&graph);
    lap("threats evaluated", threats.len());
    let paths = cascade::paths(&graph, cascade::PATHS);
    lap("paths", paths.len());
    lap("bytes of drawing", cascade::lanes_svg(&assets, &threats, &paths).len());
    let cascades = cascade::cascades(&graph, &paths);
    lap("blast radii", cascades.blast_radii.len());
    lap("techniques at assets", technique::techniques(&facts, knowledge, &threats).len());
    let mut planned = plan::plan(&graph);
    lap("steps of the plan", planned.plan.steps.len());
    let placed = placement::placement(&graph);
    lap("controls of cut, cover and budget", {
        let cut = placed.cut.as_ref().map_or(0, |cut| cut.controls.len());
        let cover = placed.cover.as_ref().map_or(0, |cover| cover.controls.len());
        cut + cover + placed.budget.as_ref().map_or(0, |budget| budget.controls.len())
    });
    let risk = risk::assess(&graph, Some(&planned.after), risk::TRIALS, 1);
    lap("scenarios simulated, before and after the plan", risk.scenarios.len());
    let delay = risk::returns(&graph, &mut planned, risk::TRIALS, 1);
    lap("draws behind what the steps give back", risk.draws as usize);
    println!("cost of a month's delay: {:.0}", delay.map_or(0.0, |delay| delay.month));
    let likelihoods: Vec<f64> = threats.iter().map(|threat| threat.likelihood).collect();
    let middle = likelihoods.get(likelihoods.len() / 2).copied().unwrap_or(0.0);
    println!("likelihoods: highest {:.3}, median {middle:.4}", likelihoods.first().copied().unwrap_or(0.0));
    if let Some(cut) = &placed.cut {
        println!("cut: {} from {}, {} open ways", cut.cost, cut.lower_bound, cut.open_ways.len());
    }
    if let Some(cover) = &placed.cover {
        println!(
            "cover: {} from {}, {} threats untouched",
            cover.cost,
            cover.lower_bound,
            cover.untouched.len()
        );
    }
    if let Some(budget) = &placed.budget {
        println!(
            "budget {}: removes {:.0} of at most {:.0}",
            budget.budget, budget.removed, budget.upper_bound
        );
    }
    println!("expected loss a year: {:.0}", risk.total.mean);
}
