//! When to look again, and which techniques nobody has reviewed yet.

use std::collections::BTreeSet;

use vauban_domain::{Coverage, Schedule, SystemDue, TechniqueId, Timestamp};

use crate::Facts;
use crate::facts::bare;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// What is remembered of the review before this one.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// When it was taken.
    pub taken_at: Timestamp,
    /// ATLAS edition it knew.
    pub atlas_edition: String,
    /// Techniques it scored, with or without edition.
    pub techniques: BTreeSet<String>,
}

/// When every system is due, and which techniques of `coverage` the review before did not know.
///
/// Without a review before there is nothing to compare with, and no technique counts as new.
pub fn schedule(
    facts: &Facts<'_>,
    coverage: &[Coverage],
    edition: &str,
    earlier: Option<&Earlier>,
) -> Schedule {
    let declaration = facts.declaration;
    let mut systems: Vec<SystemDue> = declaration
        .systems
        .iter()
        .map(|system| {
            let every_days = system.every_days.unwrap_or(declaration.cadence.every_days).max(1);
            let last = earlier.map(|earlier| earlier.taken_at);
            let late = last.map_or(0, |last| facts.now.days_since(last) - i64::from(every_days));
            SystemDue {
                system: system.name.clone(),
                every_days,
                last,
                next: Timestamp(facts.now.0.saturating_add(i64::from(every_days) * DAY)),
                late_days: u32::try_from(late.max(0)).unwrap_or(u32::MAX),
                sooner: sooner(facts, &system.name),
            }
        })
        .collect();
    systems.sort_by(|one, other| one.system.cmp(&other.system));
    let new_techniques = match earlier {
        Some(earlier) if earlier.atlas_edition != edition => {
            let known: BTreeSet<&str> = earlier.techniques.iter().map(|id| bare(id)).collect();
            let new: BTreeSet<TechniqueId> = coverage
                .iter()
                .filter(|row| !known.contains(bare(&row.technique)))
                .map(|row| row.technique.clone())
                .collect();
            new.into_iter().collect()
        }
        _ => Vec::new(),
    };
    Schedule { systems, new_techniques }
}

/// What would bring the next review of a system forward.
fn sooner(facts: &Facts<'_>, system: &str) -> Vec<String> {
    let of_kind = |kind| {
        facts
            .inventory
            .assets
            .iter()
            .filter(|asset| asset.system.as_deref() == Some(system) && asset.kind == kind)
            .count()
    };
    let models = of_kind(vauban_domain::AssetKind::Model);
    let pipelines = of_kind(vauban_domain::AssetKind::Pipeline);
    let mut sooner = Vec::new();
    if models > 0 {
        sooner.push(format!("a new version of any of its {models} models (--trigger new-model-version)"));
    }
    if pipelines > 0 {
        sooner.push(format!("a change of any of its {pipelines} pipelines (--trigger changed-pipeline)"));
    }
    sooner.push("a new release of ATLAS (--trigger new-atlas-release)".to_owned());
    sooner
}
