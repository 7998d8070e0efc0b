//! A review of a small clinic with something in every part, hostile names among it.

mod actions;
mod compliance;
mod declaration;
mod estate;
mod results;
mod risk;
mod threats;

use vauban_domain::{
    AssetId, AssetKind, Cascades, History, Interval, Limit, Placement, Plan, PlanStep, ReturnOnControl,
    Review, Schedule, Status, SystemDue, Timestamp, Trigger, rule,
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

/// The whole review.
pub(crate) fn review() -> Review {
    let (threats, paths) = threats::threats();
    Review {
        id: "2026-11-20T08:30:00Z-5f2c".to_owned(),
        subject: "examples/harbor-clinic".to_owned(),
        trigger: Trigger::NewModelVersion,
        taken_at: Timestamp::parse("2026-11-20T08:30:00Z").unwrap(),
        tool_version: "0.1.0".to_owned(),
        atlas_edition: "2026.09".to_owned(),
        maestro_edition: "2025-02".to_owned(),
        seed: 7,
        declaration: declaration::declaration(),
        rules: vec![UNHASHED, WEAK, PICKLE],
        assets: estate::assets(),
        relations: estate::relations(),
        findings: results::findings(),
        outcomes: results::outcomes(),
        measurements: results::measurements(),
        exercises: vec![results::exercise()],
        coverage: threats::coverage(),
        threats,
        techniques: vec![],
        paths,
        cascades: Cascades::default(),
        risk: Some(risk::risk()),
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
                cost_of_delay: Some(risk::delay()),
                basis: vec!["measured: fidelity falls from 94 % to 58 %".to_owned()],
            }],
            unaddressed: vec!["dependency-without-hash".to_owned()],
        },
        placement: Placement::default(),
        compliance: compliance::compliance(),
        actions: actions::actions(),
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
