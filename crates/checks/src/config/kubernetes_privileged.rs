//! Pods that are as good as the node.

use vauban_domain::{Evidence, rule};
use vauban_formats::kubernetes::Kubernetes;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A pod has the rights of its node.
    pub const RULE: "kubernetes-privileged" {
        family: Config,
        severity: High,
        title: "pod has the rights of its node",
        why: "code that gets to run in the pod, from a poisoned model file for instance, owns the node and every other workload on it",
        remedy: "drop privileged, hostNetwork, hostPID, hostIPC and added capabilities; set allowPrivilegeEscalation: false",
        techniques: ["AML.T0105@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-250"],
        owasp: ["ASI03:2026"],
        threats: ["L4.2@2025-02", "L4.6@2025-02"],
        source: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Kubernetes(check) };

fn check(subject: &Subject<'_, Kubernetes>, report: &mut Report) {
    for object in &subject.facts.objects {
        let title = object.title();
        let mut find = |line: u32, what: &str, key: String| {
            let evidence = Evidence::new(subject.locator.clone().at_line(line), key, what);
            report.find(&owner(subject, &title), format!("{title}: {what}"), vec![evidence]);
        };
        for pod in &object.pods {
            for (name, line) in &pod.host_namespaces {
                find(*line, &format!("{name}: true"), format!("{title}/{name}"));
            }
        }
        for (pod, container) in object.containers() {
            let security = &container.security;
            let user = security.get("runAsUser");
            let user = if user.is_null() { pod.security.get("runAsUser") } else { user };
            let key = |what: &str| format!("{title}/{}/{what}", container.name);
            if security.get("privileged").is_true() {
                find(security.get("privileged").line, "privileged: true", key("privileged"));
            } else if security.get("allowPrivilegeEscalation").is_true() && user.integer() == Some(0) {
                let line = security.get("allowPrivilegeEscalation").line;
                find(line, "allowPrivilegeEscalation: true as root", key("allowPrivilegeEscalation"));
            }
            let added = security.at("capabilities.add");
            for capability in added.items() {
                let name = capability.text_or_empty().trim_start_matches("CAP_");
                if matches!(name, "ALL" | "SYS_ADMIN" | "SYS_MODULE" | "SYS_PTRACE" | "SYS_RAWIO" | "BPF") {
                    find(capability.line, &format!("adds capability {name}"), key(name));
                }
            }
        }
    }
}
