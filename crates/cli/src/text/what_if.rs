//! Before and after a supposed change.

use std::collections::BTreeMap;

use super::amounts::{expected_loss, money};
use super::table;
use crate::supposition::Comparison;

/// Paths, techniques and requirements shown; the JSON document has all.
const SHOWN: usize = 10;

/// The figures side by side, then the paths, scores and requirements that change.
pub(crate) fn what_if(comparison: &Comparison, currency: &str) -> String {
    let amounts = if comparison.priced {
        format!("amounts in {currency}")
    } else {
        "money at risk is unknown, as no loss is declared that a threat found here leads to".to_owned()
    };
    let mut text = format!(
        "{amounts}; controls are supposed to be seen in place, same random numbers on both sides\n\n"
    );
    text.push_str(&table(
        ["", "before", "after", "difference"],
        comparison.figures.iter().map(|figure| {
            let difference = figure.after - figure.before;
            [figure.name.to_owned(), money(figure.before), money(figure.after), money(difference)]
        }),
    ));
    let loss = |loss: Option<f64>| loss.map_or_else(|| "not among the worst".to_owned(), expected_loss);
    let paths = comparison
        .paths
        .iter()
        .map(|path| [loss(path.before), loss(path.after), path.steps.join(" \u{2192} ")]);
    part(&mut text, "paths", ["expected loss before", "after", "path"], paths.collect());
    let mut scores: BTreeMap<(&str, &str, &str, &str), usize> = BTreeMap::new();
    for change in &comparison.coverage {
        let key = (change.technique.as_str(), change.aspect, change.before, change.after);
        *scores.entry(key).or_default() += 1;
    }
    let mut scores: Vec<_> = scores.into_iter().collect();
    scores.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let scores = scores.into_iter().map(|((technique, aspect, before, after), count)| {
        [technique.to_owned(), aspect.to_owned(), format!("{before} to {after}"), count.to_string()]
    });
    part(&mut text, "scores", ["technique", "aspect", "rung", "assets"], scores.collect());
    let requirements = comparison.requirements.iter().map(|one| {
        let system = one.system.as_deref().unwrap_or("the organisation");
        [one.id.clone(), system.to_owned(), format!("{} to {}", one.before, one.after)]
    });
    part(&mut text, "requirements", ["requirement", "for", "status"], requirements.collect());
    text
}

/// A table of what changes of one kind, cut to what a screen takes.
fn part<const N: usize>(text: &mut String, what: &str, header: [&str; N], mut rows: Vec<[String; N]>) {
    if rows.is_empty() {
        text.push_str(&format!("\nno {what} change\n"));
        return;
    }
    let rest = rows.len().saturating_sub(SHOWN);
    rows.truncate(SHOWN);
    text.push_str(&format!("\n{what} that change\n"));
    text.push_str(&table(header, rows));
    if rest > 0 {
        text.push_str(&format!("and {rest} more; `--format json` has all\n"));
    }
}
