//! `vauban db` as people run it: what it takes, what it says of it, and what scans make of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]
#![allow(clippy::disallowed_methods, reason = "the tests make files and run the binary on them")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const NOW: &str = "2026-11-20T00:00:00Z";

fn record(id: &str, ecosystem: &str, package: &str, fixed: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2026-11-15T00:00:00Z","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{package}"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#
    )
}

/// An archive whose members are stored as they are.
fn archive(members: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let offset = u32::try_from(bytes.len()).unwrap();
        let (name_length, size) = (u16::try_from(name.len()).unwrap(), u32::try_from(content.len()).unwrap());
        // From the flags to the lengths both headers are the same; the method is 0, the checksum is not looked at.
        let mut shared = [0_u8; 24];
        shared[12..16].copy_from_slice(&size.to_le_bytes());
        shared[16..20].copy_from_slice(&size.to_le_bytes());
        shared[20..22].copy_from_slice(&name_length.to_le_bytes());
        bytes.extend_from_slice(b"PK\x03\x04\x0a\x00");
        bytes.extend_from_slice(&shared);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(content.as_bytes());
        directory.extend_from_slice(b"PK\x01\x02\x0a\x00\x0a\x00");
        directory.extend_from_slice(&shared);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (count, start) = (u16::try_from(members.len()).unwrap(), u32::try_from(bytes.len()).unwrap());
    let size = u32::try_from(directory.len()).unwrap();
    bytes.append(&mut directory);
    bytes.extend_from_slice(b"PK\x05\x06\x00\x00\x00\x00");
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&start.to_le_bytes());
    bytes.extend_from_slice(&[0; 2]);
    bytes
}

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vauban"))
        .current_dir(folder.path())
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .env("HOME", folder.path())
        .env("VAUBAN_NOW", NOW)
        .env_remove("VAUBAN_DATABASE")
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn json(output: &Output) -> Value {
    let talk = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {talk}"))
}

fn write(folder: &TempDir, name: &str, content: &[u8]) {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Messages of one rule, and reasons of looks of that rule that were not possible.
fn scanned(folder: &TempDir, arguments: &[&str]) -> (Vec<String>, Vec<String>) {
    let mut all = vec!["scan", "app", "-f", "json"];
    all.extend(arguments);
    let document = json(&run(folder, &all));
    let ours = |list: &str| -> Vec<Value> {
        let items = document[list].as_array().unwrap().iter();
        items.filter(|item| item["rule"] == "dependency-vulnerable").cloned().collect()
    };
    let text =
        |item: &Value, keys: [&str; 2]| keys.iter().find_map(|key| item[*key].as_str()).map(str::to_owned);
    (
        ours("findings").iter().filter_map(|item| text(item, ["message", "message"])).collect(),
        ours("outcomes").iter().filter_map(|item| text(item, ["reason", "detail"])).collect(),
    )
}

#[test]
fn archives_folders_and_tables_are_imported_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let members = [
        ("GHSA-1.json", record("GHSA-1", "PyPI", "Clinic_Kit", "2.0")),
        ("GHSA-2.json", r#"{"id":"GHSA-2","withdrawn":"2026-01-01T00:00:00Z"}"#.to_owned()),
        ("GHSA-3.json", record("GHSA-3", "Maven", "a:b", "1.0")),
        ("GHSA-4.json", "not json".to_owned()),
    ];
    let members: Vec<(&str, &str)> = members.iter().map(|(name, text)| (*name, text.as_str())).collect();
    write(&folder, "osv/osv-scanner/PyPI/all.zip", &archive(&members));
    write(&folder, "pypa/vulns/other/PYSEC-1.yaml", b"id: PYSEC-1\nmodified: 2026-11-16T00:00:00Z\naffected:\n- package: {ecosystem: PyPI, name: other}\n  versions: ['1.0']\n");
    write(&folder, "app/requirements.txt", b"clinic.kit==1.5\nother==1.1\n");
    let imported = json(&run(&folder, &["db", "import", "osv", "pypa", "-f", "json"]));
    assert_eq!(imported["ecosystems"][0]["ecosystem"], "PyPI");
    assert_eq!(imported["ecosystems"][0]["records"], 2);
    assert_eq!(imported["ecosystems"][0]["age_days"], 4);
    for reason in ["withdrawn", "of Maven, which is not matched", "no OSV record in JSON"] {
        assert_eq!(imported["skipped"][reason], 1, "{reason}");
    }
    let (messages, _) = scanned(&folder, &[]);
    assert_eq!(messages.len(), 1);
    assert!(messages[0].contains("1.5 is open to GHSA-1: 2.0 repairs it"), "{messages:?}");
    // Another ecosystem is added; what is there is kept.
    write(&folder, "npm.json", record("GHSA-5", "npm", "x", "1.0").as_bytes());
    let imported = json(&run(&folder, &["db", "import", "npm.json", "-f", "json"]));
    assert_eq!(imported["ecosystems"].as_array().unwrap().len(), 2);
    // The table that was written can be read from elsewhere, also as a source.
    let table = folder.path().join("data/vauban/advisories.csv");
    std::fs::copy(&table, folder.path().join("copy.csv")).unwrap();
    std::fs::remove_file(&table).unwrap();
    assert_eq!(scanned(&folder, &["--database", "copy.csv"]).0.len(), 1);
    let imported = json(&run(&folder, &["db", "import", "copy.csv", "-f", "json"]));
    assert_eq!(imported["ecosystems"].as_array().unwrap().len(), 2);
}

#[test]
fn status_says_what_is_known_of_a_path() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "app/requirements.txt", b"numpy==2.0.0\nsomething\n");
    let status = |arguments: &[&str]| {
        json(&run(&folder, &[&["db", "status", "app", "-f", "json"], arguments].concat()))
    };
    let before = status(&[]);
    assert_eq!(before["imported"], Value::Null);
    assert_eq!(before["used"][0]["silence_means"], "unknown: built-in table only");
    assert_eq!(
        (&before["used"][0]["used"], &before["used"][0]["pinned"]),
        (&Value::from(2), &Value::from(1))
    );
    write(&folder, "record.json", record("GHSA-1", "PyPI", "a", "2.0").as_bytes());
    assert!(run(&folder, &["db", "import", "record.json"]).status.success());
    assert_eq!(status(&[])["used"][0]["silence_means"], "clean");
    assert_eq!(status(&["--database-days", "3"])["used"][0]["silence_means"], "unknown: database too old");
}

#[test]
fn what_cannot_be_used_is_said() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "empty/readme.txt", b"x");
    write(&folder, "broken.csv", b"not a table");
    write(&folder, "app/requirements.txt", b"numpy==2.0.0\n");
    let check = |arguments: &[&str], why: &str| {
        let output = run(&folder, arguments);
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{talk}");
        assert!(talk.contains(why), "{talk}");
    };
    check(&["db", "import", "empty"], "no advisory was found");
    check(&["db", "import", "gone"], "cannot find `gone`");
    check(&["scan", "app", "--database", "gone.csv"], "cannot read the advisories");
    check(&["scan", "app", "--database", "broken.csv"], "is no table of advisories");
    assert!(!Path::new(&folder.path().join("data/vauban/advisories.csv")).exists());
}
