//! Third parties: what hangs on them, what they are asked, when they are due.

mod estate;

use estate::{Estate, NOW, days_ago, rule};
use vauban_analysis::vendor::vendors;
use vauban_domain::{
    AssetKind, BlastRadius, Cascades, Family, Rung, Severity, Timestamp, Vendor, VendorAssessment,
};
use vauban_knowledge::Knowledge;

fn estate() -> Estate {
    let mut estate = Estate::default();
    estate.loses("integrity", 1.0, 2.0);
    let _ = estate.asset(AssetKind::Model, "model", "bought.onnx");
    let _ = estate.asset(AssetKind::Dataset, "dataset", "own.csv");
    estate.declaration.vendors.push(Vendor {
        name: "Acme".to_owned(),
        supplies: "a model".to_owned(),
        assets: vec!["bought.onnx".to_owned()],
        assessed: Some(days_ago(200)),
        operates: vec!["rate-limit".to_owned()],
        ..Vendor::default()
    });
    estate
}

fn only(estate: &Estate, cascades: &Cascades) -> VendorAssessment {
    let mut all = vendors(&estate.facts(), Knowledge::builtin(), cascades);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn a_critical_system_halves_the_time_until_the_next_assessment() {
    let mut estate = estate();
    let calm = only(&estate, &Cascades::default());
    assert_eq!(calm.due, Timestamp(NOW.0 + 165 * 86_400));
    assert!(calm.conditions.is_empty(), "{:?}", calm.conditions);
    assert_eq!((calm.assets.len(), calm.systems.as_slice()), (1, ["clinic".to_owned()].as_slice()));
    estate.declaration.systems[0].criticality = "critical".to_owned();
    let late = only(&estate, &Cascades::default());
    assert_eq!(late.due, days_ago(20));
    assert_eq!(late.conditions.last().map(String::as_str), Some("its assessment is overdue by 20 days"));
    assert!(late.conditions[0].ends_with("and clinic is critical"), "{:?}", late.conditions);
    estate.declaration.vendors[0].assessed = None;
    let never = only(&estate, &Cascades::default());
    assert_eq!((never.due, never.conditions.last().map(String::as_str)), (NOW, Some("never assessed")));
}

#[test]
fn operated_controls_come_first_and_claims_show_in_the_rung() {
    let mut estate = estate();
    let before = only(&estate, &Cascades::default());
    assert_eq!(before.questions[0].id, "Acme/rate-limit");
    assert!(before.questions[0].text.starts_with("Do you run for us: "));
    assert!(before.questions.len() <= 25);
    let signing = |assessment: &VendorAssessment| {
        assessment
            .questions
            .iter()
            .find(|one| one.control == "model-signing")
            .map(|one| (one.rung, one.answer.clone()))
    };
    assert_eq!(signing(&before), Some((Rung::Blind, String::new())));
    assert!(before.questions.iter().any(|one| one.control == "training-data-provenance"));
    estate.claim("model-signing", "bought.onnx", NOW);
    assert_eq!(signing(&only(&estate, &Cascades::default())), Some((Rung::Claimed, String::new())));
}

#[test]
fn findings_and_blast_radius_are_those_of_its_own_assets() {
    let mut estate = estate();
    let (bought, own) = (estate.assets[0].id.clone(), estate.assets[1].id.clone());
    let bad = rule("bad", Family::Artifact, Severity::Critical, "AML.T0018");
    estate.find(&bad, &bought);
    estate.find(&bad, &own);
    let radius = |origin: &str, vendor| BlastRadius {
        origin: origin.to_owned(),
        vendor,
        reached: vec![(bought.clone(), 1.0), (own.clone(), 0.5)],
        more: false,
        systems: Vec::new(),
        expected_loss: 12.0,
    };
    let acme = only(&estate, &Cascades { blast_radii: vec![radius("Acme", true)], ..Cascades::default() });
    assert_eq!((acme.reached, acme.expected_loss), (2, 12.0));
    assert_eq!(acme.conditions, ["1 critical finding open at what it supplies"]);
    let asset = only(&estate, &Cascades { blast_radii: vec![radius("Acme", false)], ..Cascades::default() });
    assert_eq!((asset.reached, asset.expected_loss), (0, 0.0));
    let fingerprint = estate.findings[0].fingerprint.as_str().to_owned();
    let accept = |until| vauban_domain::Acceptance {
        fingerprint: fingerprint.clone(),
        reason: "known".to_owned(),
        until,
        locator: vauban_domain::Locator::file("vauban.toml"),
    };
    estate.declaration.acceptances = vec![accept(days_ago(1))];
    assert_eq!(only(&estate, &Cascades::default()).conditions.len(), 1, "the acceptance has lapsed");
    estate.declaration.acceptances = vec![accept(NOW)];
    assert!(only(&estate, &Cascades::default()).conditions.is_empty());
}
