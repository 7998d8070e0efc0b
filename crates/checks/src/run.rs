//! Runs checks and keeps account of every look.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use vauban_domain::{Asset, AssetId, Finding, Locator, Outcome, Verdict};
use vauban_formats::Parsed;
use vauban_knowledge::Knowledge;

use crate::clouds::Clouds;
use crate::{Check, Estate, File, Inventory, Look, Report, Subject};

/// What checks said, in no particular order.
#[derive(Debug, Default)]
pub struct Looks {
    /// What was found, each fingerprint once.
    pub findings: Vec<Finding>,
    /// One for every check and asset.
    pub outcomes: Vec<Outcome>,
}

impl Looks {
    /// A finding with its outcome.
    pub(crate) fn found(&mut self, finding: Finding) {
        let (rule, asset) = (finding.rule.clone(), finding.asset.clone());
        self.outcomes.push(Outcome { rule, asset, verdict: Verdict::Found(1) });
        self.findings.push(finding);
    }

    /// Takes in the looks at another file.
    pub fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.outcomes.extend(other.outcomes);
    }
}

/// Runs every file check on one file and on every member inside it.
///
/// `assets_here` are the assets seen in the file; `home` is the one it belongs to. A check that panics leaves a
/// failed outcome and nothing else.
pub fn check_file(file: &File, home: &Asset, assets_here: &[&Asset], knowledge: &Knowledge) -> Looks {
    let mut looks = Looks::default();
    let mut places: Vec<(Locator, &Parsed)> = Vec::new();
    file.parsed.visit(|member, parsed| {
        let locator = Locator::file(&file.path);
        places.push((if member.is_empty() { locator } else { locator.in_member(member) }, parsed));
    });
    for check in crate::all().filter(|check| !matches!(check.look, Look::Estate(_))) {
        let mut report = Report::new(check.rule);
        let mut applied = false;
        let ended = catch_unwind(AssertUnwindSafe(|| {
            for (locator, parsed) in &places {
                let subject = Subject {
                    facts: &parsed.facts,
                    parsed,
                    defects: &parsed.defects,
                    locator,
                    asset: home,
                    assets_here,
                    knowledge,
                };
                if check.look.at(&subject, &mut report) {
                    applied = true;
                    if let Some(limit) = parsed.defects.iter().find(|defect| defect.is_limit()) {
                        report.skip(&home.id, format!("{locator}: {}", limit.detail));
                    }
                }
            }
        }));
        if applied || ended.is_err() {
            report.looked_at(&home.id);
        }
        settle(check, report, ended, &home.id, &mut looks);
    }
    looks
}

/// Runs every check that looks at the whole estate.
pub fn check_estate(inventory: &Inventory<'_>, whole: &AssetId, knowledge: &Knowledge) -> Looks {
    let mut looks = Looks::default();
    let clouds = Clouds::of(inventory);
    let estate = Estate { inventory, clouds: &clouds, knowledge };
    for check in crate::all() {
        let Look::Estate(look) = check.look else { continue };
        let mut report = Report::new(check.rule);
        let ended = catch_unwind(AssertUnwindSafe(|| look(&estate, &mut report)));
        settle(check, report, ended, whole, &mut looks);
    }
    looks
}

/// Merges the looks at all files: one outcome for every rule and asset, every finding once, all sorted.
pub fn merge(looks: Looks) -> (Vec<Finding>, Vec<Outcome>) {
    let mut findings = BTreeMap::new();
    for finding in looks.findings {
        match findings.entry((std::cmp::Reverse(finding.severity), finding.fingerprint.clone())) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(finding);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                let known: &mut Finding = place.get_mut();
                for evidence in finding.evidence {
                    if !known.evidence.contains(&evidence) {
                        known.evidence.push(evidence);
                    }
                }
            }
        }
    }
    // There is one for every file and rule: those of a rule come in the order of files, so that sorting them is cheap.
    let mut by_rule: BTreeMap<vauban_domain::RuleId, Vec<Outcome>> = BTreeMap::new();
    for outcome in looks.outcomes {
        match by_rule.get_mut(&outcome.rule) {
            Some(outcomes) => outcomes.push(outcome),
            None => drop(by_rule.insert(outcome.rule.clone(), vec![outcome])),
        }
    }
    let mut outcomes = Vec::new();
    for mut of_rule in by_rule.into_values() {
        of_rule.sort_by(|one, other| one.asset.cmp(&other.asset));
        of_rule.dedup_by(|next, kept| {
            let same = next.asset == kept.asset;
            if same {
                let (one, other) = (take(&mut kept.verdict), take(&mut next.verdict));
                kept.verdict = worse(one, other);
            }
            same
        });
        outcomes.append(&mut of_rule);
    }
    (findings.into_values().collect(), outcomes)
}

fn take(verdict: &mut Verdict) -> Verdict {
    std::mem::replace(verdict, Verdict::Clean)
}

/// Of two ends of the same look the one that must not be hidden by the other: found, failed, skipped, clean.
fn worse(one: Verdict, other: Verdict) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Found(_) => 4,
        Verdict::Failed(_) => 3,
        Verdict::Skipped(_) => 2,
        Verdict::NotApplicable(_) => 1,
        Verdict::Clean => 0,
    };
    match (one, other) {
        (Verdict::Found(a), Verdict::Found(b)) => Verdict::Found(a + b),
        (one, other) if rank(&other) > rank(&one) => other,
        (one, _) => one,
    }
}

fn settle(
    check: &Check,
    report: Report,
    ended: Result<(), Box<dyn Any + Send>>,
    home: &AssetId,
    looks: &mut Looks,
) {
    let rule = &check.rule.id;
    let mut push = |asset: &AssetId, verdict| {
        looks.outcomes.push(Outcome { rule: rule.clone(), asset: asset.clone(), verdict });
    };
    let mut found: BTreeMap<&AssetId, usize> = BTreeMap::new();
    for finding in &report.findings {
        *found.entry(&finding.asset).or_default() += 1;
    }
    for (asset, count) in &found {
        push(asset, Verdict::Found(*count));
    }
    for (asset, reason) in &report.skipped {
        push(asset, Verdict::Skipped(reason.clone()));
    }
    if let Err(panic) = ended {
        let reason = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("unknown reason");
        push(home, Verdict::Failed(format!("the check panicked: {reason}")));
    } else {
        for asset in report.looked_at.iter().filter(|asset| !found.contains_key(asset)) {
            push(asset, Verdict::Clean);
        }
    }
    looks.findings.extend(report.findings);
}
