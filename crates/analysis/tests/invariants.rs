//! What holds for any estate: age never helps, steps never hurt, threads never matter.

mod estate;

use estate::{Estate, NOW, days_ago, rule};
use proptest::prelude::*;
use vauban_analysis::graph::ThreatGraph;
use vauban_analysis::{cascade, gap, plan, risk, threat};
use vauban_domain::{Aspect, AssetKind, Family, RelationKind, Severity, Timestamp, Verdict};
use vauban_knowledge::{Knowledge, default_component};

/// An estate of eight assets with some of everything.
fn some_estate() -> impl Strategy<Value = Estate> {
    let edges = proptest::collection::vec((0usize..8, 0usize..8, 0usize..13), 0..16);
    let claims = proptest::collection::vec((0usize..50, 0i64..400), 0..8);
    let found = proptest::collection::vec((0usize..8, 0usize..4), 0..8);
    let kinds = proptest::collection::vec(0usize..11, 8);
    (edges, claims, found, kinds, any::<bool>()).prop_map(|(edges, claims, found, kinds, detected)| {
        let mut estate = Estate::default();
        let ids: Vec<_> = kinds
            .iter()
            .enumerate()
            .map(|(index, kind)| {
                let kind = AssetKind::ALL[*kind];
                estate.asset(kind, default_component(kind), &format!("x{index}"))
            })
            .collect();
        for (from, to, kind) in edges {
            estate.relate(&ids[from], RelationKind::ALL[kind], &ids[to]);
        }
        let controls = &Knowledge::builtin().controls;
        for (control, days) in claims {
            estate.claim(&controls[control % controls.len()].id, "clinic", days_ago(days));
        }
        let rules = [
            rule("pickle-code-execution", Family::Artifact, Severity::Critical, "AML.T0018.002@2026.09"),
            rule("endpoint-without-authentication", Family::Access, Severity::High, "AML.T0024.002@2026.09"),
            rule("mcp-server-unpinned", Family::Agent, Severity::High, "AML.T0010.005@2026.09"),
            rule("extraction-querying", Family::Detection, Severity::High, "AML.T0024.002@2026.09"),
        ];
        for (asset, index) in found {
            match index % 2 {
                0 => estate.find(&rules[index], &ids[asset]),
                _ => estate.look(&rules[index], &ids[asset], Verdict::Clean),
            }
        }
        estate.measure(&ids[0], "AML.T0043", 20, 100);
        estate.exercise(&ids[1], "AML.T0024.002", detected, &["rate-limit"]);
        estate.loses("integrity", 10_000.0, 300_000.0);
        estate.loses("confidentiality", 5_000.0, 900_000.0);
        estate
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn time_never_raises_a_rung(estate in some_estate(), days in 0i64..500) {
        let later = Timestamp(NOW.0 + days * 86_400);
        // What is read at the review is as old as the review, so only dated evidence can age.
        let today = gap::coverage(&estate.facts(), Knowledge::builtin());
        let then = gap::coverage(&estate.facts_at(later), Knowledge::builtin());
        prop_assert_eq!(today.len(), then.len());
        for (before, after) in today.iter().zip(&then) {
            prop_assert_eq!((&before.asset, &before.technique), (&after.asset, &after.technique));
            for aspect in Aspect::ALL {
                prop_assert!(after.score(aspect).rung <= before.score(aspect).rung);
            }
        }
    }

    #[test]
    fn every_step_of_a_plan_lowers_what_is_left(estate in some_estate()) {
        let graph = ThreatGraph::new(&estate.facts(), Knowledge::builtin());
        let planned = plan::plan(&graph);
        let mut left = f64::INFINITY;
        let mut taken = std::collections::BTreeSet::new();
        for (position, step) in planned.plan.steps.iter().enumerate() {
            prop_assert_eq!(step.rank as usize, position + 1);
            prop_assert!(step.risk_removed >= 0.0 && step.risk_left >= 0.0 && step.cost > 0.0);
            prop_assert!(step.risk_left <= left);
            prop_assert!(taken.insert(step.control.clone()), "{} twice", step.control);
            left = step.risk_left;
        }
        let before = threat::threats(&graph);
        let after: std::collections::BTreeMap<_, _> =
            threat::threats(&planned.after).into_iter().map(|threat| (threat.id, threat.likelihood)).collect();
        for threat in &before {
            prop_assert!(after[&threat.id] <= threat.likelihood + 1e-9);
        }
    }

    #[test]
    fn any_number_of_threads_and_any_order_of_input_gives_the_same(estate in some_estate()) {
        let run = |estate: &Estate, threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let facts = estate.facts();
                let graph = ThreatGraph::new(&facts, Knowledge::builtin());
                let mut planned = plan::plan(&graph);
                let (threats, paths) = (threat::threats(&graph), cascade::paths(&graph, 20));
                let drawing = cascade::lanes_svg(&estate.assets, &threats, &paths);
                let mut risk = risk::assess(&graph, Some(&planned.after), 2_000, 3);
                risk.cost_of_delay = risk::returns(&graph, &mut planned, 2_000, 3);
                let cascades = cascade::cascades(&graph, &paths);
                let techniques = vauban_analysis::technique::techniques(&facts, Knowledge::builtin(), &threats);
                let consequences = (cascades, techniques, planned.plan, risk);
                format!("{:?}", (gap::coverage(&facts, Knowledge::builtin()), threats, paths, drawing, consequences))
            })
        };
        let one = run(&estate, 1);
        prop_assert_eq!(&one, &run(&estate, 2));
        prop_assert_eq!(&one, &run(&estate, 3));
        let mut reversed = estate.clone();
        reversed.assets.reverse();
        prop_assert_eq!(&one, &run(&reversed, 2));
    }
}
