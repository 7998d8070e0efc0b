//! Container builds: the image they make, and what it starts from.

use vauban_domain::{Asset, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;

use super::{Collector, Seen};

/// The image that a Dockerfile builds, with its base images.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Dockerfile(file) = &seen.parsed.facts else { return };
    let user = file.final_user().map_or_else(|| "root".to_owned(), |user| file.substitute(&user.arguments));
    let id = collector.file_asset(
        AssetKind::Infrastructure,
        "container_image",
        Layer::Deployment,
        &[("format", "dockerfile"), ("user", &user)],
    );
    for stage in file.stages.iter().filter(|stage| stage.parent.is_none() && stage.image != "scratch") {
        if stage.image.is_empty() {
            continue;
        }
        let locator = seen.locator().at_line(stage.line);
        let base = collector.asset(
            Asset::new(
                AssetKind::Infrastructure,
                "container_image",
                Layer::Deployment,
                &format!("image/{}", stage.image),
                Confidence::Inferred,
                locator.clone(),
            )
            .with("image", stage.image.clone()),
        );
        collector.relation(Relation::new(
            id.clone(),
            RelationKind::DerivedFrom,
            base,
            Confidence::Verified,
            locator,
        ));
    }
    for copy in file.with_keyword("COPY").chain(file.with_keyword("ADD")) {
        let words = copy.words();
        for source in words.iter().take(words.len().saturating_sub(1)).filter(|word| !word.contains("://")) {
            collector.link(&id, RelationKind::Reads, source, seen.locator().at_line(copy.line));
        }
    }
}
