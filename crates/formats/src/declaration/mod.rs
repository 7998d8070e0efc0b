//! `vauban.toml`: what the owner says, with every mistake shown where it was made.
//!
//! A mistake never hides the rest: what can be understood is understood, and each problem names its line, what is
//! wrong and the nearest thing that would be right.

mod keys;
mod pattern;
mod problem;
mod section;
mod served;
mod statement;
mod template;

use std::collections::BTreeSet;

use vauban_domain::{
    Acceptance, AppetitePoint, AssetKind, Cadence, Claim, DataFlow, Declaration, DeclaredAsset, Import,
    LogSource, NamedSource, RemediationDays, System, TestScope, Timestamp, Vendor,
};

pub use keys::{KEYS, Key, Kind, LOSSES, SECTIONS};
pub use pattern::Pattern;
pub use problem::{Problem, nearest, render_problem};
use section::{Reader, Section};
pub use template::template;

/// Words that only the knowledge base knows; empty lists are not checked against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Vocabulary<'a> {
    /// Ids of controls.
    pub controls: &'a [&'a str],
    /// MAESTRO component kinds.
    pub components: &'a [&'a str],
    /// Frameworks, as `slug` and `slug@edition`.
    pub frameworks: &'a [&'a str],
    /// Requirements of frameworks with their edition, `A.6.2.4@2023`.
    pub requirements: &'a [&'a str],
}

/// Reads a declaration; `path` is what locators say.
pub fn parse(text: &str, path: &str) -> (Declaration, Vec<Problem>) {
    parse_with(text, path, Vocabulary::default())
}

/// Like [`parse`], and holds controls, components, frameworks and requirements to a vocabulary.
pub fn parse_with(text: &str, path: &str, vocabulary: Vocabulary<'_>) -> (Declaration, Vec<Problem>) {
    let mut reader = Reader::new(text, path);
    let table = reader.document();
    let mut said = Declaration { currency: "EUR".to_owned(), ..Declaration::default() };
    for mut section in reader.sections(&table) {
        match section.name {
            "organisation" => {
                said.organisation = section.text("name");
                if section.has("currency") {
                    said.currency = section.text("currency");
                    if said.currency.len() != 3
                        || !said.currency.bytes().all(|byte| byte.is_ascii_uppercase())
                    {
                        let what = format!("`{}` is no ISO 4217 currency code", said.currency);
                        section.problem_at_value("currency", what, Some("three capitals, `EUR`".to_owned()));
                        said.currency = "EUR".to_owned();
                    }
                }
            }
            "review" => {
                let usual = Cadence::default();
                said.cadence = Cadence {
                    every_days: section.days("every_days", usual.every_days),
                    half_life_days: section.days("half_life_days", usual.half_life_days),
                };
            }
            "system" => said.systems.extend(system(&mut section)),
            "asset" => said.assets.extend(asset(&mut section, vocabulary)),
            "claim" => said.claims.extend(claim(&mut section, vocabulary)),
            "flow" => said.flows.extend(flow(&mut section)),
            "vendor" => said.vendors.extend(vendor(&mut section)),
            "appetite" => {
                if let (Some(loss), Some(probability)) =
                    (section.number("loss"), section.number("probability"))
                {
                    said.appetite.push(AppetitePoint { loss, probability });
                }
            }
            "model" => said.models.extend(path_of(&mut section)),
            "compliance" => {
                let frameworks = section.texts("frameworks");
                for framework in &frameworks {
                    section.known("frameworks", framework, vocabulary.frameworks, "framework");
                }
                said.frameworks.extend(frameworks);
            }
            "plan" => said.budget = section.amount("budget"),
            "requirement" => said.requirements.extend(statement::requirement(&mut section, vocabulary)),
            "reviewer" => said.reviewers.extend(statement::reviewer(&mut section)),
            "import" => said.imports.extend(path_of(&mut section)),
            "include" => said.includes.extend(path_of(&mut section)),
            "control" => said.controls.extend(statement::control(&mut section, vocabulary)),
            "incident" => said.incidents.extend(statement::incident(&mut section)),
            "remediation" => {
                let usual = RemediationDays::default();
                said.remediation = RemediationDays {
                    critical: section.days("critical", usual.critical),
                    high: section.days("high", usual.high),
                    medium: section.days("medium", usual.medium),
                    low: section.days("low", usual.low),
                };
            }
            "log" => said.logs.extend(section.required("path").map(|path| LogSource {
                path,
                format: section.text_or("format", "otel-ndjson"),
                about: section.text("about"),
                locator: section.locator(),
            })),
            "source" => said.sources.extend(source(&mut section)),
            "target" => said.targets.extend(served::target(&mut section)),
            "test" => said.tests.extend(test(&mut section)),
            "accept" => said.acceptances.extend(acceptance(&mut section)),
            _ => {}
        }
        reader.take(section);
    }
    said.appetite.sort_by(|one, other| one.loss.total_cmp(&other.loss));
    let mut names = BTreeSet::new();
    for system in &said.systems {
        if !names.insert(&system.name) {
            let line = system.locator.line.unwrap_or(1);
            let what = format!("two systems are called `{}`", system.name);
            reader.problems.push(Problem {
                line,
                column: 1,
                what,
                suggestion: Some("give each its own name".to_owned()),
            });
        }
    }
    let mut problems = reader.problems;
    problems.extend(served::problems(&said));
    problems.sort();
    problems.dedup();
    (said, problems)
}

fn path_of(section: &mut Section<'_>) -> Option<Import> {
    section.required("path").map(|path| Import { path, locator: section.locator() })
}

fn system(section: &mut Section<'_>) -> Option<System> {
    Some(System {
        name: section.required("name")?,
        owner: section.text("owner"),
        criticality: section.text_or("criticality", "medium"),
        purpose: section.text("purpose"),
        assets: section.texts("assets"),
        losses: section.losses("losses"),
        exposure: section.text_or("exposure", "internal"),
        data: section.texts("data"),
        every_days: section.has("every_days").then(|| section.days("every_days", 90)),
        incidents_since: section.date("incidents_since"),
        role: section.text("role"),
        risk_class: section.text("risk_class"),
        regions: section.texts("regions"),
        in_service: section.date("in_service"),
        locator: section.locator(),
    })
}

fn asset(section: &mut Section<'_>, vocabulary: Vocabulary<'_>) -> Option<DeclaredAsset> {
    let component = section.text("component");
    if !component.is_empty() {
        section.known("component", &component, vocabulary.components, "MAESTRO component kind");
    }
    let (kind, name) = (section.required("kind"), section.required("name"));
    Some(DeclaredAsset {
        kind: AssetKind::parse(&kind?)?,
        name: name?,
        component,
        attributes: section.text_table("attributes"),
        locator: section.locator(),
    })
}

fn claim(section: &mut Section<'_>, vocabulary: Vocabulary<'_>) -> Option<Claim> {
    let (control, date) = (section.required("control"), section.date("date"));
    if date.is_none() {
        section.missing("date");
    }
    let control = control?;
    section.known("control", &control, vocabulary.controls, "control");
    Some(Claim {
        control,
        applies_to: section.texts("applies_to"),
        owner: section.text("owner"),
        date: date?,
        statement: section.text("statement"),
        settings: section.number_table("settings"),
        locator: section.locator(),
    })
}

fn flow(section: &mut Section<'_>) -> Option<DataFlow> {
    let (from, to) = (section.required("from"), section.required("to"));
    let mut attributes = section.free_texts(&["from", "to", "data", "boundary", "rate_limit"]);
    attributes.extend(section.amount("rate_limit").map(|limit| ("rate_limit".to_owned(), limit.to_string())));
    Some(DataFlow {
        from: from?,
        to: to?,
        data: section.texts("data"),
        boundary: section.text("boundary"),
        attributes,
        locator: section.locator(),
    })
}

fn source(section: &mut Section<'_>) -> Option<NamedSource> {
    let (kind, url) = (section.required("kind"), section.required("url"));
    Some(NamedSource {
        kind: kind?,
        url: url?,
        token_env: section.text("token_env"),
        token_header: section.text("token_header"),
        user_env: section.text("user_env"),
        password_env: section.text("password_env"),
        locator: section.locator(),
    })
}

fn vendor(section: &mut Section<'_>) -> Option<Vendor> {
    Some(Vendor {
        name: section.required("name")?,
        supplies: section.text("supplies"),
        assets: section.texts("assets"),
        assessed: section.date("assessed"),
        operates: section.texts("operates"),
        contact: section.text("contact"),
        answers: section.text("answers"),
        locator: section.locator(),
    })
}

fn test(section: &mut Section<'_>) -> Option<TestScope> {
    let served = section.text("served");
    let model = if served.is_empty() { section.required("model") } else { Some(served.clone()) };
    let inputs = section.required("inputs");
    Some(TestScope {
        model: model?,
        served,
        inputs: inputs?,
        endpoint: section.text("endpoint"),
        labels: section.text("labels"),
        label_column: section.text("label_column"),
        schema: section.text("schema"),
        train_inputs: section.text("train_inputs"),
        train_labels: section.text("train_labels"),
        hidden_columns: section.texts("hidden_columns"),
        smoothing: section.number_or("smoothing", 0.0),
        norm: section.text_or("norm", "linf"),
        eps: section.number_or("eps", 0.1),
        suite: section.text_or("suite", "quick"),
        attacks: section.texts("attacks"),
        exercise: section.texts("exercise"),
        groups: section.text("groups"),
        against: section.text("against"),
        samples: section.days("samples", 500),
        queries: section.days("queries", 1000),
        seed: section.count("seed").unwrap_or(1),
        minimum_robust_accuracy: section.number_or("minimum_robust_accuracy", 0.5),
        copy_fidelity: section.number_or("copy_fidelity", 0.9),
        membership_area: section.number_or("membership_area", 0.6),
        locator: section.locator(),
    })
}

fn acceptance(section: &mut Section<'_>) -> Option<Acceptance> {
    let (fingerprint, reason) = (section.required("fingerprint"), section.required("reason"));
    let until: Option<Timestamp> = section.date("until");
    if until.is_none() {
        section.missing("until");
    }
    let fingerprint = fingerprint?;
    if vauban_domain::Fingerprint::parse(&fingerprint).is_none() {
        let what = format!("`{fingerprint}` is no fingerprint");
        section.problem_at_value(
            "fingerprint",
            what,
            Some("sixteen hexadecimal digits from a report".to_owned()),
        );
    }
    Some(Acceptance { fingerprint, reason: reason?, until: until?, locator: section.locator() })
}

#[cfg(test)]
mod tests;
