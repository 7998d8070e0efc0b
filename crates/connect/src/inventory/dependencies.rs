//! Requirements, project and lock files: the packages they name.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::requirements::Requirement;

use super::{Collector, Seen, identity};

/// Maps a file that names packages.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    match &seen.parsed.facts {
        Facts::Requirements(file) => requirements(seen, &file.requirements, "requirements", collector),
        Facts::PyProject(project) => requirements(seen, &project.requirements, "pyproject", collector),
        Facts::UvLock(lock) => {
            let home = home("lock", collector);
            for package in lock.packages.iter().filter(|package| !package.version.is_empty()) {
                let locator = seen.locator().at_line(package.line).at_key(package.name.clone());
                let asset = identity::package("pypi", &package.name, Some(&package.version), locator.clone())
                    .with("source", package.source.clone());
                depends(&home, collector, asset, locator);
            }
        }
        _ => {}
    }
}

fn requirements(seen: &Seen<'_>, requirements: &[Requirement], format: &str, collector: &mut Collector) {
    let home = home(format, collector);
    for requirement in requirements.iter().filter(|requirement| !requirement.name.is_empty()) {
        let locator = seen.locator().at_line(requirement.line).at_key(requirement.name.clone());
        let mut asset =
            identity::package("pypi", &requirement.name, requirement.exact_version(), locator.clone());
        if requirement.is_direct() {
            asset = asset.with("source", "direct");
        }
        depends(&home, collector, asset, locator);
    }
}

/// The file as part of what builds and deploys.
fn home(format: &str, collector: &mut Collector) -> AssetId {
    let attributes = [("format", format), ("role", "dependencies")];
    collector.file_asset(AssetKind::Pipeline, "ci_pipeline", Layer::Deployment, &attributes)
}

fn depends(home: &AssetId, collector: &mut Collector, asset: Asset, locator: Locator) {
    let id = collector.asset(asset);
    collector.relation(Relation::new(
        home.clone(),
        RelationKind::DependsOn,
        id,
        Confidence::Declared,
        locator,
    ));
}
