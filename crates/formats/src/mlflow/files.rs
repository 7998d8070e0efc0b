//! The file store: a folder for every experiment, run and registered model, each with a `meta.yaml`.

use super::{Dataset, Experiment, Logged, MlFlow, Origin, Registered, Run, Version};
use crate::yaml::{self, Node};
use crate::{Defect, Input, Recognised};

/// Keys that come together in the `meta.yaml` of one kind of thing.
const KINDS: &[&[&str]] = &[
    &["artifact_uri:", "lifecycle_stage:", "experiment_id:"],
    &["artifact_location:", "lifecycle_stage:", "experiment_id:"],
    &["artifact_location:", "model_id:", "experiment_id:"],
    &["current_stage:", "source:", "version:"],
    &["creation_timestamp:", "last_updated_timestamp:", "name:"],
    &["digest:", "source_type:", "source:"],
    &["destination_id:", "source_id:", "source_type:"],
];
/// Bytes that decide.
const HEAD: usize = 16 << 10;
/// Bytes of the value of a tag.
const TAG: usize = 8 << 10;

pub(super) fn recognise(input: &Input<'_>) -> Recognised {
    if alias(input).is_some() || version_tag(input).is_some() {
        return Recognised::ByShape;
    }
    if input.file_name() != "meta.yaml" {
        return Recognised::No;
    }
    let text = String::from_utf8_lossy(input.head(HEAD));
    let has = |key: &&str| text.lines().any(|line| line.starts_with(*key));
    if KINDS.iter().any(|keys| keys.iter().all(has)) { Recognised::ByShape } else { Recognised::No }
}

/// `models/<model>/aliases/<alias>` holds the number of a version and nothing else.
fn alias<'a>(input: &Input<'a>) -> Option<(&'a str, &'a str, &'a str)> {
    let number = input.bytes;
    if number.is_empty() || number.len() > 10 || !number.trim_ascii().iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut parts = input.name.rsplit('/');
    let (alias, folder, model, models) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let number = std::str::from_utf8(number).ok()?.trim();
    (folder == "aliases" && models == "models").then_some((model, alias, number))
}

/// `models/<model>/version-<number>/tags/<key>` holds the value of a tag.
fn version_tag<'a>(input: &Input<'a>) -> Option<(&'a str, u64, &'a str, &'a str)> {
    let mut parts = input.name.rsplit('/');
    let (key, folder, version, model, models) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if folder != "tags" || models != "models" || input.bytes.len() > TAG {
        return None;
    }
    let number = version.strip_prefix("version-")?.parse().ok()?;
    Some((model, number, key, std::str::from_utf8(input.bytes).ok()?))
}

/// The path without its last so many parts.
fn above(path: &str, levels: usize) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    parts.get(..parts.len().saturating_sub(levels)).unwrap_or_default().join("/")
}

pub(super) fn parse(input: &Input<'_>) -> (MlFlow, Vec<Defect>) {
    let mut facts = MlFlow { origin: Origin::Files, ..MlFlow::default() };
    if let Some((model, alias, number)) = alias(input) {
        facts.root = above(input.name, 4);
        let mut registered = Registered::default();
        registered.aliases.insert(alias.to_owned(), number.to_owned());
        facts.models.insert(model.to_owned(), registered);
        return (facts, Vec::new());
    }
    if let Some((model, number, key, value)) = version_tag(input) {
        facts.root = above(input.name, 5);
        let tags = std::iter::once((key.to_owned(), value.to_owned())).collect();
        let versions = std::iter::once((number, Version { tags, ..Version::default() })).collect();
        facts.models.insert(model.to_owned(), Registered { versions, ..Registered::default() });
        return (facts, Vec::new());
    }
    let read = yaml::read(input);
    let Some(root) = read.documents.first() else { return (facts, read.defects) };
    let text = |key: &str| root.get(key).text_or_empty().to_owned();
    let has = |key: &str| root.entry(key).is_some();
    let deleted = text("lifecycle_stage") == "deleted";
    let folder = above(input.name, 1);
    let own = folder.rsplit('/').next().unwrap_or_default().to_owned();
    let levels = if has("artifact_uri") {
        let run = Run {
            name: text("run_name"),
            experiment: text("experiment_id"),
            status: status(root.get("status")),
            user: text("user_id"),
            artifacts: text("artifact_uri"),
            deleted,
            ..Run::default()
        };
        let id = if has("run_id") { text("run_id") } else { text("run_uuid") };
        facts.runs.insert(id, run);
        3
    } else if has("model_id") && has("artifact_location") {
        let logged = Logged {
            name: text("name"),
            experiment: text("experiment_id"),
            run: text("source_run_id"),
            artifacts: text("artifact_location"),
            kind: text("model_type"),
            status: status(root.get("status")),
            tags: tags(root.get("tags")),
        };
        facts.logged.insert(text("model_id"), logged);
        4
    } else if has("artifact_location") {
        let experiment = Experiment { name: text("name"), artifacts: text("artifact_location"), deleted };
        facts.experiments.insert(text("experiment_id"), experiment);
        2
    } else if has("current_stage") {
        if let Ok(number) = text("version").parse() {
            let version = Version {
                source: text("source"),
                storage: text("storage_location"),
                run: text("run_id"),
                run_link: text("run_link"),
                logged: text("model_id"),
                stage: text("current_stage"),
                status: text("status"),
                user: text("user_id"),
                description: text("description"),
                tags: tags(root.get("tags")),
            };
            let model = facts.models.entry(text("name")).or_default();
            model.versions.insert(number, version);
        }
        4
    } else if has("digest") {
        let data = Dataset::of(text("name"), text("digest"), text("source_type"), &text("source"));
        facts.datasets.insert(own, data);
        4
    } else if has("destination_id") {
        if text("source_type") == "DATASET" && text("destination_type") == "RUN" {
            let context = root.get("tags").get("mlflow.data.context").text_or_empty().to_owned();
            let run = Run { inputs: vec![(text("source_id"), context)], ..Run::default() };
            // The destination that is written down is the data set once more; the folder is the run's.
            let id = above(input.name, 3).rsplit('/').next().unwrap_or_default().to_owned();
            facts.runs.insert(id, run);
        }
        5
    } else {
        let registered = Registered {
            description: text("description"),
            tags: tags(root.get("tags")),
            aliases: tags(root.get("aliases")),
            ..Registered::default()
        };
        facts.models.insert(text("name"), registered);
        3
    };
    facts.root = above(input.name, levels);
    (facts, read.defects)
}

/// The file store keeps the number of a run's state.
fn status(node: &Node) -> String {
    let words = ["", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];
    let number = node.integer().and_then(|number| usize::try_from(number).ok());
    match number.and_then(|number| words.get(number)) {
        Some(word) => (*word).to_owned(),
        None => node.text_or_empty().to_owned(),
    }
}

fn tags(node: &Node) -> std::collections::BTreeMap<String, String> {
    let listed = node
        .items()
        .iter()
        .map(|tag| (tag.get("key").text_or_empty().to_owned(), tag.get("value").text_or_empty().to_owned()));
    let keyed = node.entries().iter().map(|entry| (entry.key.clone(), entry.node.text_or_empty().to_owned()));
    listed.chain(keyed).collect()
}
