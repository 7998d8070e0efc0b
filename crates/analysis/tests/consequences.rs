//! What falls with what, what is due, and who has to do it.

mod estate;

use estate::{Estate, NOW, control, kind, knowledge, rule};
use vauban_analysis::graph::ThreatGraph;
use vauban_analysis::{action, cascade};
use vauban_domain::{Acceptance, AssetKind, Family, Locator, RelationKind, Severity, Vendor};
use vauban_knowledge::Knowledge;

/// Data that a model is trained on, which a service answers with; harm at the service comes back to the data.
fn chain() -> (Estate, Knowledge) {
    let mut estate = Estate::default();
    let data = estate.asset(AssetKind::Dataset, "dataset", "d");
    let model = estate.asset(AssetKind::Model, "model", "m");
    let service = estate.asset(AssetKind::Endpoint, "inference_endpoint", "s");
    estate.relate(&model, RelationKind::TrainedOn, &data);
    estate.relate(&service, RelationKind::Serves, &model);
    estate.relate(&service, RelationKind::SendsTo, &data);
    estate.loses("integrity", 100_000.0, 100_000.0);
    let kinds = vec![
        kind("L2.1", "dataset", &[("L1.1", 0.5)]),
        kind("L1.1", "model", &[("L7.4", 0.4)]),
        kind("L7.4", "inference_endpoint", &[("L2.1", 0.6)]),
    ];
    (estate, knowledge(kinds, vec![control("guard", "inference_endpoint", "L7.4", 0.5, &[])]))
}

#[test]
fn a_blast_radius_is_the_best_way_and_ends_on_cycles() {
    let (mut estate, knowledge) = chain();
    estate.declaration.vendors.push(Vendor {
        name: "Data House".to_owned(),
        assets: vec!["d".to_owned()],
        ..Vendor::default()
    });
    let facts = estate.facts();
    let graph = ThreatGraph::new(&facts, &knowledge);
    let all = cascade::cascades(&graph, &cascade::paths(&graph, 5));
    let vendor = all.blast_radii.iter().find(|radius| radius.vendor).unwrap();
    let reached: Vec<(&str, f64)> =
        vendor.reached.iter().map(|(asset, probability)| (asset.as_str(), *probability)).collect();
    // The data itself, then .5 to the model, then .5 x .4 to the service; the way back ends where it began.
    assert_eq!(reached, [("dataset:d", 1.0), ("model:m", 0.5), ("endpoint:s", 0.2)]);
    assert_eq!(vendor.systems, ["clinic"]);
    // Integrity: L2.1 costs .2 x 100,000 x 1, L1.1 .3 x 100,000 x .5, L7.4 .3 x 100,000 x .2; only the largest counts.
    assert!((vendor.expected_loss - 20_000.0).abs() < 1e-6, "{}", vendor.expected_loss);
    assert!(all.impacts.iter().all(|impact| (0.0..=1.0).contains(&impact.probability)));
    let links: Vec<(&str, &str, u32)> =
        all.matrix.iter().map(|link| (link.from.id(), link.to.id(), link.cascades)).collect();
    assert_eq!(links, [("L1", "L7", 1), ("L2", "L1", 1), ("L7", "L2", 1)]);
}

#[test]
fn a_control_in_place_never_widens_a_blast_radius() {
    let (mut estate, knowledge) = chain();
    let of_data = |estate: &Estate| {
        let facts = estate.facts();
        let graph = ThreatGraph::new(&facts, &knowledge);
        let all = cascade::cascades(&graph, &[]);
        let radius = all.blast_radii.into_iter().find(|radius| radius.origin == "dataset:d").unwrap();
        radius.reached.into_iter().find(|(asset, _)| asset.as_str() == "endpoint:s").unwrap().1
    };
    let before = of_data(&estate);
    let service = estate.assets.iter().find(|asset| asset.name == "s").unwrap().id.clone();
    estate.exercise(&service, "AML.T0043", true, &["guard"]);
    // The control lets half of it through.
    assert!((of_data(&estate) - before / 2.0).abs() < 1e-12);
}

#[test]
fn an_action_names_who_when_and_what_must_fall_silent() {
    let mut estate = Estate::default();
    let model = estate.asset(AssetKind::Model, "model", "m");
    let weak = rule("model-weak", Family::Artifact, Severity::Critical, "AML.T0043@2026.09");
    let odd = rule("odd", Family::Artifact, Severity::Low, "AML.T0010@2026.09");
    estate.find(&weak, &model);
    estate.find(&odd, &model);
    estate.loses("integrity", 1_000.0, 2_000.0);
    let mut dear = control("dear", "model", "L1.1", 0.9, &["model-weak"]);
    dear.cost_high = 9_999.0;
    let knowledge = knowledge(
        vec![kind("L1.1", "model", &[])],
        vec![dear, control("cheap", "model", "L1.1", 0.5, &["model-weak"])],
    );
    estate.owned("cheap", "Ann");
    let actions = action::actions(&estate.facts(), &knowledge, &[]);
    let told: Vec<(&str, &str, i64, &[String])> = actions
        .iter()
        .map(|action| {
            (
                action.control.as_str(),
                action.owner.as_str(),
                action.due.days_since(NOW),
                action.silences.as_slice(),
            )
        })
        .collect();
    let (weak_rule, odd_rule) = (["model-weak".to_owned()], ["odd".to_owned()]);
    assert_eq!(told[0], ("cheap", "Ann", 7, weak_rule.as_slice()));
    assert_eq!((told[1].0, told[1].2, told[1].3), ("", 180, odd_rule.as_slice()));
    // In another order, the same ids.
    let ids: Vec<String> = actions.iter().map(|action| action.id.clone()).collect();
    estate.findings.reverse();
    let again: Vec<String> =
        action::actions(&estate.facts(), &knowledge, &[]).into_iter().map(|action| action.id).collect();
    assert_eq!(ids, again);
    // What the owner lives with asks for nothing.
    estate.declaration.acceptances = estate
        .findings
        .iter()
        .map(|finding| Acceptance {
            fingerprint: finding.fingerprint.to_string(),
            reason: "known".to_owned(),
            until: NOW,
            locator: Locator::file("vauban.toml"),
        })
        .collect();
    assert!(action::actions(&estate.facts(), &knowledge, &[]).is_empty());
}
