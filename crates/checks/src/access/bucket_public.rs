//! Buckets that everyone can read.

use vauban_domain::{Evidence, rule};
use vauban_formats::terraform::Terraform;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};
use vauban_formats::yaml::Node;

rule! {
    /// Everyone can read or change a bucket.
    pub const RULE: "bucket-public" {
        family: Access,
        severity: Critical,
        title: "bucket is public",
        why: "training data and models lie open to everyone on the internet; where everyone may write, they can be replaced",
        remedy: "remove the public grant and block public access for the whole account",
        techniques: ["AML.T0035@2026.09", "AML.T0132@2026.09"],
        mitigations: ["AML.M0005@2026.09"],
        weaknesses: ["CWE-732"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02", "L2.4@2025-02"],
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Terraform(check) };

fn check(subject: &Subject<'_, Terraform>, report: &mut Report) {
    let file = subject.facts;
    for block in file.resources("") {
        let text = |key: &str| -> (&str, u32) {
            let node = block.body.get(key);
            (file.resolve(node).text_or_empty(), node.line)
        };
        let found = match block.resource_type() {
            "aws_s3_bucket" | "aws_s3_bucket_acl" => {
                let (acl, line) = text("acl");
                matches!(acl, "public-read" | "public-read-write" | "authenticated-read")
                    .then(|| (line, format!("acl = {acl}")))
            }
            "aws_s3_bucket_policy" => vauban_formats::terraform::statements(file, block.body.get("policy"))
                .into_iter()
                .find(|statement| {
                    statement.allows
                        && !statement.conditional
                        && statement.principals.iter().any(|who| who == "*")
                })
                .map(|statement| {
                    (statement.line, format!("allows everyone {}", statement.actions.join(", ")))
                }),
            "google_storage_bucket_iam_member"
            | "google_storage_bucket_iam_binding"
            | "google_storage_bucket_access_control" => everyone(file, &block.body),
            "azurerm_storage_container" => {
                let (access, line) = text("container_access_type");
                matches!(access, "blob" | "container")
                    .then(|| (line, format!("container_access_type = {access}")))
            }
            _ => None,
        };
        let Some((line, what)) = found else { continue };
        let bucket = file
            .resources("")
            .filter(|bucket| matches!(bucket.resource_type(), "aws_s3_bucket" | "google_storage_bucket"))
            .find(|bucket| file.refers_to(block.body.get("bucket"), bucket));
        if bucket.is_some_and(|bucket| blocked(file, bucket)) {
            continue;
        }
        let address = bucket.unwrap_or(block).address();
        let evidence = Evidence::new(subject.locator.clone().at_line(line), block.address(), what.clone());
        report.find(
            &owner(subject, &address),
            format!("`{address}` is open to everyone: {what}"),
            vec![evidence],
        );
    }
}

fn everyone(file: &Terraform, body: &Node) -> Option<(u32, String)> {
    ["member", "members", "entity"].iter().flat_map(|key| body.get(key).one_or_many()).find_map(|member| {
        let who = file.resolve(member).text_or_empty();
        matches!(who, "allUsers" | "allAuthenticatedUsers")
            .then(|| (member.line, format!("granted to {who}")))
    })
}

/// Whether a block of public access makes grants to everyone void.
fn blocked(file: &Terraform, bucket: &vauban_formats::terraform::Block) -> bool {
    file.resources("aws_s3_bucket_public_access_block").any(|block| {
        file.refers_to(block.body.get("bucket"), bucket)
            && ["ignore_public_acls", "restrict_public_buckets"]
                .iter()
                .all(|key| file.resolve(block.body.get(key)).is_true())
    })
}
