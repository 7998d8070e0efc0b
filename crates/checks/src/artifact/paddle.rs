//! How the rules about Paddle programs report operators.

use vauban_domain::Evidence;
use vauban_formats::paddle::Paddle;

use crate::{Report, Subject};

/// Texts of an operator that are shown.
const TEXTS: usize = 8;

/// Reports the operators of these kinds.
pub(super) fn tell(subject: &Subject<'_, Paddle>, report: &mut Report, kinds: &[&str], what: &str) {
    for operator in subject.facts.operators.iter().filter(|operator| kinds.contains(&operator.kind.as_str()))
    {
        let message = format!("operator `{}` {what}", operator.kind.escape_debug());
        let listing: Vec<String> =
            operator.texts.iter().take(TEXTS).map(|(name, text)| format!("{name} = {text:?}")).collect();
        let locator = subject.locator.clone().at_offset(operator.offset);
        let evidence = Evidence::new(locator, operator.kind.clone(), listing.join("\n"));
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
