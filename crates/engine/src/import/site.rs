//! Which asset and file of the estate a place in the words of another engine is.

use std::collections::BTreeMap;

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator};
use vauban_formats::foreign::{Package, Reported};

use crate::discover::Discovered;

/// A place in the estate.
#[derive(Debug, Clone)]
pub(super) struct Sited {
    /// The asset.
    pub(super) asset: AssetId,
    /// The file, if it is one of the estate's.
    pub(super) file: Option<String>,
    /// Where to say that it is.
    pub(super) locator: Locator,
}

/// Finds places in one estate.
pub(super) struct Sites<'a> {
    discovered: &'a Discovered,
    whole: AssetId,
    by_name: BTreeMap<&'a str, Vec<&'a vauban_checks::File>>,
}

impl<'a> Sites<'a> {
    pub(super) fn of(discovered: &'a Discovered, subject: &str) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&vauban_checks::File>> = BTreeMap::new();
        for file in &discovered.files {
            by_name.entry(file.path.rsplit('/').next().unwrap_or(&file.path)).or_default().push(file);
        }
        Self { discovered, whole: AssetId::new(AssetKind::Pipeline, subject), by_name }
    }

    /// The place of a result. A model or target that nothing here is becomes an asset of its own.
    pub(super) fn site(&mut self, reported: &Reported, import: &str, assets: &mut Vec<Asset>) -> Sited {
        let place = &reported.place;
        let file = place.path.as_deref().and_then(|path| self.file(path));
        let mut locator = Locator::file(match (&file, &place.path, &place.url) {
            (Some(file), ..) => file.path.clone(),
            (None, Some(path), _) => path.clone(),
            (None, None, Some(url)) => url.split(['?', '#']).next().unwrap_or(url).to_owned(),
            _ => String::new(),
        });
        locator.member.clone_from(&place.member);
        locator.line = place.line;
        locator.key.clone_from(&place.resource);
        let path = file.map(|file| file.path.as_str());
        let asset = place
            .package
            .as_ref()
            .and_then(|package| self.discovered.assets.iter().find(|asset| is_package(&asset.id, package)))
            .map(|asset| asset.id.clone())
            .or_else(|| place.resource.as_deref().and_then(|resource| self.resource(resource, path)))
            .or_else(|| place.url.as_deref().and_then(|url| self.address(url)))
            .or_else(|| {
                place.model.as_deref().map(|model| self.model(model, &reported.engine, import, assets))
            })
            .or_else(|| file.map(|file| file.home.clone()));
        let asset = asset.unwrap_or_else(|| self.whole(import, assets));
        Sited { asset, file: file.map(|file| file.path.clone()), locator }
    }

    /// The estate as a whole, for what fits nothing in it.
    fn whole(&self, import: &str, assets: &mut Vec<Asset>) -> AssetId {
        let known = self.discovered.assets.iter().chain(assets.iter()).any(|asset| asset.id == self.whole);
        if !known {
            let name = self.whole.as_str().split_once(':').map_or("", |(_, name)| name);
            let locator = Locator::file(import);
            let asset = Asset::new(
                AssetKind::Pipeline,
                "ci_pipeline",
                Layer::Deployment,
                name,
                Confidence::Inferred,
                locator,
            );
            let asset = asset.with("role", "source tree");
            let id = asset.id.clone();
            assets.push(asset);
            return id;
        }
        self.whole.clone()
    }

    /// The file that a path means: engines run in other folders, on other machines.
    fn file(&self, path: &str) -> Option<&'a vauban_checks::File> {
        let name = path.rsplit('/').next()?;
        let named = self.by_name.get(name)?;
        let common = |file: &vauban_checks::File| {
            let pairs = file.path.rsplit('/').zip(path.rsplit('/'));
            pairs.take_while(|(one, other)| one == other).count()
        };
        let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).count();
        let most = named.iter().map(|file| common(file)).max()?;
        let mut best = named.iter().filter(|file| common(file) == most);
        let file = *best.next()?;
        // One of the two paths must end as the whole of the other does, or nothing says that they are one file.
        let whole = most == parts(&file.path) || most == parts(path);
        (whole && best.next().is_none()).then_some(file)
    }

    fn resource(&self, resource: &str, path: Option<&str>) -> Option<AssetId> {
        let kubernetes: Vec<&str> = resource.split('.').collect();
        let as_key = match kubernetes.as_slice() {
            [kind, _, name] => Some(format!("{kind}/{name}")),
            _ => None,
        };
        let last = resource.rsplit([':', '/']).next().unwrap_or(resource);
        let is_arn = resource.starts_with("arn:");
        self.discovered
            .assets
            .iter()
            .find(|asset| {
                let at = asset.locators.iter().any(|place| {
                    path.is_none_or(|path| place.path == path)
                        && place
                            .key
                            .as_deref()
                            .is_some_and(|key| key == resource || as_key.as_deref() == Some(key))
                });
                let named = asset.name == resource
                    || asset.attribute("arn") == Some(resource)
                    || (is_arn
                        && ["bucket", "name", "resource_name"]
                            .iter()
                            .any(|key| asset.attribute(key) == Some(last)));
                at || named
            })
            .map(|asset| asset.id.clone())
    }

    fn address(&self, url: &str) -> Option<AssetId> {
        let root = |url: &str| {
            let (scheme, rest) = url.split_once("://")?;
            let host = rest.split(['/', '?', '#']).next()?.to_lowercase();
            Some(format!("{scheme}://{host}"))
        };
        let wanted = root(url)?;
        self.discovered
            .assets
            .iter()
            .find(|asset| {
                let said =
                    ["address", "base_url", "endpoint", "url"].iter().filter_map(|key| asset.attribute(key));
                said.chain([asset.name.as_str()]).any(|text| root(text).as_deref() == Some(&wanted))
            })
            .map(|asset| asset.id.clone())
    }

    fn model(&self, model: &str, engine: &str, import: &str, assets: &mut Vec<Asset>) -> AssetId {
        let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_lowercase();
        let speaks =
            |asset: &&Asset| matches!(asset.kind, AssetKind::Model | AssetKind::Endpoint | AssetKind::Agent);
        let known = self.discovered.assets.iter().filter(speaks);
        let exact = known.clone().find(|asset| asset.name.eq_ignore_ascii_case(model));
        let mut by_last = known.filter(|asset| last(&asset.name) == last(model));
        let found = exact.or_else(|| by_last.next().filter(|_| by_last.next().is_none()));
        if let Some(asset) = found {
            return asset.id.clone();
        }
        let asset = Asset::new(
            AssetKind::Model,
            "model",
            Layer::FoundationModels,
            model,
            Confidence::Declared,
            Locator::file(import),
        )
        .with("source", format!("named by {engine}"));
        let id = asset.id.clone();
        if !assets.iter().any(|known| known.id == id) {
            assets.push(asset);
        }
        id
    }
}

/// Whether an asset is a package, by name as its ecosystem compares names.
pub(super) fn is_package(asset: &AssetId, package: &Package) -> bool {
    let Some((ecosystem, name)) =
        asset.as_str().strip_prefix("package:").and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let plain = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
    (package.ecosystem.is_empty() || package.ecosystem == ecosystem) && plain(name) == plain(&package.name)
}
