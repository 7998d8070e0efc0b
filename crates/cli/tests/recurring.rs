//! Reviews that recur, as their users see them: signed, compared, due, and aware of new techniques.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]
#![allow(clippy::disallowed_methods, reason = "the test runs the binary as a user does, on files of its own")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

const DECLARATION: &str = r#"
[organisation]
name = "clinic"
currency = "EUR"

[[system]]
name = "triage"
owner = "Chen"
assets = ["triage/**"]
every_days = 30

[[system]]
name = "intake"
owner = "Chen"
assets = ["intake/**"]

[review]
every_days = 90
half_life_days = 90

[[claim]]
control = "output-rounding"
applies_to = ["triage"]
owner = "Anna"
date = 2026-07-01
statement = "scores are rounded"

[[reviewer]]
name = "Anna"
role = "security"
key = "keys/anna.pub.pem"

[[reviewer]]
name = "Boris"
role = "data-science"
systems = ["triage"]
key = "keys/boris.pub.pem"

[[reviewer]]
name = "Chen"
role = "owner"
systems = ["triage"]
key = "keys/chen.pub.pem"
"#;

/// A small organisation of its own, with keys and a store.
struct Clinic(tempfile::TempDir);

impl Clinic {
    fn new() -> Self {
        let clinic = Self(tempfile::tempdir().unwrap());
        for folder in ["triage", "intake", "keys"] {
            std::fs::create_dir_all(clinic.path(folder)).unwrap();
        }
        std::fs::write(clinic.path("vauban.toml"), DECLARATION).unwrap();
        std::fs::write(clinic.path("triage/model.pkl"), b"cos\nsystem\n(S'id'\ntR.").unwrap();
        std::fs::write(clinic.path("intake/model.pkl"), b"cos\ngetcwd\n(tR.").unwrap();
        for name in ["anna", "boris", "chen"] {
            clinic.done(&["sign", "keygen", clinic.path(&format!("keys/{name}")).to_str().unwrap()]);
        }
        clinic
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("clinic").join(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        let store = self.0.path().join("reviews.sqlite");
        common::vauban(&self.path(""), &[words, &["--store", store.to_str().unwrap()]].concat())
    }

    /// What a command prints, and how it ends.
    fn said(&self, words: &[&str]) -> (String, i32) {
        let output = self.run(words);
        (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
    }

    fn done(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn review(&self, now: &str, more: &[&str]) -> String {
        self.done(
            &[&["review", ".", "--reports", "../reports", "--trials", "1000", "--now", now][..], more]
                .concat(),
        )
    }

    fn saved(&self) -> PathBuf {
        self.0.path().join("reports/vauban.json")
    }
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_review_is_signed_in_roles_and_verified() {
    let clinic = Clinic::new();
    clinic.review("2026-11-20T00:00:00Z", &[]);
    let saved = clinic.saved();
    let from = ["--from", saved.to_str().unwrap()];
    let verify = |more: &[&str]| clinic.said(&[&["verify"][..], &from, more].concat());
    let sign = |key: &str, more: &[&str]| {
        let key = format!("keys/{key}.key.pem");
        clinic.done(&[&["sign", "--key", &key, "--now", "2026-11-21T09:00:00Z"][..], &from, more].concat());
    };

    let (text, code) = verify(&[]);
    assert_eq!(code, 1, "nobody has signed");
    assert!(text.contains("`triage`: data-science MISSING, to be decided by Boris"), "{text}");
    sign("anna", &["--decision", "approve"]);
    sign("boris", &["--decision", "reject", "--system", "triage", "--comment", "the hold-out set leaks"]);
    let (text, code) = verify(&[]);
    assert_eq!(code, 1);
    assert!(text.contains("`intake`: security approved by Anna"), "{text}");
    assert!(text.contains("`triage`: data-science REJECTED by Boris"), "{text}");
    assert!(text.contains("`triage`: owner MISSING, to be decided by Chen"), "{text}");
    sign("boris", &["--decision", "approve", "--comment", "fixed"]);
    sign("chen", &["--decision", "approve"]);
    let (text, code) = verify(&[]);
    assert_eq!(code, 0, "{text}");

    let beside = saved.with_file_name("vauban.json.signatures.jsonl");
    let signatures = std::fs::read_to_string(&beside).unwrap();
    let head = serde_json::from_str::<Value>(&verify(&["--format", "json"]).0).unwrap()["head"].clone();
    let lines: Vec<&str> = signatures.lines().collect();
    // The end is cut off: the chain holds, and who kept its head notices.
    std::fs::write(&beside, lines[..3].join("\n") + "\n").unwrap();
    let (text, _) = verify(&["--head", head.as_str().unwrap()]);
    assert!(text.contains("cut chain: no sound statement has sha256"), "{text}");
    // A line in the middle is taken out.
    std::fs::write(&beside, [lines[0], lines[2], lines[3]].join("\n") + "\n").unwrap();
    let (text, code) = verify(&[]);
    assert!(text.contains("line 2: broken link: it names") && code == 1, "{text}");
    std::fs::write(&beside, &signatures).unwrap();
    assert_eq!(verify(&[]).1, 0);
    // Chen signs with Anna's key.
    let (_, code) = clinic.said(
        &[
            &[
                "sign",
                "--key",
                "keys/anna.key.pem",
                "--by",
                "Chen",
                "--role",
                "owner",
                "--decision",
                "approve",
            ][..],
            &from,
        ]
        .concat(),
    );
    assert_eq!(code, 0);
    let (text, code) = verify(&[]);
    assert!(text.contains("line 5: other key: Chen is declared with sha256:") && code == 1, "{text}");
    std::fs::write(&beside, &signatures).unwrap();
    // One byte of the document is another.
    let document = std::fs::read_to_string(&saved).unwrap();
    std::fs::write(&saved, document.replacen("high", "info", 1)).unwrap();
    let (text, code) = verify(&[]);
    assert!(text.contains("line 1: changed document: sha256") && code == 1, "{text}");
    assert!(text.contains("`intake`: security MISSING"), "{text}");
}

#[test]
fn keys_are_for_their_owner_alone_and_never_replaced() {
    let clinic = Clinic::new();
    let key = clinic.path("keys/anna.key.pem");
    let before = std::fs::read(&key).unwrap();
    let again = clinic.run(&["sign", "keygen", "keys/anna"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    assert_eq!(std::fs::read(&key).unwrap(), before);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_stored_review_keeps_its_signatures_in_the_store() {
    let clinic = Clinic::new();
    clinic.review("2026-11-20T00:00:00Z", &[]);
    for key in ["anna", "boris", "chen"] {
        let key = format!("keys/{key}.key.pem");
        clinic.done(&["sign", "--key", &key, "--decision", "approve", "--now", "2026-11-21T09:00:00Z"]);
    }
    let (text, code) = clinic.said(&["verify"]);
    assert_eq!(code, 0, "{text}");
    // The next review has signatures of its own.
    clinic.review("2026-12-20T00:00:00Z", &[]);
    assert_eq!(clinic.said(&["verify"]).1, 1);
}

/// The saved review as one of an earlier edition that did not know `technique`.
fn of_an_earlier_edition(clinic: &Clinic, technique: &str) -> PathBuf {
    let mut document = json_of(&clinic.saved());
    document["review"]["atlas_edition"] = "2026.07".into();
    let known = |row: &Value| !row["technique"].as_str().unwrap().starts_with(technique);
    for part in ["coverage", "techniques"] {
        document[part].as_array_mut().unwrap().retain(known);
    }
    let path = clinic.0.path().join("earlier.json");
    std::fs::write(&path, document.to_string()).unwrap();
    path
}

#[test]
fn a_technique_of_a_new_edition_is_new_and_unreviewed() {
    let clinic = Clinic::new();
    clinic.review("2026-08-20T00:00:00Z", &["--no-store"]);
    let document = json_of(&clinic.saved());
    let edition = document["review"]["atlas_edition"].as_str().unwrap().to_owned();
    let rows = document["coverage"].as_array().unwrap();
    let technique = rows.last().unwrap()["technique"].as_str().unwrap().split('@').next().unwrap().to_owned();
    let earlier = of_an_earlier_edition(&clinic, &technique);
    let earlier = earlier.to_str().unwrap();

    let text = clinic.review(
        "2026-11-20T00:00:00Z",
        &["--no-store", "--earlier", earlier, "--trigger", "new-atlas-release"],
    );
    assert!(text.contains("new-atlas-release"), "{text}");
    let said = format!("new in ATLAS {edition} and not reviewed before: {technique}");
    assert!(text.contains(&said), "no `{said}` in {text}");
    assert!(text.contains("`triage` was due 62 days before this one"), "{text}");
    let after = json_of(&clinic.saved());
    let new: Vec<&str> =
        after["schedule"]["new_techniques"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(new.iter().all(|id| id.starts_with(&technique)) && !new.is_empty(), "{new:?}");
    assert_eq!(after["review"]["trigger"], json!("new-atlas-release"));

    let saved = clinic.saved();
    let text = clinic.done(&["diff", earlier, saved.to_str().unwrap()]);
    assert!(text.contains("techniques that are new in this edition of ATLAS"), "{text}");
    assert!(text.contains(&format!("another edition of ATLAS: 2026.07 before, {edition} after")), "{text}");
    // The same edition brings nothing new, however long ago.
    let same = clinic.review("2026-11-21T00:00:00Z", &["--no-store", "--earlier", saved.to_str().unwrap()]);
    assert!(!same.contains("not reviewed before"), "{same}");
}

#[test]
fn two_reviews_are_compared_however_they_are_named() {
    let clinic = Clinic::new();
    clinic.review("2026-08-20T00:00:00Z", &[]);
    let first = json_of(&clinic.saved())["review"]["id"].as_str().unwrap().to_owned();
    let kept = clinic.0.path().join("first.json");
    std::fs::copy(clinic.saved(), &kept).unwrap();
    std::fs::write(clinic.path("triage/model.pkl"), b"cbuiltins\neval\n(S'1'\ntR.").unwrap();
    clinic.review("2026-11-20T00:00:00Z", &[]);
    let second = json_of(&clinic.saved())["review"]["id"].as_str().unwrap().to_owned();

    let text = clinic.done(&["diff"]);
    assert!(text.contains("1 assets with new bytes\n  model:"), "{text}");
    assert!(text.contains("money at risk, EUR"), "{text}");
    assert_eq!(clinic.done(&["diff", &first, &second]), text);
    assert_eq!(clinic.done(&["diff", kept.to_str().unwrap(), &second]), text);
    assert_eq!(clinic.done(&["diff", ".", "--before", &first, "--after", &second]), text);
    let other_way = clinic.done(&["diff", &second, &first]);
    assert!(other_way.contains("the first was taken later"), "{other_way}");
    // The claim of July is 50 days old in August, and no more than a claim: 142 days in November are too many.
    let value: Value =
        serde_json::from_str(&clinic.done(&["diff", &first, &second, "--format", "json"])).unwrap();
    let down = value["coverage"]["down"].as_array().unwrap();
    let decayed = down.iter().find(|one| one["cause"] == "decay").unwrap_or_else(|| panic!("{down:#?}"));
    assert_eq!((&decayed["before"], &decayed["after"]), (&json!("claimed"), &json!("blind")));
    assert!(decayed["why"].as_str().unwrap().contains("claimed by Anna of 2026-07-01"), "{decayed}");
    assert_eq!(clinic.said(&["diff", &first, &second, "--fail-on", "regression"]).1, 1);
    assert_eq!(clinic.said(&["diff", &second, &second, "--fail-on", "regression"]).1, 0);

    // A document with parts left out says what could not be compared.
    let mut partial = json_of(&kept);
    partial.as_object_mut().unwrap().remove("coverage");
    std::fs::write(&kept, partial.to_string()).unwrap();
    let text = clinic.done(&["diff", kept.to_str().unwrap(), &second]);
    assert!(text.contains("parts that could not be compared") && text.contains("coverage: "), "{text}");
}

#[test]
fn what_has_aged_and_what_is_inherited_shows() {
    let clinic = Clinic::new();
    clinic.review("2026-11-20T00:00:00Z", &["--no-store"]);
    let saved = clinic.saved();
    let from = ["--from", saved.to_str().unwrap()];
    let text = clinic.done(&[&["gap"][..], &from].concat());
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("blind spots first"), "{text}");
    let table = clinic.done(&[&["gap", "--format", "coverage-csv"][..], &from].concat());
    let aged: Vec<&str> = table
        .lines()
        .filter(|line| line.contains("\"blind\",\"claimed\",\"2026-07-01T00:00:00Z\""))
        .collect();
    assert!(aged.iter().any(|line| line.contains("\"system:triage\"")), "{table}");
    // Blind spots first, what cannot happen last.
    let rungs: Vec<&str> = table.lines().skip(1).map(|line| line.split("\",\"").nth(4).unwrap()).collect();
    let place = |rung: &str| {
        ["blind", "claimed", "configured", "exercised", "not-applicable"].iter().position(|one| *one == rung)
    };
    assert!(rungs.windows(2).all(|pair| place(pair[0]) <= place(pair[1])), "{rungs:?}");
    let page = clinic.done(&[&["report", "--format", "html"][..], &from].concat());
    assert!(
        page.contains("Blind spots") && page.contains("aged from claimed of <time datetime=\"2026-07-01\">")
    );
    assert!(page.contains("inherited from system:triage"));
}

#[test]
fn a_schedule_says_what_is_overdue() {
    let clinic = Clinic::new();
    let (text, code) = clinic.said(&["schedule", "--now", "2026-11-20T00:00:00Z", "--fail-overdue"]);
    assert!(text.contains("NEVER REVIEWED") && code == 1, "{text}");
    clinic.review("2026-11-20T00:00:00Z", &[]);
    let (text, code) = clinic.said(&["schedule", "--now", "2026-12-01T00:00:00Z", "--fail-overdue"]);
    assert!(!text.contains("OVERDUE") && code == 0, "{text}");
    let (text, code) = clinic.said(&["schedule", "--now", "2026-12-30T00:00:00Z", "--fail-overdue"]);
    assert!(text.contains("OVERDUE by 10 days") && code == 1, "{text}");
    assert_eq!(clinic.said(&["schedule", "--now", "2026-12-30T00:00:00Z"]).1, 0);
    let value: Value = serde_json::from_str(&clinic.done(&[
        "schedule",
        "--now",
        "2026-12-30T00:00:00Z",
        "--format",
        "json",
    ]))
    .unwrap();
    assert_eq!(value["systems"][0]["system"], "triage");
    assert_eq!(value["systems"][0]["due"], "2026-12-20T00:00:00Z");
    assert_eq!(value["systems"][1]["state"], "due");
    let calendar = clinic.done(&["report", "--format", "icalendar"]);
    assert!(
        calendar.contains("DTSTART;VALUE=DATE:20261220\r\nSUMMARY:Review the system triage\r\n"),
        "{calendar}"
    );
}
