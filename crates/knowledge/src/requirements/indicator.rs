//! What speaks for or against requirements: named selectors over what a review has.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use vauban_domain::{Aspect, AssetKind};

/// A named thing that evidence can show. Its selectors are alternatives: one that shows it is enough, one that
/// contradicts it outweighs the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Our own id, lower-case words joined by hyphens.
    pub id: String,
    /// What is true when it is shown, as the end of a sentence.
    pub what: String,
    /// Kinds of assets, one of which has to be there for it to mean anything; empty for all.
    pub about: Vec<AssetKind>,
    /// Rules whose findings speak against it and whose clean looks speak for it.
    pub rules: Vec<String>,
    /// All rules of these families, alerts left out.
    pub families: Vec<String>,
    /// All rules with one of these OWASP references, alerts left out.
    pub owasp: Vec<String>,
    /// Coverage of ATLAS techniques.
    pub coverage: Option<Coverage>,
    /// Controls that were seen, held in an exercise, or are claimed.
    pub controls: Vec<String>,
    /// Metrics of attacks; a measurement shows that somebody tried.
    pub metrics: Vec<String>,
    /// Attributes that assets of a kind have.
    pub described: Option<Described>,
    /// Facts of the declaration, the analysis and the review itself.
    pub facts: Vec<Fact>,
}

/// Techniques of which one aspect is covered by something seen or tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Which of the four scores.
    pub aspect: Aspect,
    /// ATLAS techniques without edition; sub-techniques count.
    pub techniques: Vec<String>,
}

/// Assets of a kind that are described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Which assets.
    pub kind: AssetKind,
    /// Attributes, any one of which describes; `digest` is the asset's own.
    pub any: Vec<String>,
}

/// Facts that a requirement can stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// What the organisation accepts to lose is declared.
    AppetiteDeclared,
    /// Assets are listed.
    AssetsInventoried,
    /// Money for controls is declared.
    BudgetDeclared,
    /// A risk class is declared that is not a prohibited one.
    ClassPermitted,
    /// Controls were seen in place, or held in an exercise.
    ControlsSeen,
    /// Criticality of systems is declared.
    CriticalityDeclared,
    /// Classes of data of systems are declared.
    DataClassesDeclared,
    /// Detections ran over logs that were there.
    DetectionsRan,
    /// Attack, detections and controls were run together.
    ExercisesRan,
    /// Data flows are declared.
    FlowsDeclared,
    /// Incidents are on record, or there is a day since when every one is.
    IncidentsRecorded,
    /// Losses per kind of event are declared.
    LossesDeclared,
    /// Systems name who answers for them.
    OwnersNamed,
    /// Controls are ranked by what they remove.
    PlanMade,
    /// Purposes of systems are declared.
    PurposesDeclared,
    /// Where systems are used is declared.
    RegionsDeclared,
    /// Relations between assets are on record.
    RelationsKnown,
    /// There was a review before this one, and this one is not late.
    ReviewsRecur,
    /// People who sign off are named.
    ReviewersNamed,
    /// Money at risk was estimated.
    RiskEstimated,
    /// Role and risk class of systems are declared.
    RolesDeclared,
    /// Systems are declared by name.
    SystemsDeclared,
    /// Threats were derived for the estate.
    ThreatsModelled,
    /// Vendors were assessed, and not too long ago.
    VendorsAssessed,
    /// Vendors are declared.
    VendorsListed,
    /// Packages were held against known vulnerabilities, whatever came of it.
    VulnerabilitiesJudged,
}

impl Indicator {
    /// Whether it selects nothing at all.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
            && self.families.is_empty()
            && self.owasp.is_empty()
            && self.coverage.is_none()
            && self.controls.is_empty()
            && self.metrics.is_empty()
            && self.described.is_none()
            && self.facts.is_empty()
    }
}

pub(super) fn builtin() -> BTreeMap<String, Indicator> {
    let files: Vec<File> = crate::yaml::read(include_str!("../../data/indicators.yaml"))
        .unwrap_or_else(|error| panic!("compiled-in indicators: {error}"));
    files.into_iter().map(|file| (file.id.clone(), file.into_fact())).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    what: String,
    #[serde(default, deserialize_with = "kinds")]
    about: Vec<AssetKind>,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    families: Vec<String>,
    #[serde(default)]
    owasp: Vec<String>,
    #[serde(default)]
    prevent: Vec<String>,
    #[serde(default)]
    detect: Vec<String>,
    #[serde(default)]
    respond: Vec<String>,
    #[serde(default)]
    tested: Vec<String>,
    #[serde(default)]
    controls: Vec<String>,
    #[serde(default)]
    metrics: Vec<String>,
    described: Option<DescribedFile>,
    #[serde(default)]
    facts: Vec<Fact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DescribedFile {
    kind: String,
    any: Vec<String>,
}

impl File {
    fn into_fact(self) -> Indicator {
        let aspects = [
            (Aspect::Prevent, self.prevent),
            (Aspect::Detect, self.detect),
            (Aspect::Respond, self.respond),
            (Aspect::Tested, self.tested),
        ];
        let coverage = aspects
            .into_iter()
            .find(|(_, techniques)| !techniques.is_empty())
            .map(|(aspect, techniques)| Coverage { aspect, techniques });
        let described = self.described.map(|described| Described {
            kind: AssetKind::parse(&described.kind).unwrap_or_else(|| {
                panic!("compiled-in indicators: no kind of asset is `{}`", described.kind)
            }),
            any: described.any,
        });
        Indicator {
            id: self.id,
            what: self.what,
            about: self.about,
            rules: self.rules,
            families: self.families,
            owasp: self.owasp,
            coverage,
            controls: self.controls,
            metrics: self.metrics,
            described,
            facts: self.facts,
        }
    }
}

/// Kinds of assets by their words.
pub(super) fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AssetKind>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    words
        .iter()
        .map(|word| {
            AssetKind::parse(word)
                .ok_or_else(|| serde::de::Error::custom(format!("no kind of asset is `{word}`")))
        })
        .collect()
}
