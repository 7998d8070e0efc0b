//! Closed sets of words on the wire, each with its domain twin.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

/// Declares a wire enum, its words, and the way from the domain's enum of the same variants.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every word, in the order of the domain.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl From<domain::$name> for $name {
            fn from(value: domain::$name) -> Self {
                match value { $(domain::$name::$variant => Self::$variant,)+ }
            }
        }
    };
}

words! {
    /// Severity of a finding, lowest first.
    Severity {
        /// Worth knowing; nothing to repair.
        Info = "info",
        /// Weakens the posture only together with something else.
        Low = "low",
        /// Usable by an attacker with some preparation.
        Medium = "medium",
        /// Directly usable by an attacker.
        High = "high",
        /// Code runs, data leaves or control is lost as soon as the asset is used.
        Critical = "critical",
    }
}

words! {
    /// Whether a requirement is met, worst first.
    RequirementStatus {
        /// Evidence shows that it is not.
        NotSatisfied = "not-satisfied",
        /// Part of what it asks for is shown.
        Partly = "partly",
        /// Nobody has looked, or the look failed.
        Unknown = "unknown",
        /// Evidence shows that it is.
        Satisfied = "satisfied",
        /// It does not apply, for a reason.
        NotApplicable = "not-applicable",
    }
}

words! {
    /// What an asset is.
    AssetKind {
        /// An actor that decides by model.
        Agent = "agent",
        /// Data to train, tune, test or retrieve from.
        Dataset = "dataset",
        /// Something that answers requests.
        Endpoint = "endpoint",
        /// A user, role, service account or key.
        Identity = "identity",
        /// Containers, clusters, buckets, networks, notebook servers.
        Infrastructure = "infrastructure",
        /// Trained weights.
        Model = "model",
        /// A computational notebook.
        Notebook = "notebook",
        /// A third-party software package.
        Package = "package",
        /// Code or a workflow that trains, moves or deploys.
        Pipeline = "pipeline",
        /// An instruction text given to a language model.
        Prompt = "prompt",
        /// Something an agent can call.
        Tool = "tool",
    }
}

words! {
    /// How an asset or relation is known, weakest first.
    Confidence {
        /// A person or a configuration says so.
        Declared = "declared",
        /// Concluded from names, code or neighbours.
        Inferred = "inferred",
        /// The thing itself was looked at.
        Verified = "verified",
    }
}

words! {
    /// What an edge between two assets means.
    RelationKind {
        /// Acts with the rights of.
        ActsAs = "acts-as",
        /// Needs the package.
        DependsOn = "depends-on",
        /// Was made out of.
        DerivedFrom = "derived-from",
        /// Was evaluated on the data.
        EvaluatedOn = "evaluated-on",
        /// Loads the model or data.
        Loads = "loads",
        /// Produces.
        Produces = "produces",
        /// Reads.
        Reads = "reads",
        /// Runs on the infrastructure.
        RunsOn = "runs-on",
        /// Sends data to.
        SendsTo = "sends-to",
        /// Answers with the model.
        Serves = "serves",
        /// Was trained on the data.
        TrainedOn = "trained-on",
        /// Uses the tool, prompt or agent.
        Uses = "uses",
        /// Writes.
        Writes = "writes",
    }
}

words! {
    /// Rung of the evidence ladder, lowest first; `not-applicable` stands outside it.
    Rung {
        /// Cannot happen to this asset.
        NotApplicable = "not-applicable",
        /// Nobody looked, or the look failed.
        Blind = "blind",
        /// A person says so.
        Claimed = "claimed",
        /// Seen in a configuration, log, policy or file.
        Configured = "configured",
        /// A real attack was held off or raised the alarm.
        Exercised = "exercised",
    }
}

words! {
    /// What a threat instance stands on.
    Support {
        /// The kind of asset and its relations allow it; nothing was seen.
        Structural = "structural",
        /// A finding, measurement or alert speaks for it.
        Observed = "observed",
    }
}

words! {
    /// Why a review was made.
    Trigger {
        /// By hand.
        Manual = "manual",
        /// The schedule said so.
        Scheduled = "scheduled",
        /// A model has a new version.
        NewModelVersion = "new-model-version",
        /// A pipeline changed.
        ChangedPipeline = "changed-pipeline",
        /// ATLAS has a new release.
        NewAtlasRelease = "new-atlas-release",
    }
}

/// How a look ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The rule has findings.
    Found,
    /// Looked at and nothing found.
    Clean,
    /// Cannot apply to this asset.
    NotApplicable,
    /// Was not looked at.
    Skipped,
    /// The look itself failed.
    Failed,
}

/// Where a finding stands against the earlier reviews of the same subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Never seen before this review.
    New,
    /// In the review before and still there.
    Open,
    /// In the review before, looked for again, and gone.
    Fixed,
    /// In the review before, but nobody looked this time.
    Unchecked,
    /// Had been fixed and is back.
    Reopened,
    /// The owner lives with it, for a reason and a time.
    Accepted,
}

impl Verdict {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Clean => "clean",
            Self::NotApplicable => "not-applicable",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

impl Status {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Fixed => "fixed",
            Self::Unchecked => "unchecked",
            Self::Reopened => "reopened",
            Self::Accepted => "accepted",
        }
    }
}
