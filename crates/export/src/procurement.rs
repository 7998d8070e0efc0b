//! What to know about third parties before buying or renewing: what hangs on each, what it says, what is open, and a
//! recommendation by a rule that is written down.

use std::fmt::Write as _;

use vauban_domain::{Timestamp, day, words::expected_loss};

use crate::exporter::{ExportError, Exporter};
use crate::markdown::escape;
use crate::v1::{Document, Rung, Severity, VendorAssessment, VendorQuestion};

/// The procurement summary.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "procurement",
    extension: "procurement.md",
    media_type: "text/markdown",
    summary: "third parties before buying or renewing, with a recommendation",
    write,
};

/// Assets and findings that are named.
const NAMED: usize = 10;
/// The rule, as readers see it; [`recommend`] is the same in code.
const RULE: &str = "Do not renew as it stands: a critical finding is open at what it supplies, or it says yes where our own \
                    findings say no. Renew with conditions: a finding of high severity is open, an answer is no or partly, or \
                    less than half of the questions have an answer that is still fresh, or its assessment is missing or \
                    overdue. Renew: none of these. Not known: nothing that it supplies was found.";

/// Answers by what they are worth today.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Answers {
    fresh: usize,
    stale: usize,
    unanswered: usize,
    no: usize,
    all: usize,
}

impl Answers {
    /// Counts the answers of a vendor; one older than the half-life of evidence is stale.
    fn of(document: &Document, questions: &[VendorQuestion]) -> Self {
        let mut counts = Self { all: questions.len(), ..Self::default() };
        for question in questions {
            if question.answer.is_empty() {
                counts.unanswered += 1;
            } else if is_stale(document, question) {
                counts.stale += 1;
            } else {
                counts.fresh += 1;
            }
            counts.no += usize::from(matches!(question.answer.as_str(), "no" | "partly"));
        }
        counts
    }
}

/// Whether an answer is older than the half-life of evidence, or of no known date.
fn is_stale(document: &Document, question: &VendorQuestion) -> bool {
    let half_life = i64::from(document.review.declaration.half_life_days.max(1));
    let now = Timestamp::parse(&document.review.taken_at);
    let answered = question.answered.as_deref().and_then(Timestamp::parse);
    match (now, answered) {
        (Some(now), Some(answered)) => now.days_since(answered) >= half_life,
        _ => true,
    }
}

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(vendors) = &document.vendors else {
        return Err(ExportError::MissingPart { format: "procurement", part: "vendors" });
    };
    let mut text = String::new();
    let _ = writeln!(text, "# Third parties of {}\n", escape(&document.review.subject));
    let _ = writeln!(text, "The rule: {RULE}\n");
    if vendors.is_empty() {
        text.push_str("No vendor is declared. Add [[vendor]] to vauban.toml.\n");
    } else {
        text.push_str(
            "| vendor | recommendation | assets | reached if it falls | expected loss then | answers |\n",
        );
        text.push_str("| --- | --- | --: | --: | --: | --- |\n");
    }
    let currency = &document.review.declaration.currency;
    for vendor in vendors {
        let answers = Answers::of(document, &vendor.questions);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} fresh, {} stale, {} unanswered |",
            escape(&vendor.vendor),
            recommend(document, vendor, answers).0,
            vendor.assets.len(),
            vendor.reached,
            escape(&expected_loss(vendor.expected_loss, currency)),
            answers.fresh,
            answers.stale,
            answers.unanswered
        );
    }
    for vendor in vendors {
        chapter(&mut text, document, vendor);
    }
    Ok(text.into_bytes())
}

/// The recommendation and what decided it.
fn recommend(document: &Document, vendor: &VendorAssessment, answers: Answers) -> (&'static str, String) {
    let contradicted = vendor.conditions.iter().filter(|line| line.starts_with("it says yes to ")).count();
    let overdue = vendor.assessed.is_none() || vendor.due < document.review.taken_at;
    let critical = open(document, vendor, Severity::Critical);
    let high = open(document, vendor, Severity::High);
    if vendor.assets.is_empty() {
        ("not known", "nothing that it supplies was found".to_owned())
    } else if critical + contradicted > 0 {
        (
            "do not renew as it stands",
            format!("{critical} critical findings, {contradicted} answers contradicted"),
        )
    } else if high + answers.no > 0 || overdue || answers.fresh * 2 < answers.all {
        let why = format!(
            "{high} high findings, {} answers of no or partly, {} of {} answers fresh, assessment {}",
            answers.no,
            answers.fresh,
            answers.all,
            if overdue { "missing or overdue" } else { "in time" }
        );
        ("renew with conditions", why)
    } else {
        ("renew", "no condition of the rule holds".to_owned())
    }
}

/// Findings of this severity that nobody has accepted, at what the vendor supplies.
fn open(document: &Document, vendor: &VendorAssessment, severity: Severity) -> usize {
    let at = |asset: &String| vendor.assets.contains(asset);
    let findings = document.findings().iter();
    findings.filter(|one| one.severity == severity && !one.is_accepted() && at(&one.asset)).count()
}

fn chapter(text: &mut String, document: &Document, vendor: &VendorAssessment) {
    let answers = Answers::of(document, &vendor.questions);
    let (recommendation, why) = recommend(document, vendor, answers);
    let declared = document.review.declaration.vendors.iter().find(|known| known.name == vendor.vendor);
    let contact = declared.map(|known| known.contact.as_str()).filter(|contact| !contact.is_empty());
    let _ = writeln!(text, "\n## {}\n", escape(&vendor.vendor));
    let _ = writeln!(text, "Recommendation: {recommendation} ({}).\n", escape(&why));
    let _ = writeln!(text, "- supplies: {}", escape(&vendor.supplies));
    let _ = writeln!(text, "- contact: {}", escape(contact.unwrap_or("not declared")));
    let assessed = vendor.assessed.as_deref().map_or("never", day);
    let due = day(&vendor.due);
    let _ = writeln!(text, "- assessed: {}; next due {}", escape(assessed), escape(due));
    let _ = writeln!(text, "- systems: {}", escape(&list(&vendor.systems)));
    let _ = writeln!(text, "- hangs on it: {}", escape(&list(&vendor.assets)));
    let radius = document.cascades.iter().flat_map(|all| &all.blast_radii);
    if let Some(radius) = radius.into_iter().find(|radius| radius.vendor && radius.origin == vendor.vendor) {
        let reached: Vec<String> =
            radius.reached.iter().map(|one| format!("{} ({:.2})", one.asset, one.probability)).collect();
        let _ = writeln!(text, "- reached if it falls, with probability: {}", escape(&list(&reached)));
    }
    if !vendor.conditions.is_empty() {
        text.push_str("\nTo settle, worst first:\n\n");
        for condition in &vendor.conditions {
            let _ = writeln!(text, "- {}", escape(condition));
        }
    }
    if !vendor.questions.is_empty() {
        text.push_str("\n| control | answer | when | what it shows | what is known today |\n");
        text.push_str("| --- | --- | --- | --- | --- |\n");
    }
    for question in &vendor.questions {
        let answer = if question.answer.is_empty() { "unanswered" } else { &question.answer };
        let stale = if !question.answer.is_empty() && is_stale(document, question) { ", stale" } else { "" };
        let when = question.answered.as_deref().map_or("", day);
        let known = if question.rung == Rung::Blind { "nothing" } else { question.rung.as_str() };
        let _ = writeln!(
            text,
            "| {} | {}{stale} | {} | {} | {known} |",
            escape(&question.control),
            escape(answer),
            escape(when),
            escape(&question.evidence)
        );
    }
}

fn list(words: &[String]) -> String {
    let more = words.len().saturating_sub(NAMED);
    let first = words.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match (first.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (_, 0) => first,
        (_, more) => format!("{first} and {more} more"),
    }
}
