//! Records of OSV (<https://ossf.github.io/osv-schema/>), as OSV.dev, GitHub, PyPA, RustSec, Go and OpenSSF publish them.
//!
//! A record becomes one row for every package it names: its ranges become spans, the versions that it lists beside them
//! are kept if no span holds them. Withdrawn records and ranges of commits give nothing, and why is said.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;
use vauban_domain::{Severity, Timestamp};

use super::ranges::{Range, spans};
use super::{Advisory, Sort, Where, row};
use crate::versions::Ecosystem;

/// Bytes of a record that are read, at most.
const LARGEST: usize = 16 << 20;
/// Versions that a record may list for a package, at most.
const VERSIONS: usize = 100_000;

/// What one record gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    pub(super) rows: Vec<(Ecosystem, String)>,
    pub(super) modified: Option<Timestamp>,
    pub(super) skipped: Vec<String>,
}

impl Imported {
    fn skipped(reason: impl Into<String>) -> Self {
        Self { skipped: vec![reason.into()], ..Self::default() }
    }

    /// Rows that it gave.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// What was not taken, and why.
    pub fn reasons(&self) -> &[String] {
        &self.skipped
    }
}

/// Reads one record in JSON.
pub fn import_json(bytes: &[u8]) -> Imported {
    if bytes.len() > LARGEST {
        return Imported::skipped("larger than 16 MiB");
    }
    match serde_json::from_slice::<Record>(bytes) {
        Ok(record) => import(record),
        Err(_) => Imported::skipped("no OSV record in JSON"),
    }
}

/// Reads one record in YAML.
pub fn import_yaml(bytes: &[u8]) -> Imported {
    if bytes.len() > LARGEST {
        return Imported::skipped("larger than 16 MiB");
    }
    match std::str::from_utf8(bytes).ok().and_then(|text| crate::yaml::read::<Record>(text).ok()) {
        Some(record) => import(record),
        None => Imported::skipped("no OSV record in YAML"),
    }
}

#[derive(Deserialize)]
struct Record {
    id: String,
    modified: Option<String>,
    published: Option<String>,
    withdrawn: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    severity: Vec<Vector>,
    #[serde(default)]
    affected: Vec<Affected>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct Vector {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    score: String,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Package>,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    severity: Vec<Vector>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
}

fn import(record: Record) -> Imported {
    let mut imported =
        Imported { modified: record.modified.as_deref().and_then(Timestamp::parse), ..Imported::default() };
    if record.withdrawn.is_some() {
        return Imported { skipped: vec!["withdrawn".to_owned()], ..imported };
    }
    if record.id.is_empty() {
        return Imported { skipped: vec!["without an id".to_owned()], ..imported };
    }
    let sort = sort(&record);
    let published = record.published.as_deref().and_then(|date| date.get(..10)).unwrap_or_default();
    let mut by_package: BTreeMap<(Ecosystem, String), Advisory> = BTreeMap::new();
    for affected in &record.affected {
        let Some(package) = &affected.package else {
            imported.skipped.push("names no package".to_owned());
            continue;
        };
        let Some(ecosystem) = Ecosystem::parse(&package.ecosystem) else {
            let name = package.ecosystem.split(':').next().unwrap_or_default();
            imported.skipped.push(format!("of {}, which is not matched", shown(name)));
            continue;
        };
        let (spans, mut reasons) = spans(ecosystem, &affected.ranges);
        let listed: Vec<&String> = affected
            .versions
            .iter()
            .filter(|version| {
                !spans.iter().any(|span| matches!(span.at(ecosystem, version), Where::Inside { .. }))
            })
            .take(VERSIONS)
            .collect();
        if spans.is_empty() && listed.is_empty() {
            imported.skipped.push(reasons.pop().unwrap_or_else(|| "names no version".to_owned()));
            continue;
        }
        imported.skipped.append(&mut reasons);
        let key = (ecosystem, ecosystem.normalise(&package.name));
        let advisory = by_package.entry(key).or_insert_with(|| Advisory {
            id: record.id.clone(),
            aliases: record.aliases.clone(),
            sort,
            severity: severity(&record, affected),
            published: published.to_owned(),
            spans: Vec::new(),
            versions: Vec::new(),
        });
        advisory.spans.extend(spans);
        advisory.versions.extend(listed.into_iter().cloned());
    }
    imported.rows = by_package
        .into_iter()
        .map(|((ecosystem, package), mut advisory)| {
            advisory.versions.sort_unstable();
            advisory.versions.dedup();
            (ecosystem, row::write(ecosystem, &package, &advisory))
        })
        .collect();
    if record.affected.is_empty() {
        imported.skipped.push("names no package".to_owned());
    }
    imported
}

/// Names of ecosystems come from the record: a short piece of them is shown.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// Malice is told by the record's own id, by that of the list of malicious packages it repeats, or by its weakness.
fn sort(record: &Record) -> Sort {
    const EMBEDDED_MALICIOUS_CODE: &str = "CWE-506";
    let listed =
        record.id.starts_with("MAL-") || record.aliases.iter().any(|alias| alias.starts_with("MAL-"));
    let weaknesses = record.database_specific.get("cwe_ids").and_then(Value::as_array);
    let embedded = weaknesses.into_iter().flatten().any(|weakness| weakness == EMBEDDED_MALICIOUS_CODE);
    if listed || embedded { Sort::Malicious } else { Sort::Vulnerability }
}

/// The database's own word, else what the vectors come to.
fn severity(record: &Record, affected: &Affected) -> Option<Severity> {
    let word = |value: &Value| value.get("severity").and_then(Value::as_str).and_then(by_word);
    let informational = affected.database_specific.get("informational").and_then(Value::as_str);
    if matches!(informational, Some("unmaintained" | "notice")) {
        return Some(Severity::Info);
    }
    word(&affected.database_specific)
        .or_else(|| word(&record.database_specific))
        .or_else(|| by_vectors(&affected.severity))
        .or_else(|| by_vectors(&record.severity))
}

fn by_word(word: &str) -> Option<Severity> {
    match word.to_ascii_lowercase().as_str() {
        "low" => Some(Severity::Low),
        "medium" | "moderate" => Some(Severity::Medium),
        "high" | "important" => Some(Severity::High),
        "critical" => Some(Severity::Critical),
        _ => None,
    }
}

/// What the vector of the latest CVSS comes to.
fn by_vectors(vectors: &[Vector]) -> Option<Severity> {
    ["CVSS_V4", "CVSS_V3", "CVSS_V2"].iter().find_map(|kind| {
        let vector = vectors.iter().find(|vector| vector.kind == *kind)?;
        Some(Severity::of_score(cvss::Cvss::from_str(vector.score.trim()).ok()?.score()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The advisory of the only package of a record with these `affected` entries.
    #[track_caller]
    fn one(affected: &str) -> (Ecosystem, String, Advisory) {
        let record = format!(r#"{{"id":"X-1","modified":"2026-11-01T00:00:00Z","affected":[{affected}]}}"#);
        let imported = import_json(record.as_bytes());
        let [(_, line)] = &imported.rows[..] else { panic!("{imported:?}") };
        row::read(line).unwrap()
    }

    fn events(ecosystem: &str, kind: &str, events: &str, versions: &str) -> (Ecosystem, Advisory) {
        let affected = format!(
            r#"{{"package":{{"ecosystem":"{ecosystem}","name":"a"}},"ranges":[{{"type":"{kind}","events":[{events}]}}],"versions":[{versions}]}}"#
        );
        let (ecosystem, _, advisory) = one(&affected);
        (ecosystem, advisory)
    }

    #[track_caller]
    fn check(events: (Ecosystem, Advisory), inside: &[&str], outside: &[&str]) {
        let (ecosystem, advisory) = events;
        for version in inside {
            assert!(matches!(advisory.at(ecosystem, version), Where::Inside { .. }), "{version} is inside");
        }
        for version in outside {
            assert_eq!(advisory.at(ecosystem, version), Where::Outside, "{version} is outside");
        }
    }

    #[test]
    fn events_are_taken_in_the_order_of_versions() {
        let unordered = r#"{"fixed":"2.0.6"},{"introduced":"0"},{"introduced":"2.0.0"},{"fixed":"1.26.17"}"#;
        check(
            events("PyPI", "ECOSYSTEM", unordered, ""),
            &["0.1", "1.26.16", "2.0.0", "2.0.5", "1.26.17rc1"],
            &["1.26.17", "1.27", "2.0.0rc1", "2.0.6", "3"],
        );
    }

    #[test]
    fn the_last_affected_version_is_affected() {
        let text = r#"{"introduced":"1.0"},{"last_affected":"1.4"}"#;
        check(
            events("PyPI", "ECOSYSTEM", text, ""),
            &["1.0", "1.4", "1.4+cu118"],
            &["0.9", "1.4.1", "1.4.post1"],
        );
    }

    #[test]
    fn limits_end_what_has_no_end() {
        let text = r#"{"introduced":"0"},{"limit":"2.0.0"}"#;
        check(events("npm", "SEMVER", text, ""), &["1.9.9", "2.0.0-rc.1"], &["2.0.0", "3.0.0"]);
        let endless = r#"{"introduced":"0"},{"limit":"*"}"#;
        check(events("npm", "SEMVER", endless, ""), &["0.0.0-0", "99.0.0"], &[]);
        let two = r#"{"introduced":"0"},{"limit":"1.0.0"},{"limit":"3.0.0"}"#;
        check(events("npm", "SEMVER", two, ""), &["2.0.0"], &["3.0.0"]);
    }

    #[test]
    fn listed_versions_count_outside_ranges_and_without_them() {
        let text = r#"{"introduced":"2.0"},{"fixed":"2.1"}"#;
        check(
            events("PyPI", "ECOSYSTEM", text, r#""1.0","2.0.1","2004d""#),
            &["1.0.0", "2.0.5"],
            &["1.1", "2.1"],
        );
        let (_, advisory) = events("PyPI", "ECOSYSTEM", text, r#""1.0","2.0.1","2004d""#);
        assert_eq!(advisory.versions, ["1.0", "2004d"], "what a span holds is not kept twice");
        check(events("PyPI", "GIT", r#"{"introduced":"0"},{"fixed":"abc"}"#, r#""1.0""#), &["1"], &["1.1"]);
    }

    #[test]
    fn pseudo_versions_of_go_have_their_place() {
        let text = r#"{"introduced":"0"},{"fixed":"0.0.0-20220314234659-1baeb1ce4c0b"}"#;
        check(
            events("Go", "SEMVER", text, ""),
            &["v0.0.0-20210921155107-089bfa567519"],
            &["v0.0.0-20220314234659-1baeb1ce4c0b", "v0.0.0-20230101000000-aaaaaaaaaaaa", "v0.1.0"],
        );
        check(
            events("Go", "SEMVER", r#"{"introduced":"0"},{"fixed":"1.2.3"}"#, ""),
            &["v1.2.3-0.20210101000000-abcdef123456", "v1.2.2+incompatible"],
            &["v1.2.3", "v1.2.4-0.20210101000000-abcdef123456"],
        );
    }

    #[test]
    fn what_gives_nothing_says_why() {
        let reasons = |text: &str| import_json(text.as_bytes()).skipped.join("; ");
        assert_eq!(reasons(r#"{"id":"X","withdrawn":"2024-01-01T00:00:00Z","affected":[]}"#), "withdrawn");
        assert_eq!(
            reasons(r#"{"id":"X","affected":[{"package":{"ecosystem":"Maven","name":"a:b"}}]}"#),
            "of Maven, which is not matched"
        );
        assert_eq!(reasons(r#"{"id":"X"}"#), "names no package");
        assert_eq!(reasons("[]"), "no OSV record in JSON");
        assert_eq!(
            reasons(
                r#"{"id":"X","affected":[{"package":{"ecosystem":"PyPI","name":"a"},"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]}]}"#
            ),
            "ranges of commits"
        );
        assert_eq!(import_yaml(b"id: [").skipped, ["no OSV record in YAML"]);
    }

    #[test]
    fn a_record_in_yaml_is_the_same_as_in_json() {
        let yaml = "id: PYSEC-2023-1\nmodified: 2024-02-06T22:20:23.832Z\naliases:\n- CVE-2023-1\naffected:\n- package:\n    ecosystem: PyPI\n    name: Llama_Index\n  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: \"0\"\n    - fixed: 2.9.2\n  versions:\n  - 0.0.1\n  - \"1.13\"\nseverity:\n- type: CVSS_V3\n  score: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N\n";
        let json = r#"{"id":"PYSEC-2023-1","modified":"2024-02-06T22:20:23.832Z","aliases":["CVE-2023-1"],
            "affected":[{"package":{"ecosystem":"PyPI","name":"Llama_Index"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.9.2"}]}],"versions":["0.0.1","1.13"]}],
            "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}]}"#;
        let imported = import_yaml(yaml.as_bytes());
        assert_eq!(imported, import_json(json.as_bytes()));
        let (_, package, advisory) = row::read(&imported.rows[0].1).unwrap();
        assert_eq!((package.as_str(), advisory.severity), ("llama-index", Some(Severity::High)));
        assert_eq!(advisory.versions, [""; 0]);
    }

    #[test]
    fn severity_is_the_word_or_what_the_vector_comes_to() {
        let vector = |kind: &str, score: &str| [Vector { kind: kind.to_owned(), score: score.to_owned() }];
        for (kind, score, severity) in [
            ("CVSS_V2", "AV:N/AC:L/Au:N/C:C/I:C/A:C", Severity::Critical),
            ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Severity::Critical),
            ("CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:L/A:N", Severity::Medium),
            ("CVSS_V3", "CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:U/C:L/I:N/A:N", Severity::Low),
            (
                "CVSS_V4",
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                Severity::Critical,
            ),
        ] {
            assert_eq!(by_vectors(&vector(kind, score)), Some(severity), "{score}");
        }
        assert_eq!(by_vectors(&vector("CVSS_V3", "high")), None);
        assert_eq!(by_word("MODERATE"), Some(Severity::Medium));
    }

    #[test]
    fn malice_is_told_from_weakness() {
        let sort_of = |text: &str| row::read(&import_json(text.as_bytes()).rows[0].1).unwrap().2.sort;
        let affected = r#""affected":[{"package":{"ecosystem":"PyPI","name":"a"},"versions":["1.0"]}]"#;
        assert_eq!(sort_of(&format!(r#"{{"id":"MAL-2024-1",{affected}}}"#)), Sort::Malicious);
        assert_eq!(
            sort_of(&format!(
                r#"{{"id":"GHSA-1","database_specific":{{"cwe_ids":["CWE-506"]}},{affected}}}"#
            )),
            Sort::Malicious
        );
        assert_eq!(
            sort_of(&format!(r#"{{"id":"GHSA-1","database_specific":{{"cwe_ids":"none"}},{affected}}}"#)),
            Sort::Vulnerability
        );
    }

    #[test]
    fn a_record_cut_anywhere_or_with_any_byte_changed_does_no_harm() {
        let record = br#"{"id":"X-1","modified":"2026-11-01T00:00:00Z","aliases":["CVE-1"],"affected":[{"package":{"ecosystem":"PyPI","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.2"},{"limit":"3"}]}],"versions":["1.0"]}],"severity":[{"type":"CVSS_V4","score":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}]}"#;
        for at in 0..record.len() {
            import_json(&record[..at]);
            for byte in [b'"', b'{', b'9', 0xff, b',', b':'] {
                let mut changed = record.to_vec();
                changed[at] = byte;
                for (_, line) in import_json(&changed).rows {
                    assert!(row::read(&line).is_some(), "{line}");
                }
                import_yaml(&changed);
            }
        }
    }
}
