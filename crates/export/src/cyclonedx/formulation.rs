//! How things were made: pipelines, notebooks and recorded runs as workflows with inputs, outputs and tasks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::references::References;
use crate::{
    bill::{self, key, said},
    v1::{Asset, AssetKind, Document, RelationKind},
};

const INPUTS: &[RelationKind] = &[RelationKind::Reads, RelationKind::Loads];
const OUTPUTS: &[RelationKind] = &[RelationKind::Produces, RelationKind::Writes];

/// One formula with every workflow that makes something.
pub(super) fn formulation(document: &Document, references: &References<'_>) -> Option<Value> {
    let mut workflows: Vec<Value> = document
        .assets()
        .iter()
        .filter(|asset| matches!(asset.kind, AssetKind::Pipeline | AssetKind::Notebook))
        .filter_map(|asset| workflow(document, asset, references))
        .collect();
    workflows.extend(document.assets().iter().filter_map(|asset| run(document, asset, references)));
    (!workflows.is_empty()).then(|| json!([{"bom-ref": "formulation", "workflows": workflows}]))
}

/// What a stage of a pipeline reads and makes.
#[derive(Default)]
struct Stage<'a> {
    inputs: BTreeSet<&'a str>,
    outputs: BTreeSet<&'a str>,
}

fn workflow(document: &Document, asset: &Asset, references: &References<'_>) -> Option<Value> {
    let mut stages: BTreeMap<&str, Stage<'_>> = BTreeMap::new();
    for (kinds, is_output) in [(INPUTS, false), (OUTPUTS, true)] {
        for relation in bill::targets(document, &asset.id, kinds) {
            let stage = stages.entry(relation.locator.key.as_deref().unwrap_or_default()).or_default();
            let side = if is_output { &mut stage.outputs } else { &mut stage.inputs };
            side.extend(references.ends(relation));
        }
    }
    if stages.values().all(|stage| stage.outputs.is_empty()) {
        return None;
    }
    let all = |pick: fn(&Stage<'_>) -> bool| stages.values().any(pick);
    let reference = format!("workflow:{}", asset.id);
    let task = |name: &str| format!("task:{}#{name}", asset.id);
    let named: Vec<(&str, &Stage<'_>)> =
        stages.iter().filter(|(name, _)| !name.is_empty()).map(|(name, stage)| (*name, stage)).collect();
    let tasks: Vec<Value> = named
        .iter()
        .map(|(name, stage)| {
            json!({
                "bom-ref": task(name),
                "uid": format!("{}#{name}", asset.id),
                "name": name,
                "taskTypes": [task_type(name)],
                "inputs": inputs(&stage.inputs),
                "outputs": outputs(&stage.outputs),
            })
        })
        .collect();
    let order = named.iter().filter_map(|(name, stage)| {
        let before: Vec<String> = named
            .iter()
            .filter(|(other, earlier)| other != name && !earlier.outputs.is_disjoint(&stage.inputs))
            .map(|(other, _)| task(other))
            .collect();
        (!before.is_empty()).then(|| json!({"ref": task(name), "dependsOn": before}))
    });
    let read: BTreeSet<&str> = stages.values().flat_map(|stage| stage.inputs.iter().copied()).collect();
    let made: BTreeSet<&str> = stages.values().flat_map(|stage| stage.outputs.iter().copied()).collect();
    let from_outside: BTreeSet<&str> = read.difference(&made).copied().collect();
    let mut types: BTreeSet<&str> = named.iter().map(|(name, _)| task_type(name)).collect();
    if types.is_empty() {
        types.insert(if all(|stage| !stage.outputs.is_empty()) { "build" } else { "other" });
    }
    Some(json!({
        "bom-ref": reference,
        "uid": asset.id,
        "name": asset.name,
        "description": said(asset, key::DESCRIPTION),
        "resourceReferences": references.first(&asset.id).map(|reference| json!([{"ref": reference}])),
        "taskTypes": types,
        "tasks": tasks,
        "taskDependencies": order.collect::<Vec<_>>(),
        "inputs": inputs(&from_outside),
        "outputs": outputs(&made),
    }))
}

/// The run of an experiment tracker that a model says it comes from.
fn run(document: &Document, asset: &Asset, references: &References<'_>) -> Option<Value> {
    let run = asset.attribute("run").filter(|run| asset.kind == AssetKind::Model && !run.is_empty())?;
    let data: BTreeSet<&str> = bill::targets(document, &asset.id, &[RelationKind::TrainedOn])
        .flat_map(|relation| references.ends(relation))
        .collect();
    let parameters: Vec<Value> = asset
        .attributes
        .iter()
        .filter_map(|(key, value)| Some(json!({"name": key.strip_prefix("parameter:")?, "value": value})))
        .collect();
    let mut inputs = inputs(&data);
    if !parameters.is_empty() {
        inputs.push(json!({"parameters": parameters}));
    }
    Some(json!({
        "bom-ref": format!("workflow:run:{run}:{}", asset.id),
        "uid": run,
        "name": format!("training run {run}"),
        "taskTypes": ["build"],
        "inputs": inputs,
        "outputs": outputs(&references.first(&asset.id).into_iter().collect()),
    }))
}

fn inputs(references: &BTreeSet<&str>) -> Vec<Value> {
    references.iter().map(|reference| json!({"resource": {"ref": reference}})).collect()
}

fn outputs(references: &BTreeSet<&str>) -> Vec<Value> {
    references.iter().map(|reference| json!({"type": "artifact", "resource": {"ref": reference}})).collect()
}

/// What a stage does, by its name.
fn task_type(name: &str) -> &'static str {
    let name = name.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if says(&["train", "fit", "tune", "build", "convert", "quantize"]) {
        "build"
    } else if says(&["eval", "test", "valid"]) {
        "test"
    } else if says(&["deploy", "serve"]) {
        "deploy"
    } else if says(&["fetch", "download", "copy", "pull"]) {
        "copy"
    } else if says(&["clean"]) {
        "clean"
    } else if says(&["publish", "release", "register"]) {
        "release"
    } else {
        "other"
    }
}
