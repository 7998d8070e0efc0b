//! SARIF 2.1.0 (OASIS, 2020-03-27), within the bounds of GitHub's code scanning.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::summary::bare;
use crate::{
    exporter::{ExportError, Exporter},
    v1::{Document, Evidence, Finding, Rule, Severity, Status, Verdict},
};

/// Findings for code-scanning viewers.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "sarif",
    extension: "sarif",
    media_type: "application/sarif+json",
    summary: "findings for code-scanning viewers (SARIF 2.1.0)",
    write,
};

/// GitHub refuses more results in a run, more locations in a result and more tags on a rule
/// (docs.github.com, "SARIF results exceed one or more limits").
const RESULTS: usize = 25_000;
const LOCATIONS: usize = 100;
const TAGS: usize = 20;
/// Notifications are grouped, so that a thousand skipped looks are few lines; this many are named.
const NAMED: usize = 5;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.findings.is_none() {
        return Err(ExportError::MissingPart { format: "sarif", part: "findings" });
    }
    let findings = document.findings();
    let rules: BTreeMap<&str, usize> =
        document.review.rules.iter().enumerate().map(|(index, rule)| (rule.id.as_str(), index)).collect();
    let mut notifications = notifications(document);
    if findings.len() > RESULTS {
        let over = findings.len() - RESULTS;
        let text = format!("the {over} least severe findings are left out: a run holds {RESULTS}");
        notifications.push(json!({ "level": "warning", "message": { "text": text } }));
    }
    // Once one result of a run says whether it is suppressed, all have to (section 3.27.23).
    let suppressed = findings.iter().any(|finding| finding.is_accepted() || finding.is_answered());
    let systems: BTreeMap<&str, &str> = document
        .assets()
        .iter()
        .filter_map(|asset| Some((asset.id.as_str(), asset.system.as_deref()?)))
        .collect();
    let results: Vec<Value> = findings
        .iter()
        .take(RESULTS)
        .map(|finding| {
            let mut value = result(document, &rules, finding);
            if let Some(system) = systems.get(finding.asset.as_str()) {
                value["properties"]["system"] = json!(system);
            }
            if suppressed && finding.acceptance.is_none() && !finding.is_answered() {
                value["suppressions"] = json!([]);
            }
            value
        })
        .collect();
    let (cwe, atlas) = (taxa(document, |rule| &rule.weaknesses), taxa(document, |rule| &rule.techniques));
    let sarif = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Vauban",
                "version": document.review.tool_version,
                "informationUri": "https://github.com/vauban-security/vauban",
                "rules": document.review.rules.iter().map(rule).collect::<Vec<_>>(),
                "supportedTaxonomies": [{ "name": "CWE" }, { "name": "ATLAS" }],
            }},
            "automationDetails": { "id": format!("vauban/{}/", path(&document.review.subject)) },
            "invocations": [{
                "executionSuccessful": true,
                "startTimeUtc": document.review.taken_at,
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "the reviewed folder" } } },
            "results": results,
            "taxonomies": [
                {
                    "name": "CWE",
                    "organization": "MITRE",
                    "shortDescription": { "text": "Common Weakness Enumeration" },
                    "taxa": cwe,
                },
                {
                    "name": "ATLAS",
                    "organization": "MITRE",
                    "version": document.review.atlas_edition,
                    "shortDescription": { "text": "Adversarial Threat Landscape for AI Systems" },
                    "taxa": atlas,
                },
            ],
        }],
    });
    let mut bytes = serde_json::to_vec_pretty(&sarif)?;
    bytes.push(b'\n');
    Ok(bytes)
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number GitHub sorts by: over 9.0 is critical, from 7.0 high, from 4.0 medium.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Info => "0.0",
    }
}

fn rule(rule: &Rule) -> Value {
    let ids: Vec<&String> =
        rule.techniques.iter().chain(&rule.weaknesses).chain(&rule.owasp).chain(&rule.threats).collect();
    // GitHub knows a weakness by a tag of this form.
    let weaknesses = rule.weaknesses.iter().map(|id| format!("external/cwe/{}", id.to_lowercase()));
    let tags: Vec<String> = ["security".to_owned(), rule.family.clone()]
        .into_iter()
        .chain(weaknesses)
        .chain(rule.techniques.iter().chain(&rule.owasp).cloned())
        .take(TAGS)
        .collect();
    let relation = |id: &str, taxonomy: &str| json!({ "target": { "id": bare(id), "toolComponent": { "name": taxonomy } }, "kinds": ["relevant"] });
    let relations: Vec<Value> = rule
        .weaknesses
        .iter()
        .map(|id| relation(id, "CWE"))
        .chain(rule.techniques.iter().map(|id| relation(id, "ATLAS")))
        .collect();
    let ids = ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    let harm = rule.harm.as_ref();
    let help = |bold: &str| {
        let happens = harm.map(|harm| format!("\n\n{bold}What happens:{bold} {}", harm.sentence()));
        format!(
            "{}{}\n\n{bold}What to do:{bold} {}\n\n{bold}Mappings:{bold} {ids}\n\n{bold}Source:{bold} {}",
            rule.why,
            happens.unwrap_or_default(),
            rule.remedy,
            rule.source
        )
    };
    let mut value = json!({
        "id": rule.id,
        "name": pascal(&rule.id),
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": {
            "text": help(""),
            "markdown": help("**"),
        },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": tags, "security-severity": security_severity(rule.severity), "precision": "high" },
        "relationships": relations,
    });
    if let Some(harm) = harm {
        value["properties"]["effect"] = json!(harm.effect);
        value["properties"]["when"] = json!(harm.when);
        value["properties"]["loaders"] = json!(harm.loaders);
    }
    if rule.source.starts_with("https://") && !rule.source.contains(char::is_whitespace) {
        value["helpUri"] = json!(rule.source);
    }
    value
}

fn result(document: &Document, rules: &BTreeMap<&str, usize>, finding: &Finding) -> Value {
    let shown = || finding.evidence.iter().take(LOCATIONS);
    let evidence: Vec<Value> = shown().map(|one| json!({ "key": one.key, "excerpt": one.excerpt })).collect();
    let locations: Vec<Value> = shown().map(|one| location(finding, one)).collect();
    let mut value = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": finding.message },
        "locations": locations,
        "partialFingerprints": {
            "vauban/v1": finding.fingerprint,
            "primaryLocationLineHash": format!("{}:1", finding.fingerprint),
        },
        "properties": {
            "asset": finding.asset,
            "severity": finding.severity.as_str(),
            "evidence": evidence,
        },
    });
    if let Some(index) = rules.get(finding.rule.as_str()) {
        value["ruleIndex"] = json!(index);
        if let Some(harm) = document.review.rules.get(*index).and_then(|rule| rule.harm.as_ref()) {
            value["properties"]["effect"] = json!(harm.effect);
            value["properties"]["when"] = json!(harm.when);
        }
    }
    if !finding.verdicts.is_empty() {
        value["properties"]["verdicts"] = json!(finding.verdicts);
    }
    match finding.status {
        Some(Status::New | Status::Reopened) => value["baselineState"] = json!("new"),
        Some(Status::Open | Status::Accepted) => value["baselineState"] = json!("unchanged"),
        _ => {}
    }
    if let Some(acceptance) = &finding.acceptance {
        value["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": format!("{} (until {})", acceptance.reason, acceptance.until),
        }]);
    }
    if let Some(answer) = finding.verdicts.iter().find(|verdict| verdict.answers) {
        let answered =
            json!({ "kind": "external", "status": "accepted", "justification": answer.sentence() });
        match value["suppressions"].as_array_mut() {
            Some(suppressions) => suppressions.push(answered),
            None => value["suppressions"] = json!([answered]),
        }
    }
    value
}

fn location(finding: &Finding, evidence: &Evidence) -> Value {
    let locator = &evidence.locator;
    let mut artifact = json!({ "uri": path(&locator.path) });
    if locator.path.contains("://") {
        artifact = json!({ "uri": address(&locator.path) });
    } else {
        artifact["uriBaseId"] = json!("%SRCROOT%");
    }
    // Viewers ask for a line even where there are only bytes.
    let region = json!({ "startLine": locator.line.unwrap_or(1).max(1) });
    json!({
        "physicalLocation": { "artifactLocation": artifact, "region": region },
        "logicalLocations": [{ "fullyQualifiedName": locator.to_string(), "name": finding.asset }],
    })
}

/// Looks that were skipped or failed, and bounds that were hit: grouped by what and why.
fn notifications(document: &Document) -> Vec<Value> {
    let mut groups: BTreeMap<(&str, Verdict, &str), Vec<&str>> = BTreeMap::new();
    for outcome in document.outcomes() {
        if matches!(outcome.verdict, Verdict::Skipped | Verdict::Failed) {
            let reason = outcome.reason.as_deref().unwrap_or("no reason given");
            groups.entry((&outcome.rule, outcome.verdict, reason)).or_default().push(&outcome.asset);
        }
    }
    let looks = groups.iter().map(|((rule, verdict, reason), assets)| {
        let named = assets.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more =
            if assets.len() > NAMED { format!(" and {} more", assets.len() - NAMED) } else { String::new() };
        json!({
            "level": if *verdict == Verdict::Failed { "error" } else { "warning" },
            "associatedRule": { "id": rule },
            "message": { "text": format!("{}: {rule} at {named}{more}: {reason}", verdict.as_str()) },
        })
    });
    let limits = document.review.limits.iter().map(|limit| {
        let text = format!("not looked at: {}: {}", limit.place, limit.what);
        json!({ "level": "warning", "message": { "text": text } })
    });
    looks.chain(limits).collect()
}

/// Every id of one framework that rules refer to.
fn taxa(document: &Document, ids: fn(&Rule) -> &Vec<String>) -> Vec<Value> {
    let all: BTreeSet<&str> = document.review.rules.iter().flat_map(ids).map(|id| bare(id)).collect();
    all.into_iter().map(|id| json!({ "id": id })).collect()
}

/// `pickle-code-execution` as `PickleCodeExecution`.
fn pascal(id: &str) -> String {
    id.split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                .unwrap_or_default()
        })
        .collect()
}

/// A relative reference: what RFC 3986 leaves unreserved stays, a leading slash goes.
fn path(text: &str) -> String {
    escape(text.trim_start_matches('/'), b"-._~/")
}

/// An address, escaped only where it could not be one.
fn address(text: &str) -> String {
    escape(text, b"-._~/:?#[]@!$&'()*+,;=%")
}

fn escape(text: &str, plain: &[u8]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
