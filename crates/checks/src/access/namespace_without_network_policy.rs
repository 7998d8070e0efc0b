//! Namespaces in which everyone reaches everyone.

use std::collections::BTreeMap;

use vauban_domain::{Evidence, Locator, rule};
use vauban_formats::Facts;

use crate::owner::owner_in;
use crate::{Check, Estate, Look, Report};

rule! {
    /// ML workloads of a namespace are selected by no network policy.
    pub const RULE: "namespace-without-network-policy" {
        family: Access,
        severity: Low,
        title: "ML workloads without a network policy",
        why: "any pod of the cluster reaches them: one broken workload is enough to query models, read notebooks or move on",
        remedy: "add a NetworkPolicy that lets in only the gateway and out only what is needed",
        techniques: ["AML.T0122@2026.09"],
        mitigations: ["AML.M0032@2026.09"],
        weaknesses: ["CWE-923"],
        owasp: ["ASI08:2026"],
        threats: ["L4.6@2025-02"],
        source: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    let objects = || {
        estate
            .inventory
            .files
            .iter()
            .filter_map(|file| match &file.parsed.facts {
                Facts::Kubernetes(facts) => Some((file, facts)),
                _ => None,
            })
            .flat_map(|(file, facts)| facts.objects.iter().map(move |object| (file, object)))
    };
    let mut open: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (file, object) in objects().filter(|(_, object)| object.is_machine_learning()) {
        let asset = owner_in(estate.inventory, file, &object.title());
        report.looked_at(&asset);
        if !objects().any(|(_, policy)| policy.is_network_policy_for(object)) {
            open.entry(&object.namespace).or_default().push((file, object, asset));
        }
    }
    for (namespace, workloads) in open {
        let Some((_, _, asset)) = workloads.first() else { continue };
        let names: Vec<String> = workloads.iter().map(|(_, object, _)| object.title()).collect();
        let evidence = workloads
            .iter()
            // One key for all: a further workload in the same namespace is the same finding.
            .map(|(file, object, _)| {
                let place = Locator::file(&file.path).at_line(object.line);
                Evidence::new(place, namespace, object.title())
            })
            .collect();
        let message = format!("no network policy of `{namespace}` selects {}", names.join(", "));
        report.find(asset, message, evidence);
    }
}
