//! Which roles read and write which buckets, as their policies have it.

use vauban_domain::{AssetId, RelationKind};
use vauban_formats::cloud::{Arn, Placed, Source, Statement, fits, references};

use super::Mapping;

/// Buckets that one role is related to at most; a role that may do more may do everything.
const BUCKETS: usize = 200;

/// Relations from roles to buckets.
pub(super) fn map(mapping: &mut Mapping<'_, '_>) {
    let stack = mapping.stack;
    for role in stack.of_kind(&["aws_iam_role", "aws_iam_user"]) {
        let Some(from) = mapping.id_of(role) else { continue };
        let ours = is_for_models(mapping, role);
        for held in stack.policies(role) {
            statements(mapping, &from, &held.statements, ours);
        }
    }
    if stack.source != Source::Code {
        return;
    }
    // The policy of a role that another file of the module makes.
    for policy in stack.of_kind(&["aws_iam_role_policy"]) {
        if stack.meant(policy.field("role"), &["aws_iam_role"]).is_some() {
            continue;
        }
        if let Some(from) = mapping.id_meant(policy.field("role"), &["aws_iam_role"]) {
            let found = stack.statements(policy.field("policy"));
            statements(mapping, &from, &found, false);
        }
    }
}

/// Whether services that train or serve models may act as the role.
fn is_for_models(mapping: &Mapping<'_, '_>, role: &Placed<'_>) -> bool {
    mapping.stack.statements(role.field("assume_role_policy")).iter().any(|statement| {
        statement.principals.iter().any(|who| {
            who.kind == "Service"
                && (who.value.starts_with("sagemaker.") || who.value.starts_with("bedrock."))
        })
    })
}

fn statements(mapping: &mut Mapping<'_, '_>, from: &AssetId, statements: &[Statement], ours: bool) {
    for statement in statements.iter().filter(|statement| statement.allows) {
        let kinds = [(RelationKind::Reads, "s3:GetObject"), (RelationKind::Writes, "s3:PutObject")];
        for (kind, action) in kinds {
            if !statement.covers_action(action) {
                continue;
            }
            for to in buckets(mapping, statement, ours) {
                mapping.relate(from, kind, &to, statement.action_line);
            }
        }
    }
}

/// The buckets that a statement is about: those of the file, those it names, those of other files of the module.
fn buckets(mapping: &mut Mapping<'_, '_>, statement: &Statement, ours: bool) -> Vec<AssetId> {
    let stack = mapping.stack;
    let mut found = Vec::new();
    for resource in &statement.resources {
        if let Some(arn) = Arn::of(resource).filter(|arn| arn.service == "s3") {
            let name = arn.resource.split('/').next().unwrap_or_default();
            let known: Vec<_> = stack
                .of_kind(&["aws_s3_bucket"])
                .filter(|bucket| fits(name, bucket.physical_name().unwrap_or(&bucket.address), false))
                .filter_map(|bucket| mapping.id_of(bucket))
                .collect();
            let literal = !name.contains(['*', '?', '$']) && !name.is_empty();
            if known.is_empty() && literal && ours {
                found.push(mapping.bucket(name, statement.line));
            }
            found.extend(known);
        } else if resource == "*" {
            found.extend(stack.of_kind(&["aws_s3_bucket"]).filter_map(|bucket| mapping.id_of(bucket)));
        } else {
            let pairs = references(resource);
            found.extend(pairs.iter().filter_map(|(kind, name)| {
                (kind == "aws_s3_bucket").then(|| mapping.referred(kind, name)).flatten()
            }));
        }
    }
    found.truncate(BUCKETS);
    found
}
