//! Looks as test results: a suite per rule, a case per asset.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::{
    exporter::{ExportError, Exporter},
    v1::{Document, Finding, Measurement, Verdict},
};

/// JUnit XML, as test servers read it.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "junit",
    extension: "xml",
    media_type: "application/xml",
    summary: "looks as test results, a suite per rule",
    write,
};

/// What became of one rule at one asset.
enum Case<'a> {
    Passed,
    Skipped(String),
    Broken(String),
    Failed(Vec<&'a Finding>),
}

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.findings.is_none() {
        return Err(ExportError::MissingPart { format: "junit", part: "findings" });
    }
    let mut suites: BTreeMap<&str, BTreeMap<&str, Case<'_>>> = BTreeMap::new();
    for outcome in document.outcomes() {
        let reason = outcome.reason.clone().unwrap_or_default();
        let case = match outcome.verdict {
            Verdict::Found | Verdict::Clean => Case::Passed,
            Verdict::NotApplicable => continue,
            Verdict::Skipped => Case::Skipped(reason),
            Verdict::Failed => Case::Broken(reason),
        };
        suites.entry(&outcome.rule).or_default().insert(&outcome.asset, case);
    }
    for finding in document.findings() {
        let suite = suites.entry(&finding.rule).or_default();
        match suite.get_mut(finding.asset.as_str()) {
            Some(Case::Failed(findings)) => findings.push(finding),
            _ => {
                suite.insert(&finding.asset, Case::Failed(vec![finding]));
            }
        }
    }
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(xml, "<testsuites name=\"vauban {}\">", escape(&document.review.subject));
    for (rule, cases) in &suites {
        suite(&mut xml, document, rule, cases);
    }
    for result in document.measurements.iter().flat_map(|measured| &measured.results) {
        sanity(&mut xml, document, result);
    }
    xml.push_str("</testsuites>\n");
    Ok(xml.into_bytes())
}

/// The sanity checks of an evaluation, a case each: a failed one says that the measured robustness is not to be trusted.
fn sanity(xml: &mut String, document: &Document, result: &Measurement) {
    if result.sanity.is_empty() {
        return;
    }
    let count = |verdict: &str| result.sanity.iter().filter(|check| check.verdict == verdict).count();
    let _ = writeln!(
        xml,
        "  <testsuite name=\"sanity of {}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" timestamp=\"{}\">",
        escape(&result.id),
        result.sanity.len(),
        count("failed"),
        count("not-run"),
        escape(document.review.taken_at.trim_end_matches('Z')),
    );
    for check in &result.sanity {
        let (name, class, detail) = (escape(&check.name), escape(&result.asset), escape(&check.detail));
        let inside = match check.verdict.as_str() {
            "failed" => format!("<failure message=\"{detail}\"/>"),
            "not-run" => format!("<skipped message=\"{detail}\"/>"),
            _ => format!("<system-out>{detail}</system-out>"),
        };
        let _ = writeln!(xml, "    <testcase name=\"{name}\" classname=\"{class}\">{inside}</testcase>");
    }
    xml.push_str("  </testsuite>\n");
}

fn suite(xml: &mut String, document: &Document, rule: &str, cases: &BTreeMap<&str, Case<'_>>) {
    let is_accepted = |findings: &[&Finding]| findings.iter().all(|finding| finding.is_accepted());
    let number = |wanted: fn(&Case<'_>) -> bool| cases.values().filter(|case| wanted(case)).count();
    let accepted =
        cases.values().filter(|case| matches!(case, Case::Failed(list) if is_accepted(list))).count();
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" timestamp=\"{}\">",
        escape(rule),
        cases.len(),
        number(|case| matches!(case, Case::Failed(_))) - accepted,
        number(|case| matches!(case, Case::Broken(_))),
        number(|case| matches!(case, Case::Skipped(_))) + accepted,
        escape(document.review.taken_at.trim_end_matches('Z')),
    );
    let rule_text = document.rule(rule);
    let mut advice = rule_text
        .and_then(|rule| rule.harm.as_ref())
        .map_or_else(String::new, |harm| format!("what happens: {}\n", harm.sentence()));
    if let Some(rule) = rule_text {
        let _ = write!(advice, "what next: {}", rule.remedy);
    }
    for (asset, case) in cases {
        let _ = write!(xml, "    <testcase name=\"{}\" classname=\"{}\"", escape(asset), escape(rule));
        match case {
            Case::Passed => xml.push_str("/>\n"),
            Case::Skipped(why) => {
                let _ = writeln!(xml, "><skipped message=\"{}\"/></testcase>", escape(why));
            }
            Case::Broken(why) => {
                let _ =
                    writeln!(xml, "><error type=\"failed-look\" message=\"{}\"/></testcase>", escape(why));
            }
            Case::Failed(findings) if is_accepted(findings) => {
                let reasons: BTreeSet<&str> = findings
                    .iter()
                    .filter_map(|finding| finding.acceptance.as_ref())
                    .map(|acceptance| acceptance.reason.as_str())
                    .collect();
                let reasons = reasons.into_iter().collect::<Vec<_>>().join("; ");
                let _ = writeln!(xml, "><skipped message=\"accepted: {}\"/></testcase>", escape(&reasons));
            }
            Case::Failed(findings) => failure(xml, findings, &advice),
        }
    }
    xml.push_str("  </testsuite>\n");
}

/// One failure element, because many readers take only the first: the worst finding leads, the rest is text.
fn failure(xml: &mut String, findings: &[&Finding], advice: &str) {
    let Some(worst) = findings.iter().max_by_key(|finding| finding.severity) else {
        return;
    };
    let _ = write!(xml, "><failure type=\"{}\" message=\"{}\">", worst.severity, escape(&worst.message));
    for finding in findings {
        let _ = writeln!(xml, "{} {} [{}]", finding.severity, escape(&finding.message), finding.fingerprint);
        for evidence in &finding.evidence {
            let _ = writeln!(xml, "  at {}", escape(&evidence.locator.to_string()));
            for line in evidence.excerpt.lines() {
                let _ = writeln!(xml, "    {}", escape(line));
            }
        }
    }
    for line in advice.lines() {
        let _ = writeln!(xml, "{}", escape(line));
    }
    xml.push_str("</failure></testcase>\n");
}

/// XML text: markup escaped, and characters that XML 1.0 (section 2.2) has no place for replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}
