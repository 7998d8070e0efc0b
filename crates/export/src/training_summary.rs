//! A draft of the public summary of training content that Article 53(1)(d) of Regulation (EU) 2024/1689 asks of providers
//! of general-purpose models, in the order of the AI Office's template of July 2025.
//!
//! What the review knows is filled in with its source; for everything else stands who has to supply it. Our own wording:
//! the template itself has to be filled in by the provider.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::{
    bill::{self, key, said},
    v1::{Asset, AssetKind, Document, RelationKind},
};

/// One line of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What is asked.
    pub question: String,
    /// What is known; absent if nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Where it is known from, or who has to supply it.
    pub source: String,
}

/// A section of the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// Its lines.
    pub entries: Vec<Entry>,
}

/// The draft for one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrainingSummary {
    /// Id of the model.
    pub model: String,
    /// Its sections, in the template's order.
    pub sections: Vec<Section>,
}

/// A draft for every model that something was trained for, in the order of their ids.
pub fn summaries(document: &Document) -> Vec<TrainingSummary> {
    document
        .assets()
        .iter()
        .filter(|asset| asset.kind == AssetKind::Model)
        .map(|model| summary(document, model))
        .collect()
}

fn entry(question: &str, answer: Option<String>, source: &str, supplier: &str) -> Entry {
    match answer.filter(|answer| !answer.is_empty()) {
        Some(answer) => {
            Entry { question: question.to_owned(), answer: Some(answer), source: source.to_owned() }
        }
        None => Entry {
            question: question.to_owned(),
            answer: None,
            source: format!("[to be supplied by the {supplier}]"),
        },
    }
}

fn summary(document: &Document, model: &Asset) -> TrainingSummary {
    let seen = model.locators.first().map(ToString::to_string).unwrap_or_default();
    let of = |question: &str, keys: &[&str], supplier: &str| {
        entry(question, said(model, keys).map(str::to_owned), &seen, supplier)
    };
    let organisation = &document.review.declaration.organisation;
    let data = training_data(document, model);
    let general = vec![
        entry(
            "Provider",
            said(model, key::SUPPLIER).map(str::to_owned),
            &seen,
            &if organisation.is_empty() {
                "provider of the model".to_owned()
            } else {
                format!("provider of the model; {organisation} if it trained or tuned the model itself")
            },
        ),
        entry("Model and version", Some(name(model)), &seen, "provider of the model"),
        of(
            "Date of placing on the market",
            &["released", "release_time", "placed_on_market"],
            "provider of the model",
        ),
        of("Model that it was tuned from", &["base_model"], "provider of the model"),
        entry(
            "Modalities of the training data",
            join(&data, |one| said(one, &["modality", "modalities", "dtype"])),
            &seen,
            "provider of the model",
        ),
        entry(
            "Size of the training data",
            join(&data, |one| said(one, &["rows", "records", "tokens"])),
            "counted in the files",
            "provider of the model",
        ),
        entry(
            "Languages",
            join(&data, |one| said(one, key::LANGUAGES))
                .or_else(|| said(model, key::LANGUAGES).map(str::to_owned)),
            &seen,
            "provider of the model",
        ),
        of(
            "Time span and latest acquisition of the data",
            &["data_period", "knowledge_cutoff", "training_cutoff"],
            "provider of the model",
        ),
    ];
    let mut sections = vec![Section { heading: "1. General information".to_owned(), entries: general }];
    let mut by_kind: BTreeMap<&str, Vec<&Asset>> = BTreeMap::new();
    for asset in &data {
        by_kind.entry(source_kind(document, asset)).or_default().push(asset);
    }
    for (number, (kind, heading)) in KINDS.iter().enumerate() {
        let mut entries: Vec<Entry> = by_kind
            .get(kind)
            .into_iter()
            .flatten()
            .map(|asset| {
                let place = asset.locators.first().map(ToString::to_string).unwrap_or_default();
                entry(&asset.name, Some(described(asset)), &place, "owner of the data")
            })
            .collect();
        if entries.is_empty() {
            entries.push(entry(
                "Sources of this kind, or that there are none",
                None,
                "",
                "provider of the model",
            ));
        }
        sections.push(Section { heading: format!("2.{} {heading}", number + 1), entries });
    }
    sections.push(Section {
        heading: "3. Processing of the data".to_owned(),
        entries: vec![
            of(
                "Respect for reservations of rights (text and data mining)",
                &["opt_out", "robots"],
                "provider of the model",
            ),
            of("Removal of illegal content", &["content_filtering"], "provider of the model"),
            of("Protection of personal data", &["anonymization", "anonymisation"], "owner of the data"),
            of("Preprocessing", key::PREPROCESSING, "provider of the model"),
        ],
    });
    TrainingSummary { model: model.id.clone(), sections }
}

/// Kinds of sources in the template's order, with headings of our own.
const KINDS: &[(&str, &str)] = &[
    ("public", "Publicly available data sets"),
    ("licensed", "Private data sets under licence or from third parties"),
    ("crawled", "Data crawled or scraped from the web"),
    ("user", "Data from users of the provider's services"),
    ("synthetic", "Synthetic data"),
    ("other", "Other sources, among them data of the provider's own"),
];

fn source_kind(document: &Document, asset: &Asset) -> &'static str {
    let stated = said(asset, &["source_kind", "origin"]).map(str::to_lowercase).unwrap_or_default();
    if let Some((kind, _)) = KINDS.iter().find(|(kind, _)| stated == *kind) {
        return kind;
    }
    let collected = said(asset, key::COLLECTION).map(str::to_lowercase).unwrap_or_default();
    let made_by_model = document.relations().iter().any(|one| {
        one.to == asset.id
            && one.kind == RelationKind::Produces
            && document.asset(&one.from).is_some_and(|maker| maker.kind == AssetKind::Model)
    });
    if made_by_model || collected.contains("machine-generated") || collected.contains("synthetic") {
        "synthetic"
    } else if collected.contains("crawl") || collected.contains("scrap") {
        "crawled"
    } else if asset.attribute("purl").is_some_and(|purl| purl.starts_with("pkg:huggingface/")) {
        "public"
    } else {
        "other"
    }
}

/// Everything that the model, and what it was made from, was trained on.
pub(crate) fn training_data<'a>(document: &'a Document, model: &'a Asset) -> Vec<&'a Asset> {
    let mut open = vec![model.id.as_str()];
    let mut models: Vec<&str> = Vec::new();
    let mut data: BTreeMap<&str, &Asset> = BTreeMap::new();
    while let Some(id) = open.pop() {
        if models.contains(&id) {
            continue;
        }
        models.push(id);
        for relation in document.relations().iter().filter(|relation| relation.from == id) {
            match relation.kind {
                RelationKind::DerivedFrom => open.push(&relation.to),
                RelationKind::TrainedOn => {
                    if let Some(asset) = document.asset(&relation.to) {
                        data.insert(&asset.id, asset);
                    }
                }
                _ => {}
            }
        }
    }
    data.into_values().collect()
}

fn name(asset: &Asset) -> String {
    match asset.attribute("version") {
        Some(version) => format!("{}, version {version}", asset.name),
        None => asset.name.clone(),
    }
}

fn join<'a>(data: &[&'a Asset], pick: impl Fn(&'a Asset) -> Option<&'a str>) -> Option<String> {
    let parts: Vec<String> =
        data.iter().filter_map(|asset| pick(asset).map(|text| format!("{}: {text}", asset.name))).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn described(asset: &Asset) -> String {
    let mut parts = Vec::new();
    let mut say = |name: &str, text: Option<&str>| {
        parts.extend(
            text.map(|text| if name.is_empty() { text.to_owned() } else { format!("{name} {text}") }),
        );
    };
    say("", said(asset, key::DESCRIPTION));
    say("rows", asset.attribute("rows"));
    say("licence", said(asset, key::LICENCE));
    say("collected", said(asset, key::COLLECTION));
    say("from", bill::address(asset).or_else(|| asset.attribute("purl")));
    say("digest", asset.digest.as_deref());
    if parts.is_empty() { "named, nothing more is known".to_owned() } else { parts.join("; ") }
}

/// The drafts as Markdown.
pub fn markdown(document: &Document) -> String {
    let mut text = String::from("# Public summary of training content: draft\n\n");
    let _ = writeln!(
        text,
        "A draft made from review `{}` of {}, for the template that the AI Office published in July 2025 under Article 53(1)(d) of \
         Regulation (EU) 2024/1689. It is no legal statement: the provider of a model answers for its summary. What no source says is marked \
         as to be supplied.\n",
        document.review.id,
        crate::markdown::escape(&document.review.subject)
    );
    let summaries = summaries(document);
    if summaries.is_empty() {
        text.push_str("The review knows no model.\n");
    }
    for summary in summaries {
        let _ = writeln!(text, "## {}\n", crate::markdown::escape(&summary.model));
        for section in summary.sections {
            let _ = writeln!(text, "### {}\n\n| | known | source |\n| --- | --- | --- |", section.heading);
            for entry in section.entries {
                let _ = writeln!(
                    text,
                    "| {} | {} | {} |",
                    crate::markdown::escape(&entry.question),
                    crate::markdown::escape(entry.answer.as_deref().unwrap_or("")),
                    crate::markdown::escape(&entry.source)
                );
            }
            text.push('\n');
        }
    }
    text
}
