//! Everyone can reach a vector store.

use vauban_domain::rule;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// Everyone can reach a vector store.
    pub const RULE: "vector-store-public" {
        family: Access,
        severity: High,
        title: "vector store is public",
        why: "everyone can read what retrieval draws from, and where everyone may write, plant what a model will be told",
        remedy: "bind the policy to roles of your own and put the domain into a network of your own",
        techniques: ["AML.T0035@2026.09", "AML.T0020@2026.09", "AML.T0132@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0019@2026.09"],
        weaknesses: ["CWE-284"],
        owasp: ["LLM08:2025", "LLM02:2025"],
        threats: ["L2.2@2025-02", "L2.5@2025-02"],
        source: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_elasticsearch_domain", "aws_opensearch_domain"]) {
        let inside = it.has("vpc_options") != Some(false) && it.has("vpc_options.subnet_ids") != Some(false);
        let guarded = it.is_on("advanced_security_options.enabled", false) != Some(false);
        let policies = ["aws_opensearch_domain_policy", "aws_elasticsearch_domain_policy"];
        let beside = policies.iter().flat_map(|kind| stack.pointing_at(it, kind, "domain_name"));
        let open = std::iter::once(it)
            .chain(beside)
            .flat_map(|holder| {
                stack.statements(holder.field("access_policies")).into_iter().map(move |s| (holder, s))
            })
            .find(|(_, statement)| statement.is_for_everyone());
        let said = match open {
            Some((holder, statement)) if !inside && !guarded => Verdict::Wrong {
                place: place(holder, statement.line),
                what: format!("allows everyone {}", statement.actions.join(", ")),
                message: format!("`{}` allows everyone {}", it.name, statement.actions.join(", ")),
            },
            _ => Verdict::Right,
        };
        estate.clouds.judge(stack, it, report, said);
    }
    for (stack, it) in estate.clouds.of_kind(&["aws_opensearchserverless_security_policy"]) {
        if it.text("type") != Some("network") {
            continue;
        }
        let policy = it.field("policy");
        let plain: String = policy.text_or_empty().chars().filter(|c| !c.is_whitespace()).collect();
        let listed = policy.items().iter().any(|part| part.get("AllowFromPublic").is_true());
        let said = if listed || plain.contains("\"AllowFromPublic\":true") {
            Verdict::Wrong {
                place: place(it, it.line_of("policy")),
                what: "AllowFromPublic = true".to_owned(),
                message: format!("`{}` lets the internet reach the collections", it.name),
            }
        } else {
            Verdict::Right
        };
        estate.clouds.judge(stack, it, report, said);
    }
}
