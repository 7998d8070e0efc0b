//! Third parties and what hangs on them.

use std::fmt::Write;

use vauban_domain::{Timestamp, day};
use vauban_export::v1::{Document, VendorQuestion};

use super::amounts::expected_loss;
use super::{absent, section, short};

/// Whether an answer is older than the half-life of evidence.
fn is_stale(document: &Document, question: &VendorQuestion) -> bool {
    let half_life = i64::from(document.review.declaration.half_life_days.max(1));
    let now = Timestamp::parse(&document.review.taken_at);
    let answered = question.answered.as_deref().and_then(Timestamp::parse);
    matches!((now, answered), (Some(now), Some(day)) if now.days_since(day) >= half_life)
}

/// `vauban vendors`.
pub(crate) fn vendors(document: &Document) -> String {
    let Some(vendors) = &document.vendors else { return absent("vendors") };
    let currency = &document.review.declaration.currency;
    let mut text = String::new();
    for vendor in vendors {
        section(&mut text, &short(&vendor.vendor, 120));
        let _ = writeln!(text, "  supplies {}", short(&vendor.supplies, 160));
        let systems = if vendor.systems.is_empty() {
            "no declared system".to_owned()
        } else {
            vendor.systems.join(", ")
        };
        let _ = writeln!(text, "  {} assets hang on it; {systems}", vendor.assets.len());
        let _ = writeln!(
            text,
            "  if it falls, harm reaches {} assets; expected loss in {currency}: {}",
            vendor.reached,
            expected_loss(vendor.expected_loss)
        );
        let due = day(&vendor.due);
        let unanswered = vendor.questions.iter().filter(|question| question.answer.is_empty()).count();
        let stale = vendor.questions.iter().filter(|question| is_stale(document, question)).count();
        let _ = writeln!(
            text,
            "  {} questions: {} answered, {stale} of them stale, {unanswered} unanswered; next assessment {due}",
            vendor.questions.len(),
            vendor.questions.len() - unanswered
        );
        for condition in &vendor.conditions {
            let _ = writeln!(text, "  - {}", short(condition, 200));
        }
    }
    if vendors.is_empty() {
        text.push_str("no vendor is declared; add [[vendor]] to vauban.toml\n");
    }
    text
}
