//! Templates that bring in other files.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::jinja::{Jinja, Kind};

use super::template::{constants, fold, statements};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The template brings in another file.
    pub const RULE: "jinja-file-access" {
        family: Artifact,
        severity: Medium,
        title: "the template brings in a file from elsewhere",
        why: "a chat template is one text: one that includes or imports files makes the renderer read what its author chose",
        remedy: "replace the template by the one of the model's publisher; keep what a template includes beside it",
        techniques: ["AML.T0018.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-73", "CWE-829"],
        owasp: ["LLM03:2025"],
        threats: ["L1.3@2025-02"],
        effect: FileRead,
        when: FirstUse,
        loaders: "Jinja environments with a file system loader",
        source: "https://jinja.palletsprojects.com/en/stable/templates/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Jinja(check) };

fn check(subject: &Subject<'_, Jinja>, report: &mut Report) {
    let known = constants(&subject.facts.body);
    statements(&subject.facts.body, &mut |statement| {
        let Kind::Reach(word, what) = &statement.kind else { return };
        let path = fold(what, &known);
        let outside = path.as_deref().is_some_and(|path| {
            path.starts_with(['/', '\\', '~'])
                || path.split(['/', '\\']).any(|part| part == "..")
                || path.contains("://")
        });
        let shown = path.unwrap_or_else(|| "a computed name".to_owned());
        let severity = match (subject.facts.chat, outside) {
            (true, true) => Severity::High,
            (false, true) | (true, false) => Severity::Medium,
            (false, false) => return,
        };
        let message = format!("rendering brings in `{}` with `{word}`", shown.escape_debug());
        let locator = subject.locator.clone().at_line(statement.line);
        let listing = super::template::source_line(&subject.facts.text, statement.line);
        report.find_as(
            severity,
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, format!("{word} {shown}"), listing)],
        );
    });
}
