//! Coverage: what each kind of evidence earns, and what it does not.

mod estate;

use estate::{Estate, NOW, days_ago, half_life, rule};
use vauban_analysis::{DetectionInForce, gap};
use vauban_domain::{
    Aspect, AssetId, AssetKind, Coverage, Family, Locator, RelationKind, Rung, Severity, Verdict,
};
use vauban_knowledge::Knowledge;

const EXTRACTION: &str = "AML.T0024.002";
const EVASION: &str = "AML.T0043";

fn coverage(estate: &Estate) -> Vec<Coverage> {
    gap::coverage(&estate.facts(), Knowledge::builtin())
}

/// One row: technique on asset.
fn row(estate: &Estate, asset: &AssetId, technique: &str) -> Coverage {
    coverage(estate)
        .into_iter()
        .find(|row| row.asset == *asset && row.technique == technique)
        .unwrap_or_else(|| panic!("no row for {technique} on {asset}"))
}

fn check(estate: &Estate, asset: &AssetId, technique: &str, aspect: Aspect, rung: Rung, reason: &str) {
    let row = row(estate, asset, technique);
    let score = row.score(aspect);
    assert_eq!(score.rung, rung, "{score:?}");
    assert!(score.reason.contains(reason), "{score:?}");
}

fn endpoint() -> (Estate, AssetId) {
    let mut estate = Estate::default();
    let endpoint = estate.asset(AssetKind::Endpoint, "inference_endpoint", "form-reader-api");
    (estate, endpoint)
}

#[test]
fn nothing_known_is_blind_not_clean() {
    let (estate, endpoint) = endpoint();
    for aspect in Aspect::ALL {
        check(&estate, &endpoint, EXTRACTION, aspect, Rung::Blind, "");
    }
    assert!(coverage(&Estate::default()).is_empty());
}

#[test]
fn a_claim_is_worth_a_claim_and_ages() {
    let (mut estate, endpoint) = endpoint();
    estate.claim("rate-limit", "clinic", days_ago(10));
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Claimed, "claimed by the owner");
    let proof = &row(&estate, &endpoint, EXTRACTION).prevent.proofs[0];
    assert_eq!(proof.locator.as_ref().unwrap().to_string(), "vauban.toml:7");

    estate.declaration.cadence = half_life(9);
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Blind, "10 days old");
    assert_eq!(row(&estate, &endpoint, EXTRACTION).prevent.decayed_from, Some(Rung::Claimed));
}

#[test]
fn a_setting_seen_is_configured() {
    let (mut estate, endpoint) = endpoint();
    estate.set(&endpoint, "rate_limit", "60/min");
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Configured, "rate_limit = 60/min");
    estate.set(&endpoint, "rate_limit", "none");
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Blind, "");
}

#[test]
fn a_clean_look_shows_the_control_and_a_finding_refutes_the_claim() {
    let rule = rule("endpoint-without-authentication", Family::Access, Severity::High, EXTRACTION);
    let (mut estate, endpoint) = endpoint();
    estate.look(&rule, &endpoint, Verdict::Clean);
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Configured, "looked and found nothing");
    check(&estate, &endpoint, EXTRACTION, Aspect::Tested, Rung::Configured, "looked and found nothing");

    let (mut estate, endpoint) = self::endpoint();
    estate.claim("authenticate-endpoint", "clinic", NOW);
    estate.find(&rule, &endpoint);
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Blind, "has findings here");
}

#[test]
fn a_failed_look_is_blind_and_says_so() {
    let rule = rule("endpoint-without-authentication", Family::Access, Severity::High, EXTRACTION);
    let (mut estate, endpoint) = endpoint();
    estate.look(&rule, &endpoint, Verdict::Failed("the manifest is cut off".to_owned()));
    for aspect in [Aspect::Prevent, Aspect::Tested] {
        check(
            &estate,
            &endpoint,
            EXTRACTION,
            aspect,
            Rung::Blind,
            "the look failed: endpoint-without-authentication",
        );
    }
}

#[test]
fn the_absence_of_alerts_proves_no_control() {
    let rule = rule("extraction-querying", Family::Detection, Severity::High, EXTRACTION);
    let (mut estate, endpoint) = endpoint();
    estate.look(&rule, &endpoint, Verdict::Clean);
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Blind, "");
}

#[test]
fn a_detection_needs_its_log() {
    let (mut estate, endpoint) = endpoint();
    let detection = |log_present| DetectionInForce {
        rule: "extraction-querying".into(),
        techniques: vec![EXTRACTION.into()],
        log_present,
        log: log_present.then(|| Locator::file("logs/day.ndjson")),
        last_event: None,
        assets: vec![endpoint.clone()],
    };
    estate.detections = vec![detection(false)];
    check(&estate, &endpoint, EXTRACTION, Aspect::Detect, Rung::Blind, "has no log to read");
    estate.detections = vec![detection(true)];
    check(&estate, &endpoint, EXTRACTION, Aspect::Detect, Rung::Configured, "reads its log");

    let alert = rule("extraction-querying", Family::Detection, Severity::High, EXTRACTION);
    estate.find(&alert, &endpoint);
    check(&estate, &endpoint, EXTRACTION, Aspect::Detect, Rung::Exercised, "raised the alarm");
}

#[test]
fn a_log_that_no_longer_arrives_leaves_its_detection_blind() {
    let (mut estate, endpoint) = endpoint();
    let detection = |last_event| DetectionInForce {
        rule: "extraction-querying".into(),
        techniques: vec![EXTRACTION.into()],
        log_present: true,
        log: Some(Locator::file("logs/day.ndjson")),
        last_event,
        assets: vec![endpoint.clone()],
    };
    for (days, rung) in
        [(1, Rung::Configured), (100, Rung::Claimed), (200, Rung::Blind), (-5, Rung::Configured)]
    {
        estate.detections = vec![detection(Some(days_ago(days)))];
        check(&estate, &endpoint, EXTRACTION, Aspect::Detect, rung, "reads its log");
    }
}

#[test]
fn an_exercise_that_held_and_was_noticed_earns_the_top_rung() {
    let (mut estate, endpoint) = endpoint();
    estate.exercise(&endpoint, EXTRACTION, true, &["rate-limit"]);
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Exercised, "from 0.90 to 0.40");
    check(&estate, &endpoint, EXTRACTION, Aspect::Detect, Rung::Exercised, "raised the alarm in exercise");
    check(&estate, &endpoint, EXTRACTION, Aspect::Tested, Rung::Exercised, "");
}

#[test]
fn holding_against_one_technique_proves_nothing_about_another() {
    let (mut estate, endpoint) = endpoint();
    estate.exercise(&endpoint, EVASION, true, &["rate-limit"]);
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Configured, "against another technique");
    check(&estate, &endpoint, EXTRACTION, Aspect::Tested, Rung::Blind, "");
}

#[test]
fn an_exercise_that_changed_nothing_leaves_the_rung_and_says_so() {
    let (mut estate, endpoint) = endpoint();
    estate.claim("rate-limit", "clinic", NOW);
    estate.exercise(&endpoint, EXTRACTION, false, &[]);
    check(&estate, &endpoint, EXTRACTION, Aspect::Prevent, Rung::Claimed, "claimed");
    check(&estate, &endpoint, EXTRACTION, Aspect::Detect, Rung::Blind, "raised no alarm");
    check(&estate, &endpoint, EXTRACTION, Aspect::Tested, Rung::Exercised, "");
}

#[test]
fn a_broken_model_is_tested_but_not_protected() {
    let mut estate = Estate::default();
    let model = estate.asset(AssetKind::Model, "model", "form-reader.onnx");
    estate.measure(&model, EVASION, 24, 200);
    check(&estate, &model, EVASION, Aspect::Tested, Rung::Exercised, "attacked and broken");
    check(&estate, &model, EVASION, Aspect::Prevent, Rung::Blind, "broken: pgd-linf robust accuracy 0.12");

    estate.measurements.clear();
    estate.measure(&model, EVASION, 180, 200);
    check(&estate, &model, EVASION, Aspect::Prevent, Rung::Exercised, "held off");

    // Nine of ten is the same share, but ten samples prove little: the lower end of the interval is .60.
    estate.measurements.clear();
    estate.measure(&model, EVASION, 5, 8);
    check(&estate, &model, EVASION, Aspect::Prevent, Rung::Blind, "broken");
}

#[test]
fn what_stands_in_front_protects_what_stands_behind() {
    let (mut estate, endpoint) = endpoint();
    let model = estate.asset(AssetKind::Model, "model", "form-reader.onnx");
    estate.relate(&endpoint, RelationKind::Serves, &model);
    estate.set(&endpoint, "rate_limit", "60/min");
    check(&estate, &model, EXTRACTION, Aspect::Prevent, Rung::Configured, "in front of it");
    estate.measure(&model, EVASION, 180, 200);
    check(&estate, &endpoint, EVASION, Aspect::Prevent, Rung::Exercised, "held off");
}

#[test]
fn what_cannot_happen_is_explained() {
    let mut estate = Estate::default();
    let model = estate.asset(AssetKind::Model, "model", "triage.onnx");
    estate.set(&model, "framework", "sklearn");
    let row = row(&estate, &model, "AML.T0054");
    assert_eq!(row.prevent.rung, Rung::NotApplicable);
    assert_eq!(row.prevent.reason, "needs generative-ai or agentic-ai; this model is predictive-ai");
    let package = estate.asset(AssetKind::Package, "package", "pypi/torch");
    assert!(
        coverage(&estate)
            .iter()
            .filter(|row| row.asset == package)
            .all(|row| row.prevent.rung != Rung::NotApplicable)
    );
}

#[test]
fn rows_are_sorted_and_unique() {
    let (mut estate, endpoint) = endpoint();
    let model = estate.asset(AssetKind::Model, "model", "form-reader.onnx");
    estate.relate(&endpoint, RelationKind::Serves, &model);
    estate.asset(AssetKind::Agent, "agent", "assistant");
    estate.measure(&model, EVASION, 24, 200);
    let rows = coverage(&estate);
    assert!(
        rows.windows(2)
            .all(|pair| (&pair[0].asset, &pair[0].technique) < (&pair[1].asset, &pair[1].technique))
    );
}
