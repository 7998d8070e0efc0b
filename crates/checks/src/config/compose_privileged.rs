//! Services that own the machine they run on.

use vauban_domain::{Evidence, rule};
use vauban_formats::compose::Compose;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A service runs with the rights of the machine.
    pub const RULE: "compose-privileged" {
        family: Config,
        severity: High,
        title: "compose service has the rights of its machine",
        why: "whoever gets into the service - through a model file, a prompt or a bug - owns the machine: its files, its other containers, its network",
        remedy: "drop privileged and the Docker socket; add the single capability or device that is needed (for GPUs: deploy.resources.reservations.devices)",
        techniques: ["AML.T0049@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-250", "CWE-269"],
        owasp: ["ASI03:2026"],
        threats: ["L4.2@2025-02", "L4.6@2025-02"],
        source: "https://docs.docker.com/reference/compose-file/services/#privileged",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Compose(check) };

/// Capabilities that are as good as all of them.
const GRAVE: &[&str] = &["ALL", "CAP_SYS_ADMIN", "SYS_ADMIN", "SYS_MODULE"];

fn check(subject: &Subject<'_, Compose>, report: &mut Report) {
    for service in &subject.facts.services {
        let mut why: Vec<(String, u32)> = Vec::new();
        if let Some(line) = service.privileged {
            why.push(("privileged: true".to_owned(), line));
        }
        // A mount that cannot be written still lets the daemon be told what to do.
        let socket = service.volumes.iter().find(|(volume, _)| {
            volume.split(':').next().is_some_and(|source| source.ends_with("docker.sock"))
        });
        why.extend(socket.cloned());
        let capability = service.capabilities.iter().find(|capability| GRAVE.contains(&capability.as_str()));
        why.extend(capability.map(|capability| (format!("cap_add: {capability}"), service.line)));
        if service.host_namespaces.iter().any(|key| key == "pid") {
            why.push(("pid: host".to_owned(), service.line));
        }
        for (reason, line) in why {
            let key = format!("{}/{reason}", service.name);
            let evidence = Evidence::new(subject.locator.clone().at_line(line), key, reason.clone());
            let message = format!("service `{}` runs with `{reason}`", service.name);
            report.find(&owner(subject, &service.name), message, vec![evidence]);
        }
    }
}
