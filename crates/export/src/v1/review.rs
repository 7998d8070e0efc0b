//! What a review is, apart from what it found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::{Declaration, Severity, TrendPoint, Trigger};

/// Name, circumstances and terms of a review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Review {
    /// Stable name: start time and digest of the content.
    pub id: String,
    /// What was reviewed, as the user named it.
    pub subject: String,
    /// Why it was made.
    pub trigger: Trigger,
    /// When, RFC 3339 in UTC.
    pub taken_at: String,
    /// Version of Vauban.
    pub tool_version: String,
    /// Edition of ATLAS that technique ids refer to.
    pub atlas_edition: String,
    /// Edition of MAESTRO that threat ids refer to.
    pub maestro_edition: String,
    /// Seed of everything that draws numbers.
    pub seed: u64,
    /// What the owner declared.
    #[serde(default)]
    pub declaration: Declaration,
    /// Rules that were in force, by id.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// What was not looked at, and bounds that were hit.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// Fingerprints of findings of the review before that are gone; absent without history: no earlier
    /// review is known, or neither has findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Vec<String>>,
    /// Fingerprints of findings of the review before that nobody looked for this time; absent as above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchecked: Option<Vec<String>>,
    /// What earlier reviews of the subject came to, oldest first; empty without history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trend: Vec<TrendPoint>,
}

/// What a rule says, why it matters and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Stable id.
    pub id: String,
    /// The part of the estate it looks at.
    pub family: String,
    /// Severity of its findings unless one says otherwise.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What to do next.
    pub remedy: String,
    /// ATLAS techniques with edition.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// ATLAS mitigations with edition.
    #[serde(default)]
    pub mitigations: Vec<String>,
    /// CWE ids.
    #[serde(default)]
    pub weaknesses: Vec<String>,
    /// OWASP entries with edition.
    #[serde(default)]
    pub owasp: Vec<String>,
    /// MAESTRO threats with edition.
    #[serde(default)]
    pub threats: Vec<String>,
    /// What it leads to; absent for rules that are not about files which something loads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm: Option<Harm>,
    /// Paper, specification section or page it stands on.
    pub source: String,
}

/// What comes of a weakness in a file that something loads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Harm {
    /// What happens: `code-execution`, `file-read`, `network-access` ...
    pub effect: String,
    /// When: `load`, `first-use` or `convert`.
    pub when: String,
    /// Loaders it happens in, with their versions.
    pub loaders: String,
}

/// Something that was not looked at, or a bound that was hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limit {
    /// Where.
    pub place: String,
    /// What was not done, and why.
    pub what: String,
}

impl Review {
    /// The circumstances of `review`; `history` is empty when no earlier review is known.
    pub(super) fn of(review: &domain::Review, history: &domain::History) -> Self {
        let having = |wanted: domain::Status| {
            let with = history.iter().filter(|(_, status)| **status == wanted);
            (!history.is_empty()).then(|| with.map(|(fingerprint, _)| fingerprint.to_string()).collect())
        };
        Self {
            id: review.id.clone(),
            subject: review.subject.clone(),
            trigger: review.trigger.into(),
            taken_at: review.taken_at.to_string(),
            tool_version: review.tool_version.clone(),
            atlas_edition: review.atlas_edition.clone(),
            maestro_edition: review.maestro_edition.clone(),
            seed: review.seed,
            declaration: (&review.declaration).into(),
            rules: review.rules.iter().map(Rule::from).collect(),
            limits: review
                .limits
                .iter()
                .map(|limit| Limit { place: limit.place.clone(), what: limit.what.clone() })
                .collect(),
            fixed: having(domain::Status::Fixed),
            unchecked: having(domain::Status::Unchecked),
            trend: Vec::new(),
        }
    }
}

impl From<&domain::Rule> for Rule {
    fn from(rule: &domain::Rule) -> Self {
        let owned = |list: &domain::TextList| list.iter().map(ToString::to_string).collect();
        Self {
            id: rule.id.to_string(),
            family: rule.family.as_str().to_owned(),
            severity: rule.severity.into(),
            title: rule.title.to_string(),
            why: rule.why.to_string(),
            remedy: rule.remedy.to_string(),
            techniques: owned(&rule.techniques),
            mitigations: owned(&rule.mitigations),
            weaknesses: owned(&rule.weaknesses),
            owasp: owned(&rule.owasp),
            threats: owned(&rule.threats),
            harm: rule.harm.as_ref().map(Harm::from),
            source: rule.source.to_string(),
        }
    }
}

impl From<&domain::Harm> for Harm {
    fn from(harm: &domain::Harm) -> Self {
        Self {
            effect: harm.effect.as_str().to_owned(),
            when: harm.when.as_str().to_owned(),
            loaders: harm.loaders.to_string(),
        }
    }
}

impl Harm {
    /// `code execution on load, in pickle.load`.
    pub fn sentence(&self) -> String {
        format!("{} {}, in {}", self.effect.replace('-', " "), self.moment(), self.loaders)
    }

    /// `on load`, `on first use`, `on conversion`.
    pub fn moment(&self) -> &'static str {
        match self.when.as_str() {
            "first-use" => "on first use",
            "convert" => "on conversion",
            _ => "on load",
        }
    }
}
