//! Where controls do most: cut and cover against every choice there is, budgets against their ceiling, shared failures.

mod estate;

use estate::{Estate, control, kind, knowledge};
use vauban_analysis::ThreatGraph;
use vauban_analysis::placement::hitting::cheapest;
use vauban_analysis::placement::network::{Effort, Network};
use vauban_analysis::placement::placement;
use vauban_domain::{AssetKind, Locator, Placement, RelationKind, Vendor};
use vauban_knowledge::{Knowledge, default_component};

const EFFORT: Effort = Effort { rounds: 200, nodes: 100_000 };

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

/// Cost of the cheapest of all choices that `holds` accepts; nothing when it accepts none.
fn cheapest_of_all(costs: &[u64], holds: impl Fn(&[bool]) -> bool) -> Option<u64> {
    (0..1_u32 << costs.len())
        .filter_map(|bits| {
            let chosen: Vec<bool> = (0..costs.len()).map(|column| bits >> column & 1 == 1).collect();
            let cost = costs.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(cost, _)| cost).sum();
            holds(&chosen).then_some(cost)
        })
        .min()
}

fn as_choice(chosen: &[usize], count: usize) -> Vec<bool> {
    (0..count).map(|column| chosen.contains(&column)).collect()
}

#[test]
fn covers_of_400_small_problems_are_the_cheapest_there_are() {
    let mut draw = Draw(1);
    for problem in 0..400 {
        let columns = 2 + draw.below(11);
        let costs: Vec<u64> =
            (0..columns).map(|_| 1 + draw.below(if problem % 3 == 0 { 1 } else { 40 }) as u64).collect();
        let rows: Vec<Vec<usize>> = (0..1 + draw.below(20))
            .map(|_| {
                let count = 1 + draw.below(4);
                draw.some_of(count, columns)
            })
            .collect();
        let hits = |chosen: &[bool]| rows.iter().all(|row| row.iter().any(|column| chosen[*column]));
        let answer = cheapest(&costs, &rows, 100_000);
        assert!(hits(&as_choice(&answer.chosen, columns)), "{problem}: {rows:?} {answer:?}");
        assert_eq!(Some(answer.cost), cheapest_of_all(&costs, hits), "{problem}: {costs:?} {rows:?}");
        assert_eq!(answer.cost, answer.lower_bound, "{problem}");
        assert_eq!(answer.cost, answer.chosen.iter().map(|column| costs[*column]).sum::<u64>(), "{problem}");
        // With hardly any search the bound still is one.
        let hasty = cheapest(&costs, &rows, 1);
        assert!(hasty.lower_bound <= answer.cost && answer.cost <= hasty.cost, "{problem}: {hasty:?}");
        assert!(hits(&as_choice(&hasty.chosen, columns)), "{problem}");
    }
}

/// A network of up to twelve nodes and ten controls.
fn network(draw: &mut Draw, bare: bool) -> Network {
    let (nodes, controls) = (3 + draw.below(10), 2 + draw.below(9));
    let mut arcs = vec![Vec::new(); nodes];
    for _ in 0..draw.below(4 * nodes) {
        let from = draw.below(nodes);
        arcs[from].push(draw.below(nodes));
    }
    let touching = (0..nodes)
        .map(|_| {
            let count = if bare { draw.below(3) } else { 1 + draw.below(3) };
            draw.some_of(count, controls)
        })
        .collect();
    let (entries, jewels) = (1 + draw.below(3), 1 + draw.below(3));
    Network {
        arcs,
        entries: draw.some_of(entries, nodes),
        jewels: draw.some_of(jewels, nodes),
        touching,
        costs: (0..controls).map(|_| 1 + draw.below(40) as u64).collect(),
    }
}

/// Whether one of the jewels can be reached where no chosen control stands.
fn passable(network: &Network, jewels: &[usize], chosen: &[bool]) -> bool {
    let free = |node: usize| !network.touching[node].iter().any(|control| chosen[*control]);
    let mut seen = vec![false; network.arcs.len()];
    let mut open: Vec<usize> = network.entries.iter().copied().filter(|entry| free(*entry)).collect();
    while let Some(node) = open.pop() {
        if std::mem::replace(&mut seen[node], true) {
            continue;
        }
        if jewels.contains(&node) {
            return true;
        }
        open.extend(network.arcs[node].iter().copied().filter(|next| free(*next)));
    }
    false
}

#[test]
fn cuts_of_400_small_networks_are_the_cheapest_there_are() {
    let mut draw = Draw(2);
    let (mut cut, mut open) = (0, 0);
    for problem in 0..400 {
        let network = network(&mut draw, problem % 4 == 0);
        let controls = network.costs.len();
        // A jewel that stays within reach when everything is bought cannot be kept, and its way is told.
        let kept: Vec<usize> = network
            .jewels
            .iter()
            .copied()
            .filter(|jewel| !passable(&network, &[*jewel], &vec![true; controls]))
            .collect();
        let parting = network.part(EFFORT);
        let mut told: Vec<usize> = parting.open_ways.iter().map(|way| way[way.len() - 1]).collect();
        told.sort_unstable();
        let mut lost: Vec<usize> =
            network.jewels.iter().copied().filter(|jewel| !kept.contains(jewel)).collect();
        lost.sort_unstable();
        lost.dedup();
        assert_eq!(told, lost, "{problem}");
        for way in &parting.open_ways {
            assert!(network.entries.contains(&way[0]), "{problem}");
            assert!(way.iter().all(|node| network.touching[*node].is_empty()), "{problem}");
            assert!(way.windows(2).all(|pair| network.arcs[pair[0]].contains(&pair[1])), "{problem}");
        }
        let holds = |chosen: &[bool]| !passable(&network, &kept, chosen);
        assert!(holds(&as_choice(&parting.chosen, controls)), "{problem}: {network:?} {parting:?}");
        assert_eq!(
            Some(parting.cost),
            cheapest_of_all(&network.costs, holds),
            "{problem}: {network:?} {parting:?}"
        );
        assert_eq!(parting.cost, parting.lower_bound, "{problem}");
        assert!(parting.flow_bound <= parting.cost, "{problem}: {network:?} {parting:?}");
        cut += usize::from(parting.cost > 0);
        open += usize::from(!parting.open_ways.is_empty());
        let hasty = network.part(Effort { rounds: 1, nodes: 1 });
        assert!(hasty.lower_bound <= parting.cost && parting.cost <= hasty.cost, "{problem}: {hasty:?}");
    }
    assert!(cut > 200 && open > 20, "the instances say something: {cut} {open}");
}

#[test]
fn flow_is_the_answer_where_every_control_touches_one_node() {
    let mut draw = Draw(3);
    for problem in 0..200 {
        let mut network = network(&mut draw, false);
        network.costs = (0..network.arcs.len()).map(|_| 1 + draw.below(40) as u64).collect();
        network.touching = (0..network.arcs.len()).map(|node| vec![node]).collect();
        let parting = network.part(EFFORT);
        assert_eq!((parting.flow_bound, parting.lower_bound), (parting.cost, parting.cost), "{problem}");
    }
}

/// A public endpoint, an agent behind it and the records it reads; losses from what happens to the records.
fn assistant() -> (Estate, Knowledge) {
    let mut estate = Estate::default();
    let chat = estate.asset(AssetKind::Endpoint, "inference_endpoint", "chat");
    estate.set(&chat, "exposure", "internet");
    let agent = estate.asset(AssetKind::Agent, "agent", "agent");
    let records = estate.asset(AssetKind::Dataset, "dataset", "records");
    estate.relate(&chat, RelationKind::SendsTo, &agent);
    estate.relate(&agent, RelationKind::SendsTo, &records);
    estate.loses("confidentiality", 100_000.0, 100_000.0);
    let threats = vec![
        kind("L1.7", "inference_endpoint", &[("L7.1", 0.6)]),
        kind("L7.1", "agent", &[("L2.2", 0.6)]),
        kind("L2.2", "dataset", &[]),
    ];
    let mut controls = vec![
        control("front", "inference_endpoint", "L1.7", 0.5, &[]),
        control("middle", "agent", "L7.1", 0.5, &[]),
        control("records", "dataset", "L2.2", 0.5, &[]),
        control("twin", "dataset", "L2.2", 0.4, &[]),
    ];
    for (control, cost) in controls.iter_mut().zip([300.0, 250.0, 400.0, 450.0]) {
        (control.cost_low, control.cost_high) = (cost, cost);
    }
    (estate, knowledge(threats, controls))
}

fn placed(estate: &Estate, knowledge: &Knowledge) -> Placement {
    placement(&ThreatGraph::new(&estate.facts(), knowledge))
}

fn controls(placed: &[vauban_domain::PlacedControl]) -> Vec<&str> {
    placed.iter().map(|placed| placed.control.as_str()).collect()
}

#[test]
fn the_cheapest_cut_stands_where_all_ways_meet() {
    let (mut estate, knowledge) = assistant();
    let cut = placed(&estate, &knowledge).cut.expect("there is a way");
    assert_eq!((controls(&cut.controls), cut.cost, cut.lower_bound), (vec!["middle"], 250.0, 250.0));
    assert_eq!(cut.entries[0].as_str(), "endpoint:chat");
    assert_eq!(cut.jewels[0].as_str(), "dataset:records");
    assert_eq!((cut.controls[0].owner.as_str(), cut.controls[0].vendor.as_str()), ("the owner", ""));
    // What is seen in place stands there already, and nothing is left to cut.
    let agent = estate.assets[1].id.clone();
    estate.exercise(&agent, "AML.T0051", true, &["middle"]);
    assert_eq!(placed(&estate, &knowledge).cut, None);
}

#[test]
fn ways_that_nothing_stands_on_are_told_as_open() {
    let (estate, mut knowledge) = assistant();
    knowledge.controls.truncate(0);
    let cut = placed(&estate, &knowledge).cut.expect("there is a way");
    let way: Vec<&str> = cut.open_ways[0].iter().map(|asset| asset.as_str()).collect();
    assert_eq!(way, ["endpoint:chat", "agent:agent", "dataset:records"]);
    assert!(cut.controls.is_empty());
    assert!(
        cut.basis.iter().any(|line| line.contains("no control of the library stands")),
        "{:?}",
        cut.basis
    );
    let cover = placed(&estate, &knowledge).cover.expect("there are threats");
    assert_eq!((cover.threats, cover.untouched.len()), (0, 3));
}

#[test]
fn the_cover_touches_every_threat_once_where_that_is_enough() {
    let (estate, knowledge) = assistant();
    let cover = placed(&estate, &knowledge).cover.expect("there are threats");
    assert_eq!(
        (controls(&cover.controls), cover.cost, cover.lower_bound),
        (vec!["records", "front", "middle"], 950.0, 950.0)
    );
    assert_eq!((cover.threats, cover.held, cover.untouched.len()), (3, 0, 0));
}

#[test]
fn a_budget_of_few_candidates_is_spent_as_well_as_can_be() {
    let (mut estate, knowledge) = assistant();
    for (budget, expected) in [
        (0.0, vec![]),
        (249.0, vec![]),
        (400.0, vec!["records"]),
        (10_000.0, vec!["twin", "records", "front", "middle"]),
    ] {
        estate.declaration.budget = Some(budget);
        let plan = placed(&estate, &knowledge).budget.expect("a loss is declared");
        assert_eq!((controls(&plan.controls), plan.declared, plan.budget), (expected, true, budget));
        assert_eq!(plan.removed, plan.upper_bound);
        assert!(
            plan.curve.is_sorted_by(|one, other| one.spent <= other.spent && one.removed <= other.removed)
        );
    }
    estate.declaration.systems.clear();
    assert_eq!(placed(&estate, &knowledge).budget, None, "without a loss nothing is known");
}

/// An estate of the real library with random relations.
fn real(draw: &mut Draw, count: usize) -> Estate {
    let mut estate = Estate::default();
    let ids: Vec<_> = (0..count)
        .map(|index| {
            let kind = AssetKind::ALL[draw.below(AssetKind::ALL.len())];
            estate.asset(kind, default_component(kind), &format!("x{index}"))
        })
        .collect();
    for _ in 0..2 * count {
        let (from, to) = (draw.below(count), draw.below(count));
        estate.relate(&ids[from], RelationKind::ALL[draw.below(RelationKind::ALL.len())], &ids[to]);
    }
    estate.set(&ids[0], "exposure", "internet");
    estate.loses("integrity", 10_000.0, 300_000.0);
    estate.loses("confidentiality", 5_000.0, 900_000.0);
    estate
}

#[test]
fn no_choice_within_a_budget_removes_more_than_the_ceiling() {
    let mut draw = Draw(4);
    for _ in 0..8 {
        let mut estate = real(&mut draw, 6);
        // A library of thirteen, so that not every choice is tried, but here it is.
        let mut knowledge = Knowledge::builtin().clone();
        while knowledge.controls.len() > 13 {
            knowledge.controls.remove(draw.below(knowledge.controls.len()));
        }
        let cost = |bits: u32, knowledge: &Knowledge| -> f64 {
            let middle =
                |at: usize| (knowledge.controls[at].cost_low + knowledge.controls[at].cost_high) / 2.0;
            (0..13).filter(|at| bits >> at & 1 == 1).map(middle).sum()
        };
        let budget = cost((1 << 13) - 1, &knowledge) / 3.0;
        estate.declaration.budget = Some(budget);
        let plan = placed(&estate, &knowledge).budget.expect("a loss is declared");
        let mut most = 0.0_f64;
        for _ in 0..100 {
            let bits = draw.below(1 << 13) as u32;
            if cost(bits, &knowledge) > budget {
                continue;
            }
            let supposed: Vec<_> = (0..13)
                .filter(|at| bits >> at & 1 == 1)
                .map(|at| knowledge.controls[at].id.clone())
                .collect();
            // The same controls as put in place and proven, through another door.
            let mut with = estate.clone();
            for asset in estate.assets.iter().map(|asset| asset.id.clone()) {
                for control in &knowledge.controls {
                    let here = estate
                        .assets
                        .iter()
                        .any(|own| own.id == asset && control.components.contains(&own.component));
                    if here && supposed.contains(&control.id) {
                        with.exercise(&asset, "AML.T0024", false, &[&control.id]);
                    }
                }
            }
            let left = placed(&with, &knowledge).budget.map_or(0.0, |plan| plan.curve[0].left);
            most = most.max(plan.curve[0].left - left);
        }
        assert!(most <= plan.upper_bound + 1e-6, "{most} {plan:?}");
        assert!(plan.removed <= plan.upper_bound);
        assert!(
            most <= plan.removed * 1.001 + 1e-6,
            "a random choice beats the answer: {most} {}",
            plan.removed
        );
    }
}

fn vendor(name: &str, operates: &[&str]) -> Vendor {
    Vendor {
        name: name.to_owned(),
        supplies: "security".to_owned(),
        assets: Vec::new(),
        assessed: None,
        operates: operates.iter().map(|id| (*id).to_owned()).collect(),
        contact: String::new(),
        answers: String::new(),
        locator: Locator::file("vauban.toml"),
    }
}

#[test]
fn controls_of_one_vendor_fall_together_and_what_hangs_on_them_alone_is_told() {
    let (mut estate, knowledge) = assistant();
    estate.declaration.vendors = vec![vendor("lone", &["front"]), vendor("shared", &["middle", "records"])];
    let records = estate.assets[2].id.clone();
    let agent = estate.assets[1].id.clone();
    estate.exercise(&records, "AML.T0024", true, &["records", "twin"]);
    estate.exercise(&agent, "AML.T0024", true, &["middle"]);
    let placed = placed(&estate, &knowledge);
    let [failure] = placed.shared_failures.as_slice() else { panic!("{:?}", placed.shared_failures) };
    assert_eq!(
        (failure.shared.as_str(), failure.controls.as_slice()),
        ("vendor shared", &["middle".to_owned(), "records".to_owned()][..])
    );
    // The records keep the twin, which somebody else runs.
    assert_eq!(failure.threats, ["L7.1/agent:agent"]);
    assert!(failure.added_loss.is_some_and(|added| added > 0.0));
}

#[test]
fn a_cover_of_one_vendor_only_says_which_threats_hang_on_it() {
    let (mut estate, knowledge) = assistant();
    estate.declaration.vendors = vec![vendor("all", &["front", "middle", "records", "twin"])];
    estate.owned("front", "the platform team");
    let placed = placed(&estate, &knowledge);
    let failure = &placed.shared_failures[0];
    assert_eq!(failure.threats, Vec::<String>::new());
    assert_eq!(failure.threats_after, ["L1.7/endpoint:chat", "L2.2/dataset:records", "L7.1/agent:agent"]);
    assert_eq!(failure.added_loss, Some(0.0));
    let front = placed
        .cover
        .iter()
        .flat_map(|cover| &cover.controls)
        .find(|own| own.control == "front")
        .expect("it covers");
    assert_eq!((front.vendor.as_str(), front.owner.as_str()), ("all", "the platform team"));
}

#[test]
fn controls_on_one_platform_fall_together() {
    let (mut estate, knowledge) = assistant();
    let cluster = estate.asset(AssetKind::Infrastructure, "cluster", "cluster");
    let (agent, records) = (estate.assets[1].id.clone(), estate.assets[2].id.clone());
    estate.relate(&agent, RelationKind::RunsOn, &cluster);
    estate.relate(&records, RelationKind::RunsOn, &cluster);
    estate.exercise(&records, "AML.T0024", true, &["records"]);
    estate.exercise(&agent, "AML.T0024", true, &["middle"]);
    let placed = placed(&estate, &knowledge);
    assert_eq!(placed.shared_failures[0].shared, "platform infrastructure:cluster");
    assert_eq!(placed.shared_failures[0].threats, ["L2.2/dataset:records", "L7.1/agent:agent"]);
}

#[test]
fn threads_and_the_order_of_assets_do_not_matter() {
    let mut estate = real(&mut Draw(5), 30);
    let knowledge = Knowledge::builtin();
    let one = rayon_with(1, || placed(&estate, knowledge));
    let many = rayon_with(4, || placed(&estate, knowledge));
    assert_eq!(one, many);
    estate.assets.reverse();
    assert_eq!(one, placed(&estate, knowledge));
}

fn rayon_with<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(work)
}
