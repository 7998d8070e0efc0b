//! Roles that may do everything.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::cloud::{Placed, Stack, Statement};
use vauban_formats::kubernetes::Kubernetes;
use vauban_formats::yaml::Node;

use super::rights::{identities, is_wide};
use crate::clouds::{Verdict, place};
use crate::owner::owner_in;
use crate::{Check, Estate, File, Look, Report};

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
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for file in estate.inventory.files {
        if let Facts::Kubernetes(objects) = &file.parsed.facts {
            cluster(estate, file, objects, report);
        }
    }
    for (stack, it) in identities(estate) {
        let held = stack.policies(it);
        let wide = held.iter().find_map(|held| {
            held.statements.iter().find(|statement| is_wide(statement)).map(|found| (held.holder, found))
        });
        let said = match wide {
            None => Verdict::Right,
            // A boundary may leave little of it.
            Some(_) if it.has("permissions_boundary") == Some(true) => {
                Verdict::Unknown("its permissions boundary is not known")
            }
            Some((holder, statement)) => wrong(holder, statement),
        };
        estate.clouds.judge(stack, it, report, said);
    }
    // Policies that nothing here holds: someone will.
    let alone =
        ["aws_iam_policy", "aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_iam_user_policy"];
    for (stack, it) in estate.clouds.of_kind(&alone) {
        if is_held(stack, it) || it.text("arn").is_some_and(|arn| arn.contains(":aws:policy/")) {
            continue;
        }
        let statements = stack.statements(it.field("policy"));
        let said = match statements.iter().find(|statement| is_wide(statement)) {
            Some(statement) => wrong(it, statement),
            None if it.field("policy_arn").text_or_empty().ends_with("/AdministratorAccess") => {
                Verdict::Wrong {
                    place: place(it, it.line_of("policy_arn")),
                    what: "attaches AdministratorAccess".to_owned(),
                    message: format!("`{}` attaches AdministratorAccess", it.reference()),
                }
            }
            None => Verdict::Right,
        };
        estate.clouds.judge(stack, it, report, said);
    }
    for (stack, it) in estate.clouds.of_kind(PROJECT) {
        if let Some(said) = project(it) {
            estate.clouds.judge(stack, it, report, said);
        }
    }
}

fn wrong(holder: &Placed<'_>, statement: &Statement) -> Verdict {
    let what = if statement.actions.is_empty() {
        format!("allows everything but {}", statement.not_actions.join(", "))
    } else {
        format!("allows {}", statement.actions.join(", "))
    };
    let message = format!("`{}` {what}", holder.reference());
    Verdict::Wrong { place: place(holder, statement.action_line), what, message }
}

/// Whether an identity of the stack has the policy, so that it was judged with it.
fn is_held(stack: &Stack<'_>, policy: &Placed<'_>) -> bool {
    let kinds = ["aws_iam_role", "aws_iam_user", "aws_iam_group"];
    if policy.kind != "aws_iam_policy" {
        let who = [policy.field("role"), policy.field("user"), policy.field("group")];
        return who.iter().any(|node| stack.meant(node, &kinds).is_some());
    }
    stack.of_kind(&kinds).any(|identity| {
        stack
            .policies(identity)
            .iter()
            .any(|held| held.holder.address == policy.address && held.holder.kind == policy.kind)
    })
}

/// Roles in projects of Google and subscriptions of Azure.
const PROJECT: &[&str] =
    &["azurerm_role_assignment", "google_project_iam_binding", "google_project_iam_member"];

fn project(it: &Placed<'_>) -> Option<Verdict> {
    if it.kind == "azurerm_role_assignment" {
        let role = it.text("role_definition_name")?;
        let scope = match &it.field("scope").value {
            vauban_formats::yaml::Value::Expression(text) => text.as_str(),
            _ => it.text("scope")?,
        };
        let whole = scope.contains("azurerm_subscription.")
            || scope.starts_with("/subscriptions/") && scope.matches('/').count() == 2;
        return Some(if role == "Owner" && whole {
            let message = format!("`{}` makes its principal owner of the subscription", it.name);
            Verdict::Wrong {
                place: place(it, it.line_of("role_definition_name")),
                what: "Owner".to_owned(),
                message,
            }
        } else {
            Verdict::Right
        });
    }
    let role = it.text("role")?;
    let machine = |node: &&Node| {
        node.text().is_some_and(|who| who.starts_with("serviceAccount:") || who.starts_with("all"))
            || matches!(&node.value, vauban_formats::yaml::Value::Expression(text) if text.starts_with("serviceAccount:"))
    };
    let who = ["member", "members"].iter().flat_map(|key| it.field(key).one_or_many()).find(machine);
    Some(match who {
        Some(_) if matches!(role, "roles/owner" | "roles/editor") => Verdict::Wrong {
            place: place(it, it.line_of("role")),
            what: role.to_owned(),
            message: format!("a service account has {role} in the project"),
        },
        _ => Verdict::Right,
    })
}

fn cluster(estate: &Estate<'_>, file: &File, objects: &Kubernetes, report: &mut Report) {
    let roles =
        objects.objects.iter().filter(|object| matches!(object.kind.as_str(), "ClusterRole" | "Role"));
    for object in roles {
        let asset = owner_in(estate.inventory, file, &object.title());
        report.looked_at(&asset);
        let has_star = |node: &Node| node.items().iter().any(|item| item.text() == Some("*"));
        let rules = object.root.get("rules").items();
        let wide = rules.iter().find(|rule| has_star(rule.get("verbs")) && has_star(rule.get("resources")));
        if let Some(rule) = wide {
            let place = vauban_domain::Locator::file(&file.path).at_line(rule.get("verbs").line);
            let evidence = Evidence::new(place, object.title(), "verbs and resources are `*`");
            let message = format!("{} allows everything on every resource", object.title());
            report.find(&asset, message, vec![evidence]);
        }
    }
}
