//! Rules about packages and what is published of them, against advisories written here.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use vauban_checks::{Inventory, Looks, check_estate};
use vauban_domain::{
    Asset, AssetId, AssetKind, Confidence, Declaration, Finding, Layer, Locator, Relation, RelationKind,
    Severity, Timestamp, Verdict,
};
use vauban_knowledge::advisories::{Advisories, Builder, Origin, Table, import_json};
use vauban_knowledge::{Ecosystem, Knowledge};

const RECORDS: &[&str] = &[
    // One weakness under two ids; the records differ in what repairs it.
    r#"{"id":"GHSA-aaaa-bbbb-cccc","modified":"2026-11-10T00:00:00Z","aliases":["CVE-2026-1"],"database_specific":{"severity":"HIGH"},
        "affected":[{"package":{"ecosystem":"PyPI","name":"Model_Kit"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.4.0"}]}]}]}"#,
    r#"{"id":"PYSEC-2026-7","modified":"2026-11-10T00:00:00Z","aliases":["CVE-2026-1"],
        "affected":[{"package":{"ecosystem":"PyPI","name":"model-kit"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.4.1"}]}]}]}"#,
    r#"{"id":"GHSA-dddd-eeee-ffff","modified":"2026-11-10T00:00:00Z",
        "affected":[{"package":{"ecosystem":"npm","name":"@kit/agent"},"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"}]}]}]}"#,
    r#"{"id":"MAL-2026-1","modified":"2026-11-10T00:00:00Z",
        "affected":[{"package":{"ecosystem":"PyPI","name":"model-kitt"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}"#,
    r#"{"id":"MAL-2026-2","modified":"2026-11-10T00:00:00Z",
        "affected":[{"package":{"ecosystem":"PyPI","name":"taken-over"},"versions":["2.0.1"]}]}"#,
];

fn knowledge() -> Knowledge {
    let mut builder = Builder::default();
    for record in RECORDS {
        builder.add(import_json(record.as_bytes()));
    }
    let text = builder.finish(Timestamp::parse("2026-11-20").unwrap(), &[]);
    let table = Table::read(text.into(), Origin::Imported).unwrap();
    Knowledge { advisories: Advisories::builtin().with(table), ..Knowledge::builtin().clone() }
}

/// Looks at one lock file that needs packages: name with purl type, version.
fn look(packages: &[(&str, Option<&str>)], now: &str, knowledge: &Knowledge) -> Looks {
    let lock = Asset::new(
        AssetKind::Pipeline,
        "ci_pipeline",
        Layer::Deployment,
        "uv.lock",
        Confidence::Verified,
        Locator::file("uv.lock"),
    );
    let mut assets = vec![lock.clone()];
    let mut relations = Vec::new();
    for (line, (name, version)) in (1..).zip(packages) {
        let place = Locator::file("uv.lock").at_line(line);
        let mut asset = Asset::new(
            AssetKind::Package,
            "package",
            Layer::AgentFrameworks,
            name,
            Confidence::Declared,
            place.clone(),
        );
        if let Some(version) = version {
            asset = asset.with("version", *version);
        }
        relations.push(Relation::new(
            lock.id.clone(),
            RelationKind::DependsOn,
            asset.id.clone(),
            Confidence::Declared,
            place,
        ));
        assets.push(asset);
    }
    assets.sort_by(|one, other| one.id.cmp(&other.id));
    let declaration = Declaration::default();
    let inventory = Inventory {
        assets: &assets,
        relations: &relations,
        declaration: &declaration,
        files: &[],
        now: Timestamp::parse(now).unwrap(),
    };
    check_estate(&inventory, &AssetId::new(AssetKind::Pipeline, "whole"), knowledge)
}

/// Findings of one rule when one package is used.
#[track_caller]
fn found(rule: &str, name: &str, version: Option<&str>) -> Vec<Finding> {
    let looks = look(&[(name, version)], "2026-11-20", &knowledge());
    looks.findings.into_iter().filter(|finding| finding.rule == rule).collect()
}

/// How the look at a package ended.
fn ended(rule: &str, name: &str, version: Option<&str>, now: &str, knowledge: &Knowledge) -> Vec<Verdict> {
    let looks = look(&[(name, version)], now, knowledge);
    let ours = looks.outcomes.into_iter().filter(|outcome| outcome.rule == rule);
    ours.map(|outcome| outcome.verdict).collect()
}

#[test]
fn bad_dependency_vulnerable_names_the_weakness_once_and_what_repairs_it() {
    let [finding] = &found("dependency-vulnerable", "pypi/model-kit", Some("1.3+cpu"))[..] else { panic!() };
    assert_eq!(finding.message, "`model-kit` 1.3+cpu is open to CVE-2026-1: 1.4.1 repairs it");
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(finding.evidence[0].key, "CVE-2026-1");
    assert_eq!(finding.evidence[0].locator.to_string(), "uv.lock:1");
    let [finding] = &found("dependency-vulnerable", "pypi/model-kit", Some("1.3, 1.4.0, 1.4.1"))[..] else {
        panic!()
    };
    assert_eq!(finding.message, "`model-kit` 1.3, 1.4.0 is open to CVE-2026-1: 1.4.1 repairs it");
    assert_eq!(finding.evidence.len(), 2);
    let [finding] = &found("dependency-vulnerable", "npm/@kit/agent", Some("2.0.0"))[..] else { panic!() };
    assert!(finding.message.contains("no record names a version that repairs it"), "{}", finding.message);
    assert_eq!(finding.severity, Severity::Medium);
}

#[test]
fn good_dependency_vulnerable_is_silent_about_repaired_and_other_versions() {
    for (name, version) in [
        ("pypi/model-kit", "1.4.1"),
        ("npm/@kit/agent", "1.0.0-rc.1"),
        ("npm/model-kit", "1.0.0"),
        ("pypi/taken-over", "2.0.1"),
        ("conda/model-kit", "1.0"),
    ] {
        assert_eq!(found("dependency-vulnerable", name, Some(version)), [], "{name} {version}");
    }
}

#[test]
fn the_same_weakness_in_two_places_has_one_fingerprint() {
    let knowledge = knowledge();
    let one = look(&[("pypi/model-kit", Some("1.3"))], "2026-11-20", &knowledge).findings;
    let two = look(&[("pypi/a", None), ("pypi/model-kit", Some("1.2"))], "2026-11-20", &knowledge).findings;
    assert_eq!(one[0].fingerprint, two[0].fingerprint, "neither line nor version is part of it");
}

#[test]
fn silence_is_clean_only_with_a_fresh_database_and_a_pinned_version() {
    let knowledge = knowledge();
    let vulnerable = |name: &str, version: Option<&str>, now: &str| {
        ended("dependency-vulnerable", name, version, now, &knowledge)
    };
    assert_eq!(vulnerable("pypi/model-kit", Some("1.4.1"), "2026-11-20"), [Verdict::Clean]);
    for (name, version, now, why) in [
        ("pypi/model-kit", None, "2026-11-20", "no version is fixed at uv.lock:1"),
        ("pypi/model-kit", Some("1.4.1"), "2027-01-20", "more than 30 days old"),
        ("cargo/serde", Some("1.0.0"), "2026-11-20", "built-in table"),
        ("conda/numpy", Some("1.0"), "2026-11-20", "PyPI, npm, crates.io and Go only"),
    ] {
        let verdicts = vulnerable(name, version, now);
        let [Verdict::Skipped(reason)] = &verdicts[..] else { panic!("{name}: {verdicts:?}") };
        assert!(reason.contains(why), "{name}: {reason}");
    }
    let builtin = Knowledge::builtin();
    let verdicts = ended("dependency-vulnerable", "pypi/numpy", Some("9.9"), "2026-11-28", builtin);
    assert!(matches!(verdicts[..], [Verdict::Skipped(_)]), "{verdicts:?}");
}

#[test]
fn bad_dependency_malicious_goes_by_version_where_records_do() {
    let [finding] = &found("dependency-malicious", "pypi/taken-over", Some("2.0.1"))[..] else { panic!() };
    assert_eq!(finding.message, "`taken-over` 2.0.1 is malicious (MAL-2026-2)");
    assert_eq!(finding.severity, Severity::Critical);
    for version in [Some("0.1"), None] {
        let [finding] = &found("dependency-malicious", "pypi/model-kitt", version)[..] else {
            panic!("{version:?}")
        };
        assert!(finding.message.contains("MAL-2026-1"), "{}", finding.message);
    }
    // What is compiled in counts beside a database that does not have it.
    assert_eq!(found("dependency-malicious", "pypi/ultralytics", Some("8.3.41")).len(), 1);
}

#[test]
fn good_dependency_malicious_spares_what_was_repaired() {
    for (name, version) in [
        ("pypi/taken-over", Some("2.0.2")),
        ("pypi/taken-over", None),
        ("pypi/ultralytics", Some("8.3.47")),
        ("npm/model-kitt", Some("1.0.0")),
    ] {
        assert_eq!(found("dependency-malicious", name, version), [], "{name} {version:?}");
    }
}

#[test]
fn the_compiled_in_table_speaks_for_well_known_packages() {
    let found = look(
        &[
            ("pypi/torch", Some("2.0.1+cu118")),
            ("pypi/pillow", Some("9.5.0")),
            ("npm/mcp-remote", Some("0.1.0")),
        ],
        "2026-11-28",
        Knowledge::builtin(),
    );
    let ids: Vec<&str> = found.findings.iter().map(|finding| finding.evidence[0].key.as_str()).collect();
    for id in ["CVE-2025-32434", "CVE-2023-50447", "CVE-2025-6514"] {
        assert!(ids.contains(&id), "{id} is not among {ids:?}");
    }
    assert!(
        Knowledge::builtin().advisories.builtin_table().coverage(Ecosystem::PyPi).unwrap().packages >= 60
    );
}
