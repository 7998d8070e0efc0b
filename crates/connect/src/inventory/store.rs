//! Models and data that are kept elsewhere, told of by what lies here: pointers of Git LFS, listings of object stores,
//! remotes of DVC, the store of Ollama, runs of Weights & Biases.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Digest, Layer, Locator, Relation, RelationKind};
use vauban_formats::ollama::{Modelfile, Ollama};
use vauban_formats::{Facts, Limits, dvc, json, lfs, objects};

use super::{Collector, Seen, identity};

/// Endings of files that hold models, and of those that hold data.
const MODELS: &[&str] = &[
    ".bin",
    ".ckpt",
    ".gguf",
    ".h5",
    ".joblib",
    ".keras",
    ".mlmodel",
    ".onnx",
    ".pkl",
    ".pt",
    ".pth",
    ".safetensors",
    ".tflite",
];
const DATA: &[&str] = &[".arrow", ".csv", ".jsonl", ".npy", ".npz", ".parquet", ".tfrecord", ".tsv"];

/// Objects of one listing that become assets.
const LISTED: usize = 10_000;

fn kind_of(name: &str) -> Option<AssetKind> {
    let name = name.to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(MODELS) { Some(AssetKind::Model) } else { ends(DATA).then_some(AssetKind::Dataset) }
}

fn asset_of(kind: AssetKind, name: &str, confidence: Confidence, locator: Locator) -> Asset {
    let (component, layer) = match kind {
        AssetKind::Dataset => ("dataset", Layer::DataOperations),
        _ => ("model", Layer::FoundationModels),
    };
    Asset::new(kind, component, layer, name, confidence, locator)
}

/// Maps what tells of things that are kept elsewhere.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    match &seen.parsed.facts {
        Facts::Ollama(Ollama::Manifest(manifest)) => ollama(seen, manifest, collector),
        Facts::Ollama(Ollama::Modelfile(file)) => made(seen, file, collector),
        Facts::Text(text) => {
            if let Some(pointer) = lfs::read(&text.text) {
                point(seen, &pointer, collector);
            } else if seen.path.ends_with(".dvc/config") {
                remotes(seen, &text.text, collector);
            } else if seen.file_name() == "wandb-metadata.json" {
                tracked_run(seen, &text.text, collector);
            } else if seen.path.ends_with(".json") {
                listing(seen, &text.text, collector);
            }
        }
        _ => {}
    }
}

/// The file that a pointer stands for, with the digest of its content.
fn point(seen: &Seen<'_>, pointer: &lfs::Pointer, collector: &mut Collector) {
    let Some(kind) = kind_of(seen.path) else { return };
    let mut asset = asset_of(kind, seen.path, Confidence::Declared, seen.locator())
        .with("storage", "git-lfs")
        .with("content", "not fetched");
    asset.digest = Digest::parse(&pointer.sha256);
    asset.size = Some(pointer.size);
    let id = collector.asset(asset);
    collector.home(&id);
}

/// A bucket, `s3://name`; of Azure an account and a container.
fn bucket(
    address: &str,
    confidence: Confidence,
    locator: Locator,
    collector: &mut Collector,
) -> Option<AssetId> {
    let (scheme, rest) = address.split_once("://")?;
    let parts = if scheme == "az" { 2 } else { 1 };
    let name: Vec<&str> = rest.split('/').take(parts).collect();
    let name = name.join("/");
    let asset = Asset::new(
        AssetKind::Infrastructure,
        "object_store",
        Layer::DataOperations,
        &format!("bucket/{scheme}/{name}"),
        confidence,
        locator,
    );
    let id = collector.asset(asset);
    collector.known_as(&id, format!("{scheme}://{name}"));
    Some(id)
}

fn listing(seen: &Seen<'_>, text: &str, collector: &mut Collector) {
    // What the tool does not say, whoever kept its output says with the name of the file.
    let stem = seen.file_name().strip_suffix(".json").filter(|stem| !stem.is_empty());
    let Some(listing) = objects::read(text, stem) else { return };
    let listed = listing.objects.iter().filter_map(|object| Some((kind_of(&object.address)?, object)));
    for (kind, object) in listed.take(LISTED) {
        let locator = seen.locator().at_line(object.line);
        let mut asset = asset_of(kind, &object.address, Confidence::Declared, locator.clone())
            .with("storage", listing.scheme);
        asset.size = object.size;
        if !object.changed.is_empty() {
            asset = asset.with("changed", object.changed.clone());
        }
        let id = collector.asset(asset);
        if let Some(name) = identity::object(&object.address) {
            collector.known_as(&id, name);
        }
        if let Some(bucket) = bucket(&object.address, Confidence::Declared, seen.locator(), collector) {
            collector.home(&bucket);
            let on = Relation::new(id, RelationKind::RunsOn, bucket, Confidence::Declared, locator);
            collector.relation(on);
        }
    }
}

fn remotes(seen: &Seen<'_>, text: &str, collector: &mut Collector) {
    for remote in dvc::config::remotes(text) {
        if let Some(address) = identity::object(&remote.url) {
            bucket(&address, Confidence::Declared, seen.locator().at_line(remote.line), collector);
        }
    }
}

/// A model that a Modelfile makes of another one: of Ollama's library, of the hub, of a file.
fn made(seen: &Seen<'_>, file: &Modelfile, collector: &mut Collector) {
    let home = collector.file_asset(
        AssetKind::Model,
        "model",
        Layer::FoundationModels,
        &[("format", "modelfile"), ("source", "ollama")],
    );
    for from in file.with_keyword("FROM").chain(file.with_keyword("ADAPTER")) {
        let (value, locator) = (from.value.trim(), seen.locator().at_line(from.line));
        let named = |name: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
            !name.is_empty() && !name.starts_with(['.', '/', '~']) && name.chars().all(plain)
        };
        if !named(value) || value.ends_with(".gguf") || value.ends_with(".safetensors") {
            collector.link(&home, RelationKind::DerivedFrom, value, locator);
            continue;
        }
        // Without a tag it is `latest`.
        let last = value.rsplit('/').next().unwrap_or(value);
        let tag = last.split_once(':').map_or("latest", |(_, tag)| tag);
        let name = if last.contains(':') { value.to_owned() } else { format!("{value}:{tag}") };
        let asset =
            asset_of(AssetKind::Model, &format!("ollama/{name}"), Confidence::Declared, locator.clone())
                .with("source", "ollama")
                .with("version", tag);
        let base = collector.asset(asset);
        collector.relation(Relation::new(
            home.clone(),
            RelationKind::DerivedFrom,
            base,
            Confidence::Declared,
            locator,
        ));
    }
}

/// A model in the store of Ollama: `manifests/registry.ollama.ai/library/llama3/8b`.
fn ollama(seen: &Seen<'_>, manifest: &vauban_formats::ollama::Manifest, collector: &mut Collector) {
    let Some((store, rest)) = seen.path.rsplit_once("manifests/") else { return };
    let parts: Vec<&str> = rest.split('/').collect();
    let [host, owner, name, tag] = parts.as_slice() else { return };
    let name = match (*host, *owner) {
        ("registry.ollama.ai", "library") => format!("ollama/{name}:{tag}"),
        ("registry.ollama.ai", owner) => format!("ollama/{owner}/{name}:{tag}"),
        (host, owner) => format!("ollama/{host}/{owner}/{name}:{tag}"),
    };
    let mut asset = asset_of(AssetKind::Model, &name, Confidence::Verified, seen.locator())
        .with("source", "ollama")
        .with("version", *tag);
    let weights: Vec<&str> = manifest
        .layers
        .iter()
        .filter(|layer| layer.has_digest() && layer.media_type.ends_with(".model"))
        .map(|layer| layer.digest.as_str())
        .collect();
    // The blob with these bytes is this model, and not another one.
    if let [only] = weights.as_slice() {
        asset.digest = Digest::parse(only);
    }
    let id = collector.asset(asset);
    collector.home(&id);
    for layer in manifest.layers.iter().filter(|layer| layer.has_digest()) {
        if layer.media_type.ends_with(".model") || layer.media_type.ends_with(".adapter") {
            let blob = format!("{store}blobs/{}", layer.digest.replacen(':', "-", 1));
            let file = AssetId::new(AssetKind::Model, &blob);
            let locator = seen.locator().at_line(layer.line);
            let made =
                Relation::new(id.clone(), RelationKind::DerivedFrom, file, Confidence::Verified, locator);
            collector.relation(made);
        }
    }
}

/// A run that Weights & Biases recorded: the program, where it came from, who ran it.
fn tracked_run(seen: &Seen<'_>, text: &str, collector: &mut Collector) {
    let (root, _) = json::read_text(text, &Limits { nodes: 100_000, ..Limits::default() });
    if root.get("python").is_null() && root.get("program").is_null() {
        return;
    }
    // `offline-run-20261101_101500-a1b2c3d4/files/wandb-metadata.json`
    let folder = seen.path.rsplit('/').find(|part| part.contains("run-"));
    let run = folder.and_then(|folder| folder.rsplit_once('-')).map_or("unknown", |(_, id)| id);
    let mut asset = Asset::new(
        AssetKind::Pipeline,
        "training_pipeline",
        Layer::FoundationModels,
        &format!("wandb/run/{run}"),
        Confidence::Verified,
        seen.locator(),
    )
    .with("source", "wandb");
    for (key, from) in [
        ("program", "program"),
        ("python", "python"),
        ("user", "username"),
        ("host", "host"),
        ("source.git.repoURL", "git.remote"),
        ("source.git.commit", "git.commit"),
    ] {
        if let Some(value) = root.at(from).text().filter(|value| !value.is_empty()) {
            asset = asset.with(key, value);
        }
    }
    let id = collector.asset(asset);
    collector.home(&id);
    if let Some(program) = root.get("codePath").text().or(root.get("program").text()) {
        let locator = seen.locator().at_line(root.get("program").line.max(1));
        collector.link(&id, RelationKind::Uses, program, locator);
    }
}

#[cfg(test)]
mod tests {
    use vauban_formats::{Budget, Input};

    use super::*;
    use crate::inventory::{Estate, map as map_all};

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let collectors = files.iter().map(|(path, text)| {
            let budget = Budget::default();
            let parsed = vauban_formats::parse(&Input::new(path, text.as_bytes(), &budget));
            map_all(&Seen { path, size: text.len() as u64, digest: None, parsed: &parsed })
        });
        let estate = Estate::merge(collectors.collect(), &[], "all");
        let ids: Vec<&str> = estate.assets.iter().map(|asset| asset.id.as_str()).collect();
        let ids: Vec<&str> = ids.into_iter().filter(|id| *id != "pipeline:all").collect();
        assert_eq!(ids, expected);
    }

    #[test]
    fn what_is_kept_elsewhere_becomes_assets() {
        let pointer =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "ab".repeat(32));
        check(&[("m/model.safetensors", &pointer)], &["model:m/model.safetensors"]);
        check(
            &[(
                "clinic-models.json",
                r#"{"Contents": [{"Key": "a/m.pt", "LastModified": "2026-01-01", "Size": 3}, {"Key": "notes.txt"}]}"#,
            )],
            &["infrastructure:bucket/s3/clinic-models", "model:s3://clinic-models/a/m.pt"],
        );
        check(
            &[(".dvc/config", "['remote \"s\"']\n url = s3://clinic-data/dvc\n")],
            &["infrastructure:bucket/s3/clinic-data"],
        );
        check(
            &[(
                "wandb/offline-run-20261101_101500-a1b2c3d4/files/wandb-metadata.json",
                r#"{"python": "3.11.7", "program": "train.py", "args": [], "git": {"remote": "https://git.clinic.example/t.git", "commit": "00"}}"#,
            )],
            &["pipeline:wandb/run/a1b2c3d4"],
        );
    }
}
