//! `notebook-personal-data-in-output`.

use std::collections::BTreeSet;

use vauban_domain::{Evidence, rule};
use vauban_formats::notebook::Notebook;

use crate::dataset::personal::{Personal, of_name, of_value};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A saved output shows people.
    pub(super) const RULE: "notebook-personal-data-in-output" {
        family: Notebook,
        severity: Medium,
        title: "rows with personal data were printed and saved with the notebook",
        why: "outputs leave the place where the data may be: they are stored in the file and travel with it",
        remedy: "clear the outputs, print counts instead of rows, and strip outputs before each commit",
        techniques: ["AML.T0025@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0012@2026.09"],
        weaknesses: ["CWE-359", "CWE-532"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02", "X.4@2025-02"],
        source: "https://eur-lex.europa.eu/eli/reg/2016/679/oj (GDPR, articles 5 and 32)",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Notebook(check) };

/// Rows of values that a table must show to count as one.
const ROWS: usize = 2;

fn check(subject: &Subject<'_, Notebook>, report: &mut Report) {
    for cell in &subject.facts.cells {
        let kinds: BTreeSet<Personal> = cell.outputs.iter().flat_map(|text| shown(text)).collect();
        if kinds.is_empty() {
            continue;
        }
        let words = kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let place = subject.locator.clone().at_key(format!("cells[{}].outputs", cell.index));
        let key = format!("{}:{words}", subject.locator.path);
        let message = format!("a saved output shows personal data: {words}");
        report.find(&subject.asset.id, message, vec![Evidence::new(place, key, words)]);
    }
}

/// Kinds of personal data in a printed table: at least two kinds by name or value, on several rows.
fn shown(text: &str) -> BTreeSet<Personal> {
    let plain = without_tags(text);
    let cells = |line: &str| -> Vec<String> {
        line.split(|c: char| c.is_whitespace() || "|,;".contains(c))
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut named: BTreeSet<Personal> = BTreeSet::new();
    let mut valued: BTreeSet<Personal> = BTreeSet::new();
    let mut rows = 0;
    for line in plain.lines().take(5_000) {
        let words = cells(line);
        let values: BTreeSet<Personal> = words.iter().filter_map(|word| of_value(word)).collect();
        if values.is_empty() {
            named.extend(words.iter().filter_map(|word| of_name(word)));
        } else {
            rows += 1;
            valued.extend(values);
        }
    }
    // Dates are everywhere; they are personal only under a name that says so.
    if !named.contains(&Personal::BirthDate) {
        valued.remove(&Personal::BirthDate);
    }
    let all: BTreeSet<Personal> = named.union(&valued).copied().collect();
    let strong =
        valued.iter().any(|kind| *kind != Personal::BirthDate) || named.contains(&Personal::BirthDate);
    if rows >= ROWS && strong && !valued.is_empty() && all.len() >= 2 { all } else { BTreeSet::new() }
}

/// HTML with its tags taken out, a line per row.
fn without_tags(text: &str) -> String {
    if !text.contains("</t") {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    for part in text.replace(['\n', '\r'], " ").replace("</tr>", "\n").split('<') {
        plain.push(' ');
        plain.push_str(part.split_once('>').map_or(part, |(_, after)| after));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_people_are_seen_and_numbers_are_not() {
        let people = "   patient_name date_of_birth  email\n0 Alma T 1961-02-11 alma@patient.example\n1 Bruno M 1974-12-08 bruno@patient.example\n";
        assert_eq!(shown(people).len(), 3);
        let html = "<table><tr><th>email</th><th>phone</th></tr><tr><td>a@b.example</td><td>+49 30 5550101</td></tr><tr><td>c@d.example</td></tr></table>";
        assert!(shown(html).contains(&Personal::Email));
        for silent in [
            "epoch loss\n1 0.5\n2 0.4\n",
            "date value\n2026-01-01 3\n2026-01-02 4\n",
            "contact: team@clinic.example\n",
            "['age', 'bmi']",
        ] {
            assert!(shown(silent).is_empty(), "{silent}");
        }
    }
}
