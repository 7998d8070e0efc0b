//! Cascades that wait for more than their source: all of several, any of several, and what nobody has said.

mod estate;

use estate::{Estate, kind, knowledge};
use vauban_analysis::{ThreatGraph, cascade, threat};
use vauban_domain::{AssetId, AssetKind, RelationKind};
use vauban_knowledge::{Condition, Knowledge};

/// Data whose poison reaches a model only if the evaluation is manipulated as well.
fn poisoned(when: Condition) -> (Estate, Knowledge, AssetId, AssetId) {
    let mut estate = Estate::default();
    let data = estate.asset(AssetKind::Dataset, "dataset", "d");
    let model = estate.asset(AssetKind::Model, "model", "m");
    estate.relate(&model, RelationKind::TrainedOn, &data);
    let mut kinds = vec![
        kind("L1.5", "dataset", &[("L1.3", 0.5)]),
        kind("L5.1", "dataset", &[]),
        kind("L1.3", "model", &[]),
    ];
    kinds[0].cascades_to[0].when = Some(when);
    (estate, knowledge(kinds, Vec::new()), data, model)
}

fn line(text: &str) -> Condition {
    Condition::parse(text).expect("well formed")
}

fn likelihood(estate: &Estate, knowledge: &Knowledge, id: &str) -> f64 {
    let facts = estate.facts();
    let graph = ThreatGraph::new(&facts, knowledge);
    let found = threat::threats(&graph).into_iter().find(|threat| threat.id.starts_with(id));
    found.expect("it exists").likelihood
}

/// One attempt a year of which one in twenty succeeds.
fn own() -> f64 {
    -(-0.05_f64).exp_m1()
}

#[test]
fn all_is_the_product_of_the_likelihoods() {
    let (estate, knowledge, ..) = poisoned(Condition::All(vec![line("threat L5.1 at source")]));
    // 1 - (1 - own) (1 - prior x likelihood of the poison x likelihood of the manipulation).
    let expected = 1.0 - (1.0 - own()) * (1.0 - 0.5 * own() * own());
    assert!((likelihood(&estate, &knowledge, "L1.3") - expected).abs() < 1e-9);
    // Without the condition the poison alone is enough.
    let (estate, mut knowledge, ..) = poisoned(Condition::All(vec![line("relation trained-on")]));
    let alone = 1.0 - (1.0 - own()) * (1.0 - 0.5 * own());
    assert!((likelihood(&estate, &knowledge, "L1.3") - alone).abs() < 1e-9);
    knowledge.maestro.threats[0].cascades_to[0].when = None;
    assert!((likelihood(&estate, &knowledge, "L1.3") - alone).abs() < 1e-9);
}

#[test]
fn nothing_fires_when_one_of_all_is_missing() {
    let condition = Condition::All(vec![
        line("threat L5.1 at source"),
        line("relation trained-on"),
        line("not attribute provenance=verified at source"),
    ]);
    let (estate, knowledge, data, _) = poisoned(condition);
    let with_all = likelihood(&estate, &knowledge, "L1.3");
    assert!(with_all > own() + 1e-4);
    // Provenance is verified.
    let mut verified = estate.clone();
    verified.set(&data, "provenance", "verified");
    assert!((likelihood(&verified, &knowledge, "L1.3") - own()).abs() < 1e-12);
    // The data only tests the model.
    let mut tested = estate.clone();
    tested.relations[0].kind = RelationKind::EvaluatedOn;
    assert!((likelihood(&tested, &knowledge, "L1.3") - own()).abs() < 1e-12);
    // Nothing can manipulate the evaluation here.
    let mut safe = knowledge.clone();
    safe.maestro.threats.remove(1);
    assert!((likelihood(&estate, &safe, "L1.3") - own()).abs() < 1e-12);
}

#[test]
fn any_is_enough_and_counts_once() {
    let any = Condition::Any(vec![line("threat L5.1 at source"), line("threat L1.3 at source")]);
    let (estate, knowledge, ..) = poisoned(any);
    // No backdoor is at the data itself, so only the manipulation is left.
    let expected = 1.0 - (1.0 - own()) * (1.0 - 0.5 * own() * own());
    assert!((likelihood(&estate, &knowledge, "L1.3") - expected).abs() < 1e-9);
    let (estate, mut knowledge, ..) =
        poisoned(Condition::Any(vec![line("threat L5.1 at source"), line("threat X.1 at source")]));
    knowledge.maestro.threats.push(kind("X.1", "dataset", &[]));
    let either = 1.0 - (1.0 - own()) * (1.0 - own());
    let expected = 1.0 - (1.0 - own()) * (1.0 - 0.5 * own() * either);
    assert!((likelihood(&estate, &knowledge, "L1.3") - expected).abs() < 1e-9);
}

#[test]
fn what_nobody_has_said_stays_possible_and_is_told() {
    let (mut estate, knowledge, data, _) = poisoned(line("attribute shared=yes at source"));
    let possible = likelihood(&estate, &knowledge, "L1.3");
    assert!(possible > own() + 0.02);
    let basis = |estate: &Estate| {
        let facts = estate.facts();
        let graph = ThreatGraph::new(&facts, &knowledge);
        let threats = threat::threats(&graph);
        threats.into_iter().find(|threat| threat.id.starts_with("L1.3")).unwrap().basis.join("\n")
    };
    let words = "assumed, as nobody says otherwise: attribute shared=yes at source";
    assert!(basis(&estate).contains(words), "{}", basis(&estate));
    estate.set(&data, "shared", "yes");
    assert!((likelihood(&estate, &knowledge, "L1.3") - possible).abs() < 1e-12);
    assert!(!basis(&estate).contains("nobody says"));
    estate.set(&data, "shared", "no");
    assert!((likelihood(&estate, &knowledge, "L1.3") - own()).abs() < 1e-12);
}

#[test]
fn a_blast_radius_counts_what_falls_with_the_origin() {
    let (estate, knowledge, data, model) = poisoned(Condition::All(vec![line("threat L5.1 at source")]));
    let facts = estate.facts();
    let graph = ThreatGraph::new(&facts, &knowledge);
    let all = cascade::cascades(&graph, &cascade::paths(&graph, 5));
    let radius = all.blast_radii.iter().find(|radius| radius.origin == data.as_str()).unwrap();
    // Who holds the data poisons it and manipulates the evaluation.
    assert_eq!(radius.reached, [(data.clone(), 1.0), (model, 0.5)]);
    let path = cascade::paths(&graph, 5).into_iter().find(|path| path.steps.len() == 2);
    if let Some(path) = path {
        assert!(path.steps[1].via.contains("only together with L5.1/dataset:d"), "{}", path.steps[1].via);
        assert!((path.steps[1].probability - 0.5 * own()).abs() < 1e-9);
    }
}

#[test]
fn cycles_of_conditions_come_to_rest() {
    let mut estate = Estate::default();
    let assets: Vec<AssetId> =
        (0..6).map(|index| estate.asset(AssetKind::Agent, "agent", &format!("a{index}"))).collect();
    for from in &assets {
        for to in assets.iter().filter(|to| *to != from) {
            estate.relate(from, RelationKind::SendsTo, to);
        }
    }
    let mut kinds = vec![
        kind("L7.1", "agent", &[("L7.5", 0.6), ("X.5", 0.6)]),
        kind("L7.5", "agent", &[("L7.1", 0.6), ("X.5", 0.6)]),
        kind("X.5", "agent", &[("L7.1", 0.6), ("L7.5", 0.6)]),
    ];
    let conditions = ["threat X.5 at source", "threat L7.1 at target", "threat L7.5 at target"];
    for (kind, condition) in kinds.iter_mut().zip(conditions) {
        kind.cascades_to[0].when = Some(line(condition));
    }
    let mut knowledge = knowledge(kinds, Vec::new());
    let mut last = 0.0;
    // From rare to nearly certain events, the more there are the more follows, and never past certainty.
    for attempts in [0.01, 0.1, 1.0, 10.0, 200.0] {
        knowledge.priors.attempts[0].mode = attempts;
        let now = likelihood(&estate, &knowledge, "L7.1");
        assert!(now > last && now <= 1.0, "{attempts}: {now}");
        // Again, to the byte.
        assert_eq!(now.to_bits(), likelihood(&estate, &knowledge, "L7.1").to_bits());
        last = now;
    }
}
