//! Resources that are known together: a module of code, one plan, state or template, the answers in one folder.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use super::evaluate::Scope;
use super::name::{Arn, references};
use super::policy::{self, Statement};
use super::{Cloud, Resource, Source};
use crate::Facts;
use crate::terraform::Terraform;
use crate::yaml::{Node, Value};

/// Policy documents that refer to policy documents.
const DOCUMENTS: usize = 8;

/// A resource and the file that tells of it.
#[derive(Debug, Clone)]
pub struct Placed<'a> {
    /// Path of the file.
    pub path: &'a str,
    resource: Cow<'a, Resource>,
}

impl Deref for Placed<'_> {
    type Target = Resource;

    fn deref(&self) -> &Resource {
        &self.resource
    }
}

/// Resources that are known together.
#[derive(Debug, Default)]
pub struct Stack<'a> {
    /// What tells of them.
    pub source: Source,
    /// In order of file and line.
    pub resources: Vec<Placed<'a>>,
    /// Accounts that it speaks of as its own.
    pub accounts: BTreeSet<String>,
    by_reference: BTreeMap<(String, String), Vec<usize>>,
    by_name: BTreeMap<String, Vec<usize>>,
    /// What points at a resource by one of [`LINKS`].
    links: BTreeMap<(usize, &'static str), Vec<usize>>,
}

/// Types and the attribute by which they belong to something; there may be thousands of each.
const LINKS: &[(&str, &str)] = &[
    ("aws_iam_group_policy", "group"),
    ("aws_iam_group_policy_attachment", "group"),
    ("aws_iam_role_policy", "role"),
    ("aws_iam_role_policy_attachment", "role"),
    ("aws_iam_user_policy", "user"),
    ("aws_iam_user_policy_attachment", "user"),
    ("aws_s3_bucket_public_access_block", "bucket"),
    ("aws_s3_bucket_server_side_encryption_configuration", "bucket"),
    ("aws_s3_bucket_versioning", "bucket"),
];

/// A policy with the resource that holds it.
#[derive(Debug)]
pub struct Held<'s, 'a> {
    /// Where it is written.
    pub holder: &'s Placed<'a>,
    /// What it says.
    pub statements: Vec<Statement>,
}

/// All stacks in a set of files given by path.
pub fn stacks<'a>(files: impl IntoIterator<Item = (&'a str, &'a Facts)>) -> Vec<Stack<'a>> {
    let mut modules: BTreeMap<&str, Vec<(&'a str, &'a Terraform)>> = BTreeMap::new();
    let mut answers: BTreeMap<&str, Vec<(&'a str, &'a Cloud)>> = BTreeMap::new();
    let mut found = Vec::new();
    for (path, facts) in files {
        match facts {
            Facts::Terraform(file) => modules.entry(folder(path)).or_default().push((path, file)),
            Facts::Cloud(cloud) if cloud.source == Source::Answer => {
                answers.entry(folder(path)).or_default().push((path, cloud));
            }
            Facts::Cloud(cloud) => found.push(Stack::of_cloud(&[(path, cloud)])),
            _ => {}
        }
    }
    let scopes = scopes(&modules);
    for (folder, files) in &modules {
        if let Some(scope) = scopes.get(folder) {
            found.push(Stack::of_module(files, scope));
        }
    }
    found.extend(answers.values().map(|files| Stack::of_cloud(files)));
    found
}

/// Folder of a path, empty at the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folder that a module's `source` names, seen from `from`; `None` if it leaves the root or lies elsewhere.
pub fn module_folder(from: &str, source: &str) -> Option<String> {
    if !source.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The values of every module: defaults, files of values, and what the modules that use it give it.
fn scopes<'m>(modules: &BTreeMap<&'m str, Vec<(&str, &Terraform)>>) -> BTreeMap<&'m str, Scope> {
    let mut scopes = BTreeMap::new();
    let mut open = BTreeSet::new();
    for folder in modules.keys() {
        scope(folder, modules, &mut scopes, &mut open);
    }
    scopes
}

fn scope<'m>(
    folder: &'m str,
    modules: &BTreeMap<&'m str, Vec<(&str, &Terraform)>>,
    scopes: &mut BTreeMap<&'m str, Scope>,
    open: &mut BTreeSet<&'m str>,
) {
    // Modules that use each other in a circle, or in a longer chain than anyone writes, keep their defaults.
    if scopes.contains_key(folder) || open.len() > 16 || !open.insert(folder) {
        return;
    }
    let mut given: Vec<BTreeMap<String, Node>> = Vec::new();
    for (caller, files) in modules {
        let calls: Vec<_> = files
            .iter()
            .flat_map(|(_, file)| &file.blocks)
            .filter(|block| block.kind == "module")
            .filter(|block| {
                let source = block.body.get("source").text_or_empty();
                module_folder(caller, source).as_deref() == Some(folder)
            })
            .collect();
        if calls.is_empty() {
            continue;
        }
        scope(caller, modules, scopes, open);
        let empty = Scope::default();
        let own = scopes.get(caller).unwrap_or(&empty);
        given.extend(calls.into_iter().map(|block| {
            let arguments = block.body.entries().iter();
            arguments.map(|entry| (entry.key.clone(), own.evaluate(&entry.node))).collect()
        }));
    }
    let mut variables = BTreeMap::new();
    let mut locals = BTreeMap::new();
    let files = modules.get(folder).map(Vec::as_slice).unwrap_or_default();
    for block in files.iter().flat_map(|(_, file)| &file.blocks) {
        match block.kind.as_str() {
            "variable" => {
                let name = block.resource_type();
                let default = block.body.get("default");
                let values: Vec<&Node> =
                    given.iter().map(|arguments| arguments.get(name).unwrap_or(default)).collect();
                let first = values.first().copied().unwrap_or(default);
                let one = values.iter().all(|value| value.value == first.value);
                if one && !first.is_null() {
                    variables.insert(name.to_owned(), first.clone());
                }
            }
            "locals" => locals
                .extend(block.body.entries().iter().map(|entry| (entry.key.clone(), entry.node.clone()))),
            _ => {}
        }
    }
    let is_read = |path: &str| path.ends_with("terraform.tfvars") || path.ends_with(".auto.tfvars");
    for (_, file) in files.iter().filter(|(path, _)| is_read(path)) {
        for block in &file.blocks {
            if let Some(entry) = block.body.entry(&block.kind) {
                variables.insert(block.kind.clone(), entry.node.clone());
            }
        }
    }
    open.remove(folder);
    scopes.insert(folder, Scope::new(variables, locals));
}

impl<'a> Stack<'a> {
    /// The stack of one file alone, as far as it goes; `None` if the file is about something else.
    pub fn of_file(path: &'a str, facts: &'a Facts) -> Option<Self> {
        stacks([(path, facts)]).into_iter().next()
    }

    fn of_cloud(files: &[(&'a str, &'a Cloud)]) -> Self {
        let mut stack = Self::default();
        for (path, cloud) in files {
            stack.source = cloud.source;
            let placed = |resource| Placed { path, resource: Cow::Borrowed(resource) };
            stack.resources.extend(cloud.resources.iter().map(placed));
        }
        stack.index()
    }

    fn of_module(files: &[(&'a str, &'a Terraform)], scope: &Scope) -> Self {
        let mut stack = Self { source: Source::Code, ..Self::default() };
        for (path, file) in files {
            if path.ends_with(".tfvars") {
                continue;
            }
            for block in file.blocks.iter().filter(|block| matches!(block.kind.as_str(), "resource" | "data"))
            {
                let body = scope.evaluate(&block.body);
                let count = body.get("count");
                if count.text() == Some("0") || count.is_false() {
                    continue;
                }
                let prefix = if block.kind == "data" { "data." } else { "" };
                let resource = Resource {
                    kind: format!("{prefix}{}", block.resource_type()),
                    name: block.name().to_owned(),
                    address: block.address(),
                    line: block.line,
                    body,
                    complete: true,
                };
                stack.resources.push(Placed { path, resource: Cow::Owned(resource) });
            }
        }
        stack.index()
    }

    fn index(mut self) -> Self {
        for (at, resource) in self.resources.iter().enumerate() {
            let reference = (resource.kind.clone(), resource.name.clone());
            self.by_reference.entry(reference).or_default().push(at);
            for name in resource.names() {
                let known = self.by_name.entry(name.to_owned()).or_default();
                if !known.contains(&at) {
                    known.push(at);
                }
            }
            if let Some(arn) = resource.arn().and_then(Arn::of)
                && arn.account.len() == 12
                && !resource.kind.starts_with("data.")
            {
                self.accounts.insert(arn.account.to_owned());
            }
        }
        let mut links: BTreeMap<(usize, &'static str), Vec<usize>> = BTreeMap::new();
        for (at, resource) in self.resources.iter().enumerate() {
            for (kind, key) in LINKS.iter().filter(|(kind, _)| *kind == resource.kind) {
                for target in self.places_meant(resource.field(key)) {
                    links.entry((target, kind)).or_default().push(at);
                }
            }
        }
        self.links = links;
        self
    }

    /// Resources of these types.
    pub fn of_kind<'s>(&'s self, kinds: &'s [&'s str]) -> impl Iterator<Item = &'s Placed<'a>> {
        self.resources.iter().filter(move |resource| kinds.contains(&resource.kind.as_str()))
    }

    /// The resources of these types that a value means: by reference, by name, by ARN.
    pub fn all_meant<'s>(&'s self, node: &Node, kinds: &[&str]) -> Vec<&'s Placed<'a>> {
        let of_kind = |at: &usize| self.resources.get(*at).filter(|it| kinds.contains(&it.kind.as_str()));
        self.places_meant(node).iter().filter_map(of_kind).collect()
    }

    fn places_meant(&self, node: &Node) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        let mut add = |at: Option<&Vec<usize>>| {
            for index in at.into_iter().flatten() {
                if !found.contains(index) {
                    found.push(*index);
                }
            }
        };
        for item in node.one_or_many() {
            match &item.value {
                Value::Expression(written) => {
                    for reference in references(written) {
                        add(self.by_reference.get(&reference));
                    }
                }
                Value::Scalar { text, .. } => {
                    add(self.by_name.get(text));
                    if let Some(arn) = Arn::of(text) {
                        add(self.by_name.get(arn.name()));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The first of [`Stack::all_meant`].
    pub fn meant<'s>(&'s self, node: &Node, kinds: &[&str]) -> Option<&'s Placed<'a>> {
        self.all_meant(node, kinds).into_iter().next()
    }

    /// Resources of type `kind` whose attribute `key` means `resource`.
    pub fn pointing_at<'s>(&'s self, resource: &Resource, kind: &str, key: &str) -> Vec<&'s Placed<'a>> {
        let own = (resource.kind.clone(), resource.name.clone());
        let mut places = self.by_reference.get(&own).into_iter().flatten().copied();
        let Some(place) =
            places.find(|at| self.resources.get(*at).is_some_and(|it| it.address == resource.address))
        else {
            return Vec::new();
        };
        if let Some((kind, _)) = LINKS.iter().find(|known| **known == (kind, key)) {
            let linked = self.links.get(&(place, kind)).map(Vec::as_slice).unwrap_or_default();
            return linked.iter().filter_map(|at| self.resources.get(*at)).collect();
        }
        let points =
            |other: &&Placed<'_>| other.kind == kind && self.places_meant(other.field(key)).contains(&place);
        self.resources.iter().filter(points).collect()
    }

    /// The statements of the policy that `node` holds, however it is written; ARNs of resources of the stack are filled
    /// in, `arn:aws:s3:::<name>` for buckets.
    pub fn statements(&self, node: &Node) -> Vec<Statement> {
        let mut found = self.written(node, 0);
        for statement in &mut found {
            let texts = statement.resources.iter_mut().chain(&mut statement.not_resources);
            for text in texts.chain(statement.principals.iter_mut().map(|who| &mut who.value)) {
                if text.contains('.') {
                    *text = self.filled_in(text);
                }
            }
        }
        found
    }

    fn written(&self, node: &Node, depth: usize) -> Vec<Statement> {
        let direct = policy::statements(node);
        if !direct.is_empty() || depth > DOCUMENTS {
            return direct;
        }
        let Value::Expression(written) = &node.value else { return direct };
        let mut found = Vec::new();
        for reference in references(written) {
            for at in self.by_reference.get(&reference).into_iter().flatten() {
                let Some(document) = self.resources.get(*at) else { continue };
                match document.kind.as_str() {
                    "data.aws_iam_policy_document" => {
                        found.extend(policy::of_data(&document.body));
                        for key in ["source_policy_documents", "override_policy_documents"] {
                            for other in document.field(key).one_or_many() {
                                found.extend(self.written(other, depth + 1));
                            }
                        }
                    }
                    "aws_iam_policy" => found.extend(self.written(document.field("policy"), depth + 1)),
                    _ => {}
                }
            }
        }
        found
    }

    /// `${aws_s3_bucket.models.arn}/*` as `arn:aws:s3:::models-of-ours/*`; what is not known stays.
    pub fn filled_in(&self, written: &str) -> String {
        let bare = !written.contains("${") && !written.contains(':') && !written.contains('*');
        if bare {
            return self.arn_of(written).unwrap_or_else(|| written.to_owned());
        }
        let mut out = String::with_capacity(written.len());
        let mut rest = written;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((inner, behind)) = after.split_once('}') else {
                rest = after;
                out.push_str("${");
                break;
            };
            match self.arn_of(inner) {
                Some(arn) => out.push_str(&arn),
                None => {
                    out.push_str("${");
                    out.push_str(inner);
                    out.push('}');
                }
            }
            rest = behind;
        }
        out.push_str(rest);
        out
    }

    /// The ARN (or, for its name, the name) that a reference to a resource gives.
    fn arn_of(&self, reference: &str) -> Option<String> {
        let pair = references(reference).into_iter().next()?;
        let at = *self.by_reference.get(&pair)?.first()?;
        let resource = self.resources.get(at)?;
        let attribute = reference.trim().trim_end_matches(']').rsplit('.').next().unwrap_or_default();
        if matches!(attribute, "bucket" | "id" | "name") {
            return resource.physical_name().map(str::to_owned);
        }
        Some(arn_of(resource))
    }

    /// Every policy that an identity (role, user, group) has: written into it, attached to it, managed by the provider.
    pub fn policies<'s>(&'s self, identity: &'s Placed<'a>) -> Vec<Held<'s, 'a>> {
        let mut held = Vec::new();
        let mut hold = |holder: &'s Placed<'a>, statements: Vec<Statement>| {
            if !statements.is_empty() {
                held.push(Held { holder, statements });
            }
        };
        for inline in identity.blocks("inline_policy") {
            hold(identity, self.statements(inline.get("policy")));
        }
        let (own, attached, key) = match identity.kind.as_str() {
            "aws_iam_role" => ("aws_iam_role_policy", "aws_iam_role_policy_attachment", "role"),
            "aws_iam_user" => ("aws_iam_user_policy", "aws_iam_user_policy_attachment", "user"),
            _ => ("aws_iam_group_policy", "aws_iam_group_policy_attachment", "group"),
        };
        for policy in self.pointing_at(identity, own, key) {
            hold(policy, self.statements(policy.field("policy")));
        }
        let mut arns: Vec<(&'s Placed<'a>, &Node)> = Vec::new();
        arns.extend(
            self.pointing_at(identity, attached, key).into_iter().map(|it| (it, it.field("policy_arn"))),
        );
        let many = format!("{key}s");
        arns.extend(
            self.pointing_at(identity, "aws_iam_policy_attachment", &many)
                .into_iter()
                .map(|it| (it, it.field("policy_arn"))),
        );
        arns.extend(identity.field("managed_policy_arns").one_or_many().iter().map(|node| (identity, node)));
        for (holder, node) in arns {
            match self.meant(node, &["aws_iam_policy"]) {
                Some(policy) => hold(policy, self.statements(policy.field("policy"))),
                None => hold(holder, managed(node)),
            }
        }
        held
    }
}

/// The ARN of a resource, with its address where a part is not known: enough to compare with what points at it.
pub fn arn_of(resource: &Resource) -> String {
    match (resource.arn(), resource.kind.as_str()) {
        (Some(arn), _) => arn.to_owned(),
        (None, "aws_s3_bucket") => {
            format!("arn:aws:s3:::{}", resource.physical_name().unwrap_or(&resource.address))
        }
        (None, _) => format!("arn:aws:::{}", resource.address),
    }
}

/// What policies of the provider grant, for those that matter here.
fn managed(node: &Node) -> Vec<Statement> {
    let Some(name) =
        node.text().filter(|text| text.contains(":aws:policy/")).and_then(|text| text.rsplit('/').next())
    else {
        return Vec::new();
    };
    let one = |actions: &[&str], not_actions: &[&str]| {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        vec![Statement {
            line: node.line,
            action_line: node.line,
            allows: true,
            actions: texts(actions),
            not_actions: texts(not_actions),
            resources: vec!["*".to_owned()],
            ..Statement::default()
        }]
    };
    match name {
        "AdministratorAccess" => one(&["*"], &[]),
        "PowerUserAccess" => one(&[], &["iam:*", "organizations:*", "account:*"]),
        "IAMFullAccess" => one(&["iam:*"], &[]),
        "AmazonS3FullAccess" => one(&["s3:*", "s3-object-lambda:*"], &[]),
        "AmazonS3ReadOnlyAccess" => one(&["s3:Get*", "s3:List*"], &[]),
        "AmazonBedrockFullAccess" => one(&["bedrock:*"], &[]),
        _ => Vec::new(),
    }
}
