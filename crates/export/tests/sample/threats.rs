//! What is covered, and what threatens.

use vauban_domain::{
    AssetId, AttackPath, CaseReference, Coverage, Layer, Locator, PathStep, Proof, Rung, Score, StepEvidence,
    Support, Threat, Timestamp,
};

use super::{HOSTILE, reader, triage};

pub(super) fn coverage() -> Vec<Coverage> {
    let score =
        |rung, reason: &str| Score { rung, reason: reason.to_owned(), decayed_from: None, proofs: vec![] };
    let blind = || score(Rung::Blind, "nobody looked");
    let none = || score(Rung::NotApplicable, "the asset is no model");
    let mut configured = score(Rung::Configured, "an exercise from March has aged");
    configured.decayed_from = Some(Rung::Exercised);
    configured.proofs.push(Proof {
        rung: Rung::Exercised,
        what: "rate-limit held against copycat".to_owned(),
        locator: Some(Locator::file("vauban.toml").at_line(31)),
        as_of: Timestamp::from_date(2026, 3, 2).unwrap(),
        inherited_from: Some("endpoint:gateway".to_owned()),
    });
    let coverage = |technique: &str, asset, [prevent, detect, respond, tested]: [Score; 4]| Coverage {
        technique: technique.to_owned().into(),
        asset,
        prevent,
        detect,
        respond,
        tested,
    };
    vec![
        coverage(
            "AML.T0015",
            reader(),
            [blind(), blind(), blind(), score(Rung::Exercised, "pgd-linf was run")],
        ),
        coverage(
            "AML.T0024.002",
            reader(),
            [
                configured,
                score(Rung::Exercised, "the alarm was raised"),
                score(Rung::Claimed, "ann"),
                blind(),
            ],
        ),
        coverage("AML.T0018.002", triage(), [blind(), score(Rung::Configured, "scanned"), blind(), blind()]),
        coverage("AML.T0051", triage(), [none(), none(), none(), none()]),
    ]
}

pub(super) fn threats() -> (Vec<Threat>, Vec<AttackPath>) {
    let threat = |kind: &str, name: &str, asset: AssetId, support, likelihood| Threat {
        id: format!("{kind}/{asset}"),
        kind: kind.to_owned().into(),
        name: name.to_owned().into(),
        layer: Layer::FoundationModels,
        asset,
        techniques: vec!["AML.T0015".into()],
        factors: vec![],
        support,
        findings: vec![],
        measurements: vec![],
        frequency: 0.4,
        basis: vec!["assumed: one attempt in two years".to_owned()],
        likelihood,
    };
    let threats = vec![
        threat("L1.1", "Adversarial Examples", reader(), Support::Observed, 0.42),
        threat("L1.3", "Backdoor Attacks", triage(), Support::Structural, 0.08),
    ];
    let step = |threat: &Threat, via: &str, probability| PathStep {
        threat: threat.id.clone(),
        asset: threat.asset.clone(),
        layer: threat.layer,
        technique: threat.techniques.first().cloned(),
        via: via.to_owned(),
        probability,
        stopped_by: vec!["rate-limit".to_owned()],
        evidence: StepEvidence { measurements: vec!["pgd/reader".to_owned()], ..StepEvidence::default() },
        case_studies: vec![CaseReference {
            id: "AML.CS0004".into(),
            name: "Camera Hijack Attack on Facial Recognition System".into(),
            incident: true,
        }],
    };
    let path = AttackPath {
        id: "p1".to_owned(),
        steps: vec![step(&threats[0], "", 0.42), step(&threats[1], "serves", 0.2)],
        probability: 0.084,
        system: Some("form reader".to_owned()),
        expected_loss: 21_000.0,
        narrative: format!("someone sends {HOSTILE} to the form reader, which misreads a dose"),
    };
    (threats, vec![path])
}
