//! `registry-source-outside`.

use std::collections::BTreeSet;

use vauban_domain::{Evidence, Severity, rule};

use super::registry::{Store, stores};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A version whose files are not among the artifacts of its registry.
    pub(super) const RULE: "registry-source-outside" {
        family: Provenance,
        severity: Medium,
        title: "a registered version of a model takes its files from outside the registry's artifacts",
        why: "whoever may write to that place changes what the registry hands out, and neither the run nor the access rules of the registry protect it; a path on the server reads files of the server",
        remedy: "log the model in a run and register that; allow sources only below the artifact root, and run MLflow 2.5 or newer, which refuses local paths",
        techniques: ["AML.T0010.003@2026.09", "AML.T0018@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-345", "CWE-22"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02"],
        source: "https://github.com/advisories/GHSA-83fm-w79m-64r5 (MLflow, remote file access by a version's source)",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for store in stores(estate) {
        let roots = roots(&store);
        for (name, _, number, version) in store.versions() {
            let asset = store.model(estate, name);
            report.looked_at(&asset);
            let source = version.source.as_str();
            let inner =
                ["runs:/", "models:/", "mlflow-artifacts:"].iter().any(|start| source.starts_with(start));
            let climbs =
                source.split(['/', '\\']).any(|part| part == ".." || part.eq_ignore_ascii_case("%2e%2e"));
            if source.is_empty() || inner && !climbs {
                continue;
            }
            let within = roots.iter().any(|root| is_below(&plain(source), root));
            if !climbs && (within || roots.is_empty()) {
                continue;
            }
            let severity = if climbs { Severity::High } else { Severity::Medium };
            let message = format!("version {number} of `{name}` takes its files from `{source}`");
            let key = format!("{name}/{number}");
            let evidence = Evidence::new(store.place(name, number), key, source);
            report.find_as(severity, &asset, message, vec![evidence]);
        }
    }
}

/// Everywhere that runs and experiments put files.
fn roots(store: &Store) -> BTreeSet<String> {
    let facts = &store.facts;
    let experiments = facts.experiments.values().map(|experiment| &experiment.artifacts);
    let runs = facts.runs.values().map(|run| &run.artifacts);
    let logged = facts.logged.values().map(|logged| &logged.artifacts);
    experiments.chain(runs).chain(logged).map(|root| plain(root)).filter(|root| !root.is_empty()).collect()
}

/// An address as it is compared: a local path whether or not it is written as an address.
fn plain(place: &str) -> String {
    let path = place.strip_prefix("file://").or(place.strip_prefix("file:")).unwrap_or(place);
    path.trim_end_matches('/').to_owned()
}

fn is_below(place: &str, root: &str) -> bool {
    place.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
