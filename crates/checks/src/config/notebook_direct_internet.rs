//! A notebook server has a way to the internet that no network of the owner controls.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A notebook server has a way to the internet that no network of the owner controls.
    pub const RULE: "notebook-direct-internet" {
        family: Config,
        severity: Medium,
        title: "notebook reaches the internet directly",
        why: "what runs in the notebook, a downloaded model for instance, can carry data and credentials out without passing any network of the owner",
        remedy: "put the notebook into a network of your own and switch direct internet access off",
        techniques: ["AML.T0025@2026.09", "AML.T0072@2026.09"],
        mitigations: ["AML.M0032@2026.09"],
        weaknesses: ["CWE-668"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02", "L4.6@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/appendix-notebook-and-internet-access.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Types of notebook servers, where they say it, what they say by default, and what is wrong.
const NOTEBOOKS: &[(&str, &str, bool, bool)] = &[
    ("aws_sagemaker_notebook_instance", "direct_internet_access", true, true),
    ("azurerm_machine_learning_compute_cluster", "node_public_ip_enabled", true, true),
    ("azurerm_machine_learning_compute_instance", "node_public_ip_enabled", true, true),
    ("google_notebooks_instance", "no_public_ip", false, false),
    ("google_workbench_instance", "gce_setup.disable_public_ip", false, false),
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (kind, path, default, wrong) in NOTEBOOKS {
        for (stack, it) in estate.clouds.of_kind(&[kind]) {
            let is_wrong = it.is_on(path, *default).map(|on| on == *wrong);
            let said = verdict(it, is_wrong, path, || {
                format!("`{}` has an own way to the internet{}", it.name, by_default(it.has(path)))
            });
            estate.clouds.judge(stack, it, report, said);
        }
    }
    for (stack, it) in estate.clouds.of_kind(&["aws_sagemaker_domain"]) {
        let path = "app_network_access_type";
        let is_wrong = match (it.has(path), it.text(path)) {
            (Some(false), _) => Some(true),
            (_, Some(text)) => Some(text != "VpcOnly"),
            _ => None,
        };
        let said = verdict(it, is_wrong, path, || {
            format!("`{}` has an own way to the internet{}", it.name, by_default(it.has(path)))
        });
        estate.clouds.judge(stack, it, report, said);
    }
}

fn by_default(set: Option<bool>) -> &'static str {
    if set == Some(false) { ", which is the default" } else { "" }
}
