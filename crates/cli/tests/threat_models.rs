//! Threat models out and in again: what other tools keep is what the review saw.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor-clinic")
}

/// What `vauban inventory` of a folder gives in a format.
#[expect(clippy::disallowed_methods, reason = "the test runs the binary as a user does")]
fn inventory(folder: &Path, format: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_vauban"))
        .arg("inventory")
        .arg(folder)
        .args(["--format", format])
        .output()
        .unwrap();
    assert!(output.status.success(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Components with their kind and layer, and flows with what travels how, out of an Open Threat Model.
fn told(model: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let model: Value = serde_json::from_str(model).unwrap();
    let components = model["components"].as_array().unwrap();
    let flows = model["dataflows"].as_array().unwrap();
    let fact = |flow: &Value, key: &str| flow["attributes"][key].as_str().unwrap_or_default().to_owned();
    (
        components.iter().map(|one| format!("{} {} {}", one["id"], one["type"], one["tags"][1])).collect(),
        flows
            .iter()
            .map(|one| {
                let facts = ["protocol", "authentication", "boundary", "data"].map(|key| fact(one, key));
                format!("{} -> {} {}", one["source"], one["destination"], facts.join(" / "))
            })
            .collect(),
    )
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the model is written where a user would")]
fn a_model_that_comes_back_has_the_same_components_and_flows() {
    let (components, flows) = told(&inventory(&example(), "otm"));
    assert!(components.len() > 20 && flows.len() > 10, "{} {}", components.len(), flows.len());
    for (format, name) in [
        ("otm", "model.json"),
        ("pytm", "model.json"),
        ("threagile", "model.yaml"),
        ("threat-dragon", "model.json"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), inventory(&example(), format)).unwrap();
        std::fs::write(folder.path().join("vauban.toml"), format!("[[model]]\npath = \"{name}\"\n")).unwrap();
        let (again, flows_again) = told(&inventory(folder.path(), "otm"));
        let lost: Vec<_> = components.difference(&again).collect();
        assert!(lost.is_empty(), "{format} lost {lost:#?}");
        // The folder itself is an asset of the review, and of no model.
        let own = format!("\"pipeline:{}\"", folder.path().file_name().unwrap().to_str().unwrap());
        let more: Vec<_> = again.difference(&components).filter(|one| !one.starts_with(&own)).collect();
        assert!(more.is_empty(), "{format} added {more:#?}");
        let lost: Vec<_> = flows.symmetric_difference(&flows_again).collect();
        assert!(lost.is_empty(), "{format}: {lost:#?}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the model is written where a user would")]
fn a_model_of_no_known_tool_is_refused_and_one_outside_too() {
    let folder = tempfile::tempdir().unwrap();
    for (path, wanted) in [
        ("model.json", "is no threat model of Threagile"),
        ("../model.json", "is not below the folder under review"),
        ("gone.json", "cannot read the threat model"),
    ] {
        std::fs::write(folder.path().join("model.json"), "{\"a\": 1}").unwrap();
        std::fs::write(folder.path().join("vauban.toml"), format!("[[model]]\npath = \"{path}\"\n")).unwrap();
        let output =
            Command::new(env!("CARGO_BIN_EXE_vauban")).arg("inventory").arg(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(wanted), "{path}: {said}");
        assert!(said.contains("vauban.toml:2"), "{said}");
    }
}
