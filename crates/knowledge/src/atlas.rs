//! MITRE ATLAS: tactics, techniques, mitigations and case studies of one edition.
//!
//! Ids and names are MITRE's; every `summary` of the built-in edition is our own sentence.

use serde::Deserialize;

use crate::table::{present, rows, words};

/// One edition of ATLAS. All lists are sorted by id, except tactics, which are in matrix order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Atlas {
    /// Edition, `2026.09`.
    pub edition: String,
    /// Columns of the matrix, in its order.
    pub tactics: Vec<Tactic>,
    /// Techniques and sub-techniques, sorted by id.
    pub techniques: Vec<Technique>,
    /// Mitigations, sorted by id.
    pub mitigations: Vec<Mitigation>,
    /// Case studies, sorted by id.
    pub case_studies: Vec<CaseStudy>,
}

/// Why an adversary does something: a column of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tactic {
    /// `AML.TA0002`.
    pub id: String,
    /// Name in ATLAS.
    pub name: String,
    /// One sentence of our own.
    pub summary: String,
}

/// How far a technique has been seen in the world, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Maturity {
    /// Shown to work in research.
    Feasible,
    /// Shown on a real system by a red team or researcher.
    Demonstrated,
    /// Used by a real adversary.
    Realized,
}

impl Maturity {
    /// The lower-case word used in outputs and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Feasible => "feasible",
            Self::Demonstrated => "demonstrated",
            Self::Realized => "realized",
        }
    }

    /// Reads the word in any case.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Feasible, Self::Demonstrated, Self::Realized]
            .into_iter()
            .find(|maturity| maturity.as_str().eq_ignore_ascii_case(word))
    }
}

/// A technique or sub-technique.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Technique {
    /// `AML.T0018` or `AML.T0018.002`.
    pub id: String,
    /// Its own name, without the parent's: `Embed Malware`.
    pub name: String,
    /// One sentence of our own.
    pub summary: String,
    /// Id of the technique it belongs to, for sub-techniques.
    pub parent: Option<String>,
    /// Tactic ids, sorted.
    pub tactics: Vec<String>,
    /// `predictive-ai`, `generative-ai`, `agentic-ai`, `enterprise`; empty when the edition does not say.
    pub platforms: Vec<String>,
    /// How far it has been seen, when the edition says.
    pub maturity: Option<Maturity>,
    /// The ATT&CK technique it mirrors, `T1595`.
    pub attack_reference: Option<String>,
    /// Ids of mitigations said to help.
    pub mitigations: Vec<String>,
}

/// A mitigation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mitigation {
    /// `AML.M0013`.
    pub id: String,
    /// Name in ATLAS.
    pub name: String,
    /// One sentence of our own.
    pub summary: String,
    /// `policy`, `technical-ai`, `technical-cyber`.
    pub categories: Vec<String>,
    /// Phases of the life cycle: `BU`, `DP`, `ME`, `EV`, `DE`, `MM`.
    pub lifecycle: Vec<String>,
    /// Ids of techniques it helps against, the inverse of [`Technique::mitigations`].
    pub techniques: Vec<String>,
}

/// A recorded incident or exercise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseStudy {
    /// `AML.CS0023`.
    pub id: String,
    /// Name in ATLAS.
    pub name: String,
    /// `incident` or `exercise`.
    pub kind: String,
    /// Date as far as known, `2023-09-05` (year-only dates are the first of January).
    pub date: String,
    /// What was attacked.
    pub target: String,
    /// Steps in order.
    pub steps: Vec<CaseStep>,
}

/// One step of a case study.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseStep {
    /// Tactic id.
    pub tactic: String,
    /// Technique id.
    pub technique: String,
}

impl Atlas {
    /// The technique with this id, `AML.T0018.002`.
    pub fn technique(&self, id: &str) -> Option<&Technique> {
        by_id(&self.techniques, id, |technique| &technique.id)
    }

    /// The mitigation with this id, `AML.M0013`.
    pub fn mitigation(&self, id: &str) -> Option<&Mitigation> {
        by_id(&self.mitigations, id, |mitigation| &mitigation.id)
    }

    /// The tactic with this id, `AML.TA0002`.
    pub fn tactic(&self, id: &str) -> Option<&Tactic> {
        self.tactics.iter().find(|tactic| tactic.id == id)
    }

    /// The case study with this id, `AML.CS0023`.
    pub fn case_study(&self, id: &str) -> Option<&CaseStudy> {
        by_id(&self.case_studies, id, |study| &study.id)
    }

    /// Name as ATLAS shows it: `Manipulate AI Model: Embed Malware` for sub-techniques.
    pub fn full_name(&self, technique: &Technique) -> String {
        match technique.parent.as_deref().and_then(|parent| self.technique(parent)) {
            Some(parent) => format!("{}: {}", parent.name, technique.name),
            None => technique.name.clone(),
        }
    }

    /// Techniques below `id`, sorted by id.
    pub fn subtechniques<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Technique> {
        self.techniques.iter().filter(move |technique| technique.parent.as_deref() == Some(id))
    }

    /// Sorts every list by id and fills [`Mitigation::techniques`] from the techniques.
    pub(crate) fn finish(mut self) -> Self {
        self.techniques.sort_by(|left, right| left.id.cmp(&right.id));
        self.techniques.dedup_by(|left, right| left.id == right.id);
        self.mitigations.sort_by(|left, right| left.id.cmp(&right.id));
        self.mitigations.dedup_by(|left, right| left.id == right.id);
        self.case_studies.sort_by(|left, right| left.id.cmp(&right.id));
        for mitigation in &mut self.mitigations {
            mitigation.techniques.clear();
        }
        for technique in &self.techniques {
            for id in &technique.mitigations {
                let found = self.mitigations.binary_search_by(|mitigation| mitigation.id.cmp(id));
                if let Some(mitigation) = found.ok().and_then(|at| self.mitigations.get_mut(at)) {
                    mitigation.techniques.push(technique.id.clone());
                }
            }
        }
        self
    }

    pub(crate) fn builtin() -> Self {
        let tactics = rows("tactics", include_str!("../data/atlas/tactics.csv"));
        let techniques = rows("techniques", include_str!("../data/atlas/techniques.csv"));
        let mitigations = rows("mitigations", include_str!("../data/atlas/mitigations.csv"));
        let case_studies = rows("case-studies", include_str!("../data/atlas/case-studies.csv"));
        Self {
            edition: crate::ATLAS_EDITION.to_owned(),
            tactics: tactics.into_iter().map(TacticRow::into_fact).collect(),
            techniques: techniques.into_iter().map(TechniqueRow::into_fact).collect(),
            mitigations: mitigations.into_iter().map(MitigationRow::into_fact).collect(),
            case_studies: case_studies.into_iter().map(CaseStudyRow::into_fact).collect(),
        }
        .finish()
    }
}

fn by_id<'a, Fact>(sorted: &'a [Fact], id: &str, key: impl Fn(&Fact) -> &String) -> Option<&'a Fact> {
    let at = sorted.binary_search_by(|fact| key(fact).as_str().cmp(id)).ok()?;
    sorted.get(at)
}

#[derive(Deserialize)]
struct TacticRow {
    id: String,
    name: String,
    summary: String,
}

impl TacticRow {
    fn into_fact(self) -> Tactic {
        Tactic { id: self.id, name: self.name, summary: self.summary }
    }
}

#[derive(Deserialize)]
struct TechniqueRow {
    id: String,
    name: String,
    parent: String,
    tactics: String,
    platforms: String,
    maturity: String,
    attack_reference: String,
    mitigations: String,
    summary: String,
}

impl TechniqueRow {
    fn into_fact(self) -> Technique {
        Technique {
            id: self.id,
            name: self.name,
            summary: self.summary,
            parent: present(self.parent),
            tactics: words(&self.tactics),
            platforms: words(&self.platforms),
            maturity: Maturity::parse(&self.maturity),
            attack_reference: present(self.attack_reference),
            mitigations: words(&self.mitigations),
        }
    }
}

#[derive(Deserialize)]
struct MitigationRow {
    id: String,
    name: String,
    categories: String,
    lifecycle: String,
    summary: String,
}

impl MitigationRow {
    fn into_fact(self) -> Mitigation {
        Mitigation {
            id: self.id,
            name: self.name,
            summary: self.summary,
            categories: words(&self.categories),
            lifecycle: words(&self.lifecycle),
            techniques: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct CaseStudyRow {
    id: String,
    name: String,
    kind: String,
    date: String,
    target: String,
    steps: String,
}

impl CaseStudyRow {
    fn into_fact(self) -> CaseStudy {
        let steps = self
            .steps
            .split_ascii_whitespace()
            .filter_map(|step| step.split_once('/'))
            .map(|(tactic, technique)| CaseStep {
                tactic: tactic.to_owned(),
                technique: technique.to_owned(),
            })
            .collect();
        CaseStudy {
            id: self.id,
            name: self.name,
            kind: self.kind,
            date: self.date,
            target: self.target,
            steps,
        }
    }
}
