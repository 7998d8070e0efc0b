//! An identity may pass every role to every service.

use crate::access::rights::{Rights, identities};
use vauban_domain::rule;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// An identity may pass every role to every service.
    pub const RULE: "role-passes-any-role" {
        family: Access,
        severity: High,
        title: "role can hand on any role",
        why: "whoever acts with it starts a job or notebook with the strongest role of the account and has that role's rights",
        remedy: "name the roles that may be passed, and to which service",
        techniques: ["AML.T0012@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-269"],
        owasp: ["ASI03:2026"],
        threats: ["X.3@2025-02"],
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in identities(estate) {
        let said = match Rights::of(stack, it) {
            None => Verdict::Unknown("its permissions boundary is not known"),
            Some(rights) => match rights.find(|statement| {
                let narrowed =
                    statement.conditions.iter().any(|it| it.key.eq_ignore_ascii_case("iam:PassedToService"));
                statement.covers_action("iam:PassRole") && statement.is_everywhere() && !narrowed
            }) {
                None => Verdict::Right,
                Some((holder, statement)) => Verdict::Wrong {
                    place: place(holder, statement.action_line),
                    what: "iam:PassRole on *".to_owned(),
                    message: format!("`{}` may pass every role to every service", it.name),
                },
            },
        };
        estate.clouds.judge(stack, it, report, said);
    }
}
