//! Repositories of the Hugging Face hub: copies in the hub's cache, and what cards and configurations say of a model.
//!
//! In a cache every file of a snapshot belongs to one asset, the repository, whatever the file is.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::{Facts, Limits, card, json};

use super::{Collector, Seen, identity};

/// Where a file lies in a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cached<'a> {
    /// Model or data set.
    kind: AssetKind,
    /// `owner/name`.
    repository: String,
    /// What follows the folder of the repository: `snapshots/<commit>/…`, `refs/main`.
    rest: &'a str,
}

impl<'a> Cached<'a> {
    /// The commit of a snapshot.
    fn revision(&self) -> Option<&'a str> {
        let (revision, file) = self.rest.strip_prefix("snapshots/")?.split_once('/')?;
        (!revision.is_empty() && !file.is_empty()).then_some(revision)
    }
}

/// Where `path` lies in a cache; `None` if it lies in none.
pub(super) fn cached(path: &str) -> Option<Cached<'_>> {
    let mut from = 0;
    for part in path.split('/') {
        let end = from + part.len();
        let kind = match part.split_once("--") {
            Some(("models", _)) => Some(AssetKind::Model),
            Some(("datasets", _)) => Some(AssetKind::Dataset),
            _ => None,
        };
        let rest = path.get(end + 1..).unwrap_or_default();
        let inside =
            ["snapshots/", "refs/", "blobs/", ".no_exist/"].iter().any(|folder| rest.starts_with(folder));
        if let (Some(kind), Some((_, name)), true) = (kind, part.split_once("--"), inside) {
            return Some(Cached { kind, repository: name.replacen("--", "/", 1), rest });
        }
        from = end + 1;
    }
    None
}

/// The asset that a file of a snapshot belongs to, seen in that file.
pub(super) fn repository(seen: &Seen<'_>) -> Option<Asset> {
    let cached = cached(seen.path)?;
    let revision = cached.revision()?;
    Some(identity::hugging_face(
        cached.kind,
        &cached.repository,
        Some(revision),
        Confidence::Verified,
        seen.locator(),
    ))
}

/// The file that a shard is a part of, and how many parts there are: `model-00001-of-00003.safetensors` is one of the
/// three of `model.safetensors`. The index of the parts belongs to the same.
pub(super) fn whole_of(path: &str) -> Option<(String, u32)> {
    if let Some(whole) = path.strip_suffix(".index.json") {
        let model = [".safetensors", ".bin"].iter().any(|ending| whole.ends_with(ending));
        return model.then(|| (whole.to_owned(), 0));
    }
    let (start, extension) = path.rsplit_once('.')?;
    let (start, total) = start.rsplit_once("-of-")?;
    let (stem, number) = start.rsplit_once('-')?;
    let digits = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let total_number = total.parse().ok().filter(|_| digits(total) && digits(number))?;
    let model = matches!(extension, "bin" | "gguf" | "safetensors");
    (model && !stem.is_empty()).then(|| (format!("{stem}.{extension}"), total_number))
}

/// Maps what a file of a repository says of the whole.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let here = repository(seen);
    if let Some(cached) = cached(seen.path)
        && let (Some(name), Facts::Text(text)) = (cached.rest.strip_prefix("refs/"), &seen.parsed.facts)
    {
        let commit = text.text.trim();
        let known = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        let asset = identity::hugging_face(
            cached.kind,
            &cached.repository,
            known.then_some(commit),
            Confidence::Verified,
            seen.locator(),
        );
        let id = collector.asset(asset.with("reference", name));
        collector.home(&id);
        return;
    }
    let mut asset = here;
    let mut derived: Vec<(String, u32)> = Vec::new();
    let mut trained: Vec<(String, u32)> = Vec::new();
    match &seen.parsed.facts {
        Facts::Text(text) if seen.file_name().eq_ignore_ascii_case("readme.md") => {
            if let Some(card) = card::read(&text.text) {
                asset = asset.map(|asset| describe(asset, &card));
                if !card.of_data {
                    let line = card.line("base_model");
                    derived.extend(card.base_models.iter().map(|name| (name.clone(), line)));
                    let line = card.line("datasets");
                    trained.extend(card.datasets.iter().map(|name| (name.clone(), line)));
                }
            }
        }
        Facts::HuggingFace(config) => {
            let (root, _) = json::read_text(&config.source, &Limits::default());
            let base = root.get("base_model_name_or_path");
            if let Some(name) = base.text() {
                derived.push((name.to_owned(), base.line));
            }
            for (key, from) in [
                ("architecture", "architectures"),
                ("model_type", "model_type"),
                ("adapter", "peft_type"),
                ("pipeline", "_class_name"),
            ] {
                let value = root.get(from).one_or_many().iter().find_map(|node| node.text());
                if let Some(value) = value.filter(|value| value.len() < 100) {
                    asset = asset.map(|asset| asset.with(key, value));
                }
            }
        }
        _ => {}
    }
    let own = asset.map(|asset| {
        let id = collector.asset(asset);
        collector.home(&id);
        id
    });
    let links = [
        (derived, AssetKind::Model, RelationKind::DerivedFrom),
        (trained, AssetKind::Dataset, RelationKind::TrainedOn),
    ];
    for (names, kind, relation) in links {
        for (name, line) in names.into_iter().filter(|(name, _)| is_repository(name)) {
            let locator = seen.locator().at_line(line);
            let other = identity::hugging_face(kind, &name, None, Confidence::Declared, locator.clone());
            let other = collector.asset(other);
            match &own {
                Some(own) => {
                    let edge = Relation::new(own.clone(), relation, other, Confidence::Declared, locator);
                    collector.relation(edge);
                }
                None => beside(seen, relation, &other, &locator, collector),
            }
        }
    }
}

/// Names of weights in a repository that was checked out or saved.
const WEIGHTS: [&str; 4] =
    ["model.safetensors", "pytorch_model.bin", "adapter_model.safetensors", "adapter_model.bin"];

/// Relates the weights beside a file, in a folder that is no cache; dropped if there are none.
fn beside(
    seen: &Seen<'_>,
    kind: RelationKind,
    other: &AssetId,
    locator: &vauban_domain::Locator,
    collector: &mut Collector,
) {
    let folder = seen.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for name in WEIGHTS {
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let own = AssetId::new(AssetKind::Model, &path);
        collector.relation(Relation::new(own, kind, other.clone(), Confidence::Declared, locator.clone()));
    }
}

/// Whether it is `owner/name` or the bare name of a repository, and no path.
fn is_repository(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    match name.split_once('/') {
        Some((owner, name)) => part(owner) && part(name),
        None => part(name),
    }
}

/// Adds what a card says.
fn describe(mut asset: Asset, card: &card::Card) -> Asset {
    for (key, value) in [
        ("licence", card.licence.clone()),
        ("base_model", card.base_models.join(", ")),
        ("base_model_relation", card.base_relation.clone()),
        ("datasets", card.datasets.join(", ")),
        ("task", card.task.clone()),
        ("library", card.library.clone()),
        ("languages", card.languages.join(", ")),
        ("tags", card.tags.iter().take(16).cloned().collect::<Vec<_>>().join(", ")),
    ] {
        if !value.is_empty() {
            asset = asset.with(key, value);
        }
    }
    asset
}

/// A data set that a description in Croissant tells of.
pub(super) fn croissant(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Text(text) = &seen.parsed.facts else { return };
    if !seen.file_name().ends_with(".json") && !seen.file_name().ends_with(".jsonld") {
        return;
    }
    let Some(data) = card::croissant(&text.text).filter(|data| !data.name.is_empty()) else { return };
    let mut asset = Asset::new(
        AssetKind::Dataset,
        "dataset",
        Layer::DataOperations,
        &data.name,
        Confidence::Declared,
        seen.locator(),
    )
    .with("format", "croissant");
    for (key, value) in [
        ("licence", &data.licence),
        ("version", &data.version),
        ("source", &data.url),
        ("personal_data", &data.personal),
        ("collection", &data.collection),
    ] {
        if !value.is_empty() {
            asset = asset.with(key, value.clone());
        }
    }
    let id = collector.asset(asset);
    collector.home(&id);
    for (place, _) in &data.files {
        if let Some(object) = identity::object(place) {
            collector.known_as(&id, object);
        } else if !place.contains("://") {
            collector.link(&id, RelationKind::DerivedFrom, place, seen.locator());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_and_shards_are_known_by_their_paths() {
        let found = cached("home/hub/models--acme--base-7b/snapshots/abc/model.safetensors").expect("cached");
        assert_eq!((found.kind, found.repository.as_str()), (AssetKind::Model, "acme/base-7b"));
        assert_eq!(found.revision(), Some("abc"));
        assert_eq!(cached("models--x/readme.md"), None);
        assert_eq!(
            cached("datasets--squad/refs/main").map(|found| found.repository),
            Some("squad".to_owned())
        );
        let whole = |path| whole_of(path).map(|(whole, _)| whole);
        assert_eq!(whole("a/model-00001-of-00003.safetensors").as_deref(), Some("a/model.safetensors"));
        assert_eq!(whole("a/model.safetensors.index.json").as_deref(), Some("a/model.safetensors"));
        assert_eq!(whole("a/model-1-of-3.safetensors"), None);
        assert_eq!(whole("a/index.json"), None);
    }

    #[test]
    fn paths_are_no_repositories() {
        for (name, expected) in [
            ("acme/base", true),
            ("bert-base", true),
            ("./base", false),
            ("/models/base", false),
            ("a/b/c", false),
            ("C:\\x", false),
        ] {
            assert_eq!(is_repository(name), expected, "{name}");
        }
    }
}
