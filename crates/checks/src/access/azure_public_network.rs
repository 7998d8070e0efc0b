//! A service for models in Azure stands on the public internet.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A service for models in Azure stands on the public internet.
    pub const RULE: "azure-public-network" {
        family: Access,
        severity: Medium,
        title: "Azure AI service answers on the internet",
        why: "models, data and keys of the service are one leaked credential away from everyone",
        remedy: "switch public network access off and use private endpoints",
        techniques: ["AML.T0040@2026.09", "AML.T0132@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0032@2026.09"],
        weaknesses: ["CWE-668"],
        owasp: ["LLM02:2025"],
        threats: ["L4.6@2025-02"],
        source: "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&[
        "azurerm_cognitive_account",
        "azurerm_machine_learning_workspace",
        "azurerm_search_service",
    ]) {
        let path = "public_network_access_enabled";
        let denied = it.text("network_acls.default_action") == Some("Deny");
        let narrowed =
            it.has("allowed_ips") == Some(true) || it.has("network_rule_set.ip_rules") == Some(true);
        let is_wrong = if denied || narrowed { Some(false) } else { it.is_on(path, true) };
        let said = verdict(it, is_wrong, path, || format!("`{}` answers on the internet", it.name));
        estate.clouds.judge(stack, it, report, said);
    }
}
