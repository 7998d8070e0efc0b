//! ML workloads that may take everything.

use vauban_domain::{Evidence, rule};
use vauban_formats::kubernetes::Kubernetes;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A serving or training workload has no limits.
    pub const RULE: "kubernetes-no-limits" {
        family: Config,
        severity: Low,
        title: "ML workload without resource limits",
        why: "one expensive request or one runaway job starves whatever else runs on the node, and the bill has no ceiling",
        remedy: "set resources.limits for cpu and memory on every container",
        techniques: ["AML.T0029@2026.09", "AML.T0034@2026.09"],
        mitigations: ["AML.M0036@2026.09"],
        weaknesses: ["CWE-770"],
        owasp: ["LLM10:2025"],
        threats: ["L4.4@2025-02", "L1.7@2025-02"],
        source: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Kubernetes(check) };

fn check(subject: &Subject<'_, Kubernetes>, report: &mut Report) {
    for object in subject.facts.objects.iter().filter(|object| object.is_machine_learning()) {
        let title = object.title();
        let evidence: Vec<Evidence> = object
            .containers()
            .filter(|(_, container)| !container.init && !container.limits_memory)
            .map(|(_, container)| {
                let missing =
                    if container.limits_cpu { "no limit for memory" } else { "no limits for cpu and memory" };
                let place = subject.locator.clone().at_line(container.line);
                Evidence::new(
                    place,
                    format!("{title}/{}", container.name),
                    format!("{}: {missing}", container.name),
                )
            })
            .collect();
        if !evidence.is_empty() {
            report.find(&owner(subject, &title), format!("{title} may use all memory of its node"), evidence);
        }
    }
}
