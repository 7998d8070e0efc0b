//! An identity may invoke every model of Bedrock.

use crate::access::rights::{Rights, identities};
use vauban_domain::rule;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// An identity may invoke every model of Bedrock.
    pub const RULE: "role-invokes-any-model" {
        family: Access,
        severity: Low,
        title: "role may call every model",
        why: "stolen credentials of the role run up a bill with the dearest models, and reach models nobody assessed",
        remedy: "name the models and inference profiles that the workload uses",
        techniques: ["AML.T0034@2026.09", "AML.T0040@2026.09", "AML.T0012@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-250"],
        owasp: ["LLM10:2025"],
        threats: ["L4.5@2025-02", "X.3@2025-02"],
        source: "https://docs.aws.amazon.com/bedrock/latest/userguide/security_iam_id-based-policy-examples.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in identities(estate) {
        let said = match Rights::of(stack, it) {
            None => Verdict::Unknown("its permissions boundary is not known"),
            Some(rights) => match rights.find(|statement| {
                statement.conditions.is_empty()
                    && statement.covers_action("bedrock:InvokeModel")
                    && statement.resources.iter().any(|resource| resource == "*")
            }) {
                None => Verdict::Right,
                Some((holder, statement)) => Verdict::Wrong {
                    place: place(holder, statement.action_line),
                    what: format!("{} on *", statement.actions.join(", ")),
                    message: format!("`{}` may invoke every model", it.name),
                },
            },
        };
        estate.clouds.judge(stack, it, report, said);
    }
}
