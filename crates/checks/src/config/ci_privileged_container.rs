//! Jobs that own the machine they run on.

use vauban_domain::{Evidence, rule};
use vauban_formats::ci::{Ci, System};

use crate::{Check, Look, Report, Subject};

rule! {
    /// A job runs with the rights of the machine.
    pub const RULE: "ci-privileged-container" {
        family: Config,
        severity: Medium,
        title: "pipeline job has the rights of its machine",
        why: "a privileged container, the socket of Docker or a Docker daemon without TLS lets whatever the job runs take over the machine and every other job on it",
        remedy: "build images without privileges (buildkit rootless, kaniko, podman); give Docker-in-Docker its TLS certificates",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-250", "CWE-269"],
        owasp: ["ASI03:2026"],
        threats: ["L4.2@2025-02", "L4.6@2025-02"],
        source: "https://docs.gitlab.com/ci/docker/using_docker_build/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ci(check) };

fn check(subject: &Subject<'_, Ci>, report: &mut Report) {
    let ci = subject.facts;
    for job in &ci.jobs {
        let mut why = Vec::new();
        for option in ["--privileged", "/var/run/docker.sock"] {
            if job.options.contains(option) {
                why.push(option);
            }
        }
        let daemon =
            job.images.iter().any(|(image, _)| image.starts_with("docker:") && image.contains("dind"));
        let mut variables = job.variables.iter().chain(&ci.variables);
        let open =
            variables.any(|variable| variable.name == "DOCKER_TLS_CERTDIR" && variable.value.is_empty());
        if ci.system == System::GitLab && daemon && open {
            why.push("docker:dind without TLS");
        }
        for reason in why {
            let place = subject.locator.clone().at_line(job.line);
            let evidence = Evidence::new(place, format!("{}/{reason}", job.name), reason);
            report.find(&subject.asset.id, format!("job `{}` runs with {reason}", job.name), vec![evidence]);
        }
    }
}
