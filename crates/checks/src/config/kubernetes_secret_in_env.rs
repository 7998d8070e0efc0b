//! Secrets written into manifests.

use vauban_domain::{Evidence, rule};
use vauban_formats::kubernetes::Kubernetes;

use crate::literal::is_secret_literal;
use crate::owner::owner;
use crate::secret::masked;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A manifest holds a literal secret.
    pub const RULE: "kubernetes-secret-in-env" {
        family: Config,
        severity: High,
        title: "secret value in a manifest",
        why: "everybody who reads the repository or the pod specification has the secret, and it cannot be replaced without a deployment",
        remedy: "take it from a Secret with valueFrom.secretKeyRef or from a secret store; replace the value",
        techniques: ["AML.T0055@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-798"],
        owasp: ["ASI03:2026"],
        threats: ["L4.2@2025-02"],
        source: "https://kubernetes.io/docs/concepts/configuration/secret/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Kubernetes(check) };

fn check(subject: &Subject<'_, Kubernetes>, report: &mut Report) {
    for object in &subject.facts.objects {
        for (_, container) in object.containers() {
            for env in &container.env {
                let Some(value) = env.value.as_deref().filter(|value| is_secret_literal(&env.name, value))
                else {
                    continue;
                };
                let evidence = Evidence::new(
                    subject.locator.clone().at_line(env.line),
                    format!("{}/{}/{}", object.title(), container.name, env.name),
                    format!("{}: {}", env.name, masked(value)),
                );
                let message = format!("`{}` of {} is written into the manifest", env.name, object.title());
                report.find(&owner(subject, &object.title()), message, vec![evidence]);
            }
        }
    }
}
