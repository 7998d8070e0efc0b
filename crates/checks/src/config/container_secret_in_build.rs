//! Secrets that stay in the image.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::dockerfile::Dockerfile;

use crate::literal::{is_secret_literal, is_secret_name};
use crate::secret::masked;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A secret is an ARG or ENV of the build.
    pub const RULE: "container-secret-in-build" {
        family: Config,
        severity: High,
        title: "secret in a container build",
        why: "arguments and variables of a build stay in the history of the image, where everybody who can pull it reads them",
        remedy: "use a build secret (RUN --mount=type=secret) or give the value at run time; replace the secret",
        techniques: ["AML.T0055@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-798", "CWE-538"],
        owasp: ["ASI03:2026"],
        threats: ["L4.1@2025-02"],
        source: "https://docs.docker.com/build/building/secrets/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Dockerfile(check) };

fn check(subject: &Subject<'_, Dockerfile>, report: &mut Report) {
    for instruction in &subject.facts.instructions {
        if !matches!(instruction.keyword.as_str(), "ARG" | "ENV") {
            continue;
        }
        for assignment in instruction.assignments() {
            if assignment.value.is_none() && is_handed_over(subject.facts, &assignment.name) {
                let place = subject.locator.clone().at_line(instruction.line);
                let evidence =
                    Evidence::new(place, assignment.name.clone(), format!("ARG {}", assignment.name));
                let message =
                    format!("`{}` is given as a build argument, which stays in the history", assignment.name);
                report.find_as(Severity::Medium, &subject.asset.id, message, vec![evidence]);
            }
            let Some(value) =
                assignment.value.as_deref().filter(|value| is_secret_literal(&assignment.name, value))
            else {
                continue;
            };
            let evidence = Evidence::new(
                subject.locator.clone().at_line(instruction.line),
                assignment.name.clone(),
                format!("{} {}={}", instruction.keyword, assignment.name, masked(value)),
            );
            let message = format!("`{}` stays in the history of the image", assignment.name);
            report.find(&subject.asset.id, message, vec![evidence]);
        }
    }
}

/// Whether an argument without a value has the name of a secret and is used by the build.
fn is_handed_over(file: &Dockerfile, name: &str) -> bool {
    let used = |arguments: &str| {
        arguments.contains(&format!("${name}")) || arguments.contains(&format!("${{{name}"))
    };
    is_secret_name(name)
        && file
            .instructions
            .iter()
            .any(|other| matches!(other.keyword.as_str(), "ENV" | "RUN") && used(&other.arguments))
}
