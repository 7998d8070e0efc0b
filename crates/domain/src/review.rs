//! A review: one frozen look at everything.

use crate::{
    Action, Asset, AttackPath, Cascades, Coverage, Declaration, Exercise, Finding, FrameworkAssessment,
    Measurement, Outcome, Placement, Plan, Relation, Risk, Rule, Schedule, TechniqueInstance, Threat,
    Timestamp, VendorAssessment,
};

/// Why a review was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// By hand.
    Manual,
    /// The schedule said so.
    Scheduled,
    /// A model has a new version.
    NewModelVersion,
    /// A pipeline changed.
    ChangedPipeline,
    /// ATLAS has a new release.
    NewAtlasRelease,
}

impl Trigger {
    /// All triggers.
    pub const ALL: [Self; 5] =
        [Self::Manual, Self::Scheduled, Self::NewModelVersion, Self::ChangedPipeline, Self::NewAtlasRelease];

    /// The hyphenated word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Scheduled => "scheduled",
            Self::NewModelVersion => "new-model-version",
            Self::ChangedPipeline => "changed-pipeline",
            Self::NewAtlasRelease => "new-atlas-release",
        }
    }
}

/// Something that was not looked at, or a bound that was hit: never silent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    /// Where.
    pub place: String,
    /// What was not done, and why.
    pub what: String,
}

/// Everything that one run found out, sorted, with nothing of the machine it ran on.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Stable name: start time and digest of the content.
    pub id: String,
    /// What was reviewed, as the user named it.
    pub subject: String,
    /// Why.
    pub trigger: Trigger,
    /// When, as given to the run.
    pub taken_at: Timestamp,
    /// Version of Vauban.
    pub tool_version: String,
    /// Edition of ATLAS that technique ids refer to.
    pub atlas_edition: String,
    /// Edition of MAESTRO.
    pub maestro_edition: String,
    /// Seed of everything that draws numbers.
    pub seed: u64,
    /// What the owner declared.
    pub declaration: Declaration,
    /// Every rule that was in force, by id.
    pub rules: Vec<Rule>,
    /// By id.
    pub assets: Vec<Asset>,
    /// By from, kind, to.
    pub relations: Vec<Relation>,
    /// Worst first, then by fingerprint.
    pub findings: Vec<Finding>,
    /// By rule, then asset.
    pub outcomes: Vec<Outcome>,
    /// By id.
    pub measurements: Vec<Measurement>,
    /// By id.
    pub exercises: Vec<Exercise>,
    /// By asset, then technique.
    pub coverage: Vec<Coverage>,
    /// Most likely first.
    pub threats: Vec<Threat>,
    /// By asset, then technique.
    pub techniques: Vec<TechniqueInstance>,
    /// Largest expected loss first.
    pub paths: Vec<AttackPath>,
    /// What the threats come to together.
    pub cascades: Cascades,
    /// Absent when the stage did not run.
    pub risk: Option<Risk>,
    /// Empty when the stage did not run.
    pub plan: Plan,
    /// Where controls do most.
    pub placement: Placement,
    /// By framework.
    pub compliance: Vec<FrameworkAssessment>,
    /// Most urgent first.
    pub actions: Vec<Action>,
    /// Largest expected loss first.
    pub vendors: Vec<VendorAssessment>,
    /// When to look again.
    pub schedule: Schedule,
    /// What was not looked at.
    pub limits: Vec<Limit>,
}
