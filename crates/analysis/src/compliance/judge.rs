//! The status of one requirement in one scope, with its reason.
//!
//! Evidence against it outweighs everything. What a person states can lift what is unknown to `partly`, settles what no
//! evidence speaks of, and is taken at its word where it says that something is not met.

use vauban_domain::{RequirementAssessment, RequirementEvidence, RequirementStatus};
use vauban_knowledge::requirements::JudgedBy;
use vauban_knowledge::{Requirement, RequirementSet};

use super::Basis;
use super::applicability::{Applies, applies, date, off_platform};
use super::indicator::{Indicators, Point, Standing};
use super::scope::Scope;
use super::statement::{Said, said};

/// Pieces of evidence that a requirement shows at most; those against it and statements come first.
const EVIDENCE: usize = 40;
/// Indicators that a reason names for each standing.
const NAMED: usize = 3;

pub(super) fn judge(
    set: &RequirementSet,
    requirement: &Requirement,
    scope: &Scope<'_>,
    at: usize,
    basis: &Basis<'_>,
    indicators: &mut Indicators<'_>,
) -> RequirementAssessment {
    let id = set.reference(requirement);
    let entry = basis.knowledge.frameworks.entry(&requirement.id, &set.edition);
    let name = match (requirement.label.as_str(), entry) {
        ("", Some(entry)) => entry.name.clone(),
        ("", None) => requirement.id.clone(),
        (label, _) => label.to_owned(),
    };
    let said = said(&id, scope, basis.facts);
    let (from, mut reason) = match date(set, requirement, scope, basis) {
        Some((from, words, _)) => (Some(from), words),
        None => (None, String::new()),
    };
    let mut add = |words: &str| {
        if !words.is_empty() {
            if !reason.is_empty() {
                reason.push_str("; ");
            }
            reason.push_str(words);
        }
    };
    let stated = matches!(said, Said::Stated { .. });
    let applies = off_platform(set, scope, basis).map_or_else(|| applies(requirement, scope), Applies::No);
    let (status, evidence) = match applies {
        Applies::No(why) => {
            add(&why);
            (RequirementStatus::NotApplicable, Vec::new())
        }
        // Somebody who answers for it says how it stands, and so says that it applies.
        Applies::Undeclared(why) if !stated => {
            add(&why);
            (RequirementStatus::Unknown, Vec::new())
        }
        Applies::Yes | Applies::Undeclared(_) => {
            let points: Vec<(String, Point)> = requirement
                .shown
                .iter()
                .filter_map(|id| indicators.point(at, id))
                .map(|(what, point)| (what.to_owned(), point))
                .collect();
            let status = status(requirement.by, &points, &said);
            add(&because(requirement.by, &points, &said));
            (status, evidence(points, said))
        }
    };
    RequirementAssessment {
        id,
        name,
        system: scope.system.map(|system| system.name.clone()),
        status,
        reason,
        applies_from: from,
        evidence,
    }
}

/// What the evidence alone says; `None` where there is nothing that it could speak of.
fn shown(points: &[(String, Point)]) -> Option<RequirementStatus> {
    let mut standings = points.iter().map(|(_, point)| point.standing).filter(|one| *one != Standing::Absent);
    let first = standings.next()?;
    let all: Vec<Standing> = std::iter::once(first).chain(standings).collect();
    Some(if all.contains(&Standing::Against) {
        RequirementStatus::NotSatisfied
    } else if all.iter().all(|one| *one == Standing::Shown) {
        RequirementStatus::Satisfied
    } else if all.iter().all(|one| *one == Standing::Unknown) {
        RequirementStatus::Unknown
    } else {
        RequirementStatus::Partly
    })
}

fn status(by: JudgedBy, points: &[(String, Point)], said: &Said) -> RequirementStatus {
    use RequirementStatus::{NotApplicable, NotSatisfied, Partly, Satisfied, Unknown};
    let stated = match said {
        Said::Stated { status, .. } => Some(*status),
        Said::Nothing | Said::Void(_) => None,
    };
    match (shown(points), stated) {
        (None, None) => Unknown,
        (None, Some(stated)) => stated,
        (Some(Satisfied), None) if by == JudgedBy::Both => Partly,
        (Some(shown), None) => shown,
        (Some(NotSatisfied), Some(_)) => NotSatisfied,
        (Some(_), Some(NotSatisfied)) => NotSatisfied,
        (Some(_), Some(NotApplicable)) => NotApplicable,
        (Some(Satisfied), Some(Satisfied)) => Satisfied,
        (Some(Unknown), Some(Unknown)) => Unknown,
        (Some(_), Some(_)) => Partly,
    }
}

fn because(by: JudgedBy, points: &[(String, Point)], said: &Said) -> String {
    let mut parts = Vec::new();
    let stated = match said {
        Said::Stated { words, .. } => {
            parts.push(words.clone());
            true
        }
        Said::Void(words) => {
            parts.push(words.clone());
            false
        }
        Said::Nothing => false,
    };
    for (word, standings) in [
        ("against it", &[Standing::Against][..]),
        ("not wholly", &[Standing::Blemished, Standing::InPlaces]),
        ("only claimed", &[Standing::Claimed]),
        ("unknown", &[Standing::Unknown]),
        ("shown", &[Standing::Shown]),
    ] {
        let here: Vec<_> = points.iter().filter(|(_, point)| standings.contains(&point.standing)).collect();
        if here.is_empty() {
            continue;
        }
        let mut named: Vec<String> = here
            .iter()
            .take(NAMED)
            .map(|(what, point)| match point.standing {
                Standing::Shown => what.clone(),
                _ => format!("{what} ({})", point.note),
            })
            .collect();
        if here.len() > NAMED {
            named.push(format!("{} more", here.len() - NAMED));
        }
        parts.push(format!("{word}: {}", named.join(", ")));
    }
    let speaks = points.iter().any(|(_, point)| point.standing != Standing::Absent);
    match (speaks, stated) {
        (false, true) => parts.push("nothing but this statement speaks of it".to_owned()),
        (false, false) if points.is_empty() => {
            parts.push("only people can judge it; state it with `[[requirement]]` in vauban.toml".to_owned());
        }
        (false, false) => {
            parts.push(
                "nothing here could show it; a person can state it with `[[requirement]]` in vauban.toml"
                    .to_owned(),
            );
        }
        (true, false) if by == JudgedBy::Both => {
            parts.push(
                "part of it only people can judge; state it with `[[requirement]]` in vauban.toml".to_owned(),
            );
        }
        (true, _) => {}
    }
    parts.join("; ")
}

/// Against it first, then statements, then what speaks for it; each piece once.
fn evidence(points: Vec<(String, Point)>, said: Said) -> Vec<RequirementEvidence> {
    let mut all: Vec<RequirementEvidence> =
        points.into_iter().flat_map(|(_, point)| point.evidence).collect();
    if let Said::Stated { evidence, .. } = said {
        all.push(evidence);
    }
    let rank = |one: &RequirementEvidence| (one.supports, one.kind != "statement");
    all.sort_by(|one, other| {
        (rank(one), &one.kind, &one.id, &one.what, &one.asset).cmp(&(
            rank(other),
            &other.kind,
            &other.id,
            &other.what,
            &other.asset,
        ))
    });
    all.dedup();
    all.truncate(EVIDENCE);
    all
}
