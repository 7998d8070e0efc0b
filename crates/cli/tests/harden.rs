//! `vauban harden` as a data scientist uses it, on the example's form reader.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]
#![allow(
    clippy::disallowed_methods,
    reason = "the test runs the binary as a user does, in a folder of its own"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor-clinic/form-reader").join(path)
}

fn harden(options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vauban"))
        .arg("harden")
        .arg(example("models/form-reader-v1.onnx"))
        .arg("--inputs")
        .arg(example("data/train_x.npy"))
        .arg("--labels")
        .arg(example("data/train_y.npy"))
        .arg("--eval-inputs")
        .arg(example("data/test_x.npy"))
        .arg("--eval-labels")
        .arg(example("data/test_y.npy"))
        .args(["--samples", "40", "--queries", "50", "--quiet"])
        .args(options)
        .output()
        .unwrap()
}

#[test]
fn a_hardened_model_is_a_model_again_with_a_card_that_names_its_price() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (model, card) = (path("hardened.onnx"), path("card.json"));
    let output = harden(&["--method", "pgd", "--epochs", "2", "--output", &model, "--card", &card]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let card: serde_json::Value = serde_json::from_slice(&std::fs::read(&card).unwrap()).unwrap();
    assert_ne!(card["before"]["sha256"], card["after"]["sha256"]);
    assert_eq!(card["epochs"].as_array().unwrap().len(), 2, "{card}");
    let attacked = Command::new(env!("CARGO_BIN_EXE_vauban"))
        .args(["attack", &model, "--samples", "20", "--queries", "50", "--attack", "pgd-linf", "--quiet"])
        .arg("--inputs")
        .arg(example("data/test_x.npy"))
        .arg("--labels")
        .arg(example("data/test_y.npy"))
        .output()
        .unwrap();
    assert!(attacked.status.success(), "{}", String::from_utf8_lossy(&attacked.stderr));
}

#[test]
fn controls_are_tried_with_their_cost() {
    let output = harden(&["--controls"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for control in ["rounding", "rate", "labels"] {
        assert!(text.contains(control), "{control} in {text}");
    }
}

#[test]
fn judging_with_the_training_data_is_refused() {
    let train = example("data/train_x.npy");
    let output = Command::new(env!("CARGO_BIN_EXE_vauban"))
        .arg("harden")
        .arg(example("models/form-reader-v1.onnx"))
        .args(["--inputs".as_ref(), train.as_os_str(), "--eval-inputs".as_ref(), train.as_os_str()])
        .arg("--labels")
        .arg(example("data/train_y.npy"))
        .arg("--eval-labels")
        .arg(example("data/train_y.npy"))
        .args(["--output", "/nowhere/model.onnx"])
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && message.contains("--eval-inputs"), "{message}");
}
