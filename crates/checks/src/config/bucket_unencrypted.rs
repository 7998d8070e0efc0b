//! A bucket states no encryption.

use vauban_domain::rule;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A bucket states no encryption.
    pub const RULE: "bucket-unencrypted" {
        family: Config,
        severity: Medium,
        title: "bucket without configured encryption",
        why: "models and training data rest without a key that the owner controls: whoever gets at the storage, or at a copy of it, reads them",
        remedy: "add a server-side encryption configuration with a key of your own",
        techniques: ["AML.T0035@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-311"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02"],
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

const CONFIGURATION: &str = "aws_s3_bucket_server_side_encryption_configuration";

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_s3_bucket"]) {
        let inline = it.has("server_side_encryption_configuration");
        let beside = !stack.pointing_at(it, CONFIGURATION, "bucket").is_empty();
        let said = match inline {
            _ if beside => Verdict::Right,
            Some(true) => Verdict::Right,
            None => Verdict::Unknown("nothing says how it is encrypted"),
            Some(false) => Verdict::Wrong {
                place: place(it, it.line),
                what: format!("resource {}", it.reference()),
                message: format!("nothing configures encryption of `{}`", it.reference()),
            },
        };
        estate.clouds.judge(stack, it, report, said);
    }
}
