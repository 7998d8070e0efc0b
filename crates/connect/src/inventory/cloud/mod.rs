//! Cloud resources: models, endpoints, notebooks, agents, and the buckets, roles and networks they stand on.
//!
//! Code, plans, states, templates and answers are mapped alike. What code and plan call by one address in one folder is
//! one asset; so is what has the same ARN or is the same bucket. A resource that only its name ties to code is joined where
//! no other has that name.

mod rights;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::cloud::{Arn, Placed, Source, Stack, folder};
use vauban_formats::yaml::{Node, Value};

use super::{Collector, Seen, identity};
use types::{Type, type_of};

/// Assets for the resources of a file; the first one is what the file belongs to.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Some(stack) = Stack::of_file(seen.path, &seen.parsed.facts) else { return };
    let mut mapping = Mapping {
        seen,
        stack: &stack,
        ids: BTreeMap::new(),
        by_reference: BTreeMap::new(),
        instances: BTreeMap::new(),
        networks: networks(&stack),
        collector,
    };
    for resource in &stack.resources {
        *mapping.instances.entry(without_indexes(&resource.address)).or_default() += 1;
    }
    for resource in &stack.resources {
        if let Some(kind) = mapping.wanted(resource) {
            mapping.resource(resource, kind);
        }
    }
    for resource in &stack.resources {
        if let Some(from) = mapping.id_of(resource) {
            mapping.relations(&from, resource);
        }
        mapping.through(resource);
    }
    rights::map(&mut mapping);
}

/// The mapping of one file.
struct Mapping<'m, 'a> {
    seen: &'m Seen<'a>,
    stack: &'m Stack<'a>,
    /// Assets by type and address of their resources.
    ids: BTreeMap<(&'m str, &'m str), AssetId>,
    /// Assets by type and name; of several instances the first.
    by_reference: BTreeMap<(&'m str, &'m str), AssetId>,
    /// How many resources there are of one address, indexes left out.
    instances: BTreeMap<String, usize>,
    /// Addresses of networks that workloads stand in.
    networks: BTreeSet<String>,
    collector: &'m mut Collector,
}

/// Addresses of the networks that workloads stand in.
fn networks(stack: &Stack<'_>) -> BTreeSet<String> {
    let paths = ["security_groups", "vpc_security_group_ids", "vpc_config.security_group_ids"];
    let mut found = BTreeSet::new();
    for workload in &stack.resources {
        if type_of(&workload.kind).is_some_and(|kind| kind.workload) {
            for path in paths {
                let meant = stack.all_meant(workload.field(path), &["aws_security_group"]);
                found.extend(meant.into_iter().map(|network| network.address.clone()));
            }
        }
    }
    found
}

impl<'m> Mapping<'m, '_> {
    fn confidence(&self) -> Confidence {
        match self.stack.source {
            Source::Answer | Source::State => Confidence::Verified,
            Source::Code | Source::Plan | Source::Template => Confidence::Declared,
        }
    }

    /// The type of a resource that becomes an asset.
    fn wanted(&self, resource: &Placed<'_>) -> Option<&'static Type> {
        let kind = type_of(&resource.kind)?;
        let wanted = match resource.kind.as_str() {
            "aws_instance" => {
                let size = resource.text("instance_type").unwrap_or_default();
                ["p2.", "p3", "p4", "p5", "p6", "g4", "g5", "g6", "trn", "inf", "dl1"]
                    .iter()
                    .any(|family| size.starts_with(family))
            }
            "aws_iam_role" => !resource.name.starts_with("AWSServiceRoleFor"),
            // Networks are worth naming where a workload stands in them.
            "aws_security_group" => self.networks.contains(&resource.address),
            _ => true,
        };
        wanted.then_some(kind)
    }

    fn resource(&mut self, resource: &'m Placed<'_>, kind: &Type) {
        let locator = self.seen.locator().at_line(resource.line).at_key(resource.address.clone());
        let name = self.name_of(resource);
        let mut asset = Asset::new(kind.kind, kind.component, kind.layer, &name, self.confidence(), locator)
            .with("type", resource.kind.clone());
        for key in ["bucket", "name", "location", "region", "arn", "instance_type", "sku_name"] {
            if let Some(text) = resource.text(key) {
                asset = asset.with(key, text);
            }
        }
        let id = self.collector.asset(asset);
        self.collector.home(&id);
        if let Some(arn) =
            resource.arn().filter(|arn| Arn::of(arn).is_some_and(|arn| !arn.account.is_empty()))
        {
            self.collector.known_as(&id, arn);
        }
        let physical = resource.physical_name();
        match resource.kind.as_str() {
            "aws_s3_bucket" => {
                let name = physical.and_then(|name| identity::object(&format!("s3://{name}")));
                name.into_iter().for_each(|name| self.collector.known_as(&id, name));
            }
            "google_storage_bucket" => {
                let name = physical.and_then(|name| identity::object(&format!("gs://{name}")));
                name.into_iter().for_each(|name| self.collector.known_as(&id, name));
            }
            _ => {
                if let Some(name) = physical {
                    let runs = matches!(self.stack.source, Source::Answer | Source::State);
                    self.collector.perhaps_known_as(&id, format!("{}/{name}", resource.kind), runs);
                }
            }
        }
        self.by_reference.entry((&resource.kind, &resource.name)).or_insert_with(|| id.clone());
        self.ids.insert((&resource.kind, &resource.address), id);
    }

    /// Two modules may use one address, so the folder is part of the name; what a provider answers has a name of its own.
    fn name_of(&self, resource: &Placed<'_>) -> String {
        let folder = folder(self.seen.path);
        let folder = if folder.is_empty() { "." } else { folder };
        match self.stack.source {
            Source::Code | Source::Plan | Source::State => {
                let plain = without_indexes(&resource.address);
                let only = plain == resource.address || self.instances.get(&plain) == Some(&1);
                format!("terraform/{folder}/{}", if only { &plain } else { &resource.address })
            }
            Source::Template => {
                let path = self.seen.path.rsplit_once('.').map_or(self.seen.path, |(stem, _)| stem);
                format!("template/{path}/{}", resource.name)
            }
            Source::Answer => physical_id(&resource.kind, &resource.name),
        }
    }

    /// The asset of the resource that `(type, name)` refers to, here or in another file of the module.
    fn referred(&self, kind: &str, name: &str) -> Option<AssetId> {
        if let Some(id) = self.by_reference.get(&(kind, name)) {
            return Some(id.clone());
        }
        let of = type_of(kind).filter(|_| self.stack.source == Source::Code)?;
        let folder = folder(self.seen.path);
        let folder = if folder.is_empty() { "." } else { folder };
        Some(AssetId::new(of.kind, &format!("terraform/{folder}/{kind}.{name}")))
    }

    fn relate(&mut self, from: &AssetId, kind: RelationKind, to: &AssetId, line: u32) {
        if from != to {
            let locator = self.seen.locator().at_line(line);
            let relation = Relation::new(from.clone(), kind, to.clone(), self.confidence(), locator);
            self.collector.relation(relation);
        }
    }

    /// What the attributes of a resource point at.
    fn relations(&mut self, from: &AssetId, resource: &Placed<'_>) {
        let mut pointers: Vec<(String, Node)> = Vec::new();
        resource.body.visit_scalars(|path, node| pointers.push((path.to_owned(), node.clone())));
        for (path, node) in pointers {
            if path.contains("policy") || path.starts_with("tags") {
                continue;
            }
            match &node.value {
                Value::Expression(written) => {
                    for (kind, name) in vauban_formats::cloud::references(written) {
                        if let Some(to) = self.referred(&kind, &name) {
                            self.relate(from, relation_to(&kind, &path), &to, node.line);
                        }
                    }
                }
                Value::Scalar { text, .. } => self.literal(from, resource, &path, text, node.line),
                _ => {}
            }
        }
    }

    /// A literal that names something: a role, a bucket, an image, a model of the provider.
    fn literal(&mut self, from: &AssetId, resource: &Placed<'_>, path: &str, text: &str, line: u32) {
        let key = path.rsplit('.').next().unwrap_or(path);
        let workload = type_of(&resource.kind).is_some_and(|kind| kind.workload);
        if key == "arn" || key == "id" || !workload {
            return;
        }
        if let Some(arn) =
            Arn::of(text).filter(|arn| arn.service == "iam" && arn.resource.starts_with("role/"))
        {
            let to = self.role(text, arn.name(), line);
            self.relate(from, RelationKind::ActsAs, &to, line);
        } else if let Some(place) = identity::object(text).filter(|place| place.starts_with("s3://")) {
            let to =
                self.bucket(place.trim_start_matches("s3://").split('/').next().unwrap_or_default(), line);
            self.relate(from, relation_to("aws_s3_bucket", path), &to, line);
        } else if matches!(key, "image" | "training_image" | "image_uri") {
            let locator = self.seen.locator().at_line(line);
            let image = Asset::new(
                AssetKind::Infrastructure,
                "container_image",
                Layer::Deployment,
                &format!("image/{text}"),
                Confidence::Declared,
                locator,
            );
            let to = self.collector.asset(image);
            self.relate(from, RelationKind::RunsOn, &to, line);
        } else if matches!(key, "foundation_model" | "embedding_model_arn" | "base_model_identifier") {
            let name = text.rsplit_once("foundation-model/").map_or(text, |(_, name)| name);
            if !name.contains(':') || name.contains('.') {
                let locator = self.seen.locator().at_line(line);
                let component = if key == "embedding_model_arn" { "embedding_model" } else { "model" };
                let model = Asset::new(
                    AssetKind::Model,
                    component,
                    Layer::FoundationModels,
                    &format!("bedrock/{name}"),
                    Confidence::Declared,
                    locator,
                );
                let to = self.collector.asset(model.with("source", "bedrock"));
                let kind = match key {
                    "base_model_identifier" => RelationKind::DerivedFrom,
                    "embedding_model_arn" => RelationKind::Loads,
                    _ => RelationKind::Serves,
                };
                self.relate(from, kind, &to, line);
            }
        } else {
            let kinds = [
                "aws_bedrock_guardrail",
                "aws_security_group",
                "aws_sagemaker_model",
                "aws_opensearch_domain",
            ];
            let meant = self.stack.meant(&Node::scalar(line, text, true), &kinds);
            let to =
                meant.and_then(|other| Some((self.referred(&other.kind, &other.name)?, other.kind.clone())));
            if let Some((to, kind)) = to {
                self.relate(from, relation_to(&kind, path), &to, line);
            }
        }
    }

    /// The role with this ARN, which need not be in the file.
    fn role(&mut self, arn: &str, name: &str, line: u32) -> AssetId {
        let node = Node::scalar(line, arn, true);
        let known = self.stack.meant(&node, &["aws_iam_role"]);
        if let Some(id) = known.and_then(|role| self.referred(&role.kind, &role.name)) {
            return id;
        }
        let locator = self.seen.locator().at_line(line);
        let name = physical_id("aws_iam_role", name);
        let asset = Asset::new(
            AssetKind::Identity,
            "service_identity",
            Layer::Security,
            &name,
            Confidence::Declared,
            locator,
        );
        let id = self.collector.asset(asset.with("arn", arn).with("type", "aws_iam_role"));
        self.collector.known_as(&id, arn);
        id
    }

    /// The bucket with this name, which need not be in the file.
    fn bucket(&mut self, name: &str, line: u32) -> AssetId {
        let known = self.stack.meant(&Node::scalar(line, name, true), &["aws_s3_bucket"]);
        if let Some(id) = known.and_then(|bucket| self.referred(&bucket.kind, &bucket.name)) {
            return id;
        }
        let locator: Locator = self.seen.locator().at_line(line);
        let asset = Asset::new(
            AssetKind::Infrastructure,
            "object_store",
            Layer::DataOperations,
            &physical_id("aws_s3_bucket", name),
            Confidence::Declared,
            locator,
        );
        let id = self.collector.asset(asset.with("bucket", name).with("type", "aws_s3_bucket"));
        if let Some(place) = identity::object(&format!("s3://{name}")) {
            self.collector.known_as(&id, place);
        }
        id
    }

    /// Relations that a resource in between makes: an endpoint serves the models of its configuration, an agent reads the
    /// knowledge base that an association gives it.
    fn through(&mut self, resource: &Placed<'_>) {
        let (from, to, kind): (_, Vec<&Node>, _) = match resource.kind.as_str() {
            "aws_sagemaker_endpoint" => {
                let configuration = resource.field("endpoint_config_name");
                let known = self.stack.meant(configuration, &["aws_sagemaker_endpoint_configuration"]);
                let Some(known) = known else { return };
                let variants = known.blocks("production_variants");
                let models = variants.into_iter().map(|variant| variant.get("model_name")).collect();
                (self.id_of(resource), models, RelationKind::Serves)
            }
            "aws_bedrockagent_agent_knowledge_base_association" => {
                let agent = self.id_meant(resource.field("agent_id"), &["aws_bedrockagent_agent"]);
                (agent, vec![resource.field("knowledge_base_id")], RelationKind::Reads)
            }
            "aws_bedrockagent_data_source" => {
                let base =
                    self.id_meant(resource.field("knowledge_base_id"), &["aws_bedrockagent_knowledge_base"]);
                let bucket = resource.field("data_source_configuration.s3_configuration.bucket_arn");
                if let (Some(from), Some(arn)) = (&base, bucket.text().and_then(Arn::of)) {
                    let to = self.bucket(arn.resource, bucket.line);
                    self.relate(from, RelationKind::Reads, &to, bucket.line);
                    return;
                }
                (base, vec![bucket], RelationKind::Reads)
            }
            _ => return,
        };
        let Some(from) = from else { return };
        let kinds = ["aws_sagemaker_model", "aws_bedrockagent_knowledge_base", "aws_s3_bucket"];
        for node in to {
            if let Some(to) = self.id_meant(node, &kinds) {
                self.relate(&from, kind, &to, node.line);
            }
        }
    }

    fn id_of(&self, resource: &Placed<'_>) -> Option<AssetId> {
        self.ids.get(&(resource.kind.as_str(), resource.address.as_str())).cloned()
    }

    /// The asset that a value means: a resource of the file, or one of another file of the module.
    fn id_meant(&self, node: &Node, kinds: &[&str]) -> Option<AssetId> {
        if let Some(resource) = self.stack.meant(node, kinds) {
            return self.id_of(resource);
        }
        let Value::Expression(written) = &node.value else { return None };
        let mut pairs = vauban_formats::cloud::references(written).into_iter();
        pairs
            .find(|(kind, _)| kinds.contains(&kind.as_str()))
            .and_then(|(kind, name)| self.referred(&kind, &name))
    }
}

/// What a reference to a type of resource means.
fn relation_to(kind: &str, path: &str) -> RelationKind {
    match kind {
        role if role.contains("iam_role")
            || role.contains("identity")
            || role.contains("service_account") =>
        {
            RelationKind::ActsAs
        }
        bucket if bucket.contains("s3") || bucket.contains("storage") => {
            if path.contains("output") {
                RelationKind::Writes
            } else {
                RelationKind::Reads
            }
        }
        "aws_sagemaker_model" | "google_vertex_ai_model" => RelationKind::Serves,
        "aws_bedrock_guardrail" | "aws_bedrockagent_agent" => RelationKind::Uses,
        "aws_bedrockagent_knowledge_base"
        | "aws_opensearch_domain"
        | "aws_opensearchserverless_collection" => RelationKind::Reads,
        _ => RelationKind::RunsOn,
    }
}

/// `aws/iam_role/trainer`, for what is known by the provider's name only.
fn physical_id(kind: &str, name: &str) -> String {
    let (provider, rest) = kind.split_once('_').unwrap_or(("cloud", kind));
    let provider = if provider == "azurerm" { "azure" } else { provider };
    format!("{provider}/{rest}/{name}")
}

/// `module.a["x"].b.c[0]` as `module.a.b.c`.
fn without_indexes(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    let (mut open, mut quoted) = (false, false);
    for character in address.chars() {
        match character {
            '"' if open => quoted = !quoted,
            '[' if !quoted => open = true,
            ']' if !quoted => open = false,
            character if !open => out.push(character),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests;
