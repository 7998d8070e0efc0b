//! How well each technique is covered on each asset.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::{Locator, Rung};

/// The four scores of one technique on one asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// ATLAS technique, in the edition of `review.atlas_edition`.
    pub technique: String,
    /// Id of the asset.
    pub asset: String,
    /// Whether something keeps it from happening.
    pub prevent: Score,
    /// Whether something notices it.
    pub detect: Score,
    /// Whether something acts on it.
    pub respond: Score,
    /// Whether it has been tried.
    pub tested: Score,
}

impl Coverage {
    /// The four scores with their names, in reading order.
    pub fn scores(&self) -> [(&'static str, &Score); 4] {
        [
            ("prevent", &self.prevent),
            ("detect", &self.detect),
            ("respond", &self.respond),
            ("tested", &self.tested),
        ]
    }
}

/// How well one aspect is covered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// The rung that holds at `review.taken_at`.
    pub rung: Rung,
    /// Why, in a short phrase.
    pub reason: String,
    /// The rung before age took its toll, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decayed_from: Option<Rung>,
    /// What it stands on, strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Proof>,
}

impl Score {
    /// The proof that the rung stands on; `None` when nothing holds it above blind.
    pub fn basis(&self) -> Option<&Proof> {
        if self.rung > Rung::Blind || self.decayed_from.is_some() { self.proofs.first() } else { None }
    }

    /// The proof whose rung was lost by age, if one was.
    pub fn aged(&self) -> Option<&Proof> {
        let from = self.decayed_from?;
        self.proofs.iter().find(|proof| proof.rung == from)
    }

    /// Whose evidence the rung stands on, when it is not the asset's own.
    pub fn inherited_from(&self) -> Option<&str> {
        self.basis()?.inherited_from.as_deref()
    }
}

/// One piece of support for a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// The rung it supports when fresh.
    pub rung: Rung,
    /// What it is: a claim, a control seen, a measurement id, a detection that fired.
    pub what: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locator: Option<Locator>,
    /// When it was true, RFC 3339 in UTC.
    pub as_of: String,
    /// Id of the asset that it is about, when that is not this one: the model behind an endpoint, the endpoint in front of a
    /// model, or `system:NAME` for what is said of a whole system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited_from: Option<String>,
}

impl From<&domain::Coverage> for Coverage {
    fn from(coverage: &domain::Coverage) -> Self {
        Self {
            technique: coverage.technique.to_string(),
            asset: coverage.asset.to_string(),
            prevent: (&coverage.prevent).into(),
            detect: (&coverage.detect).into(),
            respond: (&coverage.respond).into(),
            tested: (&coverage.tested).into(),
        }
    }
}

impl From<&domain::Score> for Score {
    fn from(score: &domain::Score) -> Self {
        Self {
            rung: score.rung.into(),
            reason: score.reason.clone(),
            decayed_from: score.decayed_from.map(Rung::from),
            proofs: score.proofs.iter().map(Proof::from).collect(),
        }
    }
}

impl From<&domain::Proof> for Proof {
    fn from(proof: &domain::Proof) -> Self {
        Self {
            rung: proof.rung.into(),
            what: proof.what.clone(),
            locator: proof.locator.as_ref().map(Locator::from),
            as_of: proof.as_of.to_string(),
            inherited_from: proof.inherited_from.clone(),
        }
    }
}
