//! `registry-keeps-secrets`.

use vauban_domain::{Evidence, Locator, rule};
use vauban_knowledge::secrets::tokens;

use super::registry::stores;
use crate::literal::is_secret_literal;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A database with keys of providers, hashes of passwords or tokens of runs lies among files.
    pub(super) const RULE: "registry-keeps-secrets" {
        family: Provenance,
        severity: Medium,
        title: "a registry's database holds keys, tokens or hashes of passwords",
        why: "the file is all of it: who can read it has the tokens that runs were given, can try the passwords at leisure, and decrypt the keys with the passphrase of the server, which has a well-known default",
        remedy: "take the file out of the repository or folder, keep the database on a server, set a passphrase of your own, keep credentials out of parameters and tags, and change those that others could read",
        techniques: ["AML.T0055@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-522"],
        owasp: ["LLM02:2025"],
        threats: ["L4.1@2025-02"],
        source: "https://mlflow.org/docs/latest/genai/governance/ai-gateway/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for store in stores(estate) {
        report.looked_at(&store.home);
        let names = |list: Vec<&str>| list.into_iter().take(8).collect::<Vec<_>>().join(", ");
        let secrets: Vec<&str> = store.facts.secrets.iter().map(|(name, _)| name.as_str()).collect();
        let users: Vec<&str> = store.facts.users.iter().map(|(name, _)| name.as_str()).collect();
        let noted: Vec<&str> = (store.facts.runs.values())
            .flat_map(|run| run.parameters.iter().chain(&run.tags))
            .filter(|(name, value)| {
                is_secret_literal(name, value) || !tokens(&estate.knowledge.secrets, value).is_empty()
            })
            .map(|(name, _)| name.as_str())
            .collect();
        for (key, what, list) in [
            ("secrets", "encrypted keys", secrets),
            ("users", "hashes of passwords", users),
            ("runs", "credentials among parameters and tags of runs", noted),
        ] {
            if list.is_empty() {
                continue;
            }
            let message = format!("`{}` holds {} {what}: {}", store.path, list.len(), names(list.clone()));
            let place = Locator::file(&store.path).at_key(key);
            report.find(&store.home, message, vec![Evidence::new(place, key, names(list))]);
        }
    }
}
