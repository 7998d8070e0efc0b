//! A registry does not scan what is pushed.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A registry does not scan what is pushed.
    pub const RULE: "registry-without-scan" {
        family: Config,
        severity: Low,
        title: "images are not scanned",
        why: "known holes in serving and training images stay unknown until someone uses them",
        remedy: "scan images when they are pushed",
        techniques: ["AML.T0010.004@2026.09"],
        mitigations: ["AML.M0016@2026.09"],
        weaknesses: ["CWE-1395"],
        owasp: ["LLM03:2025"],
        threats: ["L4.1@2025-02"],
        source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_ecr_repository"]) {
        let path = "image_scanning_configuration.scan_on_push";
        let whole = stack.of_kind(&["aws_ecr_registry_scanning_configuration"]).next().is_some();
        let is_wrong = if whole { Some(false) } else { it.is_on(path, false).map(|on| !on) };
        let said = verdict(it, is_wrong, path, || format!("images pushed to `{}` are not scanned", it.name));
        estate.clouds.judge(stack, it, report, said);
    }
}
