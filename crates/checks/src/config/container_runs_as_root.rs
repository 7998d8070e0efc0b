//! Containers whose processes are root.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The container runs as root.
    pub const RULE: "container-runs-as-root" {
        family: Config,
        severity: Medium,
        title: "container runs as root",
        why: "whoever breaks out of a process that serves or trains a model is root in the container, and one flaw of the runtime away from the node",
        remedy: "set a numeric USER in the Dockerfile, or runAsNonRoot and runAsUser in the manifest",
        techniques: ["AML.T0105@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-250"],
        owasp: ["ASI03:2026"],
        threats: ["L4.1@2025-02"],
        source: "https://docs.docker.com/build/building/best-practices/#user",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Container(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Dockerfile(file) => {
            let Some(last) = file.stages.last() else { return };
            let (user, line) = match file.final_user() {
                Some(user) => (file.substitute(&user.arguments), user.line),
                // These images bring a user of their own.
                None if last.image.contains("nonroot") || last.image.contains("chainguard/") => return,
                None => (String::new(), last.line),
            };
            let name = user.split(':').next().unwrap_or_default().trim();
            if matches!(name, "" | "0" | "root") {
                let message = if name.is_empty() {
                    "no USER, so the image runs as root"
                } else {
                    "the last USER is root"
                };
                let evidence =
                    Evidence::new(subject.locator.clone().at_line(line), "USER", format!("USER {name}"));
                report.find(&subject.asset.id, message, vec![evidence]);
            }
        }
        Facts::Kubernetes(file) => {
            for object in &file.objects {
                for (pod, container) in object.containers() {
                    let own = container.security.get("runAsUser");
                    let user = if own.is_null() { pod.security.get("runAsUser") } else { own };
                    if user.integer() == Some(0) {
                        let key = format!("{}/{}", object.title(), container.name);
                        let evidence =
                            Evidence::new(subject.locator.clone().at_line(user.line), key, "runAsUser: 0");
                        let message =
                            format!("container `{}` of {} runs as root", container.name, object.title());
                        report.find(&owner(subject, &object.title()), message, vec![evidence]);
                    }
                }
            }
        }
        _ => {}
    }
}
