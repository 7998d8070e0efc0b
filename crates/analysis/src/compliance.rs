//! How requirements of frameworks stand, judged from the evidence of a review.
//!
//! A requirement names indicators, an indicator names what speaks for or against it: rules, coverage, controls,
//! measurements, attributes, facts. An indicator that a finding contradicts is against the requirement whatever a person
//! says; one that nobody looked at is unknown; a statement of a person is evidence of its own kind, and it ages.
//!
//! Whether a requirement applies depends on what the owner declares: role, risk class, regions, classes of data, dates.

mod applicability;
mod fact;
mod indicator;
mod judge;
mod scope;
mod selector;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    AssetKind, Coverage, Declaration, FrameworkAssessment, Plan, RequirementAssessment, Risk, System,
};
use vauban_knowledge::requirements::{Call, Per};
use vauban_knowledge::{Knowledge, RequirementSet};

use crate::Facts;
use crate::schedule::Earlier;
use scope::Scope;

/// What requirements are judged from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// Facts of the review.
    pub facts: &'a Facts<'a>,
    /// What is known, requirements among it.
    pub knowledge: &'a Knowledge,
    /// Coverage of techniques.
    pub coverage: &'a [Coverage],
    /// Threats that were derived.
    pub threats: usize,
    /// Money at risk, if it was estimated.
    pub risk: Option<&'a Risk>,
    /// Controls in the order to take them.
    pub plan: &'a Plan,
    /// The review before this one, if one is on record.
    pub earlier: Option<&'a Earlier>,
    /// Frameworks to assess instead of the declared ones, as `slug` or `slug@edition`; empty for those.
    pub frameworks: &'a [String],
}

/// Classes of data that are personal data by their name.
pub(crate) const PERSONAL: [&str; 9] =
    ["biometric", "children", "contact", "financial", "genetic", "health", "location", "personal", "pii"];

/// Frameworks that are asked for or that the systems call for, each requirement with its status, reason and evidence.
pub fn compliance(basis: &Basis<'_>) -> Vec<FrameworkAssessment> {
    let sets = wanted(basis);
    if sets.is_empty() {
        return Vec::new();
    }
    // Sets about the same platform share what was counted for them; the assessments stand in the order of the sets.
    let platforms: BTreeSet<Option<&str>> = sets.iter().map(|set| set.platform.as_deref()).collect();
    let mut assessed = BTreeMap::new();
    for platform in platforms {
        let scopes = scope::scopes(basis, platform);
        let mut indicators = indicator::Indicators::new(basis, &scopes);
        for (place, set) in sets.iter().enumerate() {
            if set.platform.as_deref() == platform {
                assessed.insert(place, assess(set, &scopes, basis, &mut indicators));
            }
        }
    }
    sets.into_iter()
        .zip(assessed.into_values())
        .map(|(set, requirements)| FrameworkAssessment {
            framework: set.framework.clone(),
            edition: set.edition.clone(),
            name: set.name.clone(),
            requirements,
        })
        .collect()
}

fn assess(
    set: &RequirementSet,
    scopes: &[Scope<'_>],
    basis: &Basis<'_>,
    indicators: &mut indicator::Indicators<'_>,
) -> Vec<RequirementAssessment> {
    // The organisation is first; where no system is declared, it stands for the one there must be.
    let over = match set.per {
        Per::System if scopes.len() > 1 => 1..scopes.len(),
        Per::System | Per::Organisation => 0..1,
    };
    let mut assessed = Vec::new();
    for requirement in &set.requirements {
        for at in over.clone() {
            let Some(scope) = scopes.get(at) else { continue };
            assessed.push(judge::judge(set, requirement, scope, at, basis, indicators));
        }
    }
    assessed
}

/// The sets to assess, in order of framework and edition.
fn wanted<'a>(basis: &Basis<'a>) -> Vec<&'a RequirementSet> {
    let requirements = &basis.knowledge.requirements;
    let declaration = basis.facts.declaration;
    let named = if basis.frameworks.is_empty() { &declaration.frameworks } else { basis.frameworks };
    if !named.is_empty() {
        let mut sets: Vec<&RequirementSet> =
            named.iter().filter_map(|name| requirements.named(name)).collect();
        sets.sort_by(|one, other| (&one.framework, &one.edition).cmp(&(&other.framework, &other.edition)));
        sets.dedup_by(|one, other| one.framework == other.framework && one.edition == other.edition);
        return sets;
    }
    let stated = |set: &RequirementSet| {
        declaration.requirements.iter().any(|statement| {
            set.requirements.iter().any(|requirement| set.reference(requirement) == statement.requirement)
        })
    };
    requirements
        .sets
        .iter()
        .filter(|set| set.called_by.iter().any(|call| calls(*call, basis.facts, declaration)) || stated(set))
        .collect()
}

fn calls(call: Call, facts: &Facts<'_>, declaration: &Declaration) -> bool {
    let kind = |kinds: &[AssetKind]| facts.inventory.assets.iter().any(|asset| kinds.contains(&asset.kind));
    let system = |fits: fn(&System) -> bool| declaration.systems.iter().any(fits);
    match call {
        Call::Agents => kind(&[AssetKind::Agent, AssetKind::Tool]),
        Call::EuropeanUnion => system(|one| {
            let declared = !one.role.is_empty() || !one.risk_class.is_empty();
            used_in(one, "eu") || (declared && one.regions.is_empty())
        }),
        Call::LanguageModels => kind(&[AssetKind::Agent, AssetKind::Prompt]),
        Call::Models => kind(&[AssetKind::Model]),
        Call::PersonalDataInEurope => system(|one| used_in(one, "eu") && personal(one)),
        Call::UnitedStates => system(|one| used_in(one, "us")),
    }
}

fn used_in(system: &System, region: &str) -> bool {
    system.regions.iter().any(|own| own.eq_ignore_ascii_case(region))
}

fn personal(system: &System) -> bool {
    system.data.iter().any(|class| PERSONAL.iter().any(|own| class.eq_ignore_ascii_case(own)))
}
