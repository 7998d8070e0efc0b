//! How much of what a bill of materials for AI should say is known, and who could supply the rest.
//!
//! Elements of the document are judged once, the others for every system, model and data set. What is there is present,
//! what is there only in part is partly; nothing is guessed to raise the score.

mod judge;

use std::collections::BTreeMap;

use serde::Serialize;
use vauban_knowledge::{Knowledge, MinimumElement, minimum_elements::EDITION};

use crate::v1::{AssetKind, Document};

/// Whether an element is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody says it.
    Missing,
    /// Something of it is known.
    Partly,
    /// It is there.
    Present,
}

impl State {
    /// The lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Partly => "partly",
            Self::Present => "present",
        }
    }
}

/// One element, judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// Id of the element.
    pub element: String,
    /// Its name in the list.
    pub name: String,
    /// Its cluster.
    pub cluster: String,
    /// Whether it is there.
    pub state: State,
    /// What was found, or what it asks for.
    pub why: String,
    /// Who can supply it.
    pub supplier: String,
}

/// What was judged: the document, a system, a model or a data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subject {
    /// `document`, `system`, `model` or `dataset`.
    pub kind: String,
    /// Its name, an asset's id for models and data sets.
    pub name: String,
    /// Share of its elements, those that are there in part counted by half, 0 to 1.
    pub score: f64,
    /// Every element of its kind.
    pub elements: Vec<Judged>,
}

/// The whole judgement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// The list that is judged by.
    pub list: String,
    /// The review that was judged.
    pub review: String,
    /// Mean over the fifty elements, each the mean over its subjects, 0 to 1. Elements of a kind that is not there do not
    /// count.
    pub score: f64,
    /// Elements that count.
    pub counted: usize,
    /// Document first, then systems, models and data sets by name.
    pub subjects: Vec<Subject>,
    /// Elements that are not wholly there, by who could supply them.
    pub to_supply: BTreeMap<String, Vec<String>>,
}

/// Judges a review.
pub fn score(document: &Document) -> Scores {
    let elements = &Knowledge::builtin().minimum_elements;
    let mut subjects =
        vec![judged(elements, "document", &document.review.subject, |id| judge::document(document, id))];
    let systems = &document.review.declaration.systems;
    for system in systems {
        subjects
            .push(judged(elements, "system", &system.name, |id| judge::system(document, Some(system), id)));
    }
    if systems.is_empty() {
        subjects.push(judged(elements, "system", &document.review.subject, |id| {
            judge::system(document, None, id)
        }));
    }
    for (kind, name) in [(AssetKind::Model, "model"), (AssetKind::Dataset, "dataset")] {
        for asset in document.assets().iter().filter(|asset| asset.kind == kind) {
            let verdict = |id: &str| match kind {
                AssetKind::Model => judge::model(document, asset, id),
                _ => judge::dataset(document, asset, id),
            };
            subjects.push(judged(elements, name, &asset.id, verdict));
        }
    }
    let mut to_supply: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut sum, mut counted) = (0.0, 0);
    for element in elements {
        let states: Vec<State> = subjects
            .iter()
            .flat_map(|subject| &subject.elements)
            .filter(|judged| judged.element == element.id)
            .map(|judged| judged.state)
            .collect();
        if states.is_empty() {
            continue;
        }
        counted += 1;
        sum += share(&states);
        if states.iter().any(|state| *state != State::Present) {
            to_supply.entry(element.supplier.clone()).or_default().push(element.name.clone());
        }
    }
    Scores {
        list: EDITION.to_owned(),
        review: document.review.id.clone(),
        score: if counted == 0 { 0.0 } else { sum / counted as f64 },
        counted,
        subjects,
        to_supply,
    }
}

fn judged(
    elements: &[MinimumElement],
    kind: &str,
    name: &str,
    judge: impl Fn(&str) -> (State, String),
) -> Subject {
    let elements: Vec<Judged> = elements
        .iter()
        .filter(|element| element.subject == kind)
        .map(|element| {
            let (state, found) = judge(&element.id);
            Judged {
                element: element.id.clone(),
                name: element.name.clone(),
                cluster: element.cluster.clone(),
                state,
                why: if found.is_empty() { format!("asks for {}", element.asks) } else { found },
                supplier: element.supplier.clone(),
            }
        })
        .collect();
    let states: Vec<State> = elements.iter().map(|judged| judged.state).collect();
    Subject { kind: kind.to_owned(), name: name.to_owned(), score: share(&states), elements }
}

fn share(states: &[State]) -> f64 {
    let points = states.iter().map(|state| match state {
        State::Missing => 0.0,
        State::Partly => 0.5,
        State::Present => 1.0,
    });
    if states.is_empty() { 0.0 } else { points.sum::<f64>() / states.len() as f64 }
}
