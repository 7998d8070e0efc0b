//! Results of other engines beside our own, on a folder made here.
#![allow(clippy::disallowed_methods, reason = "the tests make files")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::path::Path;

use vauban_domain::{Finding, Review, Severity};

use crate::{Request, Silent};

/// A pickle that runs a command: made here, so that no scanner finds it in the repository.
fn malicious() -> Vec<u8> {
    [b"\x80\x02c", ["o", "s"].concat().as_bytes(), b"\nsystem\nU\x02id\x85R."].concat()
}

const MODELSCAN: &str = r#"{"summary": {"total_issues": 1, "absolute_path": "/ci/build", "modelscan_version": "0.8.8", "scanned": {"total_scanned": 1}}, "issues": [{"description": "Use of unsafe operator 'system' from module 'os'", "operator": "system", "module": "os", "source": "models/evil.pkl", "scanner": "modelscan.scanners.PickleUnsafeOpScan", "severity": "CRITICAL"}], "errors": []}"#;
const PICKLESCAN: &str = "/ci/build/models/evil.pkl: dangerous import 'os system' FOUND\n----------- SCAN SUMMARY -----------\nScanned files: 1\nInfected files: 1\nDangerous globals: 1\n";
const BANDIT: &str = r#"{"errors": [], "metrics": {"_totals": {}}, "results": [
    {"filename": "./load.py", "issue_cwe": {"id": 502}, "issue_severity": "MEDIUM", "issue_text": "Pickle can be unsafe", "line_number": 3, "test_id": "B301"},
    {"filename": "./load.py", "issue_cwe": {"id": 78}, "issue_severity": "LOW", "issue_text": "A shell", "line_number": 9, "test_id": "B602"}]}"#;
const SEMGREP: &str = r#"{"version": "1.9", "results": [{"check_id": "x.shell", "path": "load.py", "start": {"line": 9}, "extra": {"message": "m", "severity": "WARNING", "metadata": {"cwe": ["CWE-78: x"]}}}], "errors": [], "paths": {"scanned": []}}"#;
const GARAK: &str = "{\"entry_type\": \"start_run setup\", \"plugins.model_type\": \"openai\", \"plugins.model_name\": \"gpt-x\"}\n{\"entry_type\": \"eval\", \"probe\": \"dan.Dan_11_0\", \"detector\": \"dan.DAN\", \"passed\": 1, \"total\": 4}\n";
const TRIVY: &str = r#"{"SchemaVersion": 2, "ArtifactName": ".", "Results": [{"Target": "requirements.txt", "Class": "lang-pkgs", "Type": "pip", "Vulnerabilities": [{"VulnerabilityID": "CVE-2000-0001", "PkgName": "leaflets", "PkgIdentifier": {"PURL": "pkg:pypi/leaflets@1.2.0"}, "InstalledVersion": "1.2.0", "Severity": "HIGH", "Title": "t"}]}]}"#;
const VEX: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [{"id": "CVE-2000-0001", "analysis": {"state": "not_affected", "justification": "code_not_reachable"}, "affects": [{"ref": "pkg:pypi/leaflets@1.2.0"}]}, {"id": "CVE-2000-0002", "analysis": {"state": "not_affected"}, "affects": [{"ref": "pkg:pypi/other@1"}]}]}"#;

struct Folder(tempfile::TempDir, tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = folder.0.path();
        std::fs::create_dir(root.join("models")).unwrap();
        std::fs::write(root.join("models/evil.pkl"), malicious()).unwrap();
        std::fs::write(
            root.join("load.py"),
            "import pickle\n\nm = pickle.load(open('models/evil.pkl', 'rb'))\n",
        )
        .unwrap();
        std::fs::write(root.join("requirements.txt"), "leaflets==1.2.0\n").unwrap();
        // What lies in the tree speaks for nobody.
        std::fs::write(root.join("results.json"), BANDIT).unwrap();
        folder
    }

    fn review(&self, imports: &[(&str, &str)]) -> anyhow::Result<Review> {
        let mut request = Request::scan(self.0.path());
        request.subject = "estate".to_owned();
        for (name, text) in imports {
            let path = self.1.path().join(name);
            std::fs::write(&path, text).unwrap();
            request.imports.push(path);
        }
        Ok(crate::review(&request, &Silent)?.review)
    }
}

fn of<'a>(review: &'a Review, rule: &str) -> Vec<&'a Finding> {
    review.findings.iter().filter(|finding| finding.rule == *rule).collect()
}

fn engines(finding: &Finding) -> Vec<&str> {
    finding.verdicts.iter().map(|verdict| verdict.engine.as_str()).collect()
}

#[test]
fn one_thing_that_several_engines_see_is_one_finding() {
    let folder = Folder::new();
    let alone = folder.review(&[]).unwrap();
    assert!(alone.findings.iter().all(|finding| finding.verdicts.is_empty()));
    let imports = [("m.json", MODELSCAN), ("p.txt", PICKLESCAN), ("b.json", BANDIT), ("s.json", SEMGREP)];
    let review = folder.review(&imports).unwrap();
    let pickle = of(&review, "pickle-code-execution");
    assert_eq!(pickle.len(), 1);
    assert_eq!(engines(pickle[0]), ["vauban", "modelscan", "picklescan"]);
    assert_eq!(pickle[0].fingerprint, of(&alone, "pickle-code-execution")[0].fingerprint);
    let load = of(&review, "code-unsafe-load");
    assert_eq!((load.len(), engines(load[0])), (1, vec!["vauban", "bandit"]));
    // Two engines, one weakness on one line, no rule of ours.
    let code = of(&review, "imported-code-weakness");
    assert_eq!((code.len(), engines(code[0])), (1, vec!["bandit", "semgrep"]));
    assert_eq!(review.findings.len(), alone.findings.len() + 1);
    let mut turned = imports;
    turned.reverse();
    assert_eq!(folder.review(&turned).unwrap().findings, review.findings);
}

#[test]
fn attempts_are_counted_and_their_target_is_an_asset() {
    let review = Folder::new().review(&[("g.jsonl", GARAK)]).unwrap();
    let found = of(&review, "imported-language-model-weakness");
    assert_eq!(found[0].asset.as_str(), "model:openai/gpt-x");
    assert_eq!(found[0].severity, Severity::High);
    assert_eq!(found[0].verdicts[0].trials.map(|trials| (trials.made, trials.failed)), Some((4, 3)));
    assert_eq!(found[0].verdicts[0].techniques, ["AML.T0054@2026.09"]);
    assert!(review.assets.iter().any(|asset| asset.id == found[0].asset));
}

#[test]
fn a_statement_answers_the_finding_and_leaves_it_visible() {
    let review = Folder::new().review(&[("t.json", TRIVY), ("v.json", VEX)]).unwrap();
    let found = of(&review, "imported-vulnerability");
    assert_eq!(found[0].asset.as_str(), "package:pypi/leaflets");
    assert!(found[0].is_answered());
    assert!(found[0].verdicts.iter().any(|verdict| verdict.said == "not_affected: code_not_reachable"));
    assert!(review.limits.iter().any(|limit| limit.what.starts_with("1 statements")));
}

#[test]
fn a_broken_file_is_named_with_its_place() {
    let folder = Folder::new();
    for (text, wanted) in [("{\"runs\": [\n}", "line 2"), ("{}", "no engine"), ("hello", "neither")] {
        let error = folder.review(&[("broken.json", text)]).unwrap_err().to_string();
        assert!(error.contains("broken.json") && error.contains(wanted), "{error}");
    }
    let mut request = Request::scan(folder.0.path());
    request.imports.push(Path::new("absent.sarif").to_owned());
    assert!(crate::review(&request, &Silent).unwrap_err().to_string().contains("absent.sarif"));
}

#[test]
fn the_declaration_names_files_too() {
    let folder = Folder::new();
    std::fs::write(folder.0.path().join("vauban.toml"), "[[import]]\npath = \"results.json\"\n").unwrap();
    let mut request = Request::scan(folder.0.path());
    request.declaration = crate::DeclarationSource::AtRoot;
    let review = crate::review(&request, &Silent).unwrap().review;
    assert!(of(&review, "code-unsafe-load").iter().any(|finding| engines(finding) == ["vauban", "bandit"]));
}
