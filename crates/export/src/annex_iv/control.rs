//! Points 3 to 9: how it performs, what may go wrong, and what is watched.

use vauban_domain::words::{amount, counted};

use super::{
    Point,
    elements::{covered, number},
    view::View,
};
use crate::{
    bill::{key, said},
    v1::{AssetKind, Verdict},
};

const PROVIDER: &str = "the provider";
const SCIENCE: &str = "data science";
const OWNER: &str = "the owner of the system";

pub(super) fn points(view: &View<'_>) -> Vec<Point> {
    vec![
        performance(view),
        metrics(view),
        risk(view),
        changes(view),
        standards(view),
        declaration(),
        after(view),
    ]
}

fn performance(view: &View<'_>) -> Point {
    let parts = view.measured().flat_map(|one| {
        one.parts.iter().map(|part| {
            format!(
                "{} of {} for {} {}: {:.3} ({:.3} to {:.3}, {} trials)",
                one.metric,
                one.asset,
                part.by,
                part.name,
                part.value,
                part.interval.low,
                part.interval.high,
                part.trials
            )
        })
    });
    let limits = view.of_kind(AssetKind::Model).filter_map(|model| {
        Some(format!("limits stated of {}: {}", model.id, said(model, key::LIMITATIONS)?))
    });
    let inputs = view.of_kind(AssetKind::Model).filter_map(|model| {
        Some(format!("input of {}: shape {}", model.id, model.attribute("input_shape")?))
    });
    let findings = view
        .document
        .findings()
        .iter()
        .filter(|one| view.assets.contains_key(one.asset.as_str()) && !one.is_accepted());
    let findings = findings.map(|one| format!("open finding ({}): {}", one.severity, one.message));
    let unseen = view.document.outcomes().iter().filter(|one| {
        matches!(one.verdict, Verdict::Skipped | Verdict::Failed)
            && view.assets.contains_key(one.asset.as_str())
    });
    let unseen = unseen.count();
    let mut point = Point::new("3", "Monitoring, functioning and control")
        .with_all(view.measured().map(number))
        .or("accuracy that is expected for the intended purpose", SCIENCE)
        .with_all(parts)
        .with_all(limits)
        .with_all(inputs)
        .with_all(findings)
        .without("accuracy for the persons and groups it is meant for, where no line above gives it", SCIENCE)
        .without("foreseeable harm to health, safety, fundamental rights, and discrimination", PROVIDER);
    if unseen > 0 {
        point = point.with(format!(
            "looks at this system that did not happen or failed: {unseen}; their result is unknown"
        ));
    }
    point
}

fn metrics(view: &View<'_>) -> Point {
    let mut names: Vec<String> =
        view.measured().map(|one| format!("metric in use: {}", one.metric)).collect();
    names.sort();
    names.dedup();
    Point::new("4", "Whether the metrics fit")
        .with_all(names)
        .without("why these metrics are right for this system", SCIENCE)
}

fn risk(view: &View<'_>) -> Point {
    let threats = view.threats();
    let count = threats.len();
    let threats = threats.into_iter().map(|threat| {
        format!(
            "threat {} {} at {}: {}, probability in a year {:.3}",
            threat.kind,
            threat.name,
            threat.asset,
            threat.support.as_str(),
            threat.likelihood
        )
    });
    let paths = view.document.threats.iter().flat_map(|part| &part.paths);
    let paths = paths.filter(|path| path.system.as_ref() == Some(&view.system.name));
    let paths = paths.map(|path| format!("path {}: {}", path.id, path.narrative));
    let money = view.document.risk.as_ref();
    let scenarios = money.into_iter().flat_map(|risk| {
        let here = risk.scenarios.iter().filter(|one| one.system == view.system.name);
        here.map(|one| {
            format!(
                "scenario {}: {} ({:.2} events a year, {} a year expected)",
                one.id,
                one.title,
                one.frequency,
                amount(one.annual_loss, &risk.currency)
            )
        })
    });
    let actions = view.actions().map(|action| {
        let owner = if action.owner.is_empty() { "nobody" } else { &action.owner };
        format!("measure until {}: {} ({owner})", action.due, action.title)
    });
    let mut point = Point::new("5", "Risk management (Article 9)");
    if count > 0 {
        point = point.with(format!("threats found at this system: {count}"));
    }
    point
        .with_all(threats)
        .with_all(paths)
        .with_all(scenarios)
        .with_all(actions)
        .with_all(view.said_of("Art.9"))
        .or("risks that were found and what is done about them", OWNER)
        .without("risks that are accepted as residual, and risks other than attacks", OWNER)
}

fn changes(view: &View<'_>) -> Point {
    let review = &view.document.review;
    let mut point = Point::new("6", "Changes over the lifecycle").with(format!(
        "this review ({}) was made because: {}",
        review.taken_at,
        review.trigger.as_str()
    ));
    if let Some(fixed) = &review.fixed {
        point = point
            .with(format!("findings of the review before, of all systems, that are gone: {}", fixed.len()));
    }
    point.without("changes that the provider made since the first version", PROVIDER)
}

fn standards(view: &View<'_>) -> Point {
    let frameworks = view.document.compliance.iter().flatten();
    let assessed = frameworks.map(|one| {
        format!(
            "assessed in this review: {} {} ({})",
            one.name,
            one.edition,
            counted(one.requirements.len(), "requirement")
        )
    });
    Point::new("7", "Standards applied")
        .with_all(assessed)
        .without("harmonised standards applied in full or in part; that a framework was assessed does not make it one", PROVIDER)
        .without("solutions adopted where no such standard is applied", PROVIDER)
}

fn declaration() -> Point {
    Point::new("8", "EU declaration of conformity")
        .without("a copy of the declaration (Article 47)", PROVIDER)
}

fn after(view: &View<'_>) -> Point {
    let declared = &view.document.review.declaration;
    let due = view.document.schedule.iter().flat_map(|schedule| &schedule.systems);
    let due = due.filter(|one| one.system == view.system.name);
    let due = due.map(|one| format!("next review of this system due {}", one.next));
    let alerts = view.document.exercises().iter().filter(|one| view.assets.contains_key(one.asset.as_str()));
    let alerts = alerts.flat_map(|one| {
        one.runs
            .iter()
            .flat_map(|run| &run.alerts)
            .map(|alert| format!("detection {alert} fired in exercise {}", one.id))
    });
    let mut alerts: Vec<String> = alerts.collect();
    alerts.sort();
    alerts.dedup();
    let watched = covered(view).into_iter().filter(|line| line.contains(", detect:"));
    let mut point = Point::new("9", "Monitoring after it is placed on the market (Article 72)");
    if declared.every_days > 0 {
        point = point.with(format!("reviews are declared every {} days", declared.every_days));
    }
    point
        .with_all(due)
        .with_all(alerts)
        .with_all(watched)
        .with_all(view.said_of("Art.72"))
        .without("the post-market monitoring plan (Article 72(3)), and who reads what it collects", PROVIDER)
}
