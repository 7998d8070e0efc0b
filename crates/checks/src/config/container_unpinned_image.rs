//! Images that may be others tomorrow.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// An image is named without version or digest.
    pub const RULE: "container-unpinned-image" {
        family: Config,
        severity: Low,
        title: "container image is not pinned",
        why: "what runs tomorrow is whatever somebody pushes under that name: the build cannot be repeated and a taken-over registry account reaches production",
        remedy: "name a version and its digest, as in `image:1.2.3@sha256:<digest>`",
        techniques: ["AML.T0010.004@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-1357"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L4.1@2025-02"],
        source: "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Container(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Dockerfile(file) => {
            for stage in file.stages.iter().filter(|stage| stage.parent.is_none()) {
                if let Some(name) = unpinned(&stage.image) {
                    let evidence =
                        Evidence::new(subject.locator.clone().at_line(stage.line), name, stage.image.clone());
                    report.find(&subject.asset.id, message(&stage.image), vec![evidence]);
                }
            }
        }
        Facts::Kubernetes(file) => {
            for object in &file.objects {
                for (_, container) in object.containers() {
                    if let Some(name) = unpinned(&container.image) {
                        let place = subject.locator.clone().at_line(container.image_line);
                        let key = format!("{}/{name}", object.title());
                        let evidence = Evidence::new(place, key, container.image.clone());
                        report.find(
                            &owner(subject, &object.title()),
                            message(&container.image),
                            vec![evidence],
                        );
                    }
                }
            }
        }
        Facts::Compose(file) => {
            for service in &file.services {
                // What is built here is named for pushing, not pulled.
                let Some(name) = unpinned(&service.image).filter(|_| service.build.is_none()) else {
                    continue;
                };
                let place = subject.locator.clone().at_line(service.image_line);
                let key = format!("{}/{name}", service.name);
                let evidence = Evidence::new(place, key, service.image.clone());
                report.find(&owner(subject, &service.name), message(&service.image), vec![evidence]);
            }
        }
        _ => {}
    }
}

fn message(image: &str) -> String {
    format!("`{image}` names neither a version nor a digest")
}

/// The name of an image without digest whose tag is `latest` or missing.
fn unpinned(image: &str) -> Option<&str> {
    // What is filled in elsewhere may well be pinned there.
    if image.is_empty() || image == "scratch" || image.contains(['$', '{']) || image.contains("@sha256:") {
        return None;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    match last.split_once(':') {
        Some((_, "latest")) => Some(image.trim_end_matches(":latest")),
        Some(_) => None,
        None => Some(image),
    }
}
