//! `vauban scan` as people and pipelines run it: what it says, where it writes, how it ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]
#![allow(clippy::disallowed_methods, reason = "the tests make files and run the binary on them")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A pickle that runs a command: made here, so that no scanner finds it in the repository.
fn malicious() -> Vec<u8> {
    [b"\x80\x02c", ["o", "s"].concat().as_bytes(), b"\nsystem\nU\x02id\x85R."].concat()
}

/// A pickle of a dictionary.
fn harmless() -> Vec<u8> {
    b"\x80\x02}U\x01aK\x01s.".to_vec()
}

/// A malicious pickle of about a megabyte: large enough to be remembered.
fn large() -> Vec<u8> {
    let padding = 1_u32 << 20;
    let mut bytes = vec![0x80, 0x03, b'B'];
    bytes.extend_from_slice(&padding.to_le_bytes());
    bytes.resize(bytes.len() + padding as usize, b'x');
    bytes.push(b'0');
    bytes.extend_from_slice(malicious().get(2..).unwrap());
    bytes
}

/// A folder to scan, and one for the cache.
struct Folder(TempDir, TempDir);

/// What a scan gave.
struct Scanned {
    code: i32,
    out: String,
    talk: String,
}

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (name, content) in files {
            folder.write(name, content);
        }
        folder
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vauban"));
        command
            .arg("scan")
            .args(arguments)
            .current_dir(self.0.path())
            .env("VAUBAN_NOW", "2026-11-20T00:00:00Z")
            .env("XDG_CACHE_HOME", self.1.path())
            .env_remove("VAUBAN_STORE")
            .env_remove("VAUBAN_CACHE")
            .stdin(Stdio::null());
        command
    }

    fn scan(&self, arguments: &[&str]) -> Scanned {
        Scanned::of(&self.command(arguments).output().unwrap())
    }

    fn scan_pipe(&self, content: &[u8], arguments: &[&str]) -> Scanned {
        let mut command = self.command(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A scan that reads no more than it may closes the pipe.
        drop(child.stdin.take().unwrap().write_all(content));
        Scanned::of(&child.wait_with_output().unwrap())
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let scanned = self.scan(&[arguments, &["--format", "json"]].concat());
        (scanned.code, serde_json::from_str(&scanned.out).unwrap())
    }
}

impl Scanned {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            talk: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    #[track_caller]
    fn ends(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.talk);
        for text in says {
            assert!(
                self.out.contains(text) || self.talk.contains(text),
                "{text}\n{}\n{}",
                self.out,
                self.talk
            );
        }
    }
}

/// Fingerprints of the findings of a rule.
fn fingerprints<'a>(document: &'a Value, rule: &str) -> Vec<&'a str> {
    let findings = document["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| finding["rule"] == rule)
        .map(|finding| finding["fingerprint"].as_str().unwrap())
        .collect()
}

#[test]
fn the_exit_code_says_what_a_file_is() {
    let folder = Folder::new(&[
        ("bad.pkl", &malicious()),
        ("good.pkl", &harmless()),
        ("empty.pt", b""),
        ("noise.dat", &[0xfe, 0xff, 0x00, 0xfe].repeat(30)),
    ]);
    folder.scan(&["bad.pkl"]).ends(1, &["pickle-code-execution", "bad.pkl", "next:"]);
    folder.scan(&["bad.pkl", "--fail-on", "critical", "--quiet"]).ends(1, &[]);
    folder.scan(&["good.pkl"]).ends(0, &[]);
    folder.scan(&["empty.pt"]).ends(3, &["nothing to look at", "it is empty"]);
    folder.scan(&["noise.dat"]).ends(3, &["no kind that Vauban reads"]);
    folder.scan(&["."]).ends(1, &["bad.pkl"]);
    folder.scan(&["nowhere.pkl"]).ends(2, &["cannot find `nowhere.pkl`"]);
}

#[test]
fn several_paths_are_one_scan_and_a_file_keeps_its_name() {
    let folder = Folder::new(&[("models/bad.pkl", &malicious()), ("data/good.pkl", &harmless())]);
    let (code, one) = folder.json(&["models/bad.pkl", "data"]);
    assert_eq!(code, 1);
    let names: Vec<_> = one["assets"].as_array().unwrap().iter().map(|asset| &asset["name"]).collect();
    assert_eq!(names, ["data/good.pkl", "models/bad.pkl"]);
    let (_, whole) = folder.json(&["."]);
    let (_, file) = folder.json(&[folder.0.path().join("models/bad.pkl").to_str().unwrap()]);
    let rule = "pickle-code-execution";
    assert_eq!(fingerprints(&one, rule).len(), 1);
    assert_eq!(fingerprints(&one, rule), fingerprints(&whole, rule));
    assert_eq!(fingerprints(&one, rule), fingerprints(&file, rule));
}

#[test]
fn what_comes_through_a_pipe_is_scanned_up_to_a_bound() {
    let folder = Folder::new(&[]);
    folder.scan_pipe(&malicious(), &["-"]).ends(1, &["stdin"]);
    folder.scan_pipe(&malicious(), &["-", "--stdin-name", "upload.pkl"]).ends(1, &["upload.pkl"]);
    folder.scan_pipe(&harmless(), &["-"]).ends(0, &[]);
    folder.scan_pipe(b"", &["-"]).ends(3, &["nothing to look at"]);
    folder
        .scan_pipe(&vec![0; (1 << 20) + 1], &["-", "--stdin-limit", "1"])
        .ends(3, &["larger than 1 MiB", "--stdin-limit"]);
}

#[cfg(unix)]
#[test]
fn nothing_on_a_disk_makes_it_hang_or_give_up() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new(&[("good.pkl", &harmless()), ("locked/bad.pkl", &malicious())]);
    let place = |name: &str| folder.0.path().join(name);
    assert!(Command::new("mkfifo").arg(place("pipe")).status().unwrap().success());
    symlink("nowhere", place("dangling")).unwrap();
    symlink("/etc/hostname", place("outside")).unwrap();
    symlink("good.pkl", place("link.pkl")).unwrap();
    symlink(".", place("circle")).unwrap();
    std::fs::set_permissions(place("locked"), std::fs::Permissions::from_mode(0o000)).unwrap();
    std::fs::write(place(std::str::from_utf8(&[b'n'; 255]).unwrap()), harmless()).unwrap();
    std::fs::write(folder.0.path().join(std::ffi::OsStr::from_bytes(b"not\xffutf8.pkl")), malicious())
        .unwrap();
    std::fs::write(place("\u{1b}[31mred\u{1b}[0m\n.pkl"), malicious()).unwrap();
    folder.scan(&["pipe"]).ends(3, &["neither a regular file nor a folder"]);
    folder.scan(&["/dev/zero"]).ends(3, &["neither a regular file nor a folder"]);
    folder.scan(&["dangling"]).ends(3, &["cannot be resolved"]);
    folder.scan(&["link.pkl"]).ends(0, &[]);
    let all = folder.scan(&["."]);
    all.ends(1, &["symbolic link leaves the root", "not\u{fffd}utf8.pkl", "pipe"]);
    assert!(!all.out.contains('\u{1b}'), "a name moves the cursor: {:?}", all.out);
    std::fs::set_permissions(place("locked"), std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn what_is_scanned_has_no_say() {
    let folder = Folder::new(&[
        (".gitignore", b"*\n"),
        ("bad.pkl", &malicious()),
        ("vauban.toml", b"this = [is no declaration"),
    ]);
    folder.scan(&["."]).ends(1, &["bad.pkl"]);
    folder.scan(&[".", "--respect-ignore"]).ends(3, &["--no-ignore"]);
    folder.scan(&[".", "--exclude", "*.pkl"]).ends(0, &["--exclude"]);
}

#[test]
fn every_format_tells_what_happens() {
    let folder = Folder::new(&[("bad.pkl", &malicious())]);
    for (format, marks) in [
        ("json", &["\"effect\": \"code-execution\"", "\"when\": \"load\"", "\"loaders\""][..]),
        ("sarif", &["\"effect\": \"code-execution\"", "\"when\": \"load\"", "\"level\": \"error\""]),
        ("junit", &["what happens: code execution on load", "what next:"]),
        ("markdown", &["What happens: code execution on load", "What next:", "<details>"]),
        ("text", &["what: code execution on load", "next:"]),
    ] {
        let scanned = folder.scan(&["bad.pkl", "--format", format]);
        scanned.ends(1, marks);
        let file = folder.scan(&["bad.pkl", "--format", format, "--output", "report"]);
        assert_eq!((file.code, file.out.as_str()), (1, ""), "{format}");
        assert_eq!(std::fs::read_to_string(folder.0.path().join("report")).unwrap(), scanned.out, "{format}");
    }
}

#[test]
fn explain_shows_the_pickle_with_its_lines_marked() {
    let folder = Folder::new(&[("bad.pkl", &malicious()), ("good.pkl", &harmless())]);
    let scanned = folder.scan(&["bad.pkl", "good.pkl", "--explain"]);
    scanned.ends(1, &["bad.pkl\n", "good.pkl\n", "return {'a': 1}"]);
    let marked: Vec<_> = scanned.out.lines().filter(|line| line.starts_with(">>")).collect();
    assert!(
        marked.len() == 1
            && marked[0].contains("system('id')")
            && marked[0].contains("pickle-code-execution"),
        "{}",
        scanned.out
    );
}

#[test]
fn a_baseline_accepts_with_reason_and_date_and_is_held_to_what_is_there() {
    let folder = Folder::new(&[("bad.pkl", &malicious())]);
    folder
        .scan(&[".", "--write-baseline", "baseline.toml", "--reason", "sandboxed", "--until", "2027-01-31"])
        .ends(0, &["wrote baseline.toml", "[accepted]", "accepted until 2027-01-31: sandboxed"]);
    folder.scan(&[".", "--baseline", "baseline.toml"]).ends(0, &["[accepted]"]);
    folder.scan(&["bad.pkl", "--baseline", "baseline.toml"]).ends(0, &["[accepted]"]);
    let (_, document) = folder.json(&[".", "--baseline", "baseline.toml"]);
    let accepted = |finding: &&Value| finding["rule"] == "pickle-code-execution";
    let finding = document["findings"].as_array().unwrap().iter().find(accepted).unwrap();
    assert_eq!(finding["status"], "accepted");
    assert_eq!(finding["acceptance"]["reason"], "sandboxed");

    folder.write("other.pkl", &large());
    folder.scan(&[".", "--baseline", "baseline.toml"]).ends(1, &["other.pkl"]);
    let late = ["bad.pkl", "--baseline", "baseline.toml", "--now", "2027-02-01T00:00:00Z", "--all"];
    folder.scan(&late).ends(1, &["acceptance-expired", "ended on 2027-01-31"]);

    folder.write("bad.pkl", &harmless());
    folder.scan(&["bad.pkl", "--baseline", "baseline.toml", "--all"]).ends(0, &["acceptance-unused"]);
    folder.scan(&["other.pkl", "--baseline", "baseline.toml"]).ends(1, &["other.pkl"]);
    folder.write("broken.toml", b"version = 1\n[[accepted]]\nfingerprint = \"x\"\n");
    folder.scan(&[".", "--baseline", "broken.toml"]).ends(2, &["`broken.toml`, entry 1", "fingerprint"]);
}

#[test]
fn an_accepted_finding_of_the_store_passes_when_the_store_is_named() {
    let folder = Folder::new(&[("bad.pkl", &malicious())]);
    let (_, document) = folder.json(&["bad.pkl"]);
    for finding in document["findings"].as_array().unwrap() {
        let accepted = Command::new(env!("CARGO_BIN_EXE_vauban"))
            .args([
                "accept",
                finding["fingerprint"].as_str().unwrap(),
                "--reason",
                "known",
                "--until",
                "2027-01-01",
            ])
            .args(["--store", "reviews.sqlite", "--now", "2026-11-20T00:00:00Z"])
            .current_dir(folder.0.path())
            .output()
            .unwrap();
        assert!(accepted.status.success());
    }
    folder.scan(&["bad.pkl"]).ends(1, &[]);
    folder.scan(&["bad.pkl", "--store", "reviews.sqlite"]).ends(0, &["[accepted]"]);
}

#[test]
fn digests_are_a_choice() {
    let folder = Folder::new(&[("bad.pkl", &malicious())]);
    for (choice, digest) in [("sha256", "sha256:"), ("blake3", "blake3:"), ("none", "")] {
        let (code, document) = folder.json(&["bad.pkl", "--digest", choice]);
        let seen = document["assets"][0]["digest"].as_str().unwrap_or_default();
        assert!(
            code == 1 && seen.starts_with(digest) && seen.is_empty() == digest.is_empty(),
            "{choice}: {seen}"
        );
    }
}

#[test]
fn the_cache_changes_nothing_but_the_time() {
    let folder = Folder::new(&[("large.pkl", &large()), ("copy.pkl", &large()), ("good.pkl", &harmless())]);
    let scan = |more: &[&str]| {
        let scanned = folder.scan(&[&[".", "--format", "json"], more].concat());
        assert_eq!(scanned.code, 1, "{}", scanned.talk);
        scanned.out
    };
    let without = scan(&["--no-cache"]);
    let cache = folder.1.path().join("vauban/scan");
    assert!(!cache.exists());
    assert!(scan(&[]) == without, "when it is written");
    let records = records(&cache);
    assert_eq!(records.len(), 2);
    assert!(scan(&[]) == without, "when it is read");
    assert!(scan(&["--trust-times"]) == without, "when it is trusted");
    for record in &records {
        let bytes = std::fs::read(record).unwrap();
        std::fs::write(record, bytes.get(..bytes.len() / 2).unwrap()).unwrap();
    }
    assert!(scan(&[]) == without, "when it is damaged");
    folder.write("large.pkl", &[large(), harmless()].concat());
    let changed = scan(&[]);
    assert!(changed != without, "when the file is another");
    assert!(changed == scan(&["--no-cache"]), "when it was another");
    let blocked = folder.0.path().join("good.pkl");
    assert!(scan(&["--cache", blocked.to_str().unwrap()]) == changed, "when it cannot be written");
}

fn records(folder: &Path) -> Vec<std::path::PathBuf> {
    let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())).collect()
}
