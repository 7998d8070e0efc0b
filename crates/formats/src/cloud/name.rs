//! Names: one spelling for keys, the parts of ARNs, what an expression refers to.

use crate::yaml::{Entry, Node, Value};

/// Keys whose values have names of their own below them, which stay as they are written.
const FREE: &[&str] = &[
    "access_policies",
    "access_policy",
    "environment",
    "environment_variables",
    "hyper_parameters",
    "hyperparameters",
    "labels",
    "metadata",
    "policy",
    "repository_policy_text",
    "resource_policy",
    "tags",
    "variables",
];

/// `KmsKeyId`, `kmsKeyId` and `EnforceHTTPS` as `kms_key_id` and `enforce_https`.
pub(super) fn snake(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (index, character) in characters.iter().enumerate() {
        if character.is_ascii_uppercase() {
            let before = index.checked_sub(1).and_then(|at| characters.get(at));
            let after = characters.get(index + 1);
            let starts_word = before.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
                || before.is_some_and(char::is_ascii_uppercase)
                    && after.is_some_and(char::is_ascii_lowercase);
            if starts_word && !out.ends_with('_') {
                out.push('_');
            }
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

/// The tree with every key in [`snake`], except below keys whose content is free.
pub(super) fn snake_tree(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| {
                    let key = snake(&entry.key);
                    let free =
                        FREE.contains(&key.as_str()) || key.ends_with("policy_document") || key == "document";
                    let node = if free { entry.node.clone() } else { snake_tree(&entry.node) };
                    Entry { key, line: entry.line, node }
                })
                .collect(),
        ),
        Value::List(items) => Value::List(items.iter().map(snake_tree).collect()),
        other => other.clone(),
    };
    Node { line: node.line, value }
}

/// An ARN: service, account (empty for buckets) and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `s3`, `iam`, `sagemaker` ...
    pub service: &'a str,
    /// Twelve digits, or nothing.
    pub account: &'a str,
    /// Type and name in the service's own way, `role/service-role/trainer`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; `None` if it is none.
    pub fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" || !parts.next()?.starts_with("aws") {
            return None;
        }
        let service = parts.next()?;
        let account = parts.nth(1)?;
        Some(Self { service, account, resource: parts.next()? })
    }

    /// The last part: the name for most services.
    pub fn name(&self) -> &'a str {
        self.resource.rsplit(['/', ':']).next().unwrap_or(self.resource)
    }
}

/// What an expression refers to, `(type, name)`: resources, and `data.<type>` for data.
pub fn references(written: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for word in written.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))) {
        let mut parts = word.split('.').filter(|part| !part.is_empty());
        let (Some(first), Some(second)) = (parts.next(), parts.next()) else { continue };
        let pair = if first == "data" {
            let Some(name) = parts.next() else { continue };
            (format!("data.{second}"), name.to_owned())
        } else if first == "module" {
            // `module.storage.aws_s3_bucket.models` in plans; outputs of modules have three parts only.
            let (Some(kind), Some(name)) = (parts.next(), parts.next()) else { continue };
            (kind.to_owned(), name.to_owned())
        } else {
            (first.to_owned(), second.to_owned())
        };
        if pair.0.contains('_') && !found.contains(&pair) {
            found.push(pair);
        }
    }
    found
}

/// Whether `text` fits `pattern`, in which `*` stands for any text and `?` for any character; case is ignored where
/// `fold` says so, as it is for actions.
pub fn fits(pattern: &str, text: &str, fold: bool) -> bool {
    let lower = |text: &str| if fold { text.to_ascii_lowercase() } else { text.to_owned() };
    let (pattern, text) = (lower(pattern), lower(text));
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => match &mut star {
                Some((star_at, from)) => {
                    *from += 1;
                    at = *star_at + 1;
                    seen = *from;
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_one_spelling() {
        for (written, wanted) in [
            ("KmsKeyId", "kms_key_id"),
            ("kmsKeyId", "kms_key_id"),
            ("EnforceHTTPS", "enforce_https"),
            ("VPCOptions", "vpc_options"),
            ("S3Uri", "s3_uri"),
            ("kms_key_id", "kms_key_id"),
            ("ARN", "arn"),
        ] {
            assert_eq!(snake(written), wanted);
        }
    }

    #[test]
    fn arns_have_parts() {
        let role = Arn::of("arn:aws:iam::123456789012:role/service-role/trainer").unwrap();
        assert_eq!((role.service, role.account, role.name()), ("iam", "123456789012", "trainer"));
        let bucket = Arn::of("arn:aws:s3:::models/a/*").unwrap();
        assert_eq!((bucket.account, bucket.resource), ("", "models/a/*"));
        assert_eq!(Arn::of("s3://models"), None);
    }

    #[test]
    fn references_are_types_with_names() {
        assert_eq!(
            references("${aws_s3_bucket.models.arn}/x/${var.a}"),
            [("aws_s3_bucket".to_owned(), "models".to_owned())]
        );
        assert_eq!(
            references("data.aws_iam_policy_document.d[0].json"),
            [("data.aws_iam_policy_document".to_owned(), "d".to_owned())]
        );
        assert_eq!(references("module.m.out"), []);
        assert_eq!(references("arn:aws:iam::1:role/a.b"), []);
    }

    #[test]
    fn patterns_fit_as_the_service_has_it() {
        for (pattern, text, fold, wanted) in [
            ("*", "", false, true),
            ("s3:Get*", "s3:getobject", true, true),
            ("s3:Get*", "s3:PutObject", true, false),
            ("arn:aws:s3:::m/*", "arn:aws:s3:::m/a/b", false, true),
            ("arn:aws:s3:::m/*", "arn:aws:s3:::m", false, false),
            ("a?c*e", "abcde", false, true),
            ("A", "a", false, false),
        ] {
            assert_eq!(fits(pattern, text, fold), wanted, "{pattern} {text}");
        }
        assert!(!fits(&"*a".repeat(2000), &"b".repeat(20_000), false));
    }
}
