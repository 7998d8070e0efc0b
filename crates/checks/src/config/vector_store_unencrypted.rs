//! A search domain leaves out encryption at rest, between its nodes, or of its connections.

use vauban_domain::rule;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A search domain leaves out encryption at rest, between its nodes, or of its connections.
    pub const RULE: "vector-store-unencrypted" {
        family: Config,
        severity: Medium,
        title: "vector store without encryption",
        why: "embeddings can be turned back into what they were made of: documents, faces, records",
        remedy: "switch encryption at rest, between nodes and of connections on",
        techniques: ["AML.T0035@2026.09", "AML.T0025@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-311", "CWE-319"],
        owasp: ["LLM08:2025"],
        threats: ["L2.2@2025-02", "L2.5@2025-02"],
        source: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/encryption-at-rest.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_elasticsearch_domain", "aws_opensearch_domain"]) {
        let switches = [
            ("encrypt_at_rest.enabled", "at rest"),
            ("node_to_node_encryption.enabled", "between nodes"),
            ("domain_endpoint_options.enforce_https", "of connections"),
        ];
        let off: Vec<_> = switches.iter().filter(|(path, _)| it.is_on(path, false) == Some(false)).collect();
        let said = match off.first() {
            None => Verdict::Right,
            Some((path, _)) => {
                let parts: Vec<&str> = off.iter().map(|(_, what)| *what).collect();
                Verdict::Wrong {
                    place: place(it, it.line_of(path)),
                    what: format!("no encryption {}", parts.join(", ")),
                    message: format!("`{}` has no encryption {}", it.name, parts.join(", ")),
                }
            }
        };
        estate.clouds.judge(stack, it, report, said);
    }
}
