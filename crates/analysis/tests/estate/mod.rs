//! Small estates for the tests of this crate.

#![allow(dead_code, unreachable_pub, reason = "every test file uses its own part")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use vauban_analysis::{Brought, DetectionInForce, Facts, Inventory};
use vauban_domain::{
    Asset, AssetId, AssetKind, Cadence, Claim, Confidence, ControlTerms, Declaration, Evidence, Exercise,
    ExerciseRun, Family, Finding, Interval, Layer, Locator, LossRange, Measurement, Outcome, Relation,
    RelationKind, Rule, Severity, System, Timestamp, Verdict,
};
use vauban_knowledge::Knowledge;
use vauban_knowledge::atlas::Maturity;
use vauban_knowledge::controls::{Control, Effectiveness};
use vauban_knowledge::maestro::{Cascade, Strength, ThreatKind};
use vauban_knowledge::priors::{AttemptPrior, Exposure};

/// The day of every review in these tests.
pub const NOW: Timestamp = Timestamp(1_795_000_000);

/// The moment `days` before [`NOW`].
pub fn days_ago(days: i64) -> Timestamp {
    Timestamp(NOW.0 - days * 86_400)
}

/// Everything that goes into an analysis, owned.
#[derive(Debug, Default, Clone)]
pub struct Estate {
    pub assets: Vec<Asset>,
    pub relations: Vec<Relation>,
    pub declaration: Declaration,
    pub rules: Vec<Rule>,
    pub findings: Vec<Finding>,
    pub outcomes: Vec<Outcome>,
    pub measurements: Vec<Measurement>,
    pub exercises: Vec<Exercise>,
    pub detections: Vec<DetectionInForce>,
    pub brought: Brought,
}

/// A model whose evasion costs 100,000 in three of ten cases, half of the attempts succeeding: 15,000 a year.
pub fn weak_model(controls: Vec<Control>) -> (Estate, Knowledge) {
    let mut estate = Estate::default();
    let model = estate.asset(AssetKind::Model, "model", "m");
    let mut weak = rule("model-weak", Family::Artifact, Severity::High, "AML.T0043@2026.09");
    weak.threats = vec!["L1.1@2025-02".into()].into();
    estate.find(&weak, &model);
    estate.loses("integrity", 100_000.0, 100_000.0);
    (estate, knowledge(vec![kind("L1.1", "model", &[])], controls))
}

/// The control of [`weak_model`] that silences its rule.
pub fn good_control() -> Control {
    control("good", "model", "L1.1", 0.8, &["model-weak"])
}

impl Estate {
    pub fn facts(&self) -> Facts<'_> {
        self.facts_at(NOW)
    }

    pub fn facts_at(&self, now: Timestamp) -> Facts<'_> {
        Facts {
            inventory: Inventory { assets: &self.assets, relations: &self.relations },
            declaration: &self.declaration,
            rules: &self.rules,
            findings: &self.findings,
            outcomes: &self.outcomes,
            measurements: &self.measurements,
            exercises: &self.exercises,
            detections: &self.detections,
            supposed: &[],
            brought: &self.brought,
            now,
        }
    }

    /// Adds an asset of the system `clinic` and returns its id.
    pub fn asset(&mut self, kind: AssetKind, component: &str, name: &str) -> AssetId {
        let layer = Knowledge::builtin().maestro.layer_of(component).unwrap_or(Layer::Ecosystem);
        let mut asset = Asset::new(kind, component, layer, name, Confidence::Verified, Locator::file(name));
        asset.system = Some("clinic".to_owned());
        self.assets.push(asset.clone());
        asset.id
    }

    pub fn set(&mut self, id: &AssetId, key: &str, value: &str) {
        let asset = self.assets.iter_mut().find(|asset| asset.id == *id).expect("the asset was added");
        asset.attributes.insert(key.to_owned(), value.to_owned());
    }

    pub fn relate(&mut self, from: &AssetId, kind: RelationKind, to: &AssetId) {
        let place = Locator::file("relations");
        self.relations.push(Relation::new(from.clone(), kind, to.clone(), Confidence::Verified, place));
    }

    pub fn find(&mut self, rule: &Rule, asset: &AssetId) {
        let evidence = Evidence::new(Locator::file(asset.name()), "key", "excerpt");
        self.findings.push(Finding::new(rule, asset, "something is wrong", vec![evidence]));
        self.look(rule, asset, Verdict::Found(1));
    }

    pub fn look(&mut self, rule: &Rule, asset: &AssetId, verdict: Verdict) {
        if !self.rules.contains(rule) {
            self.rules.push(rule.clone());
        }
        self.outcomes.push(Outcome { rule: rule.id.clone(), asset: asset.clone(), verdict });
    }

    pub fn claim(&mut self, control: &str, applies_to: &str, date: Timestamp) {
        self.declaration.claims.push(Claim {
            control: control.to_owned(),
            applies_to: vec![applies_to.to_owned()],
            owner: "the owner".to_owned(),
            date,
            statement: "it is in place".to_owned(),
            settings: BTreeMap::new(),
            locator: Locator::file("vauban.toml").at_line(7),
        });
    }

    /// Declares the system `clinic` with one loss range.
    pub fn loses(&mut self, impact: &str, low: f64, high: f64) {
        let losses = BTreeMap::from([(impact.to_owned(), LossRange { low, likely: None, high })]);
        match self.declaration.systems.first_mut() {
            Some(system) => system.losses.extend(losses),
            None => self.declaration.systems.push(System {
                name: "clinic".to_owned(),
                owner: "the owner".to_owned(),
                criticality: "high".to_owned(),
                purpose: "helps".to_owned(),
                assets: vec!["**".to_owned()],
                losses,
                exposure: "internal".to_owned(),
                data: Vec::new(),
                locator: Locator::file("vauban.toml").at_line(3),
                ..System::default()
            }),
        }
        self.declaration.currency = "EUR".to_owned();
    }

    /// Declares who puts a control in place, and nothing else of it.
    pub fn owned(&mut self, control: &str, owner: &str) {
        self.declaration.controls.push(ControlTerms {
            control: control.to_owned(),
            owner: owner.to_owned(),
            cost_low: None,
            cost_high: None,
            effectiveness_low: None,
            effectiveness: None,
            effectiveness_high: None,
            utility_cost: None,
            locator: Locator::file("vauban.toml"),
        });
    }

    pub fn measure(&mut self, asset: &AssetId, technique: &'static str, robust: u64, trials: u64) {
        self.measurements.push(Measurement {
            id: format!("pgd-linf/robust-accuracy/{asset}"),
            asset: asset.clone(),
            techniques: vec![Cow::Borrowed(technique)],
            attack: "pgd-linf".into(),
            metric: "robust-accuracy".into(),
            value: robust as f64 / trials as f64,
            interval: Interval::wilson(robust, trials),
            trials,
            queries: 40 * trials,
            seed: 7,
            parameters: BTreeMap::from([("eps".to_owned(), "0.1".to_owned())]),
            curves: Vec::new(),
            notes: Vec::new(),
            ..Measurement::new(asset, "", "")
        });
    }

    pub fn exercise(&mut self, asset: &AssetId, technique: &'static str, detected: bool, holding: &[&str]) {
        let run = |controls: &[&str], success| ExerciseRun {
            controls: controls
                .iter()
                .map(|control| vauban_domain::ControlSetting {
                    control: (*control).to_owned(),
                    setting: "on".to_owned(),
                })
                .collect(),
            measurement: "some".to_owned(),
            success,
            requests: 1000,
            refused: 0,
            alerts: if detected { vec!["extraction-querying".to_owned()] } else { Vec::new() },
            seconds_to_alert: detected.then_some(12.0),
            usefulness: None,
        };
        self.exercises.push(Exercise {
            id: format!("extraction/{asset}"),
            asset: asset.clone(),
            techniques: vec![Cow::Borrowed(technique)],
            attack: "surrogate".to_owned(),
            runs: vec![run(&[], 0.9), run(holding, 0.4)],
            detected,
            holding: holding.iter().map(|control| (*control).to_owned()).collect(),
            findings: Vec::new(),
            transcript: Vec::new(),
        });
    }
}

/// A rule about one technique.
pub fn rule(id: &'static str, family: Family, severity: Severity, technique: &'static str) -> Rule {
    Rule {
        id: id.into(),
        family,
        severity,
        title: "a title".into(),
        why: "a reason".into(),
        remedy: "a remedy".into(),
        techniques: Cow::Owned(vec![technique.into()]),
        mitigations: Cow::Borrowed(&[]),
        weaknesses: Cow::Borrowed(&[]),
        owasp: Cow::Borrowed(&[]),
        threats: Cow::Borrowed(&[]),
        harm: None,
        source: "a source".into(),
    }
}

/// Evidence that keeps its rung for `days`.
pub fn half_life(days: u32) -> Cadence {
    Cadence { half_life_days: days, ..Cadence::default() }
}

/// A threat kind without techniques, at one component, with cascades.
pub fn kind(id: &str, component: &str, cascades: &[(&str, f64)]) -> ThreatKind {
    ThreatKind {
        id: id.to_owned(),
        name: format!("threat {id}"),
        description: String::new(),
        layer: Layer::from_id(id.split('.').next().unwrap_or_default()).unwrap_or(Layer::CrossLayer),
        applies_to: vec![component.to_owned()],
        atlas: Vec::new(),
        owasp_agentic: Vec::new(),
        agentic_threats: Vec::new(),
        owasp_llm: Vec::new(),
        owasp_ml: Vec::new(),
        nist: Vec::new(),
        cascades_to: cascades
            .iter()
            .map(|(to, prior)| Cascade {
                to: (*to).to_owned(),
                strength: Strength::Moderate,
                prior: *prior,
                via: "it spreads".to_owned(),
                when: None,
            })
            .collect(),
    }
}

/// A control of known effectiveness against one threat at one component.
pub fn control(id: &str, component: &str, threat: &str, effectiveness: f64, silences: &[&str]) -> Control {
    Control {
        id: id.to_owned(),
        name: format!("control {id}"),
        description: String::new(),
        aspects: vec![vauban_domain::Aspect::Prevent],
        layer: Layer::Deployment,
        components: vec![component.to_owned()],
        techniques: Vec::new(),
        mitigations: vec!["AML.M0013".to_owned()],
        threats: vec![threat.to_owned()],
        effectiveness: Effectiveness { low: effectiveness, mode: effectiveness, high: effectiveness },
        cost_low: 50.0,
        cost_high: 150.0,
        utility_cost: 0.0,
        playbook: "some-playbook".to_owned(),
        silences: silences.iter().map(|rule| (*rule).to_owned()).collect(),
    }
}

/// Knowledge with just these threats and controls, and one attempt a year at whatever is internal.
pub fn knowledge(threats: Vec<ThreatKind>, controls: Vec<Control>) -> Knowledge {
    let mut knowledge = Knowledge::builtin().clone();
    knowledge.maestro.threats = threats;
    knowledge.controls = controls;
    knowledge.priors.attempts = vec![AttemptPrior {
        maturity: Maturity::Feasible,
        exposure: Exposure::Internal,
        low: 1.0,
        mode: 1.0,
        high: 1.0,
        basis: "assumption for the test".to_owned(),
    }];
    knowledge
}

/// The kind of asset that such a component is.
pub fn kind_of(component: &str) -> AssetKind {
    match component {
        "agent" => AssetKind::Agent,
        "agent_framework" => AssetKind::Prompt,
        "dataset" | "document_store" | "vector_store" | "feature_store" | "agent_memory" | "log_store" => {
            AssetKind::Dataset
        }
        "inference_endpoint" | "application" | "api_gateway" | "external_service" => AssetKind::Endpoint,
        "model" | "embedding_model" | "judge_model" => AssetKind::Model,
        "package" => AssetKind::Package,
        "service_identity" => AssetKind::Identity,
        "tool" | "mcp_server" | "guardrail" => AssetKind::Tool,
        "training_pipeline" | "finetune_pipeline" | "data_pipeline" | "ci_pipeline"
        | "evaluation_harness" => AssetKind::Pipeline,
        _ => AssetKind::Infrastructure,
    }
}
