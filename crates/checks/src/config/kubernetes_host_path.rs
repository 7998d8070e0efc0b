//! Pods that reach into the node.

use vauban_domain::{Evidence, rule};
use vauban_formats::kubernetes::Kubernetes;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A pod mounts a folder of its node.
    pub const RULE: "kubernetes-host-path" {
        family: Config,
        severity: High,
        title: "pod mounts a folder of its node",
        why: "the pod reads or changes files of the node and of other pods, models among them, past every access rule of the cluster",
        remedy: "use a persistent volume claim or an object store, read-only where the pod only reads",
        techniques: ["AML.T0105@2026.09"],
        mitigations: ["AML.M0005@2026.09"],
        weaknesses: ["CWE-552"],
        owasp: ["ASI03:2026"],
        threats: ["L4.2@2025-02", "L4.6@2025-02"],
        source: "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Kubernetes(check) };

fn check(subject: &Subject<'_, Kubernetes>, report: &mut Report) {
    for object in &subject.facts.objects {
        for volume in object.pods.iter().flat_map(|pod| &pod.volumes) {
            let Some(path) = &volume.host_path else { continue };
            let key = format!("{}/{path}", object.title());
            let evidence =
                Evidence::new(subject.locator.clone().at_line(volume.line), key, format!("hostPath: {path}"));
            let message = format!("{} mounts `{path}` of the node", object.title());
            report.find(&owner(subject, &object.title()), message, vec![evidence]);
        }
    }
}
