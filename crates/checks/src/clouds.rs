//! What rules about cloud resources share: the stacks of the estate, and whose a resource is.

use std::collections::BTreeMap;

use vauban_domain::{AssetId, Evidence, Locator, Severity};
use vauban_formats::cloud::{Placed, Stack, stacks};
use vauban_formats::yaml::Node;

use crate::{Inventory, Report};

/// Where images stand in what trains or serves.
pub(crate) const IMAGES: &[(&str, &str)] = &[
    ("aws_sagemaker_model", "container.image"),
    ("aws_sagemaker_model", "primary_container.image"),
    ("aws_sagemaker_model_package", "inference_specification.containers.image"),
    ("aws_sagemaker_processing_job", "app_specification.image_uri"),
    ("aws_sagemaker_training_job", "algorithm_specification.training_image"),
];

/// Every cloud resource of the estate, in stacks that are known together.
#[derive(Debug, Default)]
pub struct Clouds<'a> {
    /// The stacks.
    pub(crate) stacks: Vec<Stack<'a>>,
    /// Assets by file and key.
    owners: BTreeMap<(&'a str, &'a str), &'a AssetId>,
    /// What files belong to.
    homes: BTreeMap<&'a str, &'a AssetId>,
}

impl<'a> Clouds<'a> {
    /// Looks for resources in all files.
    pub(crate) fn of(inventory: &'a Inventory<'a>) -> Self {
        let stacks = stacks(inventory.files.iter().map(|file| (file.path.as_str(), &file.parsed.facts)));
        if stacks.is_empty() {
            return Self::default();
        }
        let homes: BTreeMap<&str, &AssetId> = inventory
            .files
            .iter()
            .filter(|file| matches!(file.parsed.format, "cloud" | "terraform"))
            .map(|file| (file.path.as_str(), &file.home))
            .collect();
        let mut owners = BTreeMap::new();
        for asset in inventory.assets {
            for place in &asset.locators {
                if let Some(key) = place.key.as_deref()
                    && homes.contains_key(place.path.as_str())
                {
                    owners.entry((place.path.as_str(), key)).or_insert(&asset.id);
                }
            }
        }
        Self { stacks, owners, homes }
    }

    /// Every resource of these types, with its stack.
    pub(crate) fn of_kind<'s>(
        &'s self,
        kinds: &'s [&'s str],
    ) -> impl Iterator<Item = (&'s Stack<'a>, &'s Placed<'a>)> {
        self.stacks.iter().flat_map(move |stack| stack.of_kind(kinds).map(move |resource| (stack, resource)))
    }

    /// The asset that a resource is, that it is a part of, or that its file belongs to.
    pub(crate) fn owner(&self, stack: &Stack<'_>, resource: &Placed<'_>) -> Option<AssetId> {
        self.own(resource)
            .or_else(|| self.own(whole(stack, resource)?))
            .or_else(|| self.homes.get(resource.path).copied())
            .cloned()
    }

    fn own(&self, resource: &Placed<'_>) -> Option<&'a AssetId> {
        self.owners.get(&(resource.path, resource.address.as_str())).copied()
    }

    /// Judges one resource: says that it was looked at, and what is wrong with it, if anything is.
    pub(crate) fn judge(&self, stack: &Stack<'_>, resource: &Placed<'_>, report: &mut Report, said: Verdict) {
        self.judge_as(None, stack, resource, report, said);
    }

    /// Like [`Clouds::judge`], with a severity other than the rule's own.
    pub(crate) fn judge_as(
        &self,
        severity: Option<Severity>,
        stack: &Stack<'_>,
        resource: &Placed<'_>,
        report: &mut Report,
        said: Verdict,
    ) {
        let Some(asset) = self.owner(stack, resource) else { return };
        match said {
            Verdict::Right => report.looked_at(&asset),
            Verdict::Unknown(why) => report.skip(&asset, format!("{}: {why}", resource.address)),
            Verdict::Wrong { place, what, message } => {
                report.looked_at(&asset);
                // Code, plan and state of one thing say the same of one asset.
                let own = self.own(resource).is_some();
                let key = if own { resource.kind.clone() } else { resource.reference() };
                let evidence = vec![Evidence::new(place, key, what)];
                match severity {
                    Some(severity) => report.find_as(severity, &asset, message, evidence),
                    None => report.find(&asset, message, evidence),
                }
            }
        }
    }
}

/// What a resource is a part of.
fn whole<'s, 'a>(stack: &'s Stack<'a>, resource: &Placed<'a>) -> Option<&'s Placed<'a>> {
    if resource.kind == "aws_sagemaker_endpoint_configuration" {
        let endpoints = stack.pointing_at(resource, "aws_sagemaker_endpoint", "endpoint_config_name");
        return endpoints.into_iter().next();
    }
    let (key, kinds): (&str, &[&str]) = match resource.kind.as_str() {
        kind if kind.starts_with("aws_s3_bucket_") => ("bucket", &["aws_s3_bucket"]),
        kind if kind.starts_with("google_storage_bucket_") => ("bucket", &["google_storage_bucket"]),
        kind if kind.starts_with("aws_iam_role_") => ("role", &["aws_iam_role"]),
        kind if kind.starts_with("aws_iam_user_") => ("user", &["aws_iam_user"]),
        "aws_ecr_repository_policy" => ("repository", &["aws_ecr_repository"]),
        "aws_opensearch_domain_policy" => ("domain_name", &["aws_opensearch_domain"]),
        "aws_sagemaker_model_package_group_policy" => {
            ("model_package_group_name", &["aws_sagemaker_model_package_group"])
        }
        "aws_security_group_rule" | "aws_vpc_security_group_ingress_rule" => {
            ("security_group_id", &["aws_security_group"])
        }
        _ => return None,
    };
    stack.meant(resource.field(key), kinds)
}

/// What a rule says of one resource.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Nothing is wrong.
    Right,
    /// It is not written what would have to be known.
    Unknown(&'static str),
    /// Something is wrong.
    Wrong {
        /// Where.
        place: Locator,
        /// The excerpt.
        what: String,
        /// The message.
        message: String,
    },
}

/// What is wrong if `is_wrong` is known to be so; `path` is where it is written, `what` the excerpt.
pub(crate) fn verdict(
    resource: &Placed<'_>,
    is_wrong: Option<bool>,
    path: &str,
    message: impl FnOnce() -> String,
) -> Verdict {
    match is_wrong {
        Some(false) => Verdict::Right,
        None => Verdict::Unknown("the value is not known before it is made"),
        Some(true) => {
            let node = resource.field(path);
            let what = match written(node) {
                Some(text) => format!("{path} = {text}"),
                None => format!("{path} is not set"),
            };
            Verdict::Wrong { place: place(resource, resource.line_of(path)), what, message: message() }
        }
    }
}

/// A place in the file of a resource.
pub(crate) fn place(resource: &Placed<'_>, line: u32) -> Locator {
    Locator::file(resource.path).at_line(line)
}

fn written(node: &Node) -> Option<String> {
    if node.is_map() {
        return Some("{...}".to_owned());
    }
    let text = node.text().or_else(|| node.items().first().and_then(Node::text))?;
    (!text.is_empty()).then(|| text.chars().take(120).collect())
}
