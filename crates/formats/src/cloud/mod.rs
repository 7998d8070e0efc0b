//! Resources of cloud accounts, whoever tells of them: Terraform's plans and states, CloudFormation and ARM templates,
//! Pulumi's states, and what the command lines of AWS, Google and Azure answered.
//!
//! Everything is put in the words of Terraform ([`Resource`]), so that one mapper and one set of rules serve all of
//! them and code as well ([`Stack`]). Nothing is judged, nothing computed that is not written.

mod aws;
mod azure;
mod cloudformation;
mod evaluate;
mod google;
mod iam;
mod name;
mod outline;
pub mod policy;
mod pulumi;
mod resource;
mod shape;
mod stack;
mod terraform_json;

use crate::search::holds;
use crate::yaml::{self, Node, text_of};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};
use outline::{Outline, outline};

pub use name::{Arn, fits, references};
pub use policy::Statement;
pub use resource::Resource;
pub use stack::{Held, Placed, Stack, arn_of, folder, module_folder, stacks};

/// The format.
pub const FORMAT: Format =
    Format { name: "cloud", extensions: &["json", "template", "tfstate", "yaml", "yml"], recognise, parse };

/// What tells of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// Terraform code.
    #[default]
    Code,
    /// What Terraform would do.
    Plan,
    /// What Terraform or Pulumi did.
    State,
    /// A template of CloudFormation or ARM.
    Template,
    /// What a command line of the provider answered.
    Answer,
}

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cloud {
    /// What tells of the resources.
    pub source: Source,
    /// In the order written.
    pub resources: Vec<Resource>,
    /// The text, at most four mebibytes.
    pub text: String,
}

/// Bytes of a text that are searched for the marks of a template in YAML.
const HEAD: usize = 64 << 10;

/// The kinds of files that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plan,
    State,
    CloudFormation,
    Arm,
    Pulumi,
    Aws,
    Google,
    Azure,
}

fn recognise(input: &Input<'_>) -> Recognised {
    if kind_of(input).is_some() { Recognised::ByShape } else { Recognised::No }
}

/// Which kind it is, by the keys at the top.
fn kind_of(input: &Input<'_>) -> Option<Kind> {
    let extension = input.extension();
    match extension.as_str() {
        "yaml" | "yml" | "template" | "json" | "tfstate" | "backup" | "tfplan" | "" => {}
        _ => return None,
    }
    if let Some(outline) = outline(input.bytes) {
        return of_json(&outline, input);
    }
    if !matches!(extension.as_str(), "yaml" | "yml" | "template") {
        return None;
    }
    let head = input.head(HEAD);
    let mut says_version = false;
    let (mut resources, mut typed) = (false, false);
    for line in head.split(|byte| *byte == b'\n') {
        says_version |=
            line.starts_with(b"AWSTemplateFormatVersion") || line.starts_with(b"Transform: AWS::Serverless");
        resources |= line.starts_with(b"Resources:");
        if resources && line.first() == Some(&b' ') {
            let line = line.trim_ascii();
            let rest = line.strip_prefix(b"Type:").unwrap_or_default().trim_ascii_start();
            let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest);
            typed |= rest.starts_with(b"AWS::") || rest.starts_with(b"Custom::");
        }
    }
    (resources && (says_version || typed)).then_some(Kind::CloudFormation)
}

fn of_json(outline: &Outline<'_>, input: &Input<'_>) -> Option<Kind> {
    let has = |key: &str| outline.has(key);
    if !outline.list {
        if has("format_version") && (has("planned_values") || has("resource_changes")) {
            return Some(Kind::Plan);
        }
        if has("terraform_version")
            && (has("values") && has("format_version") || has("serial") && has("resources"))
        {
            return Some(Kind::State);
        }
        if has("Resources") && (has("AWSTemplateFormatVersion") || has_aws_type(input)) {
            return Some(Kind::CloudFormation);
        }
        if has("$schema") && has("contentVersion") && has("resources") {
            return Some(Kind::Arm);
        }
        if has("deployment") && has("version") && outline.has_below("manifest") {
            return Some(Kind::Pulumi);
        }
    }
    if aws::is_answer(outline, input.file_name()) {
        return Some(Kind::Aws);
    }
    if google::is_answer(outline, input) {
        return Some(Kind::Google);
    }
    azure::is_answer(outline, input).then_some(Kind::Azure)
}

/// Whether a type of CloudFormation is written near the beginning.
fn has_aws_type(input: &Input<'_>) -> bool {
    mentions(input.head(HEAD), b"\"AWS::")
}

fn mentions(bytes: &[u8], what: &[u8]) -> bool {
    holds(bytes, what)
}

fn parse(input: &Input<'_>) -> Parsed {
    let (cloud, defects) = read(input);
    Parsed { format: FORMAT.name, facts: Facts::Cloud(cloud), defects, members: Vec::new() }
}

/// Reads the resources.
fn read(input: &Input<'_>) -> (Cloud, Vec<Defect>) {
    let limits = &input.budget.limits;
    let kind = kind_of(input);
    let (root, mut defects) = if kind == Some(Kind::CloudFormation) && outline(input.bytes).is_none() {
        template_in_yaml(input)
    } else {
        let (text, mut defects) = text_of(input.bytes, limits);
        let (root, mut more) = json::read_text(&text, limits);
        defects.append(&mut more);
        (root, defects)
    };
    let mut found = Found { resources: Vec::new(), most: limits.records, full: false };
    let source = match kind {
        Some(Kind::Plan) => {
            terraform_json::plan(&root, &mut found);
            Source::Plan
        }
        Some(Kind::State) => {
            terraform_json::state(&root, &mut found);
            Source::State
        }
        Some(Kind::Pulumi) => {
            pulumi::state(&root, &mut found);
            Source::State
        }
        Some(Kind::CloudFormation) => {
            cloudformation::template(&root, &mut found);
            Source::Template
        }
        Some(Kind::Arm) => {
            azure::template(&root, &mut found);
            Source::Template
        }
        Some(Kind::Aws) => {
            aws::answer(&root, input.file_name(), &mut found);
            Source::Answer
        }
        Some(Kind::Google) => {
            google::answer(&root, input.file_name(), &mut found);
            Source::Answer
        }
        Some(Kind::Azure) => {
            azure::answer(&root, &mut found);
            Source::Answer
        }
        None => Source::Answer,
    };
    if found.full {
        defects.push(Defect::whole("limit-records", format!("more than {} resources", found.most)));
    }
    let text = crate::text::beginning(input);
    (Cloud { source, resources: found.resources, text }, defects)
}

/// Short forms of intrinsic functions become the long ones, so that YAML and JSON read alike.
fn template_in_yaml(input: &Input<'_>) -> (Node, Vec<Defect>) {
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let mut read = yaml::read_with_tags(&text, &input.budget.limits);
    defects.append(&mut read.defects);
    (read.documents.into_iter().next().unwrap_or_default(), defects)
}

/// Resources on their way into [`Cloud`].
#[derive(Debug)]
struct Found {
    resources: Vec<Resource>,
    most: usize,
    full: bool,
}

impl Found {
    fn push(&mut self, resource: Resource) {
        if self.resources.len() < self.most {
            self.resources.push(resource);
        } else {
            self.full = true;
        }
    }
}

/// Parses text as the answer of a limitless reader would; for tests and recordings.
#[cfg(test)]
fn parsed(name: &str, text: &str) -> Cloud {
    let budget = crate::Budget::new(crate::Limits::default());
    let input = Input::new(name, text.as_bytes(), &budget);
    let parsed = crate::parse(&input);
    assert_eq!(parsed.defects, [], "{name}");
    match parsed.facts {
        Facts::Cloud(cloud) => cloud,
        other => panic!("{name} is read as {}: {other:?}", parsed.format),
    }
}

#[cfg(test)]
mod tests;
