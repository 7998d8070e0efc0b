//! Actions for what nobody prevents and nobody detects, and evidence that people bring.

mod estate;

use estate::{Estate, NOW, days_ago, rule};
use vauban_analysis::{DetectionInForce, DrillProof, VendorAnswer, action, gap, vendor};
use vauban_domain::{
    Action, ActionKind, AssetKind, Cascades, Coverage, Family, Locator, Rung, Severity, Vendor,
};
use vauban_knowledge::Knowledge;

const EXTRACTION: &str = "AML.T0024.002";

fn actions(estate: &Estate) -> (Vec<Action>, Vec<Coverage>) {
    let coverage = gap::coverage(&estate.facts(), Knowledge::builtin());
    (action::actions(&estate.facts(), Knowledge::builtin(), &coverage), coverage)
}

#[test]
fn blind_spots_come_first_and_each_is_in_one_action() {
    let mut estate = Estate::default();
    let service = estate.asset(AssetKind::Endpoint, "inference_endpoint", "s");
    estate.loses("integrity", 1.0, 2.0);
    let open = rule("endpoint-without-authentication", Family::Access, Severity::Critical, "AML.T0040");
    estate.find(&open, &service);
    let (all, coverage) = actions(&estate);
    let blind: Vec<&Action> = all.iter().filter(|one| one.kind == ActionKind::BlindSpot).collect();
    assert!(!blind.is_empty() && all[..blind.len()].iter().all(|one| one.kind == ActionKind::BlindSpot));
    assert_eq!(
        all.last().map(|one| (one.kind, one.severity)),
        Some((ActionKind::Findings, Severity::Critical))
    );
    let mut closed: Vec<&str> =
        blind.iter().flat_map(|one| one.techniques.iter().map(|id| id.as_ref())).collect();
    let count = closed.len();
    closed.sort_unstable();
    closed.dedup();
    assert_eq!(closed.len(), count, "no technique of the one asset is in two actions");
    let spots = coverage.iter().filter(|row| {
        row.prevent.rung == Rung::Blind
            && row.detect.rung == Rung::Blind
            && !row.technique.starts_with("AML.T0040")
    });
    assert_eq!(count, spots.count());
    for action in blind {
        assert!(action.findings.is_empty() && !action.done_when.is_empty(), "{action:?}");
        assert_eq!(action.owner, "the owner");
        assert!(action.due > NOW);
        if !action.detection.is_empty() {
            assert!(action.log.contains("endpoint:s") && action.log.contains("[[log]]"), "{}", action.log);
        }
    }
}

#[test]
fn a_detection_with_its_log_ends_a_blind_spot_and_one_without_does_not() {
    let mut estate = Estate::default();
    let service = estate.asset(AssetKind::Endpoint, "inference_endpoint", "s");
    let blind = |estate: &Estate| {
        let (all, _) = actions(estate);
        all.iter().any(|one| one.techniques.iter().any(|id| id == EXTRACTION))
    };
    let detection = |log_present: bool, last_event| DetectionInForce {
        rule: "detection-request-volume".into(),
        techniques: vec![EXTRACTION.into()],
        log_present,
        log: log_present.then(|| Locator::file("logs/day.ndjson")),
        last_event,
        assets: vec![service.clone()],
    };
    assert!(blind(&estate));
    estate.detections = vec![detection(false, None)];
    assert!(blind(&estate));
    estate.detections = vec![detection(true, Some(days_ago(400)))];
    assert!(blind(&estate), "a log that stopped a year ago shows nothing");
    estate.detections = vec![detection(true, Some(days_ago(1)))];
    assert!(!blind(&estate));
}

#[test]
fn a_drill_exercises_the_response_and_ages() {
    let mut estate = Estate::default();
    let service = estate.asset(AssetKind::Endpoint, "inference_endpoint", "s");
    let respond = |estate: &Estate| {
        let coverage = gap::coverage(&estate.facts(), Knowledge::builtin());
        coverage.into_iter().find(|row| row.technique == EXTRACTION).unwrap().respond.rung
    };
    assert_eq!(respond(&estate), Rung::Blind);
    for (days, missed, rung) in [
        (1, 0, Rung::Exercised),
        (1, 2, Rung::Configured),
        (100, 0, Rung::Configured),
        (300, 0, Rung::Blind),
        (-1, 0, Rung::Blind),
    ] {
        estate.brought.drills = vec![DrillProof {
            id: "d".to_owned(),
            techniques: vec![EXTRACTION.into()],
            assets: vec![service.clone()],
            finished: days_ago(days),
            missed,
            locator: Locator::file("drills/d.drill.jsonl"),
        }];
        assert_eq!(respond(&estate), rung, "{days} days, {missed} missed");
    }
}

#[test]
fn an_answer_is_a_claim_that_ages_and_that_findings_refute() {
    let mut estate = Estate::default();
    let model = estate.asset(AssetKind::Model, "model", "bought.onnx");
    estate.declaration.vendors.push(Vendor {
        name: "Acme".to_owned(),
        assets: vec!["bought.onnx".to_owned()],
        assessed: Some(NOW),
        answers: "answers.csv".to_owned(),
        ..Vendor::default()
    });
    let told = |estate: &Estate| {
        let mut all = vendor::vendors(&estate.facts(), Knowledge::builtin(), &Cascades::default());
        let acme = all.remove(0);
        let scanning = acme.questions.into_iter().find(|one| one.control == "artifact-scanning").unwrap();
        (scanning.answer, scanning.rung, acme.conditions)
    };
    let unanswered = told(&estate);
    assert_eq!((unanswered.0.as_str(), unanswered.1), ("", Rung::Blind));
    assert!(unanswered.2.last().unwrap().ends_with("are unanswered"), "{:?}", unanswered.2);
    let answer = |days| VendorAnswer {
        vendor: "Acme".to_owned(),
        control: "artifact-scanning".to_owned(),
        answer: "yes".to_owned(),
        evidence: "a report".to_owned(),
        answered: days_ago(days),
        locator: Locator::file("answers.csv"),
    };
    estate.brought.answers = vec![answer(5)];
    assert_eq!((told(&estate).0.as_str(), told(&estate).1), ("yes", Rung::Claimed));
    estate.brought.answers = vec![answer(100)];
    assert_eq!(told(&estate).1, Rung::Blind);
    assert!(told(&estate).2.iter().any(|line| line.contains("must be asked again")));
    estate.brought.answers = vec![answer(5)];
    estate.find(&rule("pickle-resource-exhaustion", Family::Artifact, Severity::High, "AML.T0011"), &model);
    let (_, rung, conditions) = told(&estate);
    assert_eq!(rung, Rung::Blind);
    let refuted =
        "it says yes to artifact-scanning, but pickle-resource-exhaustion has 1 finding at model:bought.onnx";
    assert!(conditions.iter().any(|line| line == refuted), "{conditions:?}");
}
