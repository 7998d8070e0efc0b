//! The nouns of Vauban: what is protected, what is said about it, and how sure we are.
//!
//! Nothing here does I/O, waits, reads a clock or draws a random number. Every other crate speaks in these
//! types; rows in a store and JSON on the wire are types of their own, elsewhere.

#![forbid(unsafe_code)]

mod action;
mod asset;
mod cascade;
mod compliance;
mod control;
mod coverage;
mod declaration;
mod digest;
mod exercise;
mod finding;
mod flow;
mod harm;
mod identifier;
mod layer;
mod locator;
mod measurement;
mod outcome;
mod placement;
mod relation;
mod review;
mod risk;
mod rule;
mod schedule;
mod served;
mod severity;
mod status;
mod text;
mod threat;
mod timestamp;
mod vendor;
pub mod words;

pub use action::{Action, ActionKind};
pub use asset::{Asset, AssetKind, Confidence};
pub use cascade::{
    BlastRadius, Cascades, ChokePoint, CombinationPart, ImpactForecast, LayerLink, TechniqueInstance,
    ToxicCombination,
};
pub use compliance::{FrameworkAssessment, RequirementAssessment, RequirementEvidence, RequirementStatus};
pub use control::{Plan, PlanStep};
pub use coverage::{Aspect, Coverage, Proof, Rung, Score};
pub use declaration::{
    Acceptance, AppetitePoint, Cadence, Claim, ControlTerms, DataFlow, Declaration, DeclaredAsset, Import,
    Incident, LogSource, LossRange, NamedSource, RemediationDays, RequirementStatement, Reviewer, System,
    TestScope, Vendor,
};
pub use digest::Digest;
pub use exercise::{ControlSetting, Exercise, ExerciseRun, Usefulness};
pub use finding::{EngineVerdict, Evidence, Finding, Fingerprint, Trials};
pub use flow::{Direction, FlowFacts, IdentityBasis, Persistence, Tenancy};
pub use harm::{Effect, Harm, Moment};
pub use identifier::{AssetId, Reference, ReferenceError, RuleId, TechniqueId};
pub use layer::Layer;
pub use locator::Locator;
pub use measurement::{Curve, Interval, Measurement, Part, SampleOutcome, SanityCheck, SanityVerdict};
pub use outcome::{Outcome, Verdict};
pub use placement::{BudgetPlan, BudgetPoint, Cover, Cut, PlacedControl, Placement, SharedFailure};
pub use relation::{Relation, RelationKind};
pub use review::{Limit, Review, Trigger};
pub use risk::{
    AppetiteVerdict, CalibrationRow, CostOfDelay, Driver, DriverKind, Forecast, ForecastScore, LossCurve,
    LossPoint, ReturnOnControl, Risk, Scenario,
};
pub use rule::{Family, Rule};
pub use schedule::{Schedule, SystemDue};
pub use served::DeclaredTarget;
pub use severity::Severity;
pub use status::{History, Status};
pub use text::{Text, TextList};
pub use threat::{AttackPath, CaseReference, PathStep, StepEvidence, Support, Threat};
pub use timestamp::{Timestamp, day};
pub use vendor::{VendorAssessment, VendorQuestion};
