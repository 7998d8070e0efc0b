//! Every rule against its fixtures: `bad-*` must set it off, `good-*` must not.
//!
//! `fixtures/<rule>/bad-name.ext` is one file, `fixtures/<rule>/bad-name/` a small estate. Every file is parsed and
//! given a stand-in asset; checks of files and of the estate run on them. What may not be stored (credentials, files
//! that do harm) is made by code: here for secrets, in the test of its family for the rest.
#![allow(clippy::disallowed_methods, reason = "reads the fixtures")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use vauban_checks::{File, Inventory, check_estate, check_file};
use vauban_domain::{
    Asset, AssetId, AssetKind, Confidence, Declaration, Digest, Family, Finding, Layer, Locator, Timestamp,
};
use vauban_formats::{Budget, Input, Limits};
use vauban_knowledge::Knowledge;

/// Families whose fixtures are made by code in tests of their own.
const ELSEWHERE: &[Family] = &[Family::Artifact, Family::Declaration];
/// Rules about assets that no single file is, with tests of their own.
const ABOUT_ASSETS: &[&str] = &[
    "dependency-malicious",
    "dependency-vulnerable",
    "licence-conflict",
    "licence-missing",
    "licence-non-commercial",
    "licence-use-restricted",
    "service-without-authentication",
];
/// Rules whose bad examples are made by code below.
const MADE_HERE: &[&str] = &[
    "cloud-secret-in-start-script",
    "dependency-index-credential",
    "notebook-secret-in-output",
    "secret-connection-string",
    "secret-credential",
    "secret-password",
    "secret-private-key",
];

/// What the file would be in a real estate.
fn stand_in(path: &str) -> Asset {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let (kind, component, layer) = match extension {
        "csv" | "npy" | "npz" | "parquet" => (AssetKind::Dataset, "dataset", Layer::DataOperations),
        "gguf" | "joblib" | "onnx" | "pkl" | "pt" | "safetensors" => {
            (AssetKind::Model, "model", Layer::FoundationModels)
        }
        "ipynb" => (AssetKind::Notebook, "training_pipeline", Layer::DataOperations),
        _ => (AssetKind::Pipeline, "ci_pipeline", Layer::Deployment),
    };
    Asset::new(kind, component, layer, path, Confidence::Verified, Locator::file(path))
}

/// Every finding about a set of files, given by path and content.
fn findings(files: &[(String, Vec<u8>)]) -> Vec<Finding> {
    let mut assets: Vec<Asset> = files.iter().map(|(path, _)| stand_in(path)).collect();
    assets.sort_by(|a, b| a.id.cmp(&b.id));
    let mut parsed: Vec<File> = files
        .iter()
        .map(|(path, bytes)| {
            let budget = Budget::new(Limits::default());
            File {
                path: path.clone(),
                size: bytes.len() as u64,
                digest: Some(Digest::of(bytes)),
                parsed: vauban_formats::parse(&Input::new(path, bytes, &budget)),
                home: stand_in(path).id,
            }
        })
        .collect();
    parsed.sort_by(|a, b| a.path.cmp(&b.path));
    let knowledge = Knowledge::builtin();
    let mut found = Vec::new();
    for file in &parsed {
        let home = stand_in(&file.path);
        found.extend(check_file(file, &home, &[&home], knowledge).findings);
    }
    let declaration = Declaration::default();
    let inventory = Inventory {
        assets: &assets,
        relations: &[],
        declaration: &declaration,
        files: &parsed,
        now: Timestamp(0),
    };
    let whole = AssetId::new(AssetKind::Pipeline, "whole");
    found.extend(check_estate(&inventory, &whole, knowledge).findings);
    found
}

/// Files of a fixture: itself, or everything in its folder.
fn files_of(fixture: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |path: &Path, name: &str| (name.to_owned(), std::fs::read(path).unwrap());
    if fixture.is_file() {
        return vec![read(fixture, fixture.file_name().unwrap().to_str().unwrap())];
    }
    let (mut files, mut folders) = (Vec::new(), vec![fixture.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(fixture).unwrap().to_str().unwrap().replace('\\', "/");
                files.push(read(&path, &name));
            }
        }
    }
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

#[test]
fn bad_fixtures_set_their_rule_off_and_good_ones_do_not() {
    let mut wrong = Vec::new();
    for folder in entries(&root()) {
        let rule = name(&folder);
        for fixture in entries(&folder) {
            let found = findings(&files_of(&fixture)).into_iter().filter(|finding| finding.rule == rule);
            let messages: Vec<String> = found.map(|finding| finding.message).collect();
            let fixture = name(&fixture);
            let right = match fixture.split_once('-').map(|(kind, _)| kind) {
                Some("bad") => !messages.is_empty(),
                Some("good") => messages.is_empty(),
                _ => false,
            };
            if !right {
                wrong.push(format!("{rule}/{fixture}: {messages:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_fixtures_and_every_fixture_a_rule() {
    let rules: BTreeSet<String> = vauban_checks::all().map(|check| check.rule.id.to_string()).collect();
    for folder in entries(&root()) {
        assert!(rules.contains(&name(&folder)), "no rule is called {}", name(&folder));
    }
    let has_own_test = |check: &&vauban_checks::Check| {
        ELSEWHERE.contains(&check.rule.family) || ABOUT_ASSETS.contains(&check.rule.id.as_ref())
    };
    for check in vauban_checks::all().filter(|check| !has_own_test(check)) {
        let folder = root().join(check.rule.id.as_ref());
        let fixtures = if folder.is_dir() { entries(&folder) } else { Vec::new() };
        let has = |kind: &str| fixtures.iter().any(|fixture| name(fixture).starts_with(kind));
        assert!(
            has("bad-") || MADE_HERE.contains(&check.rule.id.as_ref()),
            "{} has no bad fixture",
            check.rule.id
        );
        assert!(has("good-"), "{} has no good fixture", check.rule.id);
    }
}

/// Rules that a text under this name sets off, sorted; and whether any excerpt shows `secret`.
fn check(path: &str, text: &str, secret: &str) -> Vec<String> {
    let found = findings(&[(path.to_owned(), text.as_bytes().to_vec())]);
    for finding in &found {
        let shown = finding.evidence.iter().any(|evidence| evidence.excerpt.contains(secret));
        assert!(!shown && !finding.message.contains(secret), "{} shows the secret", finding.rule);
    }
    let rules: BTreeSet<String> = found.into_iter().map(|finding| finding.rule.to_string()).collect();
    rules.into_iter().collect()
}

#[test]
fn credentials_are_found_wherever_they_stand_and_never_shown() {
    let token = ["hf", "_", "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3h"].concat();
    let password = ["k7-Lm2", "q9Zt"].concat();
    let address = format!("postgresql://clerk:{password}@db.clinic.example/records");
    let key = ["-----BEGIN PRIV", "ATE KEY-----\nMIIEowIBAAKCAQEAt0WlQ3fX9aK8\n-----END"].concat();
    assert_eq!(check("a.py", &format!("TOKEN = \"{token}\"\n"), &token), ["secret-credential"]);
    assert_eq!(check(".env", &format!("HF_TOKEN={token}\n"), &token), ["secret-credential"]);
    assert_eq!(check("notes.md", &format!("use {token}\n"), &token), ["secret-credential"]);
    assert_eq!(check("a.py", &format!("DB_PASSWORD = \"{password}\"\n"), &password), ["secret-password"]);
    assert_eq!(check("app.ini", &format!("password = {password}\n"), &password), ["secret-password"]);
    assert_eq!(check("tests/test_a.py", &format!("PASSWORD = \"{password}\"\n"), &password), [""; 0]);
    assert_eq!(check("a.py", &format!("URL = \"{address}\"\n"), &password), ["secret-connection-string"]);
    assert_eq!(check("key.pem", &key, "MIIEow"), ["secret-private-key"]);
}

#[test]
fn credentials_of_registries_are_found_in_the_settings_of_installers() {
    let word = ["q7Lm", "2Rz9", "Xk4T"].concat();
    let host = "packages.acme.example";
    for (path, text) in [
        (".npmrc", format!("//{host}/npm/:_authToken={word}\n")),
        (".yarnrc.yml", format!("npmAuthToken: {word}\n")),
        (
            ".cargo/config.toml",
            format!("[registries.acme]\nindex = \"https://{host}\"\ntoken = \"{word}\"\n"),
        ),
    ] {
        let rules = check(path, &text, &word);
        assert!(rules.contains(&"dependency-index-credential".to_owned()), "{path}: {rules:?}");
    }
}

#[test]
fn notebooks_are_read_cell_by_cell() {
    let password = ["k7-Lm2", "q9Zt"].concat();
    let cell = |source: &str, output: &str| {
        format!(
            r#"{{"nbformat":4,"metadata":{{}},"cells":[{{"cell_type":"code","source":["{source}"],"outputs":[{{"output_type":"stream","text":["{output}"]}}]}}]}}"#
        )
    };
    let printed = cell("print(url)", &format!("mysql://clerk:{password}@db.clinic.example/x"));
    assert_eq!(check("a.ipynb", &printed, &password), ["notebook-secret-in-output"]);
    let written = cell(&format!("password = '{password}'"), "");
    assert_eq!(check("a.ipynb", &written, &password), ["secret-password"]);
}

#[test]
fn secrets_in_start_scripts_are_found_in_base64() {
    let token = ["hf", "_", "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3h"].concat();
    let encoded = base64(format!("#!/bin/sh\nexport HF_TOKEN={token}\n").as_bytes());
    let code = format!(
        "resource \"aws_sagemaker_notebook_instance_lifecycle_configuration\" \"l\" {{\n  on_start = \"{encoded}\"\n}}\n"
    );
    assert_eq!(check("a.tf", &code, &token), ["cloud-secret-in-start-script"]);
    let open = format!(
        "resource \"aws_sagemaker_model\" \"m\" {{\n  primary_container {{\n    environment = {{ HF_TOKEN = \"{token}\" }}\n  }}\n}}\n"
    );
    assert_eq!(check("b.tf", &open, &token), ["secret-credential"]);
}

/// Bytes as base64 writes them.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * index) & 63) as usize];
            out.push(if index <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}
