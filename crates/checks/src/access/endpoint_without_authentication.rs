//! Endpoints that ask nobody who they are.

use vauban_domain::{Evidence, Locator, Severity, rule};
use vauban_formats::Facts;
use vauban_formats::kubernetes::{Kubernetes, Object};
use vauban_knowledge::fingerprints::Gives;

use super::service;
use crate::owner::owner_in;
use crate::{Check, Estate, Look, Report};

rule! {
    /// An inference endpoint asks nobody who they are.
    pub const RULE: "endpoint-without-authentication" {
        family: Access,
        severity: High,
        title: "inference endpoint without authentication",
        why: "everybody who reaches it can query the model without limit: to copy it, to probe it for inputs that fool it, to run up its cost",
        remedy: "put a gateway, an authorisation policy or the auth annotation of the platform in front of it",
        techniques: ["AML.T0040@2026.09", "AML.T0132@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["ASI03:2026", "ML05:2023"],
        threats: ["L1.2@2025-02"],
        source: "https://kserve.github.io/website/docs/admin-guide/overview",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Policies may stand in another file than the endpoint, so all objects of a namespace are looked at together.
fn check(estate: &Estate<'_>, report: &mut Report) {
    let manifests = || {
        estate.inventory.files.iter().filter_map(|file| match &file.parsed.facts {
            Facts::Kubernetes(facts) => Some((file, facts)),
            _ => None,
        })
    };
    for file in estate.inventory.files {
        if let Facts::Recording(recording) = &file.parsed.facts {
            let (place, severity) = (Locator::file(&file.path), RULE.severity);
            let (asset, knowledge) = (&file.home, estate.knowledge);
            if service::judge(recording, Gives::Inference, &place, asset, knowledge, report, severity) {
                report.looked_at(asset);
            }
        }
    }
    for (file, facts) in manifests() {
        for object in facts.objects.iter().filter(|object| object.is_serving() && !object.is_notebook()) {
            let asset = owner_in(estate.inventory, file, &object.title());
            report.looked_at(&asset);
            let beside: Vec<Object> = manifests()
                .flat_map(|(_, facts)| &facts.objects)
                .filter(|other| other.namespace == object.namespace)
                .cloned()
                .collect();
            let namespace = Kubernetes { objects: beside };
            if namespace.authentication_of(object) != "none" {
                continue;
            }
            let place = Locator::file(&file.path).at_line(object.line);
            let evidence =
                Evidence::new(place, object.title(), format!("{} in {}", object.title(), object.namespace));
            let message = format!("{} answers whoever reaches it", object.title());
            let internal = namespace.exposure_of(object) == Some("internal");
            let severity = if internal { Severity::Medium } else { RULE.severity };
            report.find_as(severity, &asset, message, vec![evidence]);
        }
    }
}
