//! What a supposed control or a component that is gone changes, as a user sees it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]
#![allow(clippy::disallowed_methods, reason = "the test runs the binary as a user does, on files of its own")]

mod common;

use std::process::Output;

use serde_json::Value;

const DECLARATION: &str = r#"
[organisation]
name = "clinic"
currency = "EUR"

[[system]]
name = "assistant"
owner = "Chen"
assets = ["assistant/**"]
exposure = "internet"

[system.losses.confidentiality]
low = 10000
high = 200000

[[system]]
name = "triage"
owner = "Chen"
assets = ["triage/**"]

[system.losses.integrity]
low = 5000
high = 50000
"#;

/// `vauban what-if` on an estate with an agent and a hostile model.
fn asked(words: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for system in ["assistant", "triage"] {
        std::fs::create_dir(path(system)).unwrap();
    }
    std::fs::write(path("vauban.toml"), DECLARATION).unwrap();
    let servers = r#"{"mcpServers": {"files": {"command": "npx", "args": ["-y", "files-mcp"]}}}"#;
    std::fs::write(path("assistant/mcp.json"), servers).unwrap();
    std::fs::write(path("triage/model.pkl"), b"cos\nsystem\n(S'id'\ntR.").unwrap();
    let always = ["what-if", ".", "--trials", "1000", "--now", "2026-11-20T00:00:00Z"];
    common::vauban(folder.path(), &[&always, words].concat())
}

fn as_json(words: &[&str]) -> Value {
    let output = asked(&[words, &["--format", "json"]].concat());
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_control_lowers_losses_and_lifts_scores_where_it_is_supposed() {
    let told = as_json(&["--add", "control:tool-allow-list@assistant"]);
    let figure = |side: &str, name: &str| told[side][name].as_f64().unwrap();
    assert!(figure("after", "expected yearly loss") < figure("before", "expected yearly loss"));
    assert_eq!(figure("after", "assets"), figure("before", "assets"));
    let scores = told["changed"]["coverage"].as_array().unwrap();
    assert!(!scores.is_empty());
    for score in scores {
        assert_eq!((&score["before"], &score["after"]), (&"blind".into(), &"configured".into()), "{score}");
        assert!(score["asset"].as_str().unwrap().contains("assistant/"), "{score}");
    }
    let paths = told["changed"]["paths"].as_array().unwrap();
    assert!(!paths.is_empty());
    for path in paths {
        if let (Some(before), Some(after)) = (path["before"].as_f64(), path["after"].as_f64()) {
            assert!(after < before, "{path}");
        }
    }
}

#[test]
fn what_is_gone_takes_its_paths_and_counts_along() {
    let told = as_json(&["--remove", "component:triage"]);
    let figure = |side: &str, name: &str| told[side][name].as_f64().unwrap();
    assert_eq!(figure("before", "assets") - figure("after", "assets"), 1.0);
    assert!(figure("after", "threats") < figure("before", "threats"));
    let paths = told["changed"]["paths"].as_array().unwrap();
    let through_it = |path: &&Value| path["steps"].to_string().contains("model:triage/model.pkl");
    assert!(paths.iter().any(|path| through_it(&path)), "{paths:?}");
    for path in paths.iter().filter(through_it) {
        assert!(path["before"].is_number() && path["after"].is_null(), "{path}");
    }
    let scores = told["changed"]["coverage"].as_array().unwrap();
    assert!(scores.iter().all(|score| score["asset"] != "model:triage/model.pkl"), "gone is not changed");
}

#[test]
fn nothing_supposed_twice_over_changes_anything_twice() {
    let once = as_json(&["--add", "control:tool-allow-list"]);
    let twice = as_json(&["--add", "control:tool-allow-list", "--add", "control:tool-allow-list@assistant"]);
    assert_eq!((&once["after"], &once["changed"]), (&twice["after"], &twice["changed"]));
}

#[test]
fn the_view_tells_figures_paths_scores_and_requirements() {
    let output = asked(&["--add", "control:tool-allow-list@assistant", "--remove", "component:triage"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "expected yearly loss",
        "paths that change",
        "not among the worst",
        "scores that change",
        "requirement",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_cannot_be_supposed_is_told_with_what_could() {
    for (words, problem) in [
        (["--add", "control:wishful-thinking"], "the library has no control `wishful-thinking`; it has "),
        (["--add", "rate-limit"], "write `--add control:rate-limit`"),
        (["--add", "control:rate-limit@nowhere"], "`vauban inventory` lists them"),
        (["--remove", "component:nowhere"], "`vauban inventory` lists them"),
        (["--remove", "triage"], "write `--remove component:"),
    ] {
        let output = asked(&words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(problem), "{words:?}: {said}");
    }
}
