//! JSON v1: the published contract of what a review found.
//!
//! These types are the wire and nothing else: the domain may change its mind, this may only grow. Unknown keys are
//! ignored on reading, absent parts stay absent (a part that was not made is not an empty part), and the same review
//! gives the same bytes.

mod action;
mod asset;
mod cascade;
mod compliance;
mod coverage;
mod declaration;
mod finding;
mod forecast;
mod locator;
mod measurement;
mod placement;
mod plan;
mod review;
mod risk;
mod schedule;
mod schema;
mod technique;
mod threat;
mod trend;
mod vendor;
mod word;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

pub use action::Action;
pub use asset::{Asset, Relation};
pub use cascade::{
    BlastRadius, Cascades, ChokePoint, CombinationPart, ImpactForecast, LayerLink, ReachedAsset,
    ToxicCombination,
};
pub use compliance::{FrameworkAssessment, RequirementAssessment, RequirementEvidence};
pub use coverage::{Coverage, Proof, Score};
pub use declaration::{Claim, Declaration, Flow, LossRange, Reviewer, System, Vendor};
pub use finding::{Acceptance, Evidence, Finding, Outcome};
pub use forecast::{CalibrationRow, Forecast, ForecastScore, stored_forecasts};
pub use locator::Locator;
pub use measurement::{
    ControlSetting, Curve, Exercise, ExerciseRun, Interval, MeasuredPart, Measurement, Measurements,
    SampleOutcome, SanityCheck, Usefulness,
};
pub use placement::{BudgetPlan, BudgetPoint, Cover, Cut, PlacedControl, Placement, SharedFailure};
pub use plan::{Plan, PlanStep, ReturnOnControl};
pub use review::{Harm, Limit, Review, Rule};
pub use risk::{AppetiteVerdict, CostOfDelay, Driver, Forecasts, LossCurve, LossPoint, Risk, Scenario};
pub use schedule::{Schedule, SystemDue};
pub use schema::schema_text;
pub use technique::TechniqueInstance;
pub use threat::{AttackPath, CaseReference, PathStep, StepEvidence, Threat, Threats};
pub use trend::TrendPoint;
pub use vendor::{VendorAssessment, VendorQuestion};
pub use word::{
    AssetKind, Confidence, RelationKind, RequirementStatus, Rung, Severity, Status, Support, Trigger, Verdict,
};

/// Value of the key `schema`.
pub const SCHEMA: &str = "vauban/v1";

/// Everything that one run found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Vauban JSON v1")]
pub struct Document {
    /// Name of this contract, `vauban/v1`.
    pub schema: String,
    /// Name, circumstances and terms of the review.
    pub review: Review,
    /// Assets, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assets: Option<Vec<Asset>>,
    /// Edges between assets, by from, kind, to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relations: Option<Vec<Relation>>,
    /// Findings, worst first, then by fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<Finding>>,
    /// The end of every look, by rule, then asset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Vec<Outcome>>,
    /// What attacks measured and what exercises proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measurements: Option<Measurements>,
    /// Scores by asset, then technique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Vec<Coverage>>,
    /// Threats on the asset graph and their paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threats: Option<Threats>,
    /// Money at risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// Controls in the order to take them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// What the threats come to together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cascades: Option<Cascades>,
    /// What to do about each gap, most urgent first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<Action>>,
    /// When to look again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// ATLAS techniques at assets, by asset, then technique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub techniques: Option<Vec<TechniqueInstance>>,
    /// Third parties, largest expected loss first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendors: Option<Vec<VendorAssessment>>,
    /// Where controls do most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// How requirements stand, by framework.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compliance: Option<Vec<FrameworkAssessment>>,
}

/// A part of a document beside `schema` and `review`, which are always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Assets.
    Assets,
    /// Edges between assets.
    Relations,
    /// Findings.
    Findings,
    /// The end of every look.
    Outcomes,
    /// Attack results and exercises.
    Measurements,
    /// Coverage by technique and asset.
    Coverage,
    /// Threats and paths.
    Threats,
    /// Money at risk.
    Risk,
    /// Controls in order.
    Plan,
    /// What the threats come to together.
    Cascades,
    /// What to do about each gap.
    Actions,
    /// When to look again.
    Schedule,
    /// ATLAS techniques at assets.
    Techniques,
    /// Third parties.
    Vendors,
    /// Where controls do most.
    Placement,
    /// How requirements stand.
    Compliance,
}

impl Part {
    /// Every part, in the order of the document.
    pub const ALL: &[Self] = &[
        Self::Assets,
        Self::Relations,
        Self::Findings,
        Self::Outcomes,
        Self::Measurements,
        Self::Coverage,
        Self::Threats,
        Self::Risk,
        Self::Plan,
        Self::Cascades,
        Self::Actions,
        Self::Schedule,
        Self::Techniques,
        Self::Vendors,
        Self::Placement,
        Self::Compliance,
    ];
    /// What `vauban scan` makes.
    pub const SCAN: &[Self] = &[Self::Assets, Self::Findings, Self::Outcomes];
    /// What `vauban inventory` makes.
    pub const INVENTORY: &[Self] = &[Self::Assets, Self::Relations];
}

/// Why bytes are no document of this contract.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No JSON, or keys are missing or of the wrong type.
    #[error("not a Vauban document: {0}; pass a file written with `--format json`")]
    Json(#[from] serde_json::Error),
    /// Another contract.
    #[error("the document says schema `{0}`, this version reads `{SCHEMA}`; use the version that wrote it")]
    Schema(String),
}

impl Document {
    /// The chosen `parts` of `review`, findings with their status from `history` (empty when none is known).
    pub fn of(review: &domain::Review, parts: &[Part], history: &domain::History) -> Self {
        let wanted = |part| parts.contains(&part);
        Self {
            schema: SCHEMA.to_owned(),
            review: Review::of(review, history),
            assets: wanted(Part::Assets).then(|| review.assets.iter().map(Asset::from).collect()),
            relations: wanted(Part::Relations).then(|| review.relations.iter().map(Relation::from).collect()),
            findings: wanted(Part::Findings)
                .then(|| review.findings.iter().map(|finding| Finding::of(finding, history)).collect()),
            outcomes: wanted(Part::Outcomes).then(|| review.outcomes.iter().map(Outcome::from).collect()),
            measurements: wanted(Part::Measurements).then(|| Measurements {
                results: review.measurements.iter().map(Measurement::from).collect(),
                exercises: review.exercises.iter().map(Exercise::from).collect(),
            }),
            coverage: wanted(Part::Coverage).then(|| review.coverage.iter().map(Coverage::from).collect()),
            threats: wanted(Part::Threats).then(|| Threats {
                instances: review.threats.iter().map(Threat::from).collect(),
                paths: review.paths.iter().map(AttackPath::from).collect(),
                lanes_svg: None,
            }),
            risk: if wanted(Part::Risk) { review.risk.as_ref().map(Risk::from) } else { None },
            plan: wanted(Part::Plan).then(|| Plan::from(&review.plan)),
            cascades: wanted(Part::Cascades).then(|| Cascades::from(&review.cascades)),
            actions: wanted(Part::Actions).then(|| review.actions.iter().map(Action::from).collect()),
            schedule: wanted(Part::Schedule).then(|| Schedule::from(&review.schedule)),
            techniques: wanted(Part::Techniques)
                .then(|| review.techniques.iter().map(TechniqueInstance::from).collect()),
            vendors: wanted(Part::Vendors)
                .then(|| review.vendors.iter().map(VendorAssessment::from).collect()),
            placement: wanted(Part::Placement).then(|| Placement::from(&review.placement)),
            compliance: wanted(Part::Compliance)
                .then(|| review.compliance.iter().map(FrameworkAssessment::from).collect()),
        }
    }

    /// Whether what steps of the plan remove is known as an amount; a document without the part `risk` says nothing against it.
    pub fn is_priced(&self) -> bool {
        self.risk.as_ref().is_none_or(Risk::is_known)
    }

    /// The same document with the paths drawn over the seven lanes; nothing changes without the part `threats`.
    #[must_use]
    pub fn with_lanes(mut self, svg: impl Into<String>) -> Self {
        if let Some(threats) = &mut self.threats {
            threats.lanes_svg = Some(svg.into());
        }
        self
    }

    /// Reads a saved document; keys that this version does not know are ignored.
    ///
    /// # Errors
    /// [`ReadError`] when the bytes are no document, or one of another contract.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let document: Self = serde_json::from_slice(bytes)?;
        if document.schema == SCHEMA { Ok(document) } else { Err(ReadError::Schema(document.schema)) }
    }

    /// Indented JSON with a line feed at the end; the same document gives the same bytes.
    ///
    /// # Errors
    /// Never for documents made by [`Document::of`]; the signature is `serde_json`'s.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Assets, none when the part is absent.
    pub fn assets(&self) -> &[Asset] {
        self.assets.as_deref().unwrap_or_default()
    }

    /// Edges, none when the part is absent.
    pub fn relations(&self) -> &[Relation] {
        self.relations.as_deref().unwrap_or_default()
    }

    /// Findings, none when the part is absent.
    pub fn findings(&self) -> &[Finding] {
        self.findings.as_deref().unwrap_or_default()
    }

    /// Outcomes, none when the part is absent.
    pub fn outcomes(&self) -> &[Outcome] {
        self.outcomes.as_deref().unwrap_or_default()
    }

    /// Coverage, none when the part is absent.
    pub fn coverage(&self) -> &[Coverage] {
        self.coverage.as_deref().unwrap_or_default()
    }

    /// Attack results, none when the part is absent.
    pub fn results(&self) -> &[Measurement] {
        self.measurements.as_ref().map_or(&[], |part| &part.results)
    }

    /// Exercises, none when the part is absent.
    pub fn exercises(&self) -> &[Exercise] {
        self.measurements.as_ref().map_or(&[], |part| &part.exercises)
    }

    /// The rule called `id`.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        with_id(&self.review.rules, id, |rule| &rule.id)
    }

    /// The asset called `id`.
    pub fn asset(&self, id: &str) -> Option<&Asset> {
        with_id(self.assets(), id, |asset| &asset.id)
    }
}

/// The item called `id`: lists are sorted by it, in documents that others wrote perhaps not.
fn with_id<'a, T>(items: &'a [T], id: &str, id_of: impl Fn(&T) -> &str) -> Option<&'a T> {
    match items.binary_search_by(|item| id_of(item).cmp(id)) {
        Ok(at) => items.get(at),
        Err(_) => items.iter().find(|item| id_of(item) == id),
    }
}

/// The whole review, with no history.
impl From<&domain::Review> for Document {
    fn from(review: &domain::Review) -> Self {
        Self::of(review, Part::ALL, &domain::History::new())
    }
}
