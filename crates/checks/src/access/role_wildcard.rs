//! Roles that may do everything.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::terraform::statements;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A policy allows everything.
    pub const RULE: "role-wildcard" {
        family: Access,
        severity: High,
        title: "role may do everything",
        why: "whatever acts with this role, a training job that loads a bad model for instance, can read, change and delete far more than its task needs",
        remedy: "name the actions and the resources that the workload needs, and nothing else",
        techniques: ["AML.T0012@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0026@2026.09"],
        weaknesses: ["CWE-250", "CWE-732"],
        owasp: ["ASI03:2026"],
        threats: ["L4.6@2025-02", "X.3@2025-02"],
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Rights(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Terraform(file) => {
            for block in file.resources("aws_iam_") {
                let mut policies = vec![block.body.get("policy")];
                policies.extend(block.nested("inline_policy").map(|inline| inline.get("policy")));
                let wide =
                    policies.into_iter().flat_map(|policy| statements(file, policy)).find(|statement| {
                        let everywhere = statement.resources.iter().any(|resource| resource == "*");
                        statement.allows
                            && statement.actions.iter().any(|action| {
                                action == "*" || action == "*:*" || (action.ends_with(":*") && everywhere)
                            })
                    });
                let attached = file.resolve(block.body.get("policy_arn"));
                let (line, what) = match wide {
                    Some(statement) => {
                        (statement.action_line, format!("allows {}", statement.actions.join(", ")))
                    }
                    None if attached.text_or_empty().ends_with("/AdministratorAccess") => {
                        (attached.line, "attaches AdministratorAccess".to_owned())
                    }
                    None => continue,
                };
                let role = file
                    .resources("aws_iam_role")
                    .filter(|role| role.resource_type() == "aws_iam_role")
                    .find(|role| file.refers_to(block.body.get("role"), role))
                    .unwrap_or(block);
                let evidence =
                    Evidence::new(subject.locator.clone().at_line(line), block.address(), what.clone());
                let message = format!("`{}` {what}", block.address());
                report.find(&owner(subject, &role.address()), message, vec![evidence]);
            }
        }
        Facts::Kubernetes(file) => {
            for object in
                file.objects.iter().filter(|object| matches!(object.kind.as_str(), "ClusterRole" | "Role"))
            {
                let has_star = |node: &vauban_formats::yaml::Node| {
                    node.items().iter().any(|item| item.text() == Some("*"))
                };
                let wide = object
                    .root
                    .get("rules")
                    .items()
                    .iter()
                    .find(|rule| has_star(rule.get("verbs")) && has_star(rule.get("resources")));
                if let Some(rule) = wide {
                    let place = subject.locator.clone().at_line(rule.get("verbs").line);
                    let evidence = Evidence::new(place, object.title(), "verbs and resources are `*`");
                    let message = format!("{} allows everything on every resource", object.title());
                    report.find(&owner(subject, &object.title()), message, vec![evidence]);
                }
            }
        }
        _ => {}
    }
}
