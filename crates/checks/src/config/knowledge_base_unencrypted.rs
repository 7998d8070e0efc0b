//! A knowledge base of Bedrock draws from a store without encryption at rest.

use vauban_domain::rule;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A knowledge base of Bedrock draws from a store without encryption at rest.
    pub const RULE: "knowledge-base-unencrypted" {
        family: Config,
        severity: Medium,
        title: "knowledge base on a store without encryption",
        why: "documents of the knowledge base, or embeddings that can be turned back into them, rest in the clear",
        remedy: "encrypt the store that the knowledge base draws from",
        techniques: ["AML.T0035@2026.09", "AML.T0036@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-311"],
        owasp: ["LLM08:2025"],
        threats: ["L2.2@2025-02", "L2.5@2025-02"],
        source: "https://docs.aws.amazon.com/bedrock/latest/userguide/encryption-kb.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_bedrockagent_knowledge_base"]) {
        let stores = [
            (
                "storage_configuration.opensearch_managed_cluster_configuration.domain_arn",
                "encrypt_at_rest.enabled",
            ),
            ("storage_configuration.rds_configuration.resource_arn", "storage_encrypted"),
        ];
        let kinds = ["aws_opensearch_domain", "aws_rds_cluster"];
        let bare = stores.iter().find_map(|(path, switch)| {
            let store = stack.meant(it.field(path), &kinds)?;
            (store.is_on(switch, false) == Some(false)).then_some((*path, store))
        });
        let said = match bare {
            None => Verdict::Right,
            Some((path, store)) => Verdict::Wrong {
                place: place(it, it.line_of(path)),
                what: store.reference(),
                message: format!(
                    "`{}` draws from `{}`, which is not encrypted at rest",
                    it.name,
                    store.reference()
                ),
            },
        };
        estate.clouds.judge(stack, it, report, said);
    }
}
