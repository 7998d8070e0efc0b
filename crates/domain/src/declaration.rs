//! What the owner says in `vauban.toml`: systems, claims, flows, vendors, appetite.
//!
//! Every entry keeps the place it was written at, so that a claim can be cited and a mistake shown where it is.

use std::collections::BTreeMap;

use crate::{AssetKind, DeclaredTarget, Locator, Timestamp};

/// Everything `vauban.toml` says. An absent file is the default: nothing declared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Declaration {
    /// Name of the organisation.
    pub organisation: String,
    /// ISO 4217 code for every amount.
    pub currency: String,
    /// Systems: groups of assets with an owner and a value.
    pub systems: Vec<System>,
    /// Assets that discovery cannot see, or attributes that it cannot know.
    pub assets: Vec<DeclaredAsset>,
    /// Controls that people say are in place.
    pub claims: Vec<Claim>,
    /// Data flows, with trust boundaries.
    pub flows: Vec<DataFlow>,
    /// Third parties.
    pub vendors: Vec<Vendor>,
    /// Accepted chances of loss, in rising loss.
    pub appetite: Vec<AppetitePoint>,
    /// How often to review.
    pub cadence: Cadence,
    /// Running services and stores that may be asked.
    pub sources: Vec<NamedSource>,
    /// Logs to read.
    pub logs: Vec<LogSource>,
    /// Models that may be attacked, and with what.
    pub tests: Vec<TestScope>,
    /// Endpoints that may be attacked, and within which bounds.
    pub targets: Vec<DeclaredTarget>,
    /// Findings accepted in the file itself.
    pub acceptances: Vec<Acceptance>,
    /// Results of other engines to take in.
    pub imports: Vec<Import>,
    /// Further declarations to read as part of this one.
    pub includes: Vec<Import>,
    /// What the owner knows better about a control than the library does.
    pub controls: Vec<ControlTerms>,
    /// What has happened: the owner's own data, which outweighs priors.
    pub incidents: Vec<Incident>,
    /// How soon findings have to be closed.
    pub remediation: RemediationDays,
    /// Threat models of other tools, whose components and flows count as declared here.
    pub models: Vec<Import>,
    /// Frameworks to assess, as `slug` or `slug@edition`; empty for those that the systems call for.
    pub frameworks: Vec<String>,
    /// What people say about requirements of frameworks.
    pub requirements: Vec<RequirementStatement>,
    /// Who signs off, and in which role.
    pub reviewers: Vec<Reviewer>,
    /// Money for controls in the first year, if it is declared.
    pub budget: Option<f64>,
}

impl Declaration {
    /// Adds the lists of an included file to this one's. Name, currency, cadence, days and budget stay this one's.
    pub fn take_in(&mut self, other: Self) {
        self.systems.extend(other.systems);
        self.assets.extend(other.assets);
        self.claims.extend(other.claims);
        self.flows.extend(other.flows);
        self.vendors.extend(other.vendors);
        self.appetite.extend(other.appetite);
        self.appetite.sort_by(|one, other| one.loss.total_cmp(&other.loss));
        self.sources.extend(other.sources);
        self.logs.extend(other.logs);
        self.tests.extend(other.tests);
        self.targets.extend(other.targets);
        self.acceptances.extend(other.acceptances);
        self.imports.extend(other.imports);
        self.controls.extend(other.controls);
        self.incidents.extend(other.incidents);
        self.models.extend(other.models);
        self.frameworks.extend(other.frameworks);
        self.requirements.extend(other.requirements);
        self.reviewers.extend(other.reviewers);
    }
}

/// What the owner knows about a control in this organisation; `None` leaves the library's value.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlTerms {
    /// Control id of the knowledge base.
    pub control: String,
    /// Who puts it in place; empty when nobody is named.
    pub owner: String,
    /// First-year cost, low end, in the organisation's currency.
    pub cost_low: Option<f64>,
    /// First-year cost, high end.
    pub cost_high: Option<f64>,
    /// Share of attempts it stops, pessimistic, 0 to 1.
    pub effectiveness_low: Option<f64>,
    /// Share of attempts it stops, most likely.
    pub effectiveness: Option<f64>,
    /// Share of attempts it stops, optimistic.
    pub effectiveness_high: Option<f64>,
    /// Share of the asset's usefulness it takes away, 0 to 1.
    pub utility_cost: Option<f64>,
    /// Where it is declared.
    pub locator: Locator,
}

/// A loss event, or an attempt at one, that really happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// When.
    pub date: Timestamp,
    /// System it happened to.
    pub system: String,
    /// Kind of impact: `confidentiality`, `integrity`, `availability`, `safety`, `compliance`.
    pub impact: String,
    /// What it cost in the organisation's currency, if that is known.
    pub loss: Option<f64>,
    /// What happened, in a line.
    pub what: String,
    /// Where it is declared.
    pub locator: Locator,
}

/// What a person says about one requirement of a framework.
#[derive(Debug, Clone, PartialEq)]
pub struct RequirementStatement {
    /// Id with edition, `A.4.2@2023`.
    pub requirement: String,
    /// System it is about; empty for the organisation.
    pub system: String,
    /// `satisfied`, `partly`, `not-satisfied` or `not-applicable`.
    pub status: String,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub owner: String,
    /// When it was said.
    pub date: Timestamp,
    /// Paths below the root of what shows it.
    pub evidence: Vec<String>,
    /// Where it is declared.
    pub locator: Locator,
}

/// A person who signs off reviews.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// Name.
    pub name: String,
    /// `security`, `data-science` or `owner`.
    pub role: String,
    /// Systems they answer for; empty for all.
    pub systems: Vec<String>,
    /// Path below the root of their public key (PEM); empty for none.
    pub key: String,
    /// Where it is declared.
    pub locator: Locator,
}

/// Days until findings have to be closed, by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemediationDays {
    /// 7 unless declared.
    pub critical: u32,
    /// 30 unless declared.
    pub high: u32,
    /// 90 unless declared.
    pub medium: u32,
    /// 180 unless declared.
    pub low: u32,
}

impl Default for RemediationDays {
    fn default() -> Self {
        Self { critical: 7, high: 30, medium: 90, low: 180 }
    }
}

/// Results of another engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Path below the root.
    pub path: String,
    /// Where it is declared.
    pub locator: Locator,
}

/// A system that the business knows by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct System {
    /// Name.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// `low`, `medium`, `high` or `critical`.
    pub criticality: String,
    /// What it does, for readers of reports.
    pub purpose: String,
    /// Path patterns (globs below the root) or asset ids of what belongs to it.
    pub assets: Vec<String>,
    /// Loss per event by kind of impact: `confidentiality`, `integrity`, `availability`, `safety`, `compliance`.
    pub losses: BTreeMap<String, LossRange>,
    /// Whether anyone on the internet can reach it.
    pub exposure: String,
    /// Classes of data it handles, `health`, `personal` ...
    pub data: Vec<String>,
    /// Days between its reviews; the organisation's when absent.
    pub every_days: Option<u32>,
    /// Since when every incident is on record, so that none is evidence too.
    pub incidents_since: Option<Timestamp>,
    /// What the organisation is to it under the EU AI Act: `provider`, `deployer`, `importer`, `distributor`; empty when it is
    /// not declared.
    pub role: String,
    /// Its class under the EU AI Act: `prohibited`, `high-annex-i`, `high-annex-iii`, `transparency`, `minimal`, `gpai`,
    /// `gpai-systemic`; empty when it is not declared.
    pub risk_class: String,
    /// Where it is used, `eu`, `us`; empty for not declared.
    pub regions: Vec<String>,
    /// When it was put on the market or into service.
    pub in_service: Option<Timestamp>,
    /// Where it is declared.
    pub locator: Locator,
}

/// A calibrated range of loss per event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossRange {
    /// Fifth percentile; with a most likely loss, the least an event can cost.
    pub low: f64,
    /// Most likely loss, between the two ends, where the owner names one: the loss is then a PERT.
    pub likely: Option<f64>,
    /// Ninety-fifth percentile; with a most likely loss, the most an event can cost.
    pub high: f64,
}

/// An asset, or facts about one, that only a person can know.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredAsset {
    /// Kind.
    pub kind: AssetKind,
    /// Name; with the kind it makes the asset's id.
    pub name: String,
    /// MAESTRO component kind; the kind's usual one when empty.
    pub component: String,
    /// Facts to add.
    pub attributes: BTreeMap<String, String>,
    /// Where it is declared.
    pub locator: Locator,
}

/// A control that someone says is in place.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Control id of the knowledge base.
    pub control: String,
    /// System or asset patterns it is claimed for.
    pub applies_to: Vec<String>,
    /// Who says so.
    pub owner: String,
    /// When it was said.
    pub date: Timestamp,
    /// In whose words.
    pub statement: String,
    /// Settings that an exercise can put to the test, `requests_per_minute = 60`.
    pub settings: BTreeMap<String, f64>,
    /// Where it is declared.
    pub locator: Locator,
}

/// Data or instructions that go from one asset to another.
#[derive(Debug, Clone, PartialEq)]
pub struct DataFlow {
    /// Asset id or pattern it comes from, or `outside` for the world.
    pub from: String,
    /// Asset id or pattern it goes to.
    pub to: String,
    /// Classes of data.
    pub data: Vec<String>,
    /// Name of the trust boundary it crosses; empty for none.
    pub boundary: String,
    /// Further facts, read by [`crate::FlowFacts`]: `protocol`, `authentication`, `instructions`, `human_gate` ...
    pub attributes: BTreeMap<String, String>,
    /// Where it is declared.
    pub locator: Locator,
}

/// A third party.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vendor {
    /// Name.
    pub name: String,
    /// What it supplies.
    pub supplies: String,
    /// Asset ids or patterns that hang on it.
    pub assets: Vec<String>,
    /// When it was last assessed.
    pub assessed: Option<Timestamp>,
    /// Controls that it runs for the organisation, by id: they fall with it.
    pub operates: Vec<String>,
    /// Whom to ask there; empty when nobody is named.
    pub contact: String,
    /// Path below the root of its answers to the questionnaire; empty for none.
    pub answers: String,
    /// Where it is declared.
    pub locator: Locator,
}

/// A point of the risk appetite: at most `probability` of losing more than `loss` in a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AppetitePoint {
    /// Loss in a year.
    pub loss: f64,
    /// Accepted probability.
    pub probability: f64,
}

/// How often reviews are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// Days between reviews; 90 unless declared.
    pub every_days: u32,
    /// Days after which evidence drops a rung; 90 unless declared.
    pub half_life_days: u32,
}

impl Default for Cadence {
    fn default() -> Self {
        Self { every_days: 90, half_life_days: 90 }
    }
}

/// A log that the review reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSource {
    /// Path pattern below the root.
    pub path: String,
    /// Log format, `otel-ndjson`.
    pub format: String,
    /// Asset id or pattern of what the log is about.
    pub about: String,
    /// Where it is declared.
    pub locator: Locator,
}

/// A running service or a store that may be asked what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSource {
    /// `bucket`, `host` or `mlflow`.
    pub kind: String,
    /// Address, `https://mlflow.example`.
    pub url: String,
    /// Name of the environment variable that holds a token; empty for none.
    pub token_env: String,
    /// Header that carries the token; empty for `Authorization: Bearer`.
    pub token_header: String,
    /// Name of the environment variable that holds a user's name; empty for none.
    pub user_env: String,
    /// Name of the environment variable that holds the password; empty for none.
    pub password_env: String,
    /// Where it is declared.
    pub locator: Locator,
}

/// Permission to attack a model, and the data to do it with.
#[derive(Debug, Clone, PartialEq)]
pub struct TestScope {
    /// Path of the model below the root; the name of the target where one is served.
    pub model: String,
    /// Name of the served target; empty for a model in a file.
    pub served: String,
    /// Name of the target where the model of the file is deployed, to ask about the examples found; empty for none.
    pub endpoint: String,
    /// Path of the inputs (NPY, CSV or Parquet).
    pub inputs: String,
    /// Path of the labels; empty when they are a column of the inputs.
    pub labels: String,
    /// That column; empty for the last.
    pub label_column: String,
    /// Path of the schema of tabular inputs (TOML); empty for none.
    pub schema: String,
    /// Path of inputs that were in the training data, for membership inference; empty for none.
    pub train_inputs: String,
    /// Path of their labels; empty when they are a column.
    pub train_labels: String,
    /// Columns of the inputs whose values an attacker tries to infer, by number from 0 or by the schema's names.
    pub hidden_columns: Vec<String>,
    /// Standard deviation of the noise for certificates by randomised smoothing; 0 for none.
    pub smoothing: f64,
    /// Norm that perturbations are measured in: `linf`, `l2` or `l1`.
    pub norm: String,
    /// Largest perturbation allowed, in that norm.
    pub eps: f64,
    /// Which attacks: `quick`, `standard` or `full`.
    pub suite: String,
    /// Attacks by name instead of a suite's; empty for the suite's.
    pub attacks: Vec<String>,
    /// Attacks by name that exercises replay; empty for the usual two.
    pub exercise: Vec<String>,
    /// Path of the group of each sample, for a breakdown (NPY); empty for none.
    pub groups: String,
    /// Path of the version before, which must not be more robust; empty for none.
    pub against: String,
    /// Samples to attack at most.
    pub samples: u32,
    /// Queries to spend per sample at most, for attacks that count them.
    pub queries: u32,
    /// Seed.
    pub seed: u64,
    /// Robust accuracy below which the model is called weak.
    pub minimum_robust_accuracy: f64,
    /// Agreement of a copy with the model from which it counts as copied.
    pub copy_fidelity: f64,
    /// Area under the curve of membership inference above which the model leaks.
    pub membership_area: f64,
    /// Where it is declared.
    pub locator: Locator,
}

/// A finding that the owner lives with, for a reason and a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptance {
    /// Fingerprint of the finding.
    pub fingerprint: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
    /// Where it is declared.
    pub locator: Locator,
}
