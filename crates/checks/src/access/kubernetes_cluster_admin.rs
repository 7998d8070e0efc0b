//! `kubernetes-cluster-admin`.

use vauban_domain::{Evidence, rule};
use vauban_formats::kubernetes::{Kubernetes, Object};

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A service account or group may do everything in the cluster.
    pub(super) const RULE: "kubernetes-cluster-admin" {
        family: Access,
        severity: High,
        title: "role may do everything in the cluster",
        why: "code that gets to run in a pod with the role, from a poisoned model file for instance, reads every secret and replaces every workload",
        remedy: "bind a role that names the resources and verbs that the workload needs",
        techniques: ["AML.T0012@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0026@2026.09"],
        weaknesses: ["CWE-250", "CWE-732"],
        owasp: ["ASI03:2026"],
        threats: ["L4.2@2025-02", "L4.6@2025-02"],
        source: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Kubernetes(check) };

fn check(subject: &Subject<'_, Kubernetes>, report: &mut Report) {
    for object in &subject.facts.objects {
        let found = match object.kind.as_str() {
            "ClusterRoleBinding" | "RoleBinding" => bound(object),
            "ClusterRole" => written(object),
            _ => continue,
        };
        let Some((line, what)) = found else { continue };
        let title = object.title();
        let place = subject.locator.clone().at_line(line);
        report.find(
            &owner(subject, &title),
            format!("{title}: {what}"),
            vec![Evidence::new(place, title, what)],
        );
    }
}

/// Who is given `cluster-admin`; the cluster's own administrators are meant to have it.
fn bound(object: &Object) -> Option<(u32, String)> {
    let role = object.root.at("roleRef.name");
    if role.text_or_empty() != "cluster-admin" {
        return None;
    }
    let mut subjects = object.root.get("subjects").items().iter();
    let subject = subjects.find(|subject| {
        let name = subject.get("name").text_or_empty();
        match subject.get("kind").text_or_empty() {
            "ServiceAccount" => !subject.get("namespace").text_or_empty().starts_with("kube-"),
            "Group" => {
                matches!(name, "system:authenticated" | "system:unauthenticated" | "system:serviceaccounts")
            }
            "User" => name == "system:anonymous",
            _ => false,
        }
    })?;
    let name = subject.get("name").text_or_empty();
    Some((role.line, format!("cluster-admin for {} `{name}`", subject.get("kind").text_or_empty())))
}

/// A role of their own that allows every verb on every resource.
fn written(object: &Object) -> Option<(u32, String)> {
    let all = |rule: &vauban_formats::yaml::Node, key: &str| {
        rule.get(key).items().iter().any(|item| item.text_or_empty() == "*")
    };
    let mut rules = object.root.get("rules").items().iter();
    let rule = rules.find(|rule| all(rule, "apiGroups") && all(rule, "resources") && all(rule, "verbs"))?;
    // The role that every cluster comes with.
    (object.name != "cluster-admin").then(|| (rule.line, "every verb on every resource".to_owned()))
}
