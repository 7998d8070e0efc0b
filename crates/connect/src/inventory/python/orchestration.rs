//! Pipelines that an orchestrator runs: Airflow, Prefect, Dagster, Kubeflow, Metaflow, ZenML, Ray.

use std::collections::BTreeSet;

use vauban_domain::{Asset, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::python::{Python, Value};

use super::relate;
use crate::inventory::{Collector, Seen};

/// Beginnings of callees and decorators that make a pipeline, and the orchestrator.
const MAKERS: &[(&str, &str)] = &[
    ("airflow.DAG", "airflow"),
    ("airflow.decorators.dag", "airflow"),
    ("airflow.models.DAG", "airflow"),
    ("airflow.models.dag.DAG", "airflow"),
    ("airflow.sdk.DAG", "airflow"),
    ("airflow.sdk.dag", "airflow"),
    ("dagster.Definitions", "dagster"),
    ("dagster.asset", "dagster"),
    ("dagster.job", "dagster"),
    ("kfp.dsl.pipeline", "kubeflow"),
    ("metaflow.step", "metaflow"),
    ("prefect.flow", "prefect"),
    ("sagemaker.workflow.pipeline.Pipeline", "sagemaker"),
    ("zenml.pipeline", "zenml"),
];

/// Maps a file that defines a pipeline; false if it defines none.
pub(super) fn map(seen: &Seen<'_>, python: &Python, collector: &mut Collector) -> bool {
    let decorators = || python.functions.iter().flat_map(|f| f.decorators.iter().map(move |d| (f, d)));
    let orchestrator = |name: &str| {
        MAKERS
            .iter()
            .find(|(maker, _)| *maker == name.trim_end_matches("()"))
            .map(|(_, orchestrator)| *orchestrator)
    };
    let by_call = python.calls.iter().find_map(|call| orchestrator(&call.callee));
    let found = by_call.or_else(|| decorators().find_map(|(_, decorator)| orchestrator(&decorator.callee)));
    let Some(orchestrator) = found else { return false };
    let mut tasks: BTreeSet<String> = BTreeSet::new();
    let mut operators: BTreeSet<&str> = BTreeSet::new();
    for call in &python.calls {
        let is_task = call.name().ends_with("Operator") || call.name().ends_with("Sensor");
        if is_task {
            operators.insert(call.name());
            tasks.extend(call.keyword("task_id").and_then(Value::literal).map(str::to_owned));
        }
    }
    for (function, decorator) in decorators() {
        let name = decorator.callee.trim_end_matches("()").rsplit('.').next().unwrap_or_default();
        if matches!(name, "task" | "step" | "op" | "asset" | "component" | "container_component") {
            tasks.insert(function.name.clone());
        }
    }
    let mut asset = Asset::new(
        AssetKind::Pipeline,
        "training_pipeline",
        Layer::DataOperations,
        seen.path,
        Confidence::Verified,
        seen.locator(),
    )
    .with("format", "python")
    .with("orchestrator", orchestrator);
    asset.digest = seen.digest;
    asset.size = Some(seen.size);
    if !tasks.is_empty() {
        asset = asset.with("tasks", tasks.iter().take(50).cloned().collect::<Vec<_>>().join(", "));
    }
    if !operators.is_empty() {
        asset = asset.with("operators", operators.into_iter().collect::<Vec<_>>().join(", "));
    }
    let id = collector.asset(asset);
    collector.home(&id);
    for call in python
        .calls
        .iter()
        .filter(|call| call.name().ends_with("Operator") || call.callee.starts_with("kfp.dsl."))
    {
        let image = call.keyword("image").or_else(|| call.keyword("base_image")).and_then(Value::literal);
        let Some(image) = image.filter(|image| !image.is_empty() && !image.contains(['{', ' '])) else {
            continue;
        };
        let locator = seen.locator().at_line(call.line);
        let asset = Asset::new(
            AssetKind::Infrastructure,
            "container_image",
            Layer::Deployment,
            &format!("image/{image}"),
            Confidence::Declared,
            locator.clone(),
        )
        .with("image", image);
        let image = collector.asset(asset);
        collector.relation(Relation::new(
            id.clone(),
            RelationKind::RunsOn,
            image,
            Confidence::Declared,
            locator,
        ));
    }
    relate(&id, python, |line| seen.locator().at_line(line), collector);
    true
}
