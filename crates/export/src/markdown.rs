//! A summary for a pull request.

use std::fmt::Write as _;
use vauban_domain::words::{amount, percent};

use crate::{
    exporter::{ExportError, Exporter},
    summary::{Summary, known},
    v1::{Document, Finding, Risk, Severity},
};

/// A summary in Markdown.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "markdown",
    extension: "md",
    media_type: "text/markdown",
    summary: "summary for a pull request",
    write,
};

/// Rows of the table of findings; a comment on GitHub holds 65,536 characters.
const ROWS: usize = 50;
/// Findings whose chain and remedy are told below the table, and lines of the chain.
const DETAILED: usize = 10;
const LISTED: usize = 12;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let summary = Summary::of(document);
    let mut text = String::new();
    let line = |text: &mut String, line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    line(&mut text, &format!("## Vauban review of {}\n", escape(&document.review.subject)));
    line(&mut text, &format!("{}\n", escape(&summary.verdict())));
    if document.findings.is_some() {
        line(&mut text, "| critical | high | medium | low | info | new | fixed | accepted | not looked at |");
        line(&mut text, "| --: | --: | --: | --: | --: | --: | --: | --: | --: |");
        let counts: Vec<String> =
            Severity::ALL.iter().rev().map(|severity| summary.open(*severity).to_string()).collect();
        let of = |known: Option<usize>| known.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |\n",
            counts.join(" | "),
            of(summary.new),
            of(summary.fixed),
            summary.accepted,
            summary.unknown
        );
    }
    let open: Vec<&Finding> = document.findings().iter().filter(|finding| !finding.is_accepted()).collect();
    if !open.is_empty() {
        line(&mut text, "| | finding | where | rule | status |");
        line(&mut text, "| --- | --- | --- | --- | --- |");
        for finding in open.iter().take(ROWS) {
            let place =
                finding.evidence.first().map(|evidence| evidence.locator.to_string()).unwrap_or_default();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                finding.severity,
                escape(&finding.message),
                escape(&place),
                escape(&finding.rule),
                finding.status.map_or("", |status| status.as_str())
            );
        }
        if open.len() > ROWS {
            let _ = writeln!(text, "\n{} more are in the full report.", open.len() - ROWS);
        }
        for finding in open.iter().filter(|finding| finding.severity >= Severity::Medium).take(DETAILED) {
            text.push_str(&detail(document, finding));
        }
        text.push('\n');
    }
    match &document.risk {
        None => {}
        Some(risk) if !risk.is_known() => {
            let _ = writeln!(text, "{}\n", Risk::UNKNOWN);
        }
        Some(risk) => {
            let _ = writeln!(
                text,
                "Expected yearly loss: {} ({}); one year in twenty is worse than {}.{}\n",
                escape(&amount(risk.total.mean, &risk.currency)),
                escape(&known(risk.total.expected_range.as_ref(), &risk.currency)),
                escape(&amount(risk.total.value_at_risk_95, &risk.currency)),
                if risk.exceeded.is_empty() { "" } else { " The risk appetite is exceeded." }
            );
        }
    }
    for exercise in document.exercises() {
        let bare = exercise.runs.first().map_or(0.0, |run| run.success);
        let _ = writeln!(
            text,
            "- Exercise {} on {}: success {}, {}, {}",
            escape(&exercise.attack),
            escape(&exercise.asset),
            percent(bare),
            if exercise.detected { "detected" } else { "not detected" },
            if exercise.holding.is_empty() {
                "no control holds".to_owned()
            } else {
                format!("held by {}", escape(&exercise.holding.join(", ")))
            }
        );
    }
    Ok(text.into_bytes())
}

/// What happens, the chain that was seen and what to do next, folded.
fn detail(document: &Document, finding: &Finding) -> String {
    let mut text = String::new();
    let place = finding.evidence.first().map(|evidence| evidence.locator.to_string()).unwrap_or_default();
    let _ = writeln!(
        text,
        "\n<details><summary>{}: {} in {}</summary>\n",
        finding.severity,
        escape(&finding.rule),
        escape(&place)
    );
    let rule = document.rule(&finding.rule);
    if let Some(harm) = rule.and_then(|rule| rule.harm.as_ref()) {
        let _ = writeln!(text, "What happens: {}\n", escape(&harm.sentence()));
    }
    let excerpt = finding.evidence.first().map_or("", |evidence| evidence.excerpt.as_str());
    let lines: Vec<String> = excerpt
        .lines()
        .take(LISTED)
        .map(|line| {
            line.chars().take(160).map(|letter| if is_unseen(letter) { ' ' } else { letter }).collect()
        })
        .collect();
    if !lines.is_empty() {
        // A fence is closed by one at least as long: ours is longer than any run of backticks inside.
        let longest = lines.iter().flat_map(|line| line.split(|letter| letter != '`')).map(str::len).max();
        let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
        let _ = writeln!(text, "{fence}text\n{}\n{fence}\n", lines.join("\n"));
    }
    for verdict in finding.verdicts.iter().take(LISTED) {
        let _ = writeln!(text, "Says {}\n", escape(&verdict.sentence()));
    }
    if let Some(rule) = rule {
        let _ = writeln!(text, "What next: {}\n", escape(&rule.remedy));
    }
    let _ = writeln!(text, "Fingerprint `{}`\n\n</details>", escape(&finding.fingerprint));
    text
}

/// Text that stays text: no markup, no table cells, no mentions, no line breaks, no control characters.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A word joiner keeps a name from being called.
            '@' => escaped.push_str("@\u{2060}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            character if is_unseen(character) => escaped.push(' '),
            character => escaped.push(character),
        }
    }
    escaped
}

/// Control characters and those that turn the reading direction.
fn is_unseen(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
