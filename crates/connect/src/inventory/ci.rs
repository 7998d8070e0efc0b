//! Continuous integration: the pipeline, what it deploys or publishes, the images it runs in.

use std::collections::BTreeSet;

use vauban_domain::{Asset, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;

use super::{Collector, Seen};

/// Words of commands and actions, and what a pipeline with them does to models.
const DOES: &[(&str, &str)] = &[
    ("azureml/", "deploys models"),
    ("az ml ", "deploys models"),
    ("bentoml push", "publishes models"),
    ("claude-code-action", "runs an agent"),
    ("claude-code-base-action", "runs an agent"),
    ("codex-action", "runs an agent"),
    ("docker push", "publishes images"),
    ("docker/build-push-action", "publishes images"),
    ("dvc pull", "moves data"),
    ("dvc push", "moves data"),
    ("dvc repro", "trains models"),
    ("gcloud ai ", "deploys models"),
    ("gemini-cli", "runs an agent"),
    ("hf upload", "publishes models"),
    ("huggingface-cli upload", "publishes models"),
    ("kubectl apply", "deploys"),
    ("helm upgrade", "deploys"),
    ("mlflow ", "registers models"),
    ("aws sagemaker", "deploys models"),
    ("python train", "trains models"),
    ("twine upload", "publishes packages"),
    ("pypa/gh-action-pypi-publish", "publishes packages"),
];

/// The pipeline of a file, with its images.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Ci(ci) = &seen.parsed.facts else { return };
    let mut roles: BTreeSet<&str> = BTreeSet::new();
    for step in ci.jobs.iter().flat_map(|job| &job.steps) {
        for text in [&step.run, &step.uses] {
            roles.extend(DOES.iter().filter(|(word, _)| text.contains(word)).map(|(_, role)| *role));
        }
    }
    let triggers: BTreeSet<&str> = ci.triggers.iter().map(|(event, _)| event.as_str()).collect();
    let mut attributes = vec![("format", ci.system.as_str())];
    let (triggers, roles) = (join(triggers), join(roles));
    for (key, value) in [("triggers", &triggers), ("role", &roles)] {
        if !value.is_empty() {
            attributes.push((key, value));
        }
    }
    let id = collector.file_asset(AssetKind::Pipeline, "ci_pipeline", Layer::Deployment, &attributes);
    for (image, line) in ci.jobs.iter().flat_map(|job| &job.images) {
        if image.contains(['$', '{']) {
            continue;
        }
        let locator = seen.locator().at_line(*line);
        let asset = Asset::new(
            AssetKind::Infrastructure,
            "container_image",
            Layer::Deployment,
            &format!("image/{image}"),
            Confidence::Declared,
            locator.clone(),
        )
        .with("image", image.clone());
        let image = collector.asset(asset);
        collector.relation(Relation::new(
            id.clone(),
            RelationKind::RunsOn,
            image,
            Confidence::Declared,
            locator,
        ));
    }
    for step in ci.jobs.iter().flat_map(|job| &job.steps) {
        for word in
            step.run.split_whitespace().filter(|word| word.ends_with(".py") && !word.contains(['$', '*']))
        {
            collector.link(&id, RelationKind::Uses, word, seen.locator().at_line(step.run_line));
        }
    }
}

fn join(words: BTreeSet<&str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}
