//! What stored reviews forecast is scored by what was declared to have happened since.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[expect(clippy::disallowed_methods, reason = "the test runs the binary as a user does")]
fn run(command: &str, folder: &Path, now: &str, options: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_vauban"))
        .arg(command)
        .arg(folder.join("clinic"))
        .arg("--store")
        .arg(folder.join("reviews.sqlite"))
        .args(["--now", now, "--trials", "20000", "--format", "json"])
        .args(options)
        .env("HOME", folder)
        .env_remove("XDG_DATA_HOME")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

const DECLARED: &str = "[[system]]\nname = \"reader\"\nassets = [\"**\"]\nincidents_since = 2024-06-01\n\
    [system.losses.integrity]\nlow = 1000\nlikely = 5000\nhigh = 90000\n";
const INCIDENT: &str =
    "[[incident]]\ndate = 2025-02-01\nsystem = \"reader\"\nimpact = \"integrity\"\nloss = 7000\n";

#[test]
#[expect(clippy::disallowed_methods, reason = "the test makes the folder that it reviews")]
fn forecasts_that_came_due_are_scored_by_later_reviews() {
    let folder = tempfile::tempdir().unwrap();
    let clinic = folder.path().join("clinic");
    std::fs::create_dir(&clinic).unwrap();
    std::fs::write(clinic.join("model.pkl"), b"\x80\x04K\x01.").unwrap();
    std::fs::write(clinic.join("vauban.toml"), DECLARED).unwrap();
    let review = |now| run("review", folder.path(), now, &["--no-reports"]);

    let first = review("2025-01-01");
    let made = &first["risk"]["forecasts"]["made"];
    assert_eq!(made.as_array().unwrap().len(), 1, "{made}");
    assert_eq!((&made[0]["system"], &made[0]["until"]), (&"reader".into(), &"2025-04-01T00:00:00Z".into()));
    assert!(first["risk"]["forecasts"].get("score").is_none(), "nothing is stored yet");
    // Two months later nothing has come due; this second forecast overlaps the first and will not count.
    let second = review("2025-03-01");
    let score = &second["risk"]["forecasts"]["score"];
    assert_eq!((&score["count"], &score["pending"]), (&0.into(), &1.into()), "{score}");
    assert!(score.get("brier").is_none());

    std::fs::write(clinic.join("vauban.toml"), format!("{DECLARED}{INCIDENT}")).unwrap();
    let third = review("2025-07-01");
    let score = &third["risk"]["forecasts"]["score"];
    assert_eq!((&score["count"], &score["happened"]), (&1.into(), &1.into()), "{score}");
    let said = made[0]["probability"].as_f64().unwrap();
    assert!((score["brier"].as_f64().unwrap() - (1.0 - said).powi(2)).abs() < 1e-12, "{score}");
    assert_eq!(score["calibration"].as_array().unwrap().len(), 1);
    // What is on record is no part of what was seen: the same look without a store has the same name.
    let alone = run("review", folder.path(), "2025-07-01", &["--no-reports", "--no-store"]);
    assert_eq!(alone["review"]["id"], third["review"]["id"]);
    // The part alone reads the store as well.
    let part = run("risk", folder.path(), "2025-07-01", &[]);
    assert_eq!(&part["risk"]["forecasts"]["score"], score);
}
