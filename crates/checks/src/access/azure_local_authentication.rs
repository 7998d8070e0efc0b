//! A service for models in Azure accepts keys beside identities.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A service for models in Azure accepts keys beside identities.
    pub const RULE: "azure-local-authentication" {
        family: Access,
        severity: Medium,
        title: "Azure AI service takes keys",
        why: "whoever finds one of the service's keys uses the model in the owner's name; a key has no second factor, no end and no person",
        remedy: "switch local authentication off and use identities of Entra",
        techniques: ["AML.T0012@2026.09", "AML.T0091.000@2026.09", "AML.T0034@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-287"],
        owasp: ["ASI03:2026", "LLM10:2025"],
        threats: ["L4.6@2025-02"],
        source: "https://learn.microsoft.com/azure/ai-services/disable-local-auth",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Services, and what the switch is called.
const SERVICES: &[(&str, &str)] = &[
    ("azurerm_cognitive_account", "local_auth_enabled"),
    ("azurerm_machine_learning_compute_cluster", "local_auth_enabled"),
    ("azurerm_machine_learning_compute_instance", "local_auth_enabled"),
    ("azurerm_search_service", "local_authentication_enabled"),
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (kind, path) in SERVICES {
        for (stack, it) in estate.clouds.of_kind(&[kind]) {
            // The resource manager has one name for all.
            let path = if it.has("local_auth_enabled") == Some(true) { "local_auth_enabled" } else { path };
            let said = verdict(it, it.is_on(path, true), path, || {
                format!("`{}` can be used with a key alone", it.name)
            });
            estate.clouds.judge(stack, it, report, said);
        }
    }
}
