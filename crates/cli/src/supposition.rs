//! What a supposed change changes: the same estate before and after, figure by figure, path by path, score by score and
//! requirement by requirement.

use std::collections::BTreeMap;

use serde::Serialize;
use vauban_domain::{Aspect, RequirementStatus, Review, Risk, Rung};

/// Both sides, and where they differ.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// Whether any loss is declared that something leads to; without one, no amount is known.
    pub(crate) priced: bool,
    /// By name, in the order in which they are shown.
    #[serde(skip)]
    pub(crate) figures: Vec<Figure>,
    /// Paths that are among the worst on either side and differ, largest change first.
    pub(crate) paths: Vec<PathChange>,
    /// Scores that differ, by technique, asset and aspect.
    pub(crate) coverage: Vec<ScoreChange>,
    /// Requirements whose status differs.
    pub(crate) requirements: Vec<RequirementChange>,
}

/// One number.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) before: f64,
    pub(crate) after: f64,
}

/// A path from an entry to a loss.
#[derive(Debug, Serialize)]
pub(crate) struct PathChange {
    pub(crate) id: String,
    /// Threats at assets, from entry to loss.
    pub(crate) steps: Vec<String>,
    /// Expected loss a year; none where it is not among the worst paths.
    pub(crate) before: Option<f64>,
    pub(crate) after: Option<f64>,
}

impl PathChange {
    /// How far the expected loss moves, by size.
    fn size(&self) -> f64 {
        (self.after.unwrap_or(0.0) - self.before.unwrap_or(0.0)).abs()
    }
}

/// A technique at an asset under one aspect.
#[derive(Debug, Serialize)]
pub(crate) struct ScoreChange {
    pub(crate) technique: String,
    pub(crate) asset: String,
    pub(crate) aspect: &'static str,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
}

/// A requirement for a system, or for the whole organisation.
#[derive(Debug, Serialize)]
pub(crate) struct RequirementChange {
    pub(crate) framework: String,
    pub(crate) id: String,
    pub(crate) system: Option<String>,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
}

impl Comparison {
    /// Of the estate as it is and as it is supposed. What only one side has, such as the scores of an asset that is gone,
    /// counts in the figures and not as a change.
    pub(crate) fn of(before: &Review, after: &Review) -> Self {
        let priced = before.risk.as_ref().is_some_and(Risk::is_known);
        let figures = figures(before, priced).into_iter().zip(figures(after, priced));
        Self {
            priced,
            figures: figures.map(|((name, before), (_, after))| Figure { name, before, after }).collect(),
            paths: paths(before, after),
            coverage: coverage(before, after),
            requirements: requirements(before, after),
        }
    }
}

fn paths(before: &Review, after: &Review) -> Vec<PathChange> {
    let mut paths: BTreeMap<&str, PathChange> = BTreeMap::new();
    for (review, is_after) in [(before, false), (after, true)] {
        for path in &review.paths {
            let change = paths.entry(&path.id).or_insert_with(|| PathChange {
                id: path.id.clone(),
                steps: path.steps.iter().map(|step| step.threat.clone()).collect(),
                before: None,
                after: None,
            });
            *(if is_after { &mut change.after } else { &mut change.before }) = Some(path.expected_loss);
        }
    }
    let mut paths: Vec<PathChange> = paths.into_values().filter(|path| path.before != path.after).collect();
    paths.sort_by(|one, other| other.size().total_cmp(&one.size()).then_with(|| one.id.cmp(&other.id)));
    paths
}

fn coverage(before: &Review, after: &Review) -> Vec<ScoreChange> {
    let known: BTreeMap<_, _> =
        before.coverage.iter().map(|row| ((&row.technique, &row.asset), row)).collect();
    let mut changes = Vec::new();
    for row in &after.coverage {
        let Some(old) = known.get(&(&row.technique, &row.asset)) else { continue };
        for aspect in Aspect::ALL {
            let (before, after) = (old.score(aspect).rung, row.score(aspect).rung);
            if before != after {
                changes.push(ScoreChange {
                    technique: row.technique.to_string(),
                    asset: row.asset.to_string(),
                    aspect: aspect.as_str(),
                    before: before.as_str(),
                    after: after.as_str(),
                });
            }
        }
    }
    changes.sort_by(|one, other| {
        (&one.technique, &one.asset, one.aspect).cmp(&(&other.technique, &other.asset, other.aspect))
    });
    changes
}

fn requirements(before: &Review, after: &Review) -> Vec<RequirementChange> {
    let all = |review: &'_ Review| -> BTreeMap<(String, String, Option<String>), RequirementStatus> {
        let frameworks = review.compliance.iter();
        frameworks
            .flat_map(|framework| {
                framework
                    .requirements
                    .iter()
                    .map(|one| ((framework.name.clone(), one.id.clone(), one.system.clone()), one.status))
            })
            .collect()
    };
    let known = all(before);
    all(after)
        .into_iter()
        .filter_map(|(key, after)| {
            let before = *known.get(&key)?;
            let (framework, id, system) = key;
            (before != after).then(|| RequirementChange {
                framework,
                id,
                system,
                before: before.as_str(),
                after: after.as_str(),
            })
        })
        .collect()
}

/// The figures of one side, by name, in the order in which they are shown.
/// Amounts are among them only where something is `priced`.
fn figures(review: &Review, priced: bool) -> Vec<(&'static str, f64)> {
    let mut figures = vec![("assets", review.assets.len() as f64), ("threats", review.threats.len() as f64)];
    if let Some(risk) = review.risk.as_ref().filter(|_| priced) {
        figures.extend([
            ("paths' expected loss", review.paths.iter().map(|path| path.expected_loss).sum()),
            ("expected yearly loss", risk.total.mean),
            ("exceeded one year in twenty", risk.total.value_at_risk_95),
            ("mean of the worst twentieth", risk.total.tail_mean_95),
            ("points of the appetite exceeded", risk.exceeded.len() as f64),
        ]);
    }
    let at_least = |aspect: Aspect, rung: Rung| {
        review.coverage.iter().filter(|row| row.score(aspect).rung >= rung).count() as f64
    };
    figures.extend([
        ("prevention seen or exercised", at_least(Aspect::Prevent, Rung::Configured)),
        ("detection seen or exercised", at_least(Aspect::Detect, Rung::Configured)),
    ]);
    let requirements = |status: RequirementStatus| {
        let all = review.compliance.iter().flat_map(|framework| &framework.requirements);
        all.filter(|requirement| requirement.status == status).count() as f64
    };
    figures.extend([
        ("requirements satisfied", requirements(RequirementStatus::Satisfied)),
        ("requirements not satisfied", requirements(RequirementStatus::NotSatisfied)),
    ]);
    figures
}
