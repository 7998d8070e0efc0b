//! A drill from the incident-response book, as those who play it see it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]
#![allow(clippy::disallowed_methods, reason = "the test runs the binary as a user does, on files of its own")]

mod common;

use std::io::Write as _;

use serde_json::Value;

const DECLARATION: &str = r#"
[organisation]
name = "clinic"

[[system]]
name = "triage"
owner = "Chen"
assets = ["**"]

[system.losses.integrity]
low = 5000
high = 50000
"#;

const RECORD: &str = "drills/2026-11-20-triage.drill.jsonl";

const START: [&str; 6] = ["drill", "start", "--system", "triage", "--from", "reports/vauban.json"];

/// A reviewed clinic in whose folder commands run.
fn clinic() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vauban.toml"), DECLARATION).unwrap();
    std::fs::write(folder.path().join("model.pkl"), b"cos\nsystem\n(S'id'\ntR.").unwrap();
    ok(
        &folder,
        &[
            "review",
            ".",
            "--no-store",
            "--reports",
            "reports",
            "--trials",
            "1000",
            "--now",
            "2026-11-20T00:00:00Z",
        ],
    );
    ok(&folder, &[&START[..], &["--now", "2026-11-20T08:00:00Z"]].concat());
    folder
}

/// What a command that succeeds prints.
fn ok(folder: &tempfile::TempDir, words: &[&str]) -> String {
    let output = common::vauban(folder.path(), words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a command that fails says.
fn refused(folder: &tempfile::TempDir, words: &[&str]) -> String {
    let output = common::vauban(folder.path(), words);
    assert!(!output.status.success(), "{words:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn record(folder: &tempfile::TempDir, step: &str, at: &str) {
    ok(
        folder,
        &["drill", "record", RECORD, "--step", step, "--who", "Anna", "--what", "rang Chen", "--at", at],
    );
}

fn shown(folder: &tempfile::TempDir) -> Value {
    let text = ok(folder, &["drill", "show", RECORD, "--format", "json", "--now", "2026-11-20T12:00:00Z"]);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn who_did_what_when_is_recorded_and_what_nobody_did_is_missed() {
    let folder = clinic();
    record(&folder, "1", "2026-11-20T08:10:00Z");
    record(&folder, "0", "2026-11-20T08:20:00Z");
    let open = shown(&folder);
    assert_eq!((&open["finished"], &open["taken"]), (&Value::Null, &1.into()));
    assert_eq!(open["steps"][0]["seconds"], 600);
    assert_eq!(open["steps"][0]["entries"][0]["who"], "Anna");
    assert_eq!(open["other_entries"].as_array().unwrap().len(), 1);
    assert!(open["start"]["path"].as_str().is_some_and(|path| !path.is_empty()), "{open}");
    let text = ok(&folder, &["drill", "finish", RECORD, "--now", "2026-11-20T09:00:00Z"]);
    let steps = open["steps"].as_array().unwrap().len();
    assert!(text.contains(&format!("1 of {steps} steps taken, {} missed", steps - 1)), "{text}");
    let why =
        refused(&folder, &["drill", "record", RECORD, "--step", "2", "--who", "Anna", "--what", "late"]);
    assert!(why.contains("this drill is finished"), "{why}");
}

#[test]
fn a_torn_line_costs_nothing_else() {
    let folder = clinic();
    record(&folder, "1", "2026-11-20T08:10:00Z");
    let mut file = std::fs::OpenOptions::new().append(true).open(folder.path().join(RECORD)).unwrap();
    file.write_all(b"{\"event\":\"did\",\"step\":2,\"at\":\"2026-11").unwrap();
    record(&folder, "3", "2026-11-20T08:30:00Z");
    let all = shown(&folder);
    assert_eq!((&all["taken"], all["not_read"].as_array().unwrap().len()), (&2.into(), 1), "{all}");
}

#[test]
fn mistakes_are_refused_before_anything_is_written() {
    let folder = clinic();
    let start = [&START[..], &["--now", "2026-11-20T10:00:00Z"]].concat();
    assert!(refused(&folder, &start).contains("name a new file with --output"));
    let unknown = [&start[..3], &["clinic"], &start[4..]].concat();
    assert!(refused(&folder, &unknown).contains("clinic"));
    let who = ["--who", "Anna", "--what", "rang"];
    for (words, reason) in [
        (&["--step", "400"][..], "no step 400"),
        (&["--step", "1", "--at", "yesterday"][..], "`yesterday` is no time"),
        (&["--step", "1", "--at", "2026-11-19T08:00:00Z"][..], "before the drill began"),
    ] {
        let why = refused(&folder, &[&["drill", "record", RECORD][..], &who, words].concat());
        assert!(why.contains(reason), "{why}");
    }
    assert_eq!(shown(&folder)["taken"], 0);
    let large = std::fs::File::create(folder.path().join("large.drill.jsonl")).unwrap();
    large.set_len(9 << 20).unwrap();
    assert!(refused(&folder, &["drill", "show", "large.drill.jsonl"]).contains("larger than 8 MiB"));
}
