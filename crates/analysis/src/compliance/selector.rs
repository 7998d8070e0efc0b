//! What each kind of selector of an indicator finds in a scope.

use std::collections::BTreeSet;

use vauban_domain::{
    Aspect, Asset, AssetKind, Finding, Measurement, RequirementEvidence, Rung, Severity, Timestamp,
};
use vauban_knowledge::requirements::{Coverage, Described};

use super::Basis;
use super::indicator::{Point, Standing, noun, short};
use super::scope::{Placed, Rungs, Scope};
use crate::facts::speaks_for;

/// Findings that are cited for one indicator at most, worst first.
const FINDINGS: usize = 10;
/// Other pieces of evidence of one kind that are cited for one indicator at most.
const CITED: usize = 5;

/// Findings against it, clean looks for it.
pub(super) fn looked(scope: &Scope<'_>, rules: &BTreeSet<&str>, now: Timestamp) -> Point {
    let (mut clean, mut impossible, mut missed, mut why) = (0, 0, 0, "");
    let (mut open, mut accepted): (Vec<&Finding>, Vec<&Finding>) = (Vec::new(), Vec::new());
    let mut quiet: Vec<(usize, &str)> = Vec::new();
    for rule in rules {
        let Some(looks) = scope.looks.get(rule) else { continue };
        clean += looks.clean;
        impossible += looks.impossible;
        missed += looks.missed;
        if why.is_empty() {
            why = looks.why;
        }
        open.extend(&looks.open);
        accepted.extend(&looks.accepted);
        if looks.clean > 0 {
            quiet.push((looks.clean, rule));
        }
    }
    for findings in [&mut open, &mut accepted] {
        findings.sort_by(|one, other| {
            (other.severity, &one.rule, &one.fingerprint).cmp(&(
                one.severity,
                &other.rule,
                &other.fingerprint,
            ))
        });
    }
    quiet.sort_by(|one, other| (other.0, one.1).cmp(&(one.0, other.1)));
    let cite = |finding: &&Finding, prefix: &str| RequirementEvidence {
        kind: "finding".to_owned(),
        id: finding.fingerprint.to_string(),
        what: short(&format!("{prefix}{} {}: {}", finding.severity, finding.rule, finding.message)),
        supports: false,
        asset: Some(finding.asset.clone()),
        as_of: now,
    };
    let mut evidence: Vec<RequirementEvidence> =
        open.iter().take(FINDINGS).map(|finding| cite(finding, "")).collect();
    evidence.extend(accepted.iter().take(CITED).map(|finding| cite(finding, "accepted, ")));
    evidence.extend(quiet.iter().take(CITED).map(|(looks, rule)| RequirementEvidence {
        kind: "outcome".to_owned(),
        id: (*rule).to_owned(),
        what: format!("{looks} {}, nothing found", noun(*looks, "look")),
        supports: true,
        asset: None,
        as_of: now,
    }));
    let worst = open.first();
    let point = match worst {
        Some(worst) if worst.severity >= Severity::High || clean == 0 => Point::new(
            Standing::Against,
            format!(
                "{} open {}, the worst {}: {}",
                open.len(),
                noun(open.len(), "finding"),
                worst.severity,
                short(&worst.message)
            ),
        ),
        Some(worst) => Point::new(
            Standing::Blemished,
            format!("{} open {}, the worst {}", open.len(), noun(open.len(), "finding"), worst.severity),
        ),
        None if !accepted.is_empty() => Point::new(
            Standing::Blemished,
            format!("{} accepted {}", accepted.len(), noun(accepted.len(), "finding")),
        ),
        None => match (clean, missed) {
            (0, 0) if impossible > 0 => Point::new(Standing::Absent, "its rules cannot apply here"),
            (0, 0) => Point::new(Standing::Unknown, "nobody looked"),
            (0, _) => Point::new(Standing::Unknown, unseen(missed, why)),
            (_, 0) => Point::new(Standing::Shown, format!("{clean} {} found nothing", noun(clean, "look"))),
            (_, _) => Point::new(
                Standing::InPlaces,
                format!("{clean} {} found nothing, {}", noun(clean, "look"), unseen(missed, why)),
            ),
        },
    };
    point.with(evidence)
}

fn unseen(missed: usize, why: &str) -> String {
    format!("{missed} {} skipped or failed: {}", noun(missed, "look"), short(why))
}

/// Scores of techniques: what was seen counts, for tests only what was tried.
pub(super) fn covered(basis: &Basis<'_>, scope: &Scope<'_>, coverage: &Coverage) -> Point {
    let mut all = Rungs::default();
    let mut evidence = Vec::new();
    let mut techniques = 0;
    for ((_, technique), rungs) in scope.rungs.iter().filter(|((aspect, technique), _)| {
        *aspect == coverage.aspect && coverage.techniques.iter().any(|own| speaks_for(technique, own))
    }) {
        techniques += 1;
        all.blind += rungs.blind;
        all.claimed += rungs.claimed;
        all.configured += rungs.configured;
        all.exercised += rungs.exercised;
        let seen = rungs.configured + rungs.exercised;
        if seen + rungs.claimed > 0 {
            evidence.push(RequirementEvidence {
                kind: "coverage".to_owned(),
                id: format!("{technique}@{}", basis.knowledge.atlas.edition),
                what: format!(
                    "{}: exercised at {}, configured at {}, claimed at {}, blind at {} places",
                    coverage.aspect.as_str(),
                    rungs.exercised,
                    rungs.configured,
                    rungs.claimed,
                    rungs.blind
                ),
                supports: true,
                asset: None,
                as_of: basis.facts.now,
            });
        }
    }
    evidence.truncate(CITED * 2);
    let places = all.blind + all.claimed + all.configured + all.exercised;
    let enough = match coverage.aspect {
        Aspect::Tested => all.exercised,
        Aspect::Prevent | Aspect::Detect | Aspect::Respond => all.exercised + all.configured,
    };
    let point = match (places, enough) {
        (0, _) => Point::new(Standing::Absent, "none of the techniques can happen here"),
        (places, enough) if places == enough => {
            Point::new(Standing::Shown, format!("{} in all {places} scores", coverage.aspect.as_str()))
        }
        (places, 0) if all.claimed > 0 => Point::new(
            Standing::Claimed,
            format!("{} claimed in {} of {places} scores", coverage.aspect.as_str(), all.claimed),
        ),
        (places, 0) => Point::new(
            Standing::Unknown,
            format!(
                "{} of {techniques} {} blind in {places} scores",
                coverage.aspect.as_str(),
                noun(techniques, "technique")
            ),
        ),
        (places, enough) => Point::new(
            Standing::InPlaces,
            format!("{} in {enough} of {places} scores", coverage.aspect.as_str()),
        ),
    };
    point.with(evidence)
}

/// Controls seen, held in an exercise or claimed; any one of them does.
pub(super) fn controlled(scope: &Scope<'_>, controls: &[String]) -> Point {
    let placed = controls.iter().filter_map(|id| Some((id, scope.controls.get(id.as_str())?)));
    let points = placed.map(|(id, placed)| control(id, placed));
    let mut points: Vec<Point> = points.collect();
    points.sort_by_key(|point| point.standing);
    let evidence = points.iter().flat_map(|point| point.evidence.clone()).collect();
    match points.into_iter().next() {
        Some(best) => Point::new(best.standing, best.note).with(evidence),
        None => Point::new(Standing::Absent, "none of its controls fits anything here"),
    }
}

fn control(id: &str, placed: &Placed) -> Point {
    let seen = placed.held.iter().filter(|(rung, ..)| *rung >= Rung::Configured).count();
    let best =
        placed.held.iter().max_by(|one, other| (one.0, one.2, &other.1).cmp(&(other.0, other.2, &one.1)));
    let Some((rung, what, as_of)) = best else {
        return Point::new(Standing::Unknown, format!("nothing shows `{id}`"));
    };
    let evidence = RequirementEvidence {
        kind: "control".to_owned(),
        id: id.to_owned(),
        what: short(&format!("{rung} at {} of {} places; {what}", placed.held.len(), placed.fits)),
        supports: true,
        asset: None,
        as_of: *as_of,
    };
    let note = format!("`{id}` {rung} at {} of {} places", placed.held.len(), placed.fits);
    let standing = match seen {
        0 => Standing::Claimed,
        seen if seen == placed.fits => Standing::Shown,
        _ => Standing::InPlaces,
    };
    Point::new(standing, note).with(vec![evidence])
}

/// Attacks that were run, whatever came of them.
pub(super) fn measured(scope: &Scope<'_>, metrics: &[String], now: Timestamp) -> Point {
    let reports = |measurement: &&&Measurement| {
        metrics.iter().any(|metric| {
            measurement.metric.as_ref() == metric || measurement.parameters.contains_key(metric)
        })
    };
    let found: Vec<&&Measurement> = scope.measurements.iter().filter(reports).collect();
    let assets: BTreeSet<_> = found.iter().map(|measurement| &measurement.asset).collect();
    let models = scope.assets.iter().filter(|asset| asset.kind == AssetKind::Model).count();
    let evidence = found
        .iter()
        .take(CITED)
        .map(|measurement| RequirementEvidence {
            kind: "measurement".to_owned(),
            id: measurement.id.clone(),
            what: format!(
                "{} {:.3} ({:.3} to {:.3}) over {} trials",
                measurement.metric,
                measurement.value,
                measurement.interval.low,
                measurement.interval.high,
                measurement.trials
            ),
            supports: true,
            asset: Some(measurement.asset.clone()),
            as_of: now,
        })
        .collect();
    let point = match assets.len() {
        0 => Point::new(Standing::Unknown, "nobody measured"),
        some if some < models => {
            Point::new(Standing::InPlaces, format!("measured at {some} of {models} models"))
        }
        some => Point::new(Standing::Shown, format!("measured at {some} {}", noun(some, "asset"))),
    };
    point.with(evidence)
}

/// Assets that say one of the attributes.
pub(super) fn described_by(scope: &Scope<'_>, described: &Described, now: Timestamp) -> Point {
    let says = |asset: &Asset| {
        described.any.iter().find(|key| match key.as_str() {
            "digest" => asset.digest.is_some(),
            "name" => !asset.name.is_empty(),
            "size" => asset.size.is_some(),
            key => asset.attribute(key).is_some_and(|text| !text.trim().is_empty()),
        })
    };
    let all: Vec<_> = scope.assets.iter().filter(|asset| asset.kind == described.kind).collect();
    let saying: Vec<_> = all.iter().filter_map(|asset| Some((asset, says(asset)?))).collect();
    let (some, count) = (saying.len(), all.len());
    let kinds = noun(count, described.kind.as_str());
    let evidence = saying
        .iter()
        .take(CITED)
        .map(|(asset, key)| RequirementEvidence {
            kind: "asset".to_owned(),
            id: asset.id.to_string(),
            what: format!("it says `{key}`, as {some} of {count} {kinds} do"),
            supports: true,
            asset: Some(asset.id.clone()),
            as_of: now,
        })
        .collect();
    let point = match (some, count) {
        (_, 0) => Point::new(Standing::Absent, format!("no {} is here", described.kind.as_str())),
        (0, count) => Point::new(Standing::Unknown, format!("none of {count} {kinds} says")),
        (some, count) if some == count => Point::new(Standing::Shown, format!("all {count} {kinds} say")),
        (some, count) => Point::new(Standing::InPlaces, format!("{some} of {count} {kinds} say")),
    };
    point.with(evidence)
}
