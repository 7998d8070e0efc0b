//! Facts of the declaration, the analysis and the review itself that requirements can stand on.

use std::collections::BTreeSet;

use vauban_domain::{RequirementEvidence, Rung, System, Timestamp};
use vauban_knowledge::requirements::Fact;

use super::Basis;
use super::indicator::{Point, Standing, noun, short};
use super::scope::Scope;
use crate::facts::means;

/// Pieces of evidence that are cited for one fact at most.
const CITED: usize = 5;
/// Days that an assessment of a vendor lasts: assumed, as for due dates of vendors.
const ASSESSMENT_DAYS: i64 = 365;

/// How a fact stands in a scope.
pub(super) fn stands(fact: Fact, scope: &Scope<'_>, basis: &Basis<'_>) -> Point {
    let facts = basis.facts;
    let declaration = facts.declaration;
    let now = facts.now;
    let count = |number, words, missing: &str| counted(number, words, missing, now);
    match fact {
        Fact::AppetiteDeclared => count(
            declaration.appetite.len(),
            ["point of the risk appetite", "points of the risk appetite"],
            "no risk appetite is declared",
        ),
        Fact::AssetsInventoried => count(scope.assets.len(), ["asset", "assets"], "no asset was found"),
        Fact::BudgetDeclared => count(
            usize::from(declaration.budget.is_some()),
            ["budget", "budgets"],
            "no budget for controls is declared",
        ),
        Fact::ClassPermitted => class_permitted(scope, now),
        Fact::ControlsSeen => {
            let seen = scope
                .controls
                .values()
                .filter(|placed| placed.held.iter().any(|(rung, ..)| *rung >= Rung::Configured));
            count(
                seen.count(),
                ["control seen in place", "controls seen in place"],
                "no control was seen in place",
            )
        }
        Fact::CriticalityDeclared => of_systems(scope, now, "criticality", |one| one.criticality.clone()),
        Fact::DataClassesDeclared => of_systems(scope, now, "classes of data", |one| one.data.join(", ")),
        Fact::DetectionsRan => detections(scope, basis),
        Fact::ExercisesRan => exercises(scope, basis),
        Fact::FlowsDeclared => {
            let named: BTreeSet<&str> =
                scope.assets.iter().flat_map(|asset| [asset.id.as_str(), asset.name.as_str()]).collect();
            // Only a pattern has to be held against every asset.
            let fits = |pattern: &str| {
                pattern.contains(['*', '?']) && scope.assets.iter().any(|asset| means(pattern, asset))
            };
            let touches = |pattern: &str| {
                named.contains(pattern)
                    || scope.system.is_some_and(|system| system.name == pattern)
                    || fits(pattern)
            };
            let flows = declaration
                .flows
                .iter()
                .filter(|flow| scope.system.is_none() || touches(&flow.from) || touches(&flow.to));
            count(flows.count(), ["declared data flow", "declared data flows"], "no data flow is declared")
        }
        Fact::IncidentsRecorded => incidents(scope, basis),
        Fact::LossesDeclared => {
            of_systems(scope, now, "losses", |one| one.losses.keys().cloned().collect::<Vec<_>>().join(", "))
        }
        Fact::OwnersNamed => of_systems(scope, now, "owner", |one| one.owner.clone()),
        Fact::PlanMade => count(
            basis.plan.steps.len(),
            ["step of the plan", "steps of the plan"],
            "the plan has no step that removes risk",
        ),
        Fact::PurposesDeclared => of_systems(scope, now, "purpose", |one| one.purpose.clone()),
        Fact::RegionsDeclared => of_systems(scope, now, "regions", |one| one.regions.join(", ")),
        Fact::RelationsKnown => count(
            facts.inventory.relations.len(),
            ["relation", "relations"],
            "no relation between assets was found",
        ),
        Fact::ReviewsRecur => reviews(scope, basis),
        Fact::ReviewersNamed => {
            let reviewers = declaration.reviewers.iter().filter(|reviewer| {
                scope.system.is_none_or(|system| {
                    reviewer.systems.is_empty() || reviewer.systems.contains(&system.name)
                })
            });
            count(reviewers.count(), ["reviewer", "reviewers"], "no reviewer is named")
        }
        Fact::RiskEstimated => {
            let scenarios = basis.risk.map_or(0, |risk| {
                let of_scope = risk
                    .scenarios
                    .iter()
                    .filter(|scenario| scope.system.is_none_or(|system| scenario.system == system.name));
                of_scope.count()
            });
            count(
                scenarios,
                ["scenario with frequency and loss", "scenarios with frequency and loss"],
                "no loss is declared, so no risk is estimated",
            )
        }
        Fact::RolesDeclared => of_systems(scope, now, "role and risk class", |one| {
            if one.role.is_empty() || one.risk_class.is_empty() {
                String::new()
            } else {
                format!("{}, {}", one.role, one.risk_class)
            }
        }),
        Fact::SystemsDeclared => {
            count(scope.systems.len(), ["declared system", "declared systems"], "no system is declared")
        }
        Fact::ThreatsModelled => {
            count(basis.threats, ["threat in the estate", "threats in the estate"], "no threat was derived")
        }
        Fact::VendorsAssessed => vendors(scope, basis),
        Fact::VendorsListed => {
            count(declaration.vendors.len(), ["vendor", "vendors"], "no vendor is declared")
        }
        Fact::VulnerabilitiesJudged => {
            let looks = scope.looks.get("dependency-vulnerable");
            let judged = looks.map_or(0, |looks| looks.clean + looks.open.len() + looks.accepted.len());
            count(
                judged,
                ["look at known vulnerabilities", "looks at known vulnerabilities"],
                "no package was held against known vulnerabilities",
            )
        }
    }
}

fn declared(id: impl Into<String>, what: impl Into<String>, as_of: Timestamp) -> RequirementEvidence {
    RequirementEvidence {
        kind: "declaration".to_owned(),
        id: id.into(),
        what: short(&what.into()),
        supports: true,
        asset: None,
        as_of,
    }
}

/// So many of something; none is unknown, for nobody says that there is none.
fn counted(number: usize, [one, many]: [&str; 2], missing: &str, now: Timestamp) -> Point {
    if number == 0 {
        return Point::new(Standing::Unknown, missing);
    }
    let said = format!("{number} {}", if number == 1 { one } else { many });
    Point::new(Standing::Shown, said.clone()).with(vec![declared("review", said, now)])
}

/// A fact that every system of the scope should declare.
fn of_systems(scope: &Scope<'_>, now: Timestamp, what: &str, says: impl Fn(&System) -> String) -> Point {
    let count = scope.systems.len();
    if count == 0 {
        return Point::new(Standing::Unknown, "no system is declared; add [[system]] to vauban.toml");
    }
    let (mut evidence, mut silent) = (Vec::new(), Vec::new());
    for system in &scope.systems {
        let said = says(system);
        if said.trim().is_empty() {
            silent.push(system.name.as_str());
        } else {
            evidence.push(declared(
                system.locator.to_string(),
                format!("{}: {what} {said}", system.name),
                now,
            ));
        }
    }
    let some = evidence.len();
    evidence.truncate(CITED);
    let point = match some {
        0 => Point::new(Standing::Unknown, format!("{what} of {} not declared", short(&silent.join(", ")))),
        some if some == count => Point::new(Standing::Shown, format!("{what} declared")),
        _ => Point::new(Standing::InPlaces, format!("{what} of {} not declared", short(&silent.join(", ")))),
    };
    point.with(evidence)
}

fn class_permitted(scope: &Scope<'_>, now: Timestamp) -> Point {
    if let Some(system) = scope.systems.iter().find(|system| system.risk_class == "prohibited") {
        let mut evidence = declared(system.locator.to_string(), "risk class prohibited", now);
        evidence.supports = false;
        return Point::new(Standing::Against, format!("{} is declared as prohibited", system.name))
            .with(vec![evidence]);
    }
    of_systems(scope, now, "risk class", |one| one.risk_class.clone())
}

/// Detections whose log was there, of those that are about the scope.
fn detections(scope: &Scope<'_>, basis: &Basis<'_>) -> Point {
    let about = |assets: &[vauban_domain::AssetId]| {
        scope.system.is_none() || scope.assets.iter().any(|asset| assets.contains(&asset.id))
    };
    let ran: Vec<_> = basis
        .facts
        .detections
        .iter()
        .filter(|detection| detection.log_present && about(&detection.assets))
        .collect();
    if ran.is_empty() {
        return Point::new(Standing::Unknown, "no log arrived that a detection could read");
    }
    let cite = |detection: &&crate::DetectionInForce| {
        let log = detection.log.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut cited = declared(detection.rule.as_ref(), format!("it ran over {log}"), basis.facts.now);
        cited.kind = "outcome".to_owned();
        cited
    };
    let note = format!("{} {} ran over logs that arrived", ran.len(), noun(ran.len(), "detection"));
    Point::new(Standing::Shown, note).with(ran.iter().take(CITED).map(cite).collect())
}

fn exercises(scope: &Scope<'_>, basis: &Basis<'_>) -> Point {
    let ran: Vec<_> = basis
        .facts
        .exercises
        .iter()
        .filter(|exercise| scope.assets.iter().any(|asset| asset.id == exercise.asset))
        .collect();
    if ran.is_empty() {
        return Point::new(Standing::Unknown, "no exercise was run");
    }
    let cite = |exercise: &&vauban_domain::Exercise| RequirementEvidence {
        kind: "measurement".to_owned(),
        id: exercise.id.clone(),
        what: short(&format!(
            "exercise of {}: {}, {} holding",
            exercise.attack,
            if exercise.detected { "detected" } else { "not detected" },
            exercise.holding.len()
        )),
        supports: true,
        asset: Some(exercise.asset.clone()),
        as_of: basis.facts.now,
    };
    let note = format!("{} {} run", ran.len(), noun(ran.len(), "exercise"));
    Point::new(Standing::Shown, note).with(ran.iter().take(CITED).map(cite).collect())
}

/// Incidents on record, or a day since when there would be one.
fn incidents(scope: &Scope<'_>, basis: &Basis<'_>) -> Point {
    let own = basis
        .facts
        .declaration
        .incidents
        .iter()
        .filter(|incident| scope.system.is_none_or(|system| incident.system == system.name));
    let mut evidence: Vec<RequirementEvidence> = own
        .map(|incident| {
            let what = format!("{}, {}: {}", incident.system, incident.impact, incident.what);
            declared(incident.locator.to_string(), what, incident.date)
        })
        .collect();
    let recording = scope.systems.iter().filter_map(|system| {
        let since = system.incidents_since?;
        let what = format!("{}: every incident is on record since {}", system.name, since.day());
        Some(declared(system.locator.to_string(), what, basis.facts.now))
    });
    evidence.extend(recording);
    if evidence.is_empty() {
        return Point::new(Standing::Unknown, "no incident and no day since when all are on record");
    }
    let note = format!("{} {} of incidents", evidence.len(), noun(evidence.len(), "record"));
    evidence.truncate(CITED);
    Point::new(Standing::Shown, note).with(evidence)
}

/// Whether there was a review before, and this one comes in time.
fn reviews(scope: &Scope<'_>, basis: &Basis<'_>) -> Point {
    let Some(earlier) = basis.earlier else {
        return Point::new(Standing::Unknown, "no review before this one is on record");
    };
    let cadence = basis.facts.declaration.cadence.every_days;
    let every = scope
        .systems
        .iter()
        .map(|system| system.every_days.unwrap_or(cadence))
        .min()
        .unwrap_or(cadence)
        .max(1);
    let days = basis.facts.now.days_since(earlier.taken_at);
    let late = days - i64::from(every);
    let mut evidence = declared(
        "review",
        format!("the review before was {days} days ago, one is due every {every}"),
        earlier.taken_at,
    );
    evidence.supports = late <= 0;
    let point = if late > 0 {
        Point::new(Standing::Against, format!("this review came {late} days late"))
    } else {
        Point::new(Standing::Shown, format!("the review before was {days} days ago"))
    };
    point.with(vec![evidence])
}

/// Vendors that were assessed within a year, of those that something of the scope hangs on.
fn vendors(scope: &Scope<'_>, basis: &Basis<'_>) -> Point {
    let now = basis.facts.now;
    let own: Vec<_> = basis
        .facts
        .declaration
        .vendors
        .iter()
        .filter(|vendor| {
            scope.system.is_none()
                || vendor.assets.iter().any(|pattern| scope.assets.iter().any(|asset| means(pattern, asset)))
        })
        .collect();
    if own.is_empty() {
        return Point::new(Standing::Unknown, "no vendor is declared");
    }
    let fresh: Vec<_> = own
        .iter()
        .filter_map(|vendor| {
            let at = vendor.assessed?;
            (now.days_since(at) <= ASSESSMENT_DAYS).then_some((vendor, at))
        })
        .collect();
    let evidence = fresh
        .iter()
        .take(CITED)
        .map(|(vendor, at)| {
            declared(vendor.locator.to_string(), format!("{} was assessed on {}", vendor.name, at.day()), *at)
        })
        .collect();
    let point = match (fresh.len(), own.len()) {
        (0, all) => Point::new(
            Standing::Unknown,
            format!("none of {all} {} was assessed within a year", noun(all, "vendor")),
        ),
        (some, all) if some == all => {
            Point::new(Standing::Shown, format!("all {all} {} assessed", noun(all, "vendor")))
        }
        (some, all) => Point::new(Standing::InPlaces, format!("{some} of {all} vendors assessed")),
    };
    point.with(evidence)
}
