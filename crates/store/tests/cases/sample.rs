//! Reviews small enough to read.

use std::collections::BTreeMap;

use vauban_domain::{
    Asset, AssetId, AssetKind, Cascades, Confidence, Coverage, Declaration, Evidence, Finding, Fingerprint,
    Interval, Layer, Locator, Measurement, Outcome, Placement, Plan, Relation, RelationKind, Review, Rung,
    Schedule, Score, Severity, Timestamp, Trigger, Verdict,
};

/// Day `day` of 2026, counted from nought.
pub(crate) fn at(day: i64) -> Timestamp {
    Timestamp(Timestamp::from_date(2026, 1, 1).unwrap().0 + day * 86_400)
}

/// The model that every finding is about.
pub(crate) fn model() -> AssetId {
    AssetId::new(AssetKind::Model, "models/triage.pkl")
}

fn asset(path: &str) -> Asset {
    let mut asset = Asset::new(
        AssetKind::Model,
        "model_weights",
        Layer::FoundationModels,
        path,
        Confidence::Verified,
        Locator::file(path),
    )
    .with("format", "pickle");
    asset.size = Some(42);
    asset
}

pub(crate) fn finding(rule: &str, key: &str) -> Finding {
    let evidence = Evidence::new(Locator::file("models/triage.pkl").at_offset(7), key, "reduce");
    Finding {
        fingerprint: Fingerprint::new(rule, &model(), &[key]),
        rule: rule.to_owned().into(),
        asset: model(),
        severity: Severity::High,
        message: format!("{key} is called"),
        evidence: vec![evidence],
        verdicts: Vec::new(),
    }
}

pub(crate) fn outcome(rule: &str, verdict: Verdict) -> Outcome {
    Outcome { rule: rule.to_owned().into(), asset: model(), verdict }
}

/// A review of one model in which every rule of these tests looked.
pub(crate) fn review(id: &str, day: i64, findings: Vec<Finding>) -> Review {
    let rules = ["pickle-code-execution", "pickle-unsafe-import", "one-rule", "two-rule"];
    let verdict = |rule: &str| match findings.iter().filter(|finding| finding.rule == rule).count() {
        0 => Verdict::Clean,
        count => Verdict::Found(count),
    };
    let outcomes = rules.map(|rule| outcome(rule, verdict(rule))).to_vec();
    let score = || Score {
        rung: Rung::Blind,
        reason: "nobody looked".to_owned(),
        decayed_from: None,
        proofs: vec![],
    };
    let relation = Relation::new(
        model(),
        RelationKind::TrainedOn,
        model(),
        Confidence::Declared,
        Locator::file("vauban.toml"),
    );
    Review {
        id: id.to_owned(),
        subject: "clinic".to_owned(),
        trigger: Trigger::Manual,
        taken_at: at(day),
        tool_version: "0.1.0".to_owned(),
        atlas_edition: "2026.09".to_owned(),
        maestro_edition: "2025-02".to_owned(),
        seed: u64::MAX,
        declaration: Declaration::default(),
        rules: vec![],
        assets: vec![asset("models/triage.pkl")],
        relations: vec![relation],
        findings,
        outcomes,
        measurements: vec![Measurement {
            id: "pgd-linf/robust-accuracy".to_owned(),
            asset: model(),
            techniques: vec!["AML.T0015".into()],
            attack: "pgd-linf".into(),
            metric: "robust-accuracy".into(),
            value: 0.25,
            interval: Interval::wilson(25, 100),
            trials: 100,
            queries: 4000,
            seed: 1,
            parameters: BTreeMap::new(),
            curves: vec![],
            notes: vec![],
            ..Measurement::new(&model(), "", "")
        }],
        exercises: vec![],
        coverage: vec![Coverage {
            technique: "AML.T0015".into(),
            asset: model(),
            prevent: score(),
            detect: score(),
            respond: score(),
            tested: score(),
        }],
        threats: vec![],
        techniques: vec![],
        paths: vec![],
        cascades: Cascades::default(),
        risk: None,
        plan: Plan::default(),
        placement: Placement::default(),
        compliance: vec![],
        actions: vec![],
        vendors: vec![],
        schedule: Schedule::default(),
        limits: vec![],
    }
}
