//! `vauban attack` as a data scientist and a CI job use it, on the example's models.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]
#![allow(
    clippy::disallowed_methods,
    reason = "the test runs the binary as a user does, in a folder of its own"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor-clinic").join(path)
}

fn attack(model: &str, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vauban"))
        .arg("attack")
        .arg(example(model))
        .arg("--inputs")
        .arg(example("form-reader/data/test_x.npy"))
        .arg("--labels")
        .arg(example("form-reader/data/test_y.npy"))
        .args(["--samples", "60", "--queries", "300", "--quiet"])
        .args(options)
        .env_remove("VAUBAN_STORE")
        .output()
        .unwrap()
}

const V1: &str = "form-reader/models/form-reader-v1.onnx";
const V2: &str = "form-reader/models/form-reader-v2.onnx";

fn worst(output: &Output) -> serde_json::Value {
    let document: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let results = document["measurements"]["results"].as_array().unwrap();
    results.iter().find(|result| result["attack"] == "worst-case").unwrap().clone()
}

#[test]
fn a_result_says_how_to_get_it_again_and_gives_the_same_then() {
    let first = worst(&attack(V1, &["--format", "json"]));
    assert_eq!(first["samples"].as_array().unwrap().len(), 60);
    assert!(first["sanity"].as_array().unwrap().len() >= 15);
    let again = first["reproduce"].as_str().unwrap();
    let words: Vec<&str> = again.split(' ').skip(1).collect();
    let output = Command::new(env!("CARGO_BIN_EXE_vauban"))
        .args(words)
        .args(["--quiet", "--format", "json", "--threads", "1"])
        .output()
        .unwrap();
    assert_eq!(worst(&output), first, "{again}");
}

#[test]
fn the_gate_fails_for_a_version_that_is_less_robust_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let code = |model: &str, against: &Path| {
        let output = attack(model, &["--against", against.to_str().unwrap(), "--gate", "--suite", "quick"]);
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let robust =
        |model| worst(&attack(model, &["--format", "json", "--suite", "quick"]))["value"].as_f64().unwrap();
    let (better, worse) = if robust(V1) > robust(V2) { (V1, V2) } else { (V2, V1) };
    let (same, _) = code(better, &example(better));
    assert_eq!(same, 0);
    let (status, text) = code(worse, &example(better));
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("model-less-robust-than-before"), "{text}");
    // The same from a saved result instead of the model.
    let saved = folder.path().join("last.json");
    std::fs::write(&saved, attack(better, &["--format", "json", "--suite", "quick"]).stdout).unwrap();
    assert_eq!(code(worse, &saved).0, 1);
}

#[test]
fn examples_are_saved_and_checks_become_test_cases() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().to_str().unwrap();
    let output = attack(V1, &["--save", saved, "--format", "junit", "--attack", "pgd-linf"]);
    let xml = String::from_utf8(output.stdout).unwrap();
    assert!(xml.contains("<testcase name=\"examples-still-misread\""), "{xml}");
    let rows = std::fs::read(folder.path().join("form-reader-v1-rows.npy")).unwrap();
    let inputs = std::fs::read(folder.path().join("form-reader-v1-adversarial.npy")).unwrap();
    assert!(rows.len() > 128 && inputs.len() > rows.len());
}

#[test]
fn an_unknown_attack_is_named_and_the_list_tells_of_the_others() {
    let output = attack(V1, &["--attack", "pdg"]);
    let message =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && message.contains("there is no attack `pdg`"), "{message}");
    let list = Command::new(env!("CARGO_BIN_EXE_vauban")).args(["attack", "--list"]).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.contains("pgd-linf") && list.contains("Madry"), "{list}");
}

#[test]
fn a_property_is_decided_as_a_competition_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("box.vnnlib");
    let decide = |outputs: &str| {
        let inputs: String = (0..64)
            .map(|x| {
                format!("(declare-const X_{x} Real)\n(assert (>= X_{x} 0.5))\n(assert (<= X_{x} 0.5))\n")
            })
            .collect();
        let classes: String = (0..10).map(|y| format!("(declare-const Y_{y} Real)\n")).collect();
        std::fs::write(&path, inputs + &classes + outputs).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_vauban"))
            .arg("attack")
            .arg(example(V1))
            .arg("--property")
            .arg(&path)
            .output()
            .unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), text)
    };
    // One point: some class is at least as likely as the first, and none as likely as a million.
    let (code, text) = decide("(assert (<= Y_0 1000000.0))\n");
    assert!(code == 1 && text.starts_with("sat"), "{code} {text}");
    let (code, text) = decide("(assert (>= Y_0 1000000.0))\n");
    assert!(code == 0 && text.starts_with("unsat"), "{code} {text}");
}
