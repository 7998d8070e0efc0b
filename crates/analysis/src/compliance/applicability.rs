//! Whether a requirement applies: regions, role, risk class, classes of data, what is there, and from when.

use vauban_domain::{AssetKind, System, Timestamp};
use vauban_knowledge::frameworks::ApplicationDate;
use vauban_knowledge::{Requirement, RequirementSet};

use super::indicator::either;
use super::scope::Scope;
use super::{Basis, PERSONAL};

/// Classes of data that are none about people by their name.
const IMPERSONAL: [&str; 4] = ["none", "public", "synthetic", "telemetry"];

/// Whether a requirement applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Applies {
    /// It does.
    Yes,
    /// It does not, and why.
    No(String),
    /// Something is not declared that decides it.
    Undeclared(String),
}

/// Why a set about a platform does not apply in the scope: something was found, but nothing that is of the platform itself, as
/// a package that any system may use is not. Where nothing was found at all nobody knows.
pub(super) fn off_platform(set: &RequirementSet, scope: &Scope<'_>, basis: &Basis<'_>) -> Option<String> {
    let platform = set.platform.as_deref()?;
    let itself =
        [AssetKind::Agent, AssetKind::Endpoint, AssetKind::Model, AssetKind::Prompt, AssetKind::Tool];
    let none = !itself.iter().any(|kind| scope.kinds.contains(kind));
    (none && !basis.facts.inventory.assets.is_empty())
        .then(|| format!("nothing of the platform {platform} was found in {}", scope.name()))
}

/// Whether the requirement applies in the scope, dates aside. What rules it out comes before what is not declared.
pub(super) fn applies(requirement: &Requirement, scope: &Scope<'_>) -> Applies {
    let mut open = None;
    let mut settle = |answer: Applies| match answer {
        Applies::Yes => None,
        Applies::No(reason) => Some(Applies::No(reason)),
        Applies::Undeclared(reason) => {
            open.get_or_insert(Applies::Undeclared(reason));
            None
        }
    };
    let of_systems = !(requirement.regions.is_empty()
        && requirement.classes.is_empty()
        && requirement.roles.is_empty()
        && requirement.data.is_empty());
    let answers = match scope.system {
        Some(system) => vec![
            region(&requirement.regions, system),
            word(&requirement.classes, &system.risk_class, "risk class", "risk_class", system),
            word(&requirement.roles, &system.role, "role", "role", system),
            data(&requirement.data, system),
        ],
        None if of_systems => vec![Applies::Undeclared(
            "no system is declared; add [[system]] with role, risk_class and regions".to_owned(),
        )],
        None => Vec::new(),
    };
    for answer in answers {
        if let Some(no) = settle(answer) {
            return no;
        }
    }
    let there = requirement.about.iter().any(|kind| scope.kinds.contains(kind));
    if !requirement.about.is_empty() && !there {
        return Applies::No(format!("no {} was found in {}", either(&requirement.about), scope.name()));
    }
    open.unwrap_or(Applies::Yes)
}

fn region(wanted: &[String], system: &System) -> Applies {
    if wanted.is_empty() || wanted.iter().any(|region| super::used_in(system, region)) {
        return Applies::Yes;
    }
    if system.regions.is_empty() {
        return Applies::Undeclared(format!("regions of {} are not declared; add `regions`", system.name));
    }
    Applies::No(format!(
        "{} is used in {}, and this is for {}",
        system.name,
        system.regions.join(", "),
        wanted.join(", ")
    ))
}

fn word(wanted: &[String], own: &str, what: &str, key: &str, system: &System) -> Applies {
    if wanted.is_empty() || wanted.iter().any(|word| word == own) {
        return Applies::Yes;
    }
    if own.is_empty() {
        return Applies::Undeclared(format!("{what} of {} is not declared; add `{key}`", system.name));
    }
    Applies::No(format!("{what} of {} is {own}, and this is for {}", system.name, wanted.join(", ")))
}

fn data(wanted: &[String], system: &System) -> Applies {
    let asked = |own: &String| wanted.iter().any(|word| own.eq_ignore_ascii_case(word));
    if wanted.is_empty() || system.data.iter().any(asked) {
        return Applies::Yes;
    }
    if system.data.is_empty() {
        return Applies::Undeclared(format!(
            "classes of data of {} are not declared; add `data`",
            system.name
        ));
    }
    let known = |own: &String| IMPERSONAL.iter().chain(&PERSONAL).any(|word| own.eq_ignore_ascii_case(word));
    let classes = system.data.join(", ");
    if system.data.iter().all(known) {
        return Applies::No(format!(
            "{} handles {classes}, and this is for {}",
            system.name,
            wanted.join(", ")
        ));
    }
    Applies::Undeclared(format!(
        "whether {classes} of {} is data about people is not known; add one of {}, or state not-applicable",
        system.name,
        wanted.join(", ")
    ))
}

/// From when a requirement applies, and what to say about it while that lies ahead.
pub(super) fn date<'a>(
    set: &RequirementSet,
    requirement: &Requirement,
    scope: &Scope<'_>,
    basis: &Basis<'a>,
) -> Option<(Timestamp, String, &'a ApplicationDate)> {
    let class = scope.system.map_or("", |system| system.risk_class.as_str());
    let in_service = scope.system.and_then(|system| system.in_service);
    let date = basis.knowledge.frameworks.applies_from(&set.framework, &requirement.id, class, in_service)?;
    let from = date.day()?;
    let mut said = Vec::new();
    if from > basis.facts.now {
        said.push(format!("not yet in force, applies from {}", from.day()));
    }
    if let Some(since) = in_service.filter(|since| *since < from && !date.earlier.is_empty()) {
        said.push(format!("in service since {}, and {}", since.day(), date.earlier));
    }
    Some((from, said.join("; "), date))
}
