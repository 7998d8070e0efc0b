//! The same things told by a database, by files and by answers.

use super::*;
use crate::{Budget, Input};

fn parsed(name: &str, bytes: &[u8]) -> MlFlow {
    let budget = Budget::default();
    match crate::parse(&Input::new(name, bytes, &budget)).facts {
        Facts::MlFlow(facts) => *facts,
        other => panic!("{name} is read as {other:?}"),
    }
}

fn of_files() -> MlFlow {
    let mut whole = MlFlow::default();
    for (name, text) in [
        (
            "mlruns/1/meta.yaml",
            "artifact_location: s3://b/1\nexperiment_id: '1'\nlifecycle_stage: active\nname: triage\n",
        ),
        (
            "mlruns/1/r1/meta.yaml",
            "artifact_uri: s3://b/1/r1/artifacts\nexperiment_id: '1'\nlifecycle_stage: active\nrun_id: r1\nrun_name: first\nstatus: 3\nuser_id: ada\n",
        ),
        (
            "mlruns/1/r1/inputs/i1/meta.yaml",
            "destination_id: d1\ndestination_type: RUN\nsource_id: d1\nsource_type: DATASET\ntags:\n  mlflow.data.context: training\n",
        ),
        (
            "mlruns/1/datasets/d1/meta.yaml",
            "digest: ab\nname: visits\nsource: '{\"uri\": \"s3://data/visits.csv\"}'\nsource_type: s3\n",
        ),
        (
            "mlruns/models/triage/version-1/meta.yaml",
            "creation_timestamp: 1\ncurrent_stage: None\nlast_updated_timestamp: 1\nname: triage\nrun_id: r1\nsource: s3://b/1/r1/artifacts/m\nstatus: READY\nversion: 1\n",
        ),
        ("mlruns/models/triage/aliases/champion", "1"),
    ] {
        let facts = parsed(name, text.as_bytes());
        assert_eq!((facts.origin, facts.root.as_str()), (Origin::Files, "mlruns"), "{name}");
        whole.merge(&facts);
    }
    whole
}

fn of_database() -> MlFlow {
    let tables: &[(&str, &[&[&str]])] = &[
        (
            "CREATE TABLE experiments (experiment_id INTEGER NOT NULL, name VARCHAR, artifact_location VARCHAR, lifecycle_stage VARCHAR, CONSTRAINT pk PRIMARY KEY (experiment_id))",
            &[&["", "triage", "s3://b/1", "active"]],
        ),
        (
            "CREATE TABLE runs (run_uuid VARCHAR, name VARCHAR, status VARCHAR, user_id VARCHAR, lifecycle_stage VARCHAR, artifact_uri VARCHAR, experiment_id INTEGER)",
            &[&["r1", "first", "FINISHED", "ada", "active", "s3://b/1/r1/artifacts", "1"]],
        ),
        ("CREATE TABLE latest_metrics (key VARCHAR, value FLOAT, run_uuid VARCHAR)", &[]),
        (
            "CREATE TABLE datasets (dataset_uuid VARCHAR, name VARCHAR, digest VARCHAR, dataset_source_type VARCHAR, dataset_source TEXT)",
            &[&["d1", "visits", "ab", "s3", "{\"uri\": \"s3://data/visits.csv\"}"]],
        ),
        (
            "CREATE TABLE inputs (input_uuid VARCHAR, source_type VARCHAR, source_id VARCHAR, destination_type VARCHAR, destination_id VARCHAR)",
            &[&["i1", "DATASET", "d1", "RUN", "r1"]],
        ),
        (
            "CREATE TABLE input_tags (input_uuid VARCHAR, name VARCHAR, value VARCHAR)",
            &[&["i1", "mlflow.data.context", "training"]],
        ),
        ("CREATE TABLE registered_models (name VARCHAR, description VARCHAR)", &[&["triage", ""]]),
        (
            "CREATE TABLE registered_model_aliases (alias VARCHAR, version INTEGER, name VARCHAR)",
            &[&["champion", "1", "triage"]],
        ),
        (
            "CREATE TABLE model_versions (id INTEGER PRIMARY KEY, name VARCHAR, version INTEGER, current_stage VARCHAR, source VARCHAR, run_id VARCHAR, status VARCHAR)",
            &[],
        ),
    ];
    parsed("mlflow.db", &crate::sqlite::tests::database(tables))
}

fn of_answers() -> MlFlow {
    from_rest([
        (
            "/api/2.0/mlflow/experiments/search?max_results=100",
            r#"{"experiments":[{"experiment_id":"1","name":"triage","artifact_location":"s3://b/1","lifecycle_stage":"active"}]}"#,
        ),
        (
            "/api/2.0/mlflow/runs/search",
            r#"{"runs":[{"info":{"run_id":"r1","run_name":"first","experiment_id":"1","user_id":"ada","status":"FINISHED","artifact_uri":"s3://b/1/r1/artifacts","lifecycle_stage":"active"},
            "inputs":{"dataset_inputs":[{"tags":[{"key":"mlflow.data.context","value":"training"}],"dataset":{"name":"visits","digest":"ab","source_type":"s3","source":"{\"uri\": \"s3://data/visits.csv\"}"}}]}}]}"#,
        ),
        (
            "/api/2.0/mlflow/registered-models/search",
            r#"{"registered_models":[{"name":"triage","aliases":[{"alias":"champion","version":"1"}],"latest_versions":[{"name":"triage","version":"1","run_id":"r1","current_stage":"None","source":"s3://b/1/r1/artifacts/m","status":"READY"}]}]}"#,
        ),
    ])
}

#[test]
fn three_sources_tell_the_same() {
    let (files, database, answers) = (of_files(), of_database(), of_answers());
    for facts in [&files, &database, &answers] {
        assert_eq!(facts.experiments["1"].name, "triage");
        let run = &facts.runs["r1"];
        assert_eq!((run.name.as_str(), run.status.as_str(), run.user.as_str()), ("first", "FINISHED", "ada"));
        let (data, context) = &run.inputs[0];
        assert_eq!(
            (facts.datasets[data].place.as_str(), context.as_str()),
            ("s3://data/visits.csv", "training")
        );
        assert_eq!(facts.models["triage"].aliases["champion"], "1");
    }
    for facts in [&files, &answers] {
        let version = &facts.models["triage"].versions[&1];
        assert_eq!((facts.maker(version), version.source.as_str()), ("r1", "s3://b/1/r1/artifacts/m"));
    }
}

#[test]
fn other_files_of_that_name_are_left_alone() {
    let budget = Budget::default();
    let recipe = b"package:\n  name: x\n  version: 1\nsource:\n  url: https://example.org\n";
    let parsed = crate::parse(&Input::new("recipe/meta.yaml", recipe, &budget));
    assert_ne!(parsed.format, "mlflow");
    let text = crate::parse(&Input::new("models/a/aliases/note", b"prod", &budget));
    assert_ne!(text.format, "mlflow");
}
