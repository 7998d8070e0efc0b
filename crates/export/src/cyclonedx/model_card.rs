//! Model cards: what a model is for, what it was trained on, what was measured, what it is not good at.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{component::stated, references::References};
use crate::{
    bill::{self, key, list, said},
    v1::{Asset, Document, RelationKind},
};

const FRAMEWORK: &[&str] =
    &["framework", "framework_version", "format", "parameters", "quantization", "base_model"];

pub(super) fn model_card(document: &Document, asset: &Asset, references: &References<'_>) -> Value {
    const DATA: &[RelationKind] = &[RelationKind::TrainedOn, RelationKind::EvaluatedOn];
    let datasets: BTreeSet<&str> =
        bill::targets(document, &asset.id, DATA).flat_map(|relation| references.ends(relation)).collect();
    let shape = |keys: &[&str]| said(asset, keys).map(|format| json!([{"format": format}]));
    let approach = said(asset, &["approach", "learning"]).filter(|word| {
        ["supervised", "unsupervised", "reinforcement-learning", "semi-supervised", "self-supervised"]
            .contains(word)
    });
    let findings: BTreeSet<&str> = document
        .findings()
        .iter()
        .filter(|finding| finding.asset == asset.id && !finding.is_accepted())
        .map(|finding| finding.message.as_str())
        .collect();
    let limitations: Vec<&str> = list(asset, key::LIMITATIONS).into_iter().chain(findings).collect();
    json!({
        "modelParameters": {
            "approach": {"type": approach},
            "task": said(asset, key::TASK),
            "architectureFamily": said(asset, key::FAMILY),
            "modelArchitecture": said(asset, key::ARCHITECTURE),
            "datasets": datasets.into_iter().map(|reference| json!({"ref": reference})).collect::<Vec<_>>(),
            "inputs": shape(&["input_shape", "inputs", "input"]),
            "outputs": shape(&["output_shape", "outputs", "output"]),
        },
        "quantitativeAnalysis": {"performanceMetrics": metrics(document, asset)},
        "considerations": {
            "users": list(asset, key::USERS),
            "useCases": use_cases(document, asset),
            "technicalLimitations": limitations,
            "ethicalConsiderations":
                list(asset, key::ETHICS).into_iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
            "fairnessAssessments":
                list(asset, key::FAIRNESS).into_iter().map(|harms| json!({"harms": harms})).collect::<Vec<_>>(),
        },
        "properties": stated(asset, FRAMEWORK),
    })
}

/// What we measured with its interval, then what the card claims (`metric:accuracy`) without one.
fn metrics(document: &Document, asset: &Asset) -> Vec<Value> {
    let measured = document.results().iter().filter(|result| result.asset == asset.id).map(|result| {
        let slice = std::iter::once(format!("attack={}", result.attack))
            .chain(result.parameters.iter().map(|(key, value)| format!("{key}={value}")))
            .collect::<Vec<_>>()
            .join(" ");
        json!({
            "type": result.metric,
            "value": result.value.to_string(),
            "slice": slice,
            "confidenceInterval": {
                "lowerBound": result.interval.low.to_string(),
                "upperBound": result.interval.high.to_string(),
            },
        })
    });
    let claimed = asset.attributes.iter().filter_map(|(key, value)| {
        let name = key.strip_prefix("metric:").or_else(|| key.strip_prefix("metric."))?;
        Some(json!({"type": name, "value": value, "slice": "as the model card claims"}))
    });
    measured.chain(claimed).collect()
}

/// What the card says the model is for, else what the system is for that it is declared in.
fn use_cases<'a>(document: &'a Document, asset: &'a Asset) -> Vec<&'a str> {
    let said = list(asset, key::USES);
    if !said.is_empty() {
        return said;
    }
    let systems = document.review.declaration.systems.iter();
    systems
        .filter(|system| asset.system.as_ref() == Some(&system.name) && !system.purpose.is_empty())
        .map(|system| system.purpose.as_str())
        .collect()
}
