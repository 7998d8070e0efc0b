//! Users of a notebook instance have root rights.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// Users of a notebook instance have root rights.
    pub const RULE: "notebook-root-access" {
        family: Config,
        severity: Medium,
        title: "notebook users are root",
        why: "whoever gets code to run in the notebook owns the machine, can change what watches it and reads what its role may read",
        remedy: "switch root access off",
        techniques: ["AML.T0011.000@2026.09", "AML.T0105@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-250"],
        owasp: ["ASI03:2026"],
        threats: ["L4.6@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-root-access.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_sagemaker_notebook_instance"]) {
        let said = verdict(it, it.is_on("root_access", true), "root_access", || {
            format!("users of `{}` are root", it.name)
        });
        estate.clouds.judge(stack, it, report, said);
    }
}
