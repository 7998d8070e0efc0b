//! Threats and cascades on graphs small enough to compute by hand.

mod estate;

use estate::{Estate, NOW, control, kind, knowledge, rule};
use proptest::prelude::*;
use vauban_analysis::graph::ThreatGraph;
use vauban_analysis::{cascade, threat};
use vauban_domain::{AssetKind, Family, RelationKind, Severity, Support, Threat};
use vauban_knowledge::Knowledge;

fn threats(estate: &Estate, knowledge: &Knowledge) -> Vec<Threat> {
    threat::threats(&ThreatGraph::new(&estate.facts(), knowledge))
}

fn likelihood(threats: &[Threat], id: &str) -> f64 {
    threats.iter().find(|threat| threat.id == id).unwrap_or_else(|| panic!("no {id}")).likelihood
}

/// A model and an agent that uses it; evasion of the model leads to misuse by the agent.
fn pair() -> (Estate, Knowledge) {
    let mut estate = Estate::default();
    let model = estate.asset(AssetKind::Model, "model", "m");
    let agent = estate.asset(AssetKind::Agent, "agent", "a");
    estate.relate(&agent, RelationKind::Uses, &model);
    let threats = vec![kind("L1.1", "model", &[("L7.4", 0.5)]), kind("L7.4", "agent", &[])];
    (estate, knowledge(threats, Vec::new()))
}

#[test]
fn a_cascade_adds_to_what_happens_by_itself() {
    let (estate, knowledge) = pair();
    let threats = threats(&estate, &knowledge);
    // One attempt a year, .05 succeed: 1 - e^-.05 = .048771. Inbound .5 x .048771 = .024385.
    // 1 - (1 - .048771) x (1 - .024385) = .071967.
    assert!((likelihood(&threats, "L1.1/model:m") - 0.048_771).abs() < 1e-6);
    assert!((likelihood(&threats, "L7.4/agent:a") - 0.071_967).abs() < 1e-6);
    assert_eq!(threats[0].id, "L7.4/agent:a", "most likely first");
    assert!(threats.iter().all(|threat| threat.support == Support::Structural));
    let basis = &threats[0].basis;
    assert!(
        basis.iter().any(|line| line.starts_with("assumed: L1.1/model:m leads here with probability 0.50"))
    );
}

#[test]
fn harm_does_not_travel_against_its_direction_nor_without_a_relation() {
    let (mut estate, knowledge) = pair();
    estate.relations[0].kind = RelationKind::SendsTo;
    assert!((likelihood(&threats(&estate, &knowledge), "L7.4/agent:a") - 0.048_771).abs() < 1e-6);
    estate.relations.clear();
    assert!((likelihood(&threats(&estate, &knowledge), "L7.4/agent:a") - 0.048_771).abs() < 1e-6);
}

#[test]
fn further_causes_count_less_than_the_first() {
    let (mut estate, knowledge) = pair();
    let second = estate.asset(AssetKind::Model, "model", "n");
    let agent = vauban_domain::AssetId::new(AssetKind::Agent, "a");
    estate.relate(&agent, RelationKind::Uses, &second);
    // Inbound 1 - (1 - .024385)(1 - .024385 / 4) = .030333; 1 - .951229 x .969667 = .077625.
    assert!((likelihood(&threats(&estate, &knowledge), "L7.4/agent:a") - 0.077_625).abs() < 1e-6);
}

#[test]
fn a_finding_a_measurement_and_an_alert_each_say_what_they_know() {
    let (mut estate, knowledge) = pair();
    let model = vauban_domain::AssetId::new(AssetKind::Model, "m");
    let mut weak = rule("model-weak", Family::Artifact, Severity::High, "AML.T0043@2026.09");
    weak.threats = vec!["L1.1@2025-02".into()].into();
    estate.find(&weak, &model);
    // .5 of attempts succeed: 1 - e^-.5.
    let threats = threats(&estate, &knowledge);
    assert!((likelihood(&threats, "L1.1/model:m") - 0.393_469).abs() < 1e-6);
    let at_model = threats.iter().find(|threat| threat.id == "L1.1/model:m").unwrap();
    assert_eq!((at_model.support, at_model.findings.len()), (Support::Observed, 1));
    assert!(at_model.basis.iter().any(|line| line.starts_with("found: model-weak (high); assumed: 0.5")));

    // An alert raises the attempts to twelve a year, not their success.
    let (mut estate, knowledge) = pair();
    let mut alert = rule("evasion-probing", Family::Detection, Severity::High, "AML.T0043@2026.09");
    alert.threats = weak.threats.clone();
    estate.find(&alert, &model);
    let frequency = self::threats(&estate, &knowledge)
        .iter()
        .find(|threat| threat.id == "L1.1/model:m")
        .map(|threat| threat.frequency)
        .unwrap();
    assert!((frequency - 12.0 * 0.05).abs() < 1e-12);
}

#[test]
fn measured_success_replaces_the_assumption() {
    let mut estate = Estate::default();
    let model = estate.asset(AssetKind::Model, "model", "m");
    estate.measure(&model, "AML.T0043", 46, 100);
    let threats = threats(&estate, Knowledge::builtin());
    let evasion = threats.iter().find(|threat| threat.id == "L1.1/model:m").unwrap();
    assert_eq!(evasion.support, Support::Observed);
    assert_eq!(evasion.measurements, ["pgd-linf/robust-accuracy/model:m"]);
    assert!(
        evasion.basis.iter().any(|line| line.contains("-> 0.54 of attempts succeed")),
        "{:?}",
        evasion.basis
    );
}

#[test]
fn a_control_counts_for_what_its_proof_is_worth() {
    let (mut estate, mut knowledge) = pair();
    knowledge.controls = vec![control("shield", "model", "L1.1", 0.8, &[])];
    let frequency = |estate: &Estate| {
        threats(estate, &knowledge).iter().find(|threat| threat.id == "L1.1/model:m").unwrap().frequency
    };
    assert!((frequency(&estate) - 0.05).abs() < 1e-12);
    estate.claim("shield", "clinic", NOW);
    assert!((frequency(&estate) - 0.05 * (1.0 - 0.8 * 0.25)).abs() < 1e-12);
    let model = vauban_domain::AssetId::new(AssetKind::Model, "m");
    estate.exercise(&model, "AML.T0043", true, &["shield"]);
    assert!((frequency(&estate) - 0.05 * (1.0 - 0.8)).abs() < 1e-12);
}

#[test]
fn a_limit_that_held_at_the_endpoint_counts_for_the_model_behind_it() {
    let mut estate = Estate::default();
    let model = estate.asset(AssetKind::Model, "model", "m");
    let endpoint = estate.asset(AssetKind::Endpoint, "inference_endpoint", "e");
    estate.relate(&endpoint, RelationKind::SendsTo, &model);
    let frequency = |estate: &Estate| {
        let threats = threats(estate, Knowledge::builtin());
        ["L1.2/model:m", "L1.2/endpoint:e"]
            .map(|id| threats.iter().find(|threat| threat.id == id).unwrap().frequency)
    };
    let before = frequency(&estate);
    estate.exercise(&model, "AML.T0024.002", true, &["rate-limit"]);
    let after = frequency(&estate);
    assert!((after[0] / before[0] - 0.5).abs() < 1e-9 && (after[1] / before[1] - 0.5).abs() < 1e-9);
}

#[test]
fn cycles_settle_below_the_stated_bound() {
    let mut estate = Estate::default();
    let agents: Vec<_> =
        (0..6).map(|index| estate.asset(AssetKind::Agent, "agent", &format!("a{index}"))).collect();
    for from in &agents {
        for to in &agents {
            if from != to {
                estate.relate(from, RelationKind::Uses, to);
            }
        }
    }
    let ring = [("L7.1", 0.6), ("L7.4", 0.6), ("L7.5", 0.6)];
    let kinds = ring.iter().map(|(id, _)| kind(id, "agent", &ring)).collect();
    let threats = threats(&estate, &knowledge(kinds, Vec::new()));
    let own = 1.0 - (-0.05_f64).exp();
    assert_eq!(threats.len(), 18);
    assert!(threats.iter().all(|threat| threat.likelihood > own && threat.likelihood < 5.0 * own));
}

#[test]
fn every_maestro_threat_of_a_component_has_an_instance() {
    let knowledge = Knowledge::builtin();
    let mut estate = Estate::default();
    let components: Vec<String> = knowledge.maestro.components().map(|(name, _)| name.to_owned()).collect();
    for component in &components {
        estate.asset(AssetKind::Infrastructure, component, component);
    }
    let threats = threats(&estate, knowledge);
    let kinds: std::collections::BTreeSet<&str> = threats.iter().map(|threat| threat.kind.as_ref()).collect();
    assert_eq!(kinds.len(), 55);
}

#[test]
fn a_path_tells_its_steps_and_its_loss() {
    let (mut estate, mut knowledge) = pair();
    estate.loses("integrity", 1000.0, 1000.0);
    estate.assets[0].system = None;
    knowledge.controls = vec![control("shield", "agent", "L7.4", 0.8, &[])];
    let graph = ThreatGraph::new(&estate.facts(), &knowledge);
    let paths = cascade::paths(&graph, 20);
    // L7.4 loses integrity with .3 of its events: alone .048771 x 300; by way of the model .048771 x .5 x 300.
    let losses: Vec<f64> = paths.iter().map(|path| path.expected_loss).collect();
    assert_eq!(losses.len(), 2);
    assert!((losses[0] - 14.6312).abs() < 1e-3 && (losses[1] - 7.3156).abs() < 1e-3, "{losses:?}");
    let cascade = &paths[1];
    assert_eq!(
        cascade.steps.iter().map(|step| step.threat.as_str()).collect::<Vec<_>>(),
        ["L1.1/model:m", "L7.4/agent:a"]
    );
    assert_eq!(cascade.steps[1].via, "it spreads; agent:a uses model:m");
    assert_eq!(cascade.steps[1].stopped_by, ["shield"]);
    assert_eq!(
        cascade.narrative,
        "It begins with threat L1.1 (L1.1) at model:m; that leads to threat L7.4 (L7.4) at agent:a (it spreads; \
         agent:a uses model:m). The loss falls on `clinic`: EUR 7 a year on this path, probability 2.4 % a year."
    );
}

#[test]
fn without_a_declared_loss_paths_say_that_it_is_unknown() {
    let (estate, knowledge) = pair();
    let paths = cascade::paths(&ThreatGraph::new(&estate.facts(), &knowledge), 20);
    assert!(!paths.is_empty());
    assert!(
        paths.iter().all(|path| path.expected_loss == 0.0 && path.narrative.contains("no loss is declared"))
    );
    let empty = Estate::default();
    assert!(cascade::paths(&ThreatGraph::new(&empty.facts(), &knowledge), 20).is_empty());
}

#[test]
fn the_drawing_is_bounded_escaped_and_says_what_it_leaves_out() {
    let (mut estate, knowledge) = pair();
    estate.loses("integrity", 1000.0, 9000.0);
    let evil = estate.asset(AssetKind::Model, "model", "<script>&\"\u{1}");
    let agent = vauban_domain::AssetId::new(AssetKind::Agent, "a");
    estate.relate(&agent, RelationKind::Uses, &evil);
    for index in 0..300 {
        estate.asset(AssetKind::Dataset, "dataset", &format!("d{index}"));
    }
    let graph = ThreatGraph::new(&estate.facts(), &knowledge);
    let (threats, paths) = (threat::threats(&graph), cascade::paths(&graph, 20));
    let svg = cascade::lanes_svg(&estate.assets, &threats, &paths);
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;&amp;&quot; "));
    assert!(svg.contains("3 of 303 assets drawn") && svg.contains("300 not drawn"), "{svg}");
    assert!(svg.len() < 60_000);
    assert!(cascade::lanes_svg(&[], &[], &[]).contains("0 of 0 assets drawn"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// On any graph: probabilities are probabilities, a control never raises one, and a path never repeats itself.
    #[test]
    fn controls_never_raise_a_likelihood(
        edges in proptest::collection::vec((0usize..8, 0usize..8, 0usize..13), 0..24),
        attempts in 0.0f64..20.0,
        effect in 0.0f64..1.0,
    ) {
        let mut estate = Estate::default();
        let kinds = [AssetKind::Model, AssetKind::Agent, AssetKind::Dataset, AssetKind::Endpoint];
        let components = ["model", "agent", "dataset", "inference_endpoint"];
        let ids: Vec<_> = (0..8)
            .map(|index| estate.asset(kinds[index % 4], components[index % 4], &format!("x{index}")))
            .collect();
        for (from, to, relation) in edges {
            estate.relate(&ids[from], RelationKind::ALL[relation], &ids[to]);
        }
        estate.loses("integrity", 10.0, 1000.0);
        let mut knowledge = Knowledge::builtin().clone();
        for row in &mut knowledge.priors.attempts {
            row.mode = attempts;
        }
        knowledge.controls = vec![control("shield", "model", "L1.1", effect, &[])];
        let before = threats(&estate, &knowledge);
        let graph = ThreatGraph::new(&estate.facts(), &knowledge);
        for path in cascade::paths(&graph, 20) {
            let distinct: std::collections::BTreeSet<_> = path.steps.iter().map(|step| &step.threat).collect();
            prop_assert_eq!(distinct.len(), path.steps.len());
            prop_assert!(path.probability > 0.0 && path.probability <= 1.0);
        }
        estate.claim("shield", "**", NOW);
        let after = threats(&estate, &knowledge);
        for threat in &before {
            prop_assert!(threat.likelihood.is_finite() && (0.0..=1.0).contains(&threat.likelihood));
            prop_assert!(likelihood(&after, &threat.id) <= threat.likelihood + 1e-12);
        }
    }
}
