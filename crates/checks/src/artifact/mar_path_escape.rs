//! TorchServe archives whose manifest names files outside the archive.

use vauban_domain::{Evidence, rule};
use vauban_formats::model_archive::ModelArchive;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The manifest names a file outside the archive.
    pub const RULE: "mar-path-escape" {
        family: Artifact,
        severity: High,
        title: "the archive's manifest names a file outside the archive",
        why: "the server imports the handler and loads the weights that the manifest names, wherever they are",
        remedy: "do not serve it; a model archive holds every file that it needs",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22", "CWE-73"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "TorchServe",
        source: "https://github.com/pytorch/serve/blob/master/model-archiver/README.md",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::ModelArchive(check) };

fn check(subject: &Subject<'_, ModelArchive>, report: &mut Report) {
    for (key, path, line) in &subject.facts.files {
        let outside = path.starts_with(['/', '\\', '~'])
            || path.split(['/', '\\']).any(|part| part == "..")
            || path.contains("://");
        if outside {
            let shown: String = path.escape_debug().to_string().chars().take(160).collect();
            let message = format!("`{key}` points outside the archive: `{shown}`");
            let locator = subject.locator.clone().at_line(*line);
            let evidence = Evidence::new(locator, format!("{key} {shown}"), shown);
            report.find(&subject.asset.id, message, vec![evidence]);
        }
    }
}
