//! Points 1 and 2: what the system is, what it is made of and how.

use super::{Point, view::View};
use crate::{
    bill::{key, said},
    v1::{Asset, AssetKind, Measurement, RelationKind, Rung},
};

const PROVIDER: &str = "the provider";
const SCIENCE: &str = "data science";
const OPERATIONS: &str = "whoever runs it";
const OWNER: &str = "the owner of the system";

pub(super) fn points(view: &View<'_>) -> Vec<Point> {
    let mut points = general(view);
    points.extend(made(view));
    points
}

fn general(view: &View<'_>) -> Vec<Point> {
    let system = view.system;
    let is_provider = system.role == "provider";
    let provider = if is_provider { view.organisation() } else { "" };
    let versions = view.of_kind(AssetKind::Model).map(|model| {
        format!(
            "model {}: version {}, digest {}",
            model.id,
            model.attribute("version").unwrap_or("not on record"),
            model.digest.as_deref().unwrap_or("not on record")
        )
    });
    let origins =
        view.edges(RelationKind::DerivedFrom).map(|one| format!("{} was made out of {}", one.from, one.to));
    let crossing = view.crossing().map(|one| format!("{} {} {}", one.from, one.kind, one.to));
    let flows = view.flows().map(|flow| {
        let boundary = if flow.boundary.is_empty() { "no boundary declared" } else { &flow.boundary };
        format!("declared flow {} to {}: {}; boundary: {boundary}", flow.from, flow.to, flow.data.join(", "))
    });
    let packages = view.edges(RelationKind::DependsOn).map(|one| {
        let version = view.document.asset(&one.to).and_then(|asset| asset.attribute("version"));
        format!("{} {}", one.to, version.unwrap_or("(version not on record)"))
    });
    let mut packages: Vec<String> = packages.collect();
    packages.sort();
    packages.dedup();
    let endpoints = view.of_kind(AssetKind::Endpoint).map(|one| {
        let fact = |name: &str| one.attribute(name).unwrap_or("not on record").to_owned();
        format!(
            "endpoint {}: exposure {}, authentication {}",
            one.id,
            fact("exposure"),
            fact("authentication")
        )
    });
    let hardware = view.edges(RelationKind::RunsOn).map(|one| format!("{} runs on {}", one.from, one.to));
    vec![
        Point::new("1(a)", "Purpose, provider, version")
            .fact("intended purpose", &system.purpose, OWNER)
            .fact("provider", provider, "the owner of the system, who knows who placed it on the market,")
            .with_all(versions)
            .with_all(origins)
            .without("version of the system as a whole and its relation to earlier ones", PROVIDER),
        Point::new("1(b)", "What it works together with")
            .with_all(flows)
            .with_all(crossing)
            .or("other hardware, software and AI systems that it works with", PROVIDER),
        Point::new("1(c)", "Software versions and updates")
            .with_all(packages)
            .without("firmware, and what has to be observed when versions change", OPERATIONS),
        Point::new("1(d)", "Forms in which it is supplied")
            .fact("regions", &system.regions.join(", "), OWNER)
            .fact("in service since", system.in_service.as_deref().unwrap_or_default(), OWNER)
            .with_all(endpoints)
            .without("packages, downloads and devices in which it is supplied", PROVIDER),
        Point::new("1(e)", "Hardware it is meant for")
            .with_all(hardware)
            .or("hardware on which it is meant to run", OPERATIONS),
        Point::new("1(f)", "Products it is part of")
            .without("pictures, marking and layout of such products, if any", PROVIDER),
        Point::new("1(g)", "What the deployer sees").without("description of the user interface", PROVIDER),
        Point::new("1(h)", "Instructions for use")
            .without("instructions for the deployer (Article 13)", PROVIDER),
    ]
}

fn made(view: &View<'_>) -> Vec<Point> {
    let pipelines =
        view.of_kind(AssetKind::Pipeline).map(|one| format!("pipeline {} at {}", one.id, place(one)));
    let makers = view
        .document
        .relations()
        .iter()
        .filter(|one| one.kind == RelationKind::Produces && view.assets.contains_key(one.to.as_str()));
    let made = makers.map(|one| format!("{} produces {}", one.from, one.to));
    let vendors = view.document.review.declaration.vendors.iter().filter(|vendor| {
        vendor.assets.iter().any(|name| {
            view.assets.contains_key(name.as_str()) || view.assets.values().any(|asset| asset.name == *name)
        })
    });
    let vendors = vendors.map(|vendor| format!("third party {}: {}", vendor.name, vendor.supplies));
    let designs = view.of_kind(AssetKind::Model).map(|model| {
        let facts = ["format", "task", "architecture", "class", "input_shape", "classes", "parameters"];
        let known: Vec<String> =
            facts.iter().filter_map(|name| Some(format!("{name} {}", model.attribute(name)?))).collect();
        format!(
            "model {}: {}",
            model.id,
            if known.is_empty() { "no fact on record".into() } else { known.join(", ") }
        )
    });
    let inner = view.inner().map(|one| format!("{} {} {} ({})", one.from, one.kind, one.to, one.confidence));
    let parts =
        view.assets.values().map(|one| format!("{} on layer {}: {}", one.id, one.layer, one.component));
    let data = view.data.values().map(|one| described(one));
    let gates = view.flows().filter_map(|flow| {
        let gate = flow.attributes.get("human_gate")?;
        Some(format!("declared flow {} to {}: a person looks at it first: {gate}", flow.from, flow.to))
    });
    let told = view
        .claims()
        .filter(|claim| claim.control.contains("human"))
        .map(|claim| format!("claimed by {} on {}: {}", claim.owner, claim.date, claim.statement));
    let claims = view.claims().map(|claim| {
        format!(
            "control {} (claimed by {} on {}): {}",
            claim.control, claim.owner, claim.date, claim.statement
        )
    });
    vec![
        Point::new("2(a)", "How it was developed")
            .with_all(pipelines)
            .with_all(made)
            .with_all(vendors)
            .without(
                "steps of development, and how models and tools of others were used or changed",
                SCIENCE,
            ),
        Point::new("2(b)", "Design and its reasons").with_all(designs).without(
            "logic, assumptions, groups of persons, what it optimises, expected output and trade-offs",
            SCIENCE,
        ),
        Point::new("2(c)", "Architecture and computing resources")
            .with_all(parts)
            .with_all(inner)
            .without("computing resources for development, training and testing", OPERATIONS),
        Point::new("2(d)", "Data")
            .with_all(data)
            .or("data sets that its models were trained on", SCIENCE)
            .without(
                "how data was obtained, selected, labelled and cleaned, where a line above does not say it",
                SCIENCE,
            ),
        Point::new("2(e)", "Human oversight")
            .with_all(gates)
            .with_all(told)
            .with_all(view.said_of("Art.14"))
            .or("measures of human oversight (Article 14)", OWNER)
            .without("what helps deployers to understand outputs (Article 13(3)(d))", PROVIDER),
        Point::new("2(f)", "Changes decided in advance").without("such changes, if there are any", PROVIDER),
        tests(view),
        Point::new("2(h)", "Cybersecurity")
            .with_all(claims)
            .with_all(covered(view))
            .with_all(view.said_of("Art.15"))
            .or("measures against attacks", "security"),
    ]
}

/// 2(g): what was tried, with numbers, and what failed attacks may hide.
fn tests(view: &View<'_>) -> Point {
    let exercises =
        view.document.exercises().iter().filter(|one| view.assets.contains_key(one.asset.as_str()));
    let exercises = exercises.map(|one| {
        let detected = if one.detected { "detected" } else { "not detected" };
        let held = if one.holding.is_empty() { "none".to_owned() } else { one.holding.join(", ") };
        format!("exercise {}: {detected}; controls that held: {held}", one.id)
    });
    let doubts = view.measured().flat_map(|one| {
        let failed = one.sanity.iter().filter(|check| check.verdict == "failed");
        failed.map(|check| format!("doubt about {}: {} failed: {}", one.id, check.name, check.detail))
    });
    let reviewers = view.document.review.declaration.reviewers.iter();
    let signers = reviewers
        .filter(|one| one.systems.is_empty() || one.systems.contains(&view.system.name))
        .map(|one| format!("signs off reviews: {} ({})", one.name, one.role));
    Point::new("2(g)", "Validation and testing")
        .with_all(view.measured().map(number))
        .or("results of tests of accuracy and robustness", SCIENCE)
        .with_all(exercises)
        .with_all(doubts)
        .with_all(signers)
        .without("tests of discriminatory impact, and reports dated and signed by those responsible", SCIENCE)
}

/// A measurement with its interval, samples and seed.
pub(super) fn number(one: &Measurement) -> String {
    format!(
        "{} of {} under {}: {:.3} ({:.0} % interval {:.3} to {:.3}, {} trials, seed {})",
        one.metric,
        one.asset,
        one.attack,
        one.value,
        one.interval.level * 100.0,
        one.interval.low,
        one.interval.high,
        one.trials,
        one.seed
    )
}

/// For each aspect how many techniques at assets of the system stand on which rung.
pub(super) fn covered(view: &View<'_>) -> Vec<String> {
    let rows: Vec<_> =
        view.document.coverage().iter().filter(|row| view.assets.contains_key(row.asset.as_str())).collect();
    let Some(first) = rows.first() else {
        return Vec::new();
    };
    let aspects = first.scores().map(|(aspect, _)| aspect);
    let line = |(index, aspect): (usize, &str)| {
        let on = |rung: Rung| rows.iter().filter(|row| row.scores()[index].1.rung == rung).count();
        format!(
            "coverage of ATLAS techniques, {aspect}: {} exercised, {} configured, {} claimed, {} blind, {} not applicable",
            on(Rung::Exercised),
            on(Rung::Configured),
            on(Rung::Claimed),
            on(Rung::Blind),
            on(Rung::NotApplicable)
        )
    };
    aspects.into_iter().enumerate().map(line).collect()
}

fn described(asset: &Asset) -> String {
    let fact = |name: &str, value: Option<&str>| Some(format!("{name} {}", value?));
    let facts: Vec<String> = [
        fact("description", said(asset, key::DESCRIPTION)),
        fact("rows", asset.attribute("rows")),
        fact("licence", said(asset, key::LICENCE)),
        fact("collected", said(asset, key::COLLECTION)),
        fact("sensitivity", said(asset, key::SENSITIVITY)),
        fact("digest", asset.digest.as_deref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!(
        "data set {}: {}",
        asset.id,
        if facts.is_empty() { "no fact on record".into() } else { facts.join(", ") }
    )
}

fn place(asset: &Asset) -> String {
    asset.locators.first().map_or_else(|| "a place not on record".to_owned(), ToString::to_string)
}
