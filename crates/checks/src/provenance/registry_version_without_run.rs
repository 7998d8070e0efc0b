//! `registry-version-without-run`.

use vauban_domain::{Evidence, rule};

use super::registry::stores;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A version of a registered model that no run made.
    pub(super) const RULE: "registry-version-without-run" {
        family: Provenance,
        severity: Low,
        title: "a registered version of a model was made by no run that is known",
        why: "the registry is where others fetch models from because they trust it; a version without a run, or of a run that was deleted, has no code, data or person behind it, and anybody who may write to the registry can add one",
        remedy: "find out who registered it and from what; register models from the run that made them, and delete versions whose origin nobody can tell",
        techniques: ["AML.T0010.003@2026.09", "AML.T0018@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-345"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02"],
        source: "https://mlflow.org/docs/latest/ml/model-registry/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for store in stores(estate) {
        for (name, _, number, version) in store.versions() {
            let asset = store.model(estate, name);
            report.looked_at(&asset);
            let run = store.facts.maker(version);
            let what = match store.facts.runs.get(run) {
                // A link leads to a run on another server; a logged model is described where it was logged.
                None if run.is_empty() && (!version.run_link.is_empty() || !version.logged.is_empty()) => {
                    continue;
                }
                None if run.is_empty() => "no run".to_owned(),
                // A store of models alone knows no runs at all.
                None if store.facts.runs.is_empty() => {
                    report.skip(&asset, format!("{}: the runs are kept elsewhere", store.path));
                    continue;
                }
                None => format!("run {run}, which is not there"),
                Some(known) if known.deleted => format!("run {run}, which was deleted"),
                Some(_) => continue,
            };
            let message = format!("version {number} of `{name}` was made by {what}");
            let key = format!("{name}/{number}");
            let evidence = Evidence::new(store.place(name, number), key, version.source.clone());
            report.find(&asset, message, vec![evidence]);
        }
    }
}
