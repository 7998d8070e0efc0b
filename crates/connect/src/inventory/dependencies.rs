//! Requirements, manifests, locks and installed packages: the packages they name.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::lock::{Lock, LockedPackage};
use vauban_formats::manifest::{self, Manifest};
use vauban_formats::requirements::Requirement;
use vauban_formats::{Ecosystem, Facts};

use super::{Collector, Seen, identity};

/// Relations between the packages of one lock; what is beyond can still be seen in the lock.
const RELATIONS: usize = 20_000;

/// Maps a file that names packages.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    match &seen.parsed.facts {
        Facts::Requirements(file) => {
            let home = home("requirements", collector);
            requirements(seen, &home, &file.requirements, collector);
        }
        Facts::Manifest(manifest) => of_manifest(seen, manifest, collector),
        Facts::Python(python) if seen.file_name() == "setup.py" => {
            if let Some(manifest) = manifest::of_setup_py(python) {
                of_manifest(seen, &manifest, collector);
            }
        }
        Facts::Lock(lock) if lock.installed => installed(seen, lock, collector),
        // `go.sum` also holds versions that were only looked at; `go.mod` says what is built.
        Facts::Lock(lock) if lock.format == "go-sum" => {
            home(lock.format, collector);
        }
        Facts::Lock(lock) => of_lock(seen, lock, collector),
        Facts::Installer(installer) => {
            let attributes = [("format", installer.format), ("role", "package installer settings")];
            collector.file_asset(AssetKind::Pipeline, "ci_pipeline", Layer::Deployment, &attributes);
        }
        _ if seen.path.ends_with(".dist-info/RECORD") => record(seen, collector),
        _ => {}
    }
}

/// The file as part of what builds and deploys.
fn home(format: &str, collector: &mut Collector) -> AssetId {
    let attributes = [("format", format), ("role", "dependencies")];
    collector.file_asset(AssetKind::Pipeline, "ci_pipeline", Layer::Deployment, &attributes)
}

fn of_manifest(seen: &Seen<'_>, manifest: &Manifest, collector: &mut Collector) {
    let known = [("project", &manifest.name), ("version", &manifest.version), ("licence", &manifest.licence)];
    let attributes: Vec<(&str, &str)> = [("format", manifest.format), ("role", "dependencies")]
        .into_iter()
        .chain(known.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?))))
        .collect();
    let home = collector.file_asset(AssetKind::Pipeline, "ci_pipeline", Layer::Deployment, &attributes);
    requirements(seen, &home, &manifest.requirements, collector);
}

fn requirements(seen: &Seen<'_>, home: &AssetId, requirements: &[Requirement], collector: &mut Collector) {
    let named = requirements.iter().filter(|requirement| !requirement.name.is_empty());
    for requirement in named.filter(|requirement| !requirement.editable) {
        let locator = seen.locator().at_line(requirement.line).at_key(requirement.name.clone());
        let version = requirement.exact_version();
        let mut asset =
            identity::package(requirement.ecosystem.as_str(), &requirement.name, version, locator.clone());
        if let Some(url) = &requirement.url {
            if url.starts_with(['.', '/', '~']) || url.starts_with("file:") || url.starts_with("link:") {
                continue;
            }
            asset = asset.with("source", "direct");
        }
        let dependency = if requirement.transitive { "transitive" } else { "direct" };
        let specifier = (!requirement.specifier.is_empty()).then_some(requirement.specifier.as_str());
        depends(home, collector, asset, version, dependency, requirement.development, specifier, locator);
    }
}

#[allow(clippy::too_many_arguments, reason = "each is one fact of the relation")]
fn depends(
    home: &AssetId,
    collector: &mut Collector,
    asset: Asset,
    version: Option<&str>,
    dependency: &str,
    development: bool,
    specifier: Option<&str>,
    locator: Locator,
) {
    let asset = asset.with("dependency", dependency).with("development", development.to_string());
    let id = collector.asset(asset);
    let mut relation =
        Relation::new(home.clone(), RelationKind::DependsOn, id, Confidence::Declared, locator);
    let attributes = &mut relation.attributes;
    attributes.insert("dependency".to_owned(), dependency.to_owned());
    attributes.insert("development".to_owned(), development.to_string());
    for (key, value) in [("version", version), ("specifier", specifier)] {
        if let Some(value) = value {
            attributes.insert(key.to_owned(), value.to_owned());
        }
    }
    collector.relation(relation);
}

/// The asset of a locked package.
fn package(package: &LockedPackage, locator: Locator) -> Asset {
    let version = Some(package.version.as_str()).filter(|version| !version.is_empty());
    let mut asset = identity::package(package.ecosystem.as_str(), &package.name, version, locator);
    asset = asset.with("source", package.source.as_str());
    if let Some(licence) = &package.licence {
        asset = asset.with("licence", licence.clone());
    }
    if package.install_script {
        asset = asset.with("install-script", "true");
    }
    asset
}

fn of_lock(seen: &Seen<'_>, lock: &Lock, collector: &mut Collector) {
    let home = home(lock.format, collector);
    let named = || lock.strangers().filter(|package| !package.name.is_empty());
    let mut known: std::collections::BTreeSet<(Ecosystem, &str)> = std::collections::BTreeSet::new();
    for entry in named() {
        known.insert((entry.ecosystem, &entry.name));
        let locator = seen.locator().at_line(entry.line).at_key(entry.name.clone());
        let version = Some(entry.version.as_str()).filter(|version| !version.is_empty());
        let dependency = match entry.direct {
            Some(true) => "direct",
            Some(false) => "transitive",
            None => "locked",
        };
        let asset = package(entry, locator.clone());
        depends(&home, collector, asset, version, dependency, entry.development, None, locator);
    }
    let mut relations = 0;
    for entry in named() {
        for need in entry.dependencies.iter().filter(|need| known.contains(&(entry.ecosystem, need.as_str())))
        {
            relations += 1;
            if relations > RELATIONS {
                return;
            }
            // Which version is said by the relation between the lock and the package.
            let id = |name: &str| AssetId::new(AssetKind::Package, &format!("{}/{name}", entry.ecosystem));
            let locator = seen.locator().at_line(entry.line).at_key(entry.name.clone());
            collector.relation(Relation::new(
                id(&entry.name),
                RelationKind::DependsOn,
                id(need),
                Confidence::Declared,
                locator,
            ));
        }
    }
}

/// A package that is there, in the environment that its folder is.
fn installed(seen: &Seen<'_>, lock: &Lock, collector: &mut Collector) {
    let Some(entry) = lock.packages.first() else { return };
    let locator = seen.locator().at_line(entry.line).at_key(entry.name.clone());
    let mut asset = package(entry, locator.clone()).with("installed", "true");
    asset.attributes.remove("source");
    asset.confidence = Confidence::Verified;
    let id = collector.asset(asset);
    collector.home(&id);
    let environment = environment(seen.path);
    let environment = collector.asset(
        Asset::new(
            AssetKind::Infrastructure,
            "container_image",
            Layer::Deployment,
            &format!("environment/{environment}"),
            Confidence::Verified,
            Locator::file(environment),
        )
        .with("role", "installed packages"),
    );
    let mut relation = Relation::new(environment, RelationKind::DependsOn, id, Confidence::Verified, locator);
    relation.attributes.insert("version".to_owned(), entry.version.clone());
    collector.relation(relation);
}

/// The folder that packages are installed in: `…/site-packages`, `…/node_modules`.
fn environment(path: &str) -> &str {
    for folder in ["node_modules/", "site-packages/", "dist-packages/"] {
        if let Some(at) = path.find(folder) {
            return path.get(..at + folder.len() - 1).unwrap_or(path);
        }
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.rsplit_once('/').map_or(".", |(above, _)| above)
}

/// The list of files that an installer wrote down, which makes what is installed verifiable.
fn record(seen: &Seen<'_>, collector: &mut Collector) {
    let folder = seen.path.rsplit('/').nth(1).unwrap_or_default();
    let Some((name, version)) = folder.strip_suffix(".dist-info").and_then(|stem| stem.split_once('-'))
    else {
        return;
    };
    let name = Ecosystem::PyPi.normalise(name);
    let mut asset = identity::package("pypi", &name, Some(version), seen.locator()).with("record", "present");
    asset.confidence = Confidence::Verified;
    let id = collector.asset(asset);
    collector.home(&id);
}

#[cfg(test)]
mod tests {
    use vauban_formats::{Budget, Input};

    use super::*;
    use crate::inventory::Estate;

    fn estate(files: &[(&str, &str)]) -> Estate {
        let budget = Budget::default();
        let collectors = files.iter().map(|(path, text)| {
            let parsed = vauban_formats::parse(&Input::new(path, text.as_bytes(), &budget));
            let size = text.len() as u64;
            crate::inventory::map(&Seen { path, size, digest: None, parsed: &parsed })
        });
        Estate::merge(collectors.collect(), &[], "test")
    }

    #[test]
    fn one_package_in_two_files_is_one_asset_with_both_versions() {
        let estate = estate(&[
            ("a/requirements.txt", "Torch==2.4.0\n"),
            (
                "b/uv.lock",
                "[[package]]\nname = \"torch\"\nversion = \"2.5.1\"\nsource = { registry = \"x\" }\n",
            ),
            ("c/pyproject.toml", "[project]\ndependencies = [\"torch>=2\"]\n"),
        ]);
        let packages: Vec<_> =
            estate.assets.iter().filter(|asset| asset.kind == AssetKind::Package).collect();
        assert_eq!(packages.len(), 1);
        assert_eq!(packages[0].attribute("version"), Some("2.4.0, 2.5.1"));
        assert_eq!(packages[0].attribute("dependency"), Some("direct"));
        let versions: Vec<_> =
            estate.relations.iter().map(|relation| relation.attributes.get("version").cloned()).collect();
        assert_eq!(versions, [Some("2.4.0".to_owned()), Some("2.5.1".to_owned()), None]);
    }

    #[test]
    fn two_versions_in_one_lock_stay_on_the_relation() {
        let estate = estate(&[(
            "package-lock.json",
            "{\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"^2\"}},\n\
             \"node_modules/a\": {\"version\": \"2.0.0\", \"resolved\": \"https://registry.npmjs.org/a/-/a-2.0.0.tgz\", \"dependencies\": {\"b\": \"1\"}},\n\
             \"node_modules/b\": {\"version\": \"1.0.0\", \"resolved\": \"https://registry.npmjs.org/b/-/b-1.0.0.tgz\"},\n\
             \"node_modules/b/node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://registry.npmjs.org/a/-/a-1.0.0.tgz\"}}}",
        )]);
        let of_a = estate.relations.iter().find(|relation| relation.to.to_string() == "package:npm/a");
        let of_a = of_a.map(|relation| (&relation.attributes["version"], relation.locator.line));
        assert_eq!(of_a, Some((&"1.0.0, 2.0.0".to_owned(), Some(2))));
        assert!(estate.relations.iter().any(|r| r.from.to_string() == "package:npm/a"));
    }

    #[test]
    fn an_environment_has_the_packages_that_are_installed_in_it() {
        let estate = estate(&[
            (
                "v/lib/site-packages/Numpy-2.1.0.dist-info/METADATA",
                "Name: numpy\nVersion: 2.1.0\nLicense: BSD-3-Clause\n\nLong\n",
            ),
            ("v/lib/site-packages/Numpy-2.1.0.dist-info/RECORD", "numpy/__init__.py,sha256=aa,1\n"),
            ("web/node_modules/@s/p/package.json", "{\"name\": \"@s/p\", \"version\": \"1.0.0\"}"),
        ]);
        let numpy = estate.assets.iter().find(|asset| asset.id.to_string() == "package:pypi/numpy");
        let numpy =
            numpy.map(|asset| (asset.attribute("record"), asset.attribute("licence"), asset.confidence));
        assert_eq!(numpy, Some((Some("present"), Some("BSD-3-Clause"), Confidence::Verified)));
        let from: Vec<_> = estate.relations.iter().map(|relation| relation.from.to_string()).collect();
        assert_eq!(
            from,
            ["infrastructure:environment/v/lib/site-packages", "infrastructure:environment/web/node_modules"]
        );
    }
}
