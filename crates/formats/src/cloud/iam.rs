//! `aws iam get-account-authorization-details` and its smaller siblings.
//!
//! <https://docs.aws.amazon.com/cli/latest/reference/iam/get-account-authorization-details.html>

use super::name::snake_tree;
use super::{Found, Resource, shape};
use crate::yaml::Node;

/// Lists of an answer about all of an account, with the type of what is in them and the key of its name.
const LISTS: &[(&str, &str, &str)] = &[
    ("GroupDetailList", "aws_iam_group", "GroupName"),
    ("Policies", "aws_iam_policy", "PolicyName"),
    ("RoleDetailList", "aws_iam_role", "RoleName"),
    ("UserDetailList", "aws_iam_user", "UserName"),
];

pub(super) fn details(root: &Node, found: &mut Found) {
    for (list, kind, key) in LISTS {
        for item in root.get(list).items() {
            push(found, kind, item.get(key).text_or_empty(), item, true);
        }
    }
}

/// One thing with a name.
pub(super) fn push(found: &mut Found, kind: &str, name: &str, item: &Node, complete: bool) {
    let resource = Resource {
        kind: kind.to_owned(),
        name: name.to_owned(),
        address: format!("{kind}.{name}"),
        line: item.line,
        body: snake_tree(item),
        complete,
    };
    shape::push(found, resource);
}
