//! A search domain does not tell its users apart.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A search domain does not tell its users apart.
    pub const RULE: "vector-store-without-access-control" {
        family: Access,
        severity: Medium,
        title: "vector store without access control of its own",
        why: "whoever reaches the domain reads and changes every index in it, and with them what retrieval puts before a model",
        remedy: "switch fine-grained access control on",
        techniques: ["AML.T0035@2026.09", "AML.T0020@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0019@2026.09"],
        weaknesses: ["CWE-1220"],
        owasp: ["LLM08:2025"],
        threats: ["L2.4@2025-02", "L2.5@2025-02"],
        source: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_elasticsearch_domain", "aws_opensearch_domain"]) {
        let path = "advanced_security_options.enabled";
        let said = verdict(it, it.is_on(path, false).map(|on| !on), path, || {
            format!("`{}` does not tell its users apart", it.name)
        });
        estate.clouds.judge(stack, it, report, said);
    }
}
