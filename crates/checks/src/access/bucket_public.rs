//! Everyone can read or change a bucket.

use std::collections::BTreeSet;
use vauban_domain::rule;
use vauban_formats::cloud::{Placed, Stack};

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

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
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// What can open a bucket, and what is a bucket itself.
const KINDS: &[&str] = &[
    "aws_s3_bucket",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_policy",
    "azurerm_storage_container",
    "google_storage_bucket_access_control",
    "google_storage_bucket_iam_binding",
    "google_storage_bucket_iam_member",
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    let mut open = BTreeSet::new();
    for (stack, it) in estate.clouds.of_kind(KINDS) {
        let Some((line, what)) = grant(stack, it).filter(|_| !is_blocked(stack, it)) else {
            estate.clouds.judge(stack, it, report, Verdict::Right);
            continue;
        };
        // A bucket that is open in two ways is open once.
        if let Some(asset) = estate.clouds.owner(stack, it)
            && !open.insert((asset, it.path, bucket_of(stack, it)))
        {
            continue;
        }
        let address = bucket_of(stack, it);
        let said = Verdict::Wrong {
            place: place(it, line),
            what: what.clone(),
            message: format!("`{address}` is open to everyone: {what}"),
        };
        estate.clouds.judge(stack, it, report, said);
    }
}

/// What is granted to everyone, and where.
fn grant(stack: &Stack<'_>, it: &Placed<'_>) -> Option<(u32, String)> {
    match it.kind.as_str() {
        "aws_s3_bucket" | "aws_s3_bucket_acl" => {
            let acl = it
                .text("acl")
                .filter(|acl| matches!(*acl, "public-read" | "public-read-write" | "authenticated-read"));
            if let Some(acl) = acl {
                return Some((it.line_of("acl"), format!("acl = {acl}")));
            }
            let places = ["grant", "grants.grantee", "access_control_policy.grant.grantee"];
            let granted = places.iter().flat_map(|path| it.blocks(path)).find_map(|grantee| {
                let uri = grantee.get("uri");
                let group = uri.text()?.rsplit('/').next()?;
                matches!(group, "AllUsers" | "AuthenticatedUsers")
                    .then(|| (uri.line, format!("granted to {group}")))
            });
            granted.or_else(|| everyone(stack, it))
        }
        "aws_s3_bucket_policy" => everyone(stack, it),
        "azurerm_storage_container" => {
            let access = it.text("container_access_type")?;
            matches!(access.to_ascii_lowercase().as_str(), "blob" | "container")
                .then(|| (it.line_of("container_access_type"), format!("container_access_type = {access}")))
        }
        _ => ["member", "members", "entity"].iter().flat_map(|key| it.field(key).one_or_many()).find_map(
            |who| {
                let name = who.text().filter(|name| matches!(*name, "allUsers" | "allAuthenticatedUsers"))?;
                Some((who.line, format!("granted to {name}")))
            },
        ),
    }
}

/// What the policy allows everyone.
fn everyone(stack: &Stack<'_>, it: &Placed<'_>) -> Option<(u32, String)> {
    let statements = stack.statements(it.field("policy"));
    let statement = statements.into_iter().find(|statement| statement.is_for_everyone())?;
    Some((statement.line, format!("allows everyone {}", statement.actions.join(", "))))
}

fn bucket_of(stack: &Stack<'_>, it: &Placed<'_>) -> String {
    let bucket = stack.meant(it.field("bucket"), &["aws_s3_bucket", "google_storage_bucket"]);
    bucket.map_or_else(|| it.reference(), |bucket| bucket.reference())
}

/// Whether a block of public access makes grants to everyone void: on the bucket or on the account.
fn is_blocked(stack: &Stack<'_>, it: &Placed<'_>) -> bool {
    let own = if it.kind == "aws_s3_bucket" {
        Some(it)
    } else {
        stack.meant(it.field("bucket"), &["aws_s3_bucket"])
    };
    let kind = "aws_s3_bucket_public_access_block";
    let same = |other: &&Placed<'_>| {
        let name = other.text("bucket");
        name.is_some() && name == it.text("bucket")
    };
    let blocks = own
        .map(|bucket| stack.pointing_at(bucket, kind, "bucket"))
        .unwrap_or_default()
        .into_iter()
        .chain(stack.of_kind(&["aws_s3_bucket_public_access_block"]).filter(same))
        .chain(stack.of_kind(&["aws_s3_account_public_access_block"]));
    blocks.into_iter().any(|block| {
        ["ignore_public_acls", "restrict_public_buckets"]
            .iter()
            .all(|key| block.is_on(key, false) == Some(true))
    })
}
