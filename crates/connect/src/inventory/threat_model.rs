//! What a threat model of another tool declares: its components as assets, its flows as flows.
//!
//! A component is the discovered asset whose id or name it has, if there is exactly one; otherwise it is an asset of its own, of
//! the kind that the table below gives its tool's word. Nothing is guessed from similar names.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, DataFlow, DeclaredAsset, Limit, Locator};
use vauban_formats::threat_model::{Component, Flow, ThreatModel};
use vauban_knowledge::Knowledge;

/// What a model adds to the declaration.
#[derive(Debug, Default)]
pub struct Declared {
    /// Its components, by kind and name.
    pub assets: Vec<DeclaredAsset>,
    /// Its flows, in its order.
    pub flows: Vec<DataFlow>,
    /// What of it could not be taken over, or not for certain.
    pub limits: Vec<Limit>,
}

/// Words of the tools, with what they stand for here: the kind of asset and its MAESTRO component.
const WORDS: &[(&str, AssetKind, &str)] = &[
    ("actor", AssetKind::Infrastructure, "external_service"),
    ("agent", AssetKind::Agent, "agent"),
    ("ai", AssetKind::Endpoint, "inference_endpoint"),
    ("application", AssetKind::Infrastructure, "application"),
    ("application_server", AssetKind::Endpoint, "application"),
    ("artifact_registry", AssetKind::Infrastructure, "registry"),
    ("batch_processing", AssetKind::Pipeline, "data_pipeline"),
    ("block_storage", AssetKind::Dataset, "object_store"),
    ("browser", AssetKind::Infrastructure, "external_service"),
    ("build_pipeline", AssetKind::Pipeline, "ci_pipeline"),
    ("client_system", AssetKind::Infrastructure, "external_service"),
    ("container_platform", AssetKind::Infrastructure, "orchestrator"),
    ("data", AssetKind::Dataset, "dataset"),
    ("data_lake", AssetKind::Dataset, "object_store"),
    ("database", AssetKind::Dataset, "document_store"),
    ("datastore", AssetKind::Dataset, "document_store"),
    ("external_entity", AssetKind::Infrastructure, "external_service"),
    ("externalentity", AssetKind::Infrastructure, "external_service"),
    ("file_server", AssetKind::Dataset, "object_store"),
    ("function", AssetKind::Endpoint, "application"),
    ("gateway", AssetKind::Infrastructure, "api_gateway"),
    ("generic_client", AssetKind::Infrastructure, "external_service"),
    ("hsm", AssetKind::Infrastructure, "secret_store"),
    ("identity_provider", AssetKind::Identity, "service_identity"),
    ("lambda", AssetKind::Endpoint, "application"),
    ("llm", AssetKind::Model, "model"),
    ("load_balancer", AssetKind::Infrastructure, "api_gateway"),
    ("local_file_system", AssetKind::Dataset, "object_store"),
    ("log_store", AssetKind::Dataset, "log_store"),
    ("machine_learning_model", AssetKind::Model, "model"),
    ("mobile_app", AssetKind::Infrastructure, "external_service"),
    ("monitoring", AssetKind::Infrastructure, "monitor"),
    ("reverse_proxy", AssetKind::Infrastructure, "api_gateway"),
    ("search_index", AssetKind::Dataset, "vector_store"),
    ("server", AssetKind::Endpoint, "application"),
    ("service", AssetKind::Endpoint, "external_service"),
    ("sourcecode_repository", AssetKind::Infrastructure, "registry"),
    ("stream_processing", AssetKind::Pipeline, "data_pipeline"),
    ("tm.actor", AssetKind::Infrastructure, "external_service"),
    ("tm.store", AssetKind::Dataset, "document_store"),
    ("tool", AssetKind::Tool, "tool"),
    ("vault", AssetKind::Infrastructure, "secret_store"),
    ("waf", AssetKind::Infrastructure, "api_gateway"),
    ("web_application", AssetKind::Endpoint, "application"),
    ("web_client", AssetKind::Infrastructure, "external_service"),
    ("web_server", AssetKind::Endpoint, "application"),
    ("web_service", AssetKind::Endpoint, "application"),
    ("web_service_rest", AssetKind::Endpoint, "application"),
    ("web_service_soap", AssetKind::Endpoint, "application"),
];

/// What every other word stands for.
const OTHERWISE: (AssetKind, &str) = (AssetKind::Infrastructure, "application");

/// Components, in lower case, that stand for everybody and everything beyond the organisation.
const OUTSIDE: [&str; 5] =
    ["infrastructure:outside", "internet", "outside", "public internet", "the internet"];

/// What `model`, read from `path`, declares beside the assets that were discovered.
pub fn declared(model: &ThreatModel, path: &str, discovered: &[Asset]) -> Declared {
    let mut by_name: BTreeMap<&str, BTreeSet<&AssetId>> = BTreeMap::new();
    for asset in discovered.iter().filter(|asset| asset.kind != AssetKind::Package) {
        by_name.entry(asset.name.as_str()).or_default().insert(&asset.id);
        by_name.entry(asset.id.as_str()).or_default().insert(&asset.id);
    }
    let mut said = Declared::default();
    let mut ends: BTreeMap<&str, String> = BTreeMap::from([("", "outside".to_owned())]);
    let mut seen: BTreeSet<AssetId> = BTreeSet::new();
    let mut dangling = 0;
    for component in &model.components {
        if OUTSIDE.contains(&component.name.to_lowercase().as_str())
            || OUTSIDE.contains(&component.reference.as_str())
        {
            ends.insert(&component.reference, "outside".to_owned());
            continue;
        }
        let (kind, word_component) = kind_of(component);
        let candidates = [component.reference.as_str(), component.name.as_str()]
            .into_iter()
            .find_map(|name| by_name.get(name));
        let id = match candidates {
            Some(ids) if ids.len() > 1 => {
                let what = format!(
                    "component `{}` has the name of {} assets and is taken for none of them; call it by an id",
                    component.name,
                    ids.len()
                );
                said.limits.push(Limit { place: path.to_owned(), what });
                AssetId::new(kind, &component.name)
            }
            Some(ids) => ids.first().map_or_else(|| AssetId::new(kind, &component.name), |id| (*id).clone()),
            None => [&component.reference, &component.name]
                .into_iter()
                .find_map(|name| AssetId::parse(name))
                .unwrap_or_else(|| AssetId::new(kind, &component.name)),
        };
        if id.name().is_empty() {
            dangling += 1;
            continue;
        }
        ends.insert(&component.reference, id.to_string());
        if seen.insert(id.clone()) {
            said.assets.push(asset(component, &id, kind, word_component, path));
        }
    }
    for flow in &model.flows {
        match (ends.get(flow.from.as_str()), ends.get(flow.to.as_str())) {
            (Some(from), Some(to)) if from != to => said.flows.push(data_flow(flow, from, to, path)),
            (Some(_), Some(_)) => {}
            _ => dangling += 1,
        }
    }
    if dangling > 0 {
        let what =
            format!("{dangling} components without a name or flows that end at nothing are not taken over");
        said.limits.push(Limit { place: path.to_owned(), what });
    }
    said.assets.sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
    said
}

/// Kind and MAESTRO component: what the model says in our own words, or else what the table makes of its tool's word.
fn kind_of(component: &Component) -> (AssetKind, &str) {
    let maestro = &Knowledge::builtin().maestro;
    let stated = component.facts.get("component").map_or(component.word.as_str(), String::as_str);
    if maestro.layer_of(stated).is_some() && !WORDS.iter().any(|(word, ..)| *word == stated) {
        return (kind_of_component(stated), stated);
    }
    WORDS
        .iter()
        .find(|(word, ..)| *word == stated)
        .map_or(OTHERWISE, |(_, kind, component)| (*kind, *component))
}

/// The kind of asset that usually is such a component.
fn kind_of_component(component: &str) -> AssetKind {
    match component {
        "agent" => AssetKind::Agent,
        "agent_memory" | "dataset" | "document_store" | "feature_store" | "log_store" | "object_store"
        | "vector_store" => AssetKind::Dataset,
        "ci_pipeline" | "data_pipeline" | "evaluation_harness" | "finetune_pipeline" | "rag_pipeline"
        | "training_pipeline" | "workflow_engine" => AssetKind::Pipeline,
        "embedding_model" | "judge_model" | "model" => AssetKind::Model,
        "inference_endpoint" => AssetKind::Endpoint,
        "mcp_server" | "tool" => AssetKind::Tool,
        "package" => AssetKind::Package,
        "service_identity" => AssetKind::Identity,
        _ => AssetKind::Infrastructure,
    }
}

fn asset(component: &Component, id: &AssetId, kind: AssetKind, word: &str, path: &str) -> DeclaredAsset {
    let kind = id.as_str().split_once(':').and_then(|(kind, _)| AssetKind::parse(kind)).unwrap_or(kind);
    let mut attributes = component.facts.clone();
    attributes.remove("component");
    if !component.zone.is_empty() {
        attributes.insert("zone".to_owned(), component.zone.clone());
    }
    DeclaredAsset {
        kind,
        name: id.name().to_owned(),
        component: word.to_owned(),
        attributes,
        locator: place(path, component.line),
    }
}

fn data_flow(flow: &Flow, from: &str, to: &str, path: &str) -> DataFlow {
    DataFlow {
        from: from.to_owned(),
        to: to.to_owned(),
        data: flow.data.clone(),
        boundary: flow.boundary.clone(),
        attributes: flow.facts.clone(),
        locator: place(path, flow.line),
    }
}

fn place(path: &str, line: u32) -> Locator {
    if line > 0 { Locator::file(path).at_line(line) } else { Locator::file(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_name_components_of_maestro() {
        assert!(WORDS.is_sorted_by(|one, other| one.0 < other.0));
        let maestro = &Knowledge::builtin().maestro;
        for (word, _, component) in WORDS.iter().copied().chain([("", OTHERWISE.0, OTHERWISE.1)]) {
            assert!(maestro.layer_of(component).is_some(), "{word}: {component}");
        }
    }
}
