//! A role trusts everyone, or a foreign account without an external id.

use vauban_domain::Severity;
use vauban_domain::rule;
use vauban_formats::cloud::policy::Condition;
use vauban_formats::cloud::{Arn, Stack, Statement};

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A role trusts everyone, or a foreign account without an external id.
    pub const RULE: "role-trust-open" {
        family: Access,
        severity: High,
        title: "role can be assumed by strangers",
        why: "whoever may assume the role reads the data and changes the models that it may",
        remedy: "name the accounts, services or repositories that may assume the role, with an external id for third parties",
        techniques: ["AML.T0012@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-284", "CWE-441"],
        owasp: ["ASI03:2026"],
        threats: ["L4.6@2025-02", "X.3@2025-02"],
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_iam_role"]) {
        let statements = stack.statements(it.field("assume_role_policy"));
        let trusted = statements.iter().find_map(|statement| Some((statement, stranger(stack, statement)?)));
        let (severity, said) = match trusted {
            None if statements.is_empty() && it.has("assume_role_policy").is_none() => {
                (None, Verdict::Unknown("who may assume it is not known"))
            }
            None => (None, Verdict::Right),
            Some((statement, (severity, who))) => {
                let said = Verdict::Wrong {
                    place: place(it, statement.line),
                    what: who.clone(),
                    message: format!("`{}` trusts {who}", it.name),
                };
                (Some(severity), said)
            }
        };
        estate.clouds.judge_as(severity, stack, it, report, said);
    }
}

/// The stranger that a statement trusts.
fn stranger(stack: &Stack<'_>, statement: &Statement) -> Option<(Severity, String)> {
    if statement.is_for_everyone() {
        return Some((Severity::Critical, "everyone".to_owned()));
    }
    if !statement.allows {
        return None;
    }
    if let Some(who) =
        statement.principals.iter().find(|who| is_open_federation(&who.kind, &who.value, statement))
    {
        let provider = who.value.rsplit("oidc-provider/").next().unwrap_or(&who.value);
        return Some((Severity::High, format!("every workflow of {provider}")));
    }
    if stack.accounts.is_empty() || statement.conditions.iter().any(Condition::binds) {
        return None;
    }
    statement.principals.iter().filter(|who| who.kind == "AWS").find_map(|who| {
        let account = Arn::of(&who.value).map_or(who.value.as_str(), |arn| arn.account);
        let number = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        (number && !stack.accounts.contains(account))
            .then(|| (Severity::Medium, format!("account {account} without an external id")))
    })
}

/// Whether a provider that anyone can get tokens from is trusted without saying for whom.
fn is_open_federation(kind: &str, value: &str, statement: &Statement) -> bool {
    if kind != "Federated" || !value.contains("token.actions.githubusercontent.com") {
        return false;
    }
    let narrow = |condition: &Condition| {
        let key = condition.key.to_ascii_lowercase();
        key.is_empty()
            || (key.ends_with(":sub") || key.ends_with(":repository") || key.ends_with(":repository_owner"))
                && !condition.values.iter().any(|value| matches!(value.as_str(), "*" | "repo:*"))
    };
    !statement.conditions.iter().any(narrow)
}
