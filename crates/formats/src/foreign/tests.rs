//! Every engine's output, as it writes it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use super::*;
use crate::Budget;

fn result(text: &str) -> (Foreign, Vec<Defect>) {
    let budget = Budget::default();
    read(&Input::new("results", text.as_bytes(), &budget))
}

fn of(text: &str) -> Foreign {
    let (foreign, defects) = result(text);
    assert_eq!(defects, [], "{text}");
    foreign
}

/// What a result comes down to: engine, rule, detail, path, line.
fn short(foreign: &Foreign) -> Vec<(&str, &str, &str, &str, u32)> {
    foreign
        .results
        .iter()
        .map(|one| {
            let place = &one.place;
            let path = place
                .path
                .as_deref()
                .or(place.url.as_deref())
                .or(place.model.as_deref())
                .or(place.resource.as_deref());
            (
                one.engine.as_str(),
                one.rule.as_str(),
                one.detail.as_str(),
                path.unwrap_or_default(),
                place.line.unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn sarif_of_any_tool_is_read() {
    let foreign = of(r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Semgrep OSS", "rules": [
        {"id": "a.b", "defaultConfiguration": {"level": "error"}, "properties": {"tags": ["CWE-502: Deserialization of Untrusted Data"]}}]}},
        "results": [
            {"ruleId": "a.b", "message": {"text": "m"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 3}}}]},
            {"ruleIndex": 0, "message": {"text": "m"}, "suppressions": [{"kind": "inSource"}]},
            {"ruleId": "a.b", "kind": "pass", "message": {"text": "m"}}]}]}"#);
    assert_eq!(short(&foreign), [("semgrep", "a.b", "", "src/a.py", 3)]);
    assert_eq!(foreign.results[0].weaknesses, ["CWE-502"]);
    assert_eq!((foreign.results[0].severity, foreign.clean), (Some(Severity::High), 1));
    let trivy = of(
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Trivy", "rules": [{"id": "CVE-2024-1", "properties": {"security-severity": "9.8", "tags": ["vulnerability"]}}]}},
        "results": [{"ruleId": "CVE-2024-1", "level": "error", "message": {"text": "Package: torch\nInstalled Version: 2.0.0\nSeverity: CRITICAL"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "requirements.txt"}}}]}]}]}"#,
    );
    let one = &trivy.results[0];
    assert_eq!((one.family, one.severity), (Family::Vulnerability, Some(Severity::Critical)));
    assert_eq!(one.place.package.as_ref().map(|package| package.name.as_str()), Some("torch"));
}

#[test]
fn scanners_of_models_are_read() {
    let foreign = of(
        r#"{"summary": {"total_issues": 1, "modelscan_version": "0.8.8", "scanned": {"total_scanned": 3}}, "issues": [{"description": "Use of unsafe operator 'system' from module 'posix'", "operator": "system", "module": "posix", "source": "model.zip:inner/data.pkl", "scanner": "modelscan.scanners.PickleUnsafeOpScan", "severity": "CRITICAL"}], "errors": []}"#,
    );
    assert_eq!(short(&foreign), [("modelscan", "PickleUnsafeOpScan", "posix.system", "model.zip", 0)]);
    assert_eq!((foreign.results[0].place.member.as_deref(), foreign.clean), (Some("inner/data.pkl"), 2));
    let lines = "/tmp/a/model.zip:inner/data.pkl: dangerous import 'posix system' FOUND\n----------- SCAN SUMMARY -----------\nScanned files: 3\nInfected files: 1\nDangerous globals: 1\n";
    assert_eq!(
        short(&of(lines)),
        [("picklescan", "dangerous-import", "posix.system", "/tmp/a/model.zip", 0)]
    );
    assert_eq!(of("----------- SCAN SUMMARY -----------\nScanned files: 3\nInfected files: 0\n").results, []);
    let audit = of(
        r#"{"bytes_scanned": 10, "files_scanned": 1, "issues": [{"message": "Found REDUCE opcode", "severity": "critical", "location": "/m/a.pkl (pos 28)", "details": {"module": "os", "function": "system"}, "type": "pickle_check"}, {"message": "x", "severity": "debug"}]}"#,
    );
    assert_eq!(short(&audit), [("modelaudit", "pickle_check", "os.system", "/m/a.pkl", 0)]);
}

#[test]
fn scanners_of_code_are_read() {
    let semgrep = of(
        r#"{"version": "1.9", "results": [{"check_id": "p.avoid-pickle", "path": "a.py", "start": {"line": 2}, "extra": {"message": "m", "severity": "WARNING", "metadata": {"cwe": ["CWE-502: x"]}}}], "errors": [], "paths": {"scanned": []}}"#,
    );
    assert_eq!(short(&semgrep), [("semgrep", "p.avoid-pickle", "", "a.py", 2)]);
    let bandit = of(
        r#"{"errors": [], "metrics": {"_totals": {}}, "results": [{"filename": "./app.py", "issue_cwe": {"id": 502}, "issue_severity": "MEDIUM", "issue_text": "m", "line_number": 2, "test_id": "B301"}]}"#,
    );
    assert_eq!(short(&bandit), [("bandit", "B301", "", "app.py", 2)]);
    assert_eq!(bandit.results[0].weaknesses, ["CWE-502"]);
    let leaks = of(
        r#"[{"RuleID": "private-key", "Description": "d", "StartLine": 4, "File": "k.pem", "Secret": "s", "Match": "m"}]"#,
    );
    assert_eq!(short(&leaks), [("gitleaks", "private-key", "", "k.pem", 4)]);
}

#[test]
fn scanners_of_clouds_and_services_are_read() {
    let checkov = of(
        r#"[{"check_type": "terraform", "results": {"passed_checks": [{}], "failed_checks": [{"check_id": "CKV_AWS_20", "check_name": "n", "file_path": "/main.tf", "file_line_range": [3, 9], "resource": "aws_s3_bucket.m", "severity": null}]}, "summary": {}}]"#,
    );
    assert_eq!(short(&checkov), [("checkov", "CKV_AWS_20", "aws_s3_bucket.m", "main.tf", 3)]);
    let prowler = of(
        r#"[{"message": "m", "metadata": {"event_code": "s3_bucket_public_access", "product": {"name": "Prowler"}}, "severity": "High", "status_code": "FAIL", "resources": [{"uid": "arn:aws:s3:::m"}]}, {"metadata": {"event_code": "x"}, "status_code": "PASS"}]"#,
    );
    assert_eq!(
        short(&prowler),
        [("prowler", "s3_bucket_public_access", "arn:aws:s3:::m", "arn:aws:s3:::m", 0)]
    );
    assert_eq!(prowler.clean, 1);
    let nuclei = of(
        "{\"template-id\": \"mlflow-unauth\", \"info\": {\"name\": \"n\", \"severity\": \"high\", \"classification\": {\"cve-id\": [\"cve-2023-1\"]}}, \"matched-at\": \"http://h:5000/x\"}\n{\"template-id\": \"other\", \"info\": {\"severity\": \"info\"}, \"host\": \"h\"}\n",
    );
    assert_eq!(short(&nuclei)[0], ("nuclei", "mlflow-unauth", "", "http://h:5000/x", 0));
    assert_eq!(nuclei.results[0].vulnerabilities, ["CVE-2023-1"]);
    let trivy = of(
        r#"{"SchemaVersion": 2, "ArtifactName": ".", "Results": [{"Target": "requirements.txt", "Class": "lang-pkgs", "Type": "pip", "Vulnerabilities": [{"VulnerabilityID": "CVE-2024-1", "PkgName": "torch", "InstalledVersion": "2.0.0", "Severity": "HIGH", "Title": "t", "CweIDs": ["CWE-94"]}]},
        {"Target": "Dockerfile", "Class": "config", "Misconfigurations": [{"ID": "DS002", "Title": "t", "Severity": "HIGH", "Status": "FAIL", "CauseMetadata": {"StartLine": 3}}]}, {"Target": "a.env", "Class": "secret", "Secrets": [{"RuleID": "private-key", "Severity": "HIGH", "Title": "t", "StartLine": 1}]}]}"#,
    );
    assert_eq!(
        short(&trivy),
        [
            ("trivy", "CVE-2024-1", "torch", "requirements.txt", 0),
            ("trivy", "DS002", "", "Dockerfile", 3),
            ("trivy", "secret:private-key", "", "a.env", 1)
        ]
    );
}

#[test]
fn probes_of_language_models_keep_their_counts() {
    let garak = of(
        "{\"entry_type\": \"start_run setup\", \"plugins.model_type\": \"openai\", \"plugins.model_name\": \"gpt-x\"}\n{\"entry_type\": \"attempt\", \"status\": 2}\n{\"entry_type\": \"eval\", \"probe\": \"dan.Dan_11_0\", \"detector\": \"detector.dan.DAN\", \"passed\": 3, \"total\": 5}\n{\"entry_type\": \"eval\", \"probe\": \"p\", \"detector\": \"d\", \"passed\": 5, \"total\": 5}\n",
    );
    assert_eq!(short(&garak), [("garak", "dan.Dan_11_0", "dan.DAN", "openai/gpt-x", 0)]);
    assert_eq!((garak.results[0].trials, garak.clean), (Some(Trials { made: 5, failed: 2 }), 1));
    let foo = of(r#"{"evalId": "e", "results": {"version": 3, "results": [
        {"promptIdx": 0, "success": false, "provider": {"id": "openai:gpt-x"}, "metadata": {"pluginId": "pii:direct", "strategyId": "jailbreak"}, "gradingResult": {"pass": false, "reason": "r"}},
        {"promptIdx": 1, "success": true, "provider": {"id": "openai:gpt-x"}, "metadata": {"pluginId": "pii:direct", "strategyId": "jailbreak"}, "gradingResult": {"pass": true}},
        {"promptIdx": 2, "success": false, "provider": {"id": "openai:gpt-x"}, "metadata": {"pluginId": "pii:direct"}, "error": "rate limit"}]}}"#);
    assert_eq!(short(&foo), [("promptfoo", "pii:direct", "jailbreak", "openai/gpt-x", 0)]);
    assert_eq!(foo.results[0].trials, Some(Trials { made: 2, failed: 1 }));
    let rit = of(
        r#"[{"conversation_id": "c", "original_value": "v", "prompt_target_identifier": {"__type__": "OpenAIChatTarget"}, "attack_identifier": {"__type__": "CrescendoAttack"}, "scores": [{"score_type": "true_false", "score_value": "True", "score_category": "jailbreak"}]},
        {"conversation_id": "d", "original_value": "v", "scores": []}]"#,
    );
    assert_eq!(short(&rit), [("pyrit", "CrescendoAttack", "jailbreak", "OpenAIChatTarget", 0)]);
}

#[test]
fn statements_about_vulnerabilities_are_read() {
    let vex = of(
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"bom-ref": "t", "purl": "pkg:pypi/torch@2.0.0"}],
        "vulnerabilities": [{"id": "CVE-2024-1", "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "no"}, "affects": [{"ref": "t"}]},
        {"id": "CVE-2024-2", "ratings": [{"severity": "high"}], "cwes": [502], "affects": [{"ref": "pkg:pypi/x@1"}]}]}"#,
    );
    assert!(vex.statements[0].answers());
    assert_eq!(vex.statements[0].justification, "code_not_reachable: no");
    assert_eq!(vex.statements[0].packages[0].name, "torch");
    assert_eq!(vex.results[0].vulnerabilities, ["CVE-2024-2"]);
    let open = of(
        r#"{"@context": "https://openvex.dev/ns/v0.2.0", "author": "a", "statements": [{"vulnerability": {"name": "CVE-2024-1"}, "products": [{"@id": "pkg:pypi/torch@2.0.0"}], "status": "fixed"}]}"#,
    );
    assert!(open.statements[0].answers() && open.statements[0].author == "a");
}

#[test]
fn what_is_broken_says_where() {
    let (_, defects) = result("{\"version\": \"2.1.0\",\n\"runs\": [}");
    assert!(defects[0].detail.contains("line 2"), "{defects:?}");
    let (_, defects) = result("{\"entry_type\": \"init\"}\n{\"entry_type\": \n");
    assert!(defects[0].detail.contains("line 2"), "{defects:?}");
    for text in ["{}", "[]", "{\"a\": 1}", "hello", ""] {
        let (_, defects) = result(text);
        assert_eq!(defects[0].code, "foreign-unknown", "{text}");
    }
}

#[test]
fn ids_of_weaknesses_are_read_in_every_spelling() {
    for (text, wanted) in [
        ("CWE-502: Deserialization", Some("CWE-502")),
        ("cwe-079", Some("CWE-79")),
        ("external/cwe/cwe-022", Some("CWE-22")),
        ("502", Some("CWE-502")),
        ("security", None),
        ("2024 list", None),
    ] {
        assert_eq!(weakness(text).as_deref(), wanted, "{text}");
    }
}
