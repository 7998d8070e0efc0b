//! `notebook-secret-in-output`.

use std::collections::BTreeMap;

use vauban_domain::{Evidence, rule};
use vauban_formats::notebook::Notebook;

use crate::secret::scan::{connection_strings, private_keys, provider_tokens};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A saved output shows a credential.
    pub(super) const RULE: "notebook-secret-in-output" {
        family: Notebook,
        severity: High,
        title: "a credential was printed and saved with the notebook",
        why: "outputs are stored in the file and travel with it, into repositories, mails and rendered pages",
        remedy: "change the credential, clear the outputs, and strip them before each commit (nbstripout)",
        techniques: ["AML.T0055@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0012@2026.09"],
        weaknesses: ["CWE-532", "CWE-312"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02", "X.4@2025-02"],
        source: "https://nbformat.readthedocs.io/en/latest/format_description.html#code-cell-outputs",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Notebook(check) };

fn check(subject: &Subject<'_, Notebook>, report: &mut Report) {
    let mut found: BTreeMap<String, (String, Evidence)> = BTreeMap::new();
    for cell in &subject.facts.cells {
        let place = || subject.locator.clone().at_key(format!("cells[{}].outputs", cell.index));
        for text in &cell.outputs {
            let hits = text.lines().flat_map(|line| {
                let mut hits = provider_tokens(line, subject.knowledge);
                hits.extend(connection_strings(line));
                hits
            });
            for hit in hits {
                let key = format!("{}:{}", subject.locator.path, hit.id);
                let evidence = Evidence::new(place(), key.clone(), hit.excerpt);
                found.entry(key).or_insert((format!("a saved output shows the {}", hit.what), evidence));
            }
            for (_, kind) in private_keys(text) {
                let key = format!("{}:{kind}", subject.locator.path);
                let evidence = Evidence::new(place(), key.clone(), &kind);
                found.entry(key).or_insert((format!("a saved output shows a {kind}"), evidence));
            }
        }
    }
    for (message, evidence) in found.into_values() {
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
