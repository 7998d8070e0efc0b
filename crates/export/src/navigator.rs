//! Layers for MITRE's Navigators: format 4.5 for ATT&CK Navigator 5, and 4.3, which the ATLAS Navigator writes itself.

use std::collections::BTreeMap;
use vauban_domain::day;

use serde::Serialize;

use crate::{
    exporter::{ExportError, Exporter},
    v1::{Coverage, Document, Rung},
};

/// Coverage as a Navigator layer.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "navigator",
    extension: "layer.json",
    media_type: "application/json",
    summary: "coverage as a layer for the Navigator (layer format 4.5)",
    write: |document| write(document, &NEWER),
};

/// The same in the format of the layers that ATLAS publishes.
pub(crate) const EXPORTER_4_3: Exporter = Exporter {
    name: "navigator-4.3",
    extension: "4.3.layer.json",
    media_type: "application/json",
    summary: "the same for the ATLAS Navigator (layer format 4.3)",
    write: |document| write(document, &OLDER),
};

const NEWER: Versions = Versions { layer: "4.5", navigator: "5.0.0" };
const OLDER: Versions = Versions { layer: "4.3", navigator: "4.6.4" };

#[derive(Serialize)]
struct Layer {
    name: String,
    versions: &'static Versions,
    domain: &'static str,
    description: &'static str,
    techniques: Vec<Technique>,
    gradient: Gradient,
    #[serde(rename = "legendItems")]
    legend: Vec<LegendItem>,
    metadata: Vec<Entry>,
    sorting: u8,
    #[serde(rename = "hideDisabled")]
    hide_disabled: bool,
    #[serde(rename = "showTacticRowBackground")]
    show_tactic_row: bool,
    #[serde(rename = "selectTechniquesAcrossTactics")]
    select_across_tactics: bool,
    // Newer than format 4.3.
    #[serde(rename = "selectSubtechniquesWithParent", skip_serializing_if = "Option::is_none")]
    select_with_parent: Option<bool>,
}

#[derive(Serialize)]
struct Versions {
    layer: &'static str,
    navigator: &'static str,
}

#[derive(Serialize)]
struct Technique {
    #[serde(rename = "techniqueID")]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u32>,
    comment: String,
    enabled: bool,
    #[serde(rename = "showSubtechniques")]
    show_subtechniques: bool,
    metadata: Vec<Entry>,
}

#[derive(Serialize)]
struct Gradient {
    colors: [&'static str; 3],
    #[serde(rename = "minValue")]
    min: u32,
    #[serde(rename = "maxValue")]
    max: u32,
}

#[derive(Serialize)]
struct LegendItem {
    label: &'static str,
    color: &'static str,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    value: String,
}

impl Entry {
    fn new(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into() }
    }
}

fn write(document: &Document, versions: &'static Versions) -> Result<Vec<u8>, ExportError> {
    let Some(coverage) = &document.coverage else {
        return Err(ExportError::MissingPart { format: "navigator", part: "coverage" });
    };
    let mut by_technique: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for one in coverage {
        by_technique.entry(&one.technique).or_default().push(one);
    }
    let layer = Layer {
        name: format!("Vauban: {} {}", document.review.subject, day(&document.review.taken_at)),
        versions,
        domain: "atlas-atlas",
        description: "Evidence-backed coverage. Each of prevent, detect, respond and tested gives 25 points when exercised, \
                      two thirds when configured, one third when only claimed, none when nobody looked; of several assets \
                      the weakest counts. Disabled: cannot happen to any reviewed asset. Absent: not reviewed.",
        techniques: by_technique.iter().map(|(id, rows)| technique(id, rows)).collect(),
        gradient: Gradient { colors: ["#b2182b", "#f7e08a", "#1b7837"], min: 0, max: 100 },
        legend: vec![
            LegendItem { label: "0: nobody looked", color: "#b2182b" },
            LegendItem { label: "about 33: only claimed", color: "#e09a6b" },
            LegendItem { label: "about 67: seen configured", color: "#a8b37f" },
            LegendItem { label: "100: exercised", color: "#1b7837" },
        ],
        metadata: vec![
            Entry::new("atlas_data_version", document.review.atlas_edition.as_str()),
            Entry::new("review_id", document.review.id.as_str()),
            Entry::new("taken_at", document.review.taken_at.as_str()),
        ],
        sorting: 0,
        hide_disabled: false,
        show_tactic_row: false,
        select_across_tactics: true,
        select_with_parent: (versions.layer == NEWER.layer).then_some(false),
    };
    let mut bytes = serde_json::to_vec_pretty(&layer)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn technique(id: &str, rows: &[&Coverage]) -> Technique {
    let weakest = weakest(rows);
    let known: Vec<Rung> =
        weakest.iter().map(|(_, rung, _)| *rung).filter(|rung| *rung != Rung::NotApplicable).collect();
    let score = score(&known);
    let words: Vec<String> = weakest.iter().map(|(aspect, rung, _)| format!("{aspect}: {rung}")).collect();
    let comment = match (score, rows.first()) {
        (None, Some(row)) => format!("not applicable: {}", row.prevent.reason),
        _ => format!("{} (weakest of {} assets)", words.join(", "), rows.len()),
    };
    let mut metadata: Vec<Entry> = Vec::new();
    for (aspect, rung, row) in &weakest {
        let reason =
            row.scores().into_iter().find(|(name, _)| name == aspect).map(|(_, score)| score.reason.as_str());
        let value = format!("{rung} at {}: {}", row.asset, reason.unwrap_or_default());
        metadata.push(Entry::new(aspect, value));
    }
    Technique {
        id: id.to_owned(),
        score,
        comment,
        enabled: score.is_some(),
        show_subtechniques: true,
        metadata,
    }
}

/// For each aspect the lowest rung over the assets it applies to, and the asset that has it.
pub(crate) fn weakest<'a>(rows: &[&'a Coverage]) -> Vec<(&'static str, Rung, &'a Coverage)> {
    let Some(first) = rows.first() else {
        return Vec::new();
    };
    let aspects = first.scores().map(|(aspect, _)| aspect);
    aspects
        .into_iter()
        .enumerate()
        .map(|(index, aspect)| {
            let rung = |row: &Coverage| row.scores()[index].1.rung;
            // The rung outside the ladder counts last: it says nothing about the assets that it is not about.
            let row =
                rows.iter().min_by_key(|row| (rung(row) == Rung::NotApplicable, rung(row))).unwrap_or(first);
            (aspect, rung(row), *row)
        })
        .collect()
}

/// Points out of a hundred over the aspects that apply; `None` when none does.
pub(crate) fn score(rungs: &[Rung]) -> Option<u32> {
    let points = |rung: &Rung| match rung {
        Rung::NotApplicable | Rung::Blind => 0,
        Rung::Claimed => 1,
        Rung::Configured => 2,
        Rung::Exercised => 3,
    };
    let most = 3 * u32::try_from(rungs.len()).ok()?;
    let sum: u32 = rungs.iter().map(points).sum();
    (most > 0).then(|| (sum * 100 + most / 2) / most)
}
