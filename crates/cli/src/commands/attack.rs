//! `vauban attack`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use vauban_domain::{DeclaredTarget, History, Locator, TestScope};
use vauban_engine::Stages;
use vauban_export::v1::{Document, Part};

use crate::arguments::{AttackArguments, Common};
use crate::bars::Bars;
use crate::{Ended, delivery, gate, present, text};

/// Attacks the declared models, or one model given with its data.
pub(crate) fn run(common: &Common, arguments: &AttackArguments) -> anyhow::Result<Ended> {
    delivery::check_format(&arguments.output.format)?;
    let bars = Bars::new(common.quiet);
    let mut request =
        super::request(&arguments.subject, Some(&arguments.numbers), Stages::ATTACK, present::now(common)?);
    super::serving::apply(common, arguments, &mut request)?;
    request.test = scope(arguments, request.served.as_ref())?;
    let reviewed = vauban_engine::review(&request, &bars)?;
    bars.finish();
    let review = &reviewed.review;
    if review.measurements.is_empty() && review.findings.is_empty() {
        bail!(
            "no model was attacked{}; declare a [[test]] in vauban.toml, or give a model with --inputs and --labels",
            review
                .limits
                .first()
                .map_or_else(String::new, |limit| format!(": {}: {}", limit.place, limit.what))
        );
    }
    let parts = [Part::Assets, Part::Findings, Part::Measurements];
    let history = History::new();
    let document = Document::of(review, &parts, &history);
    delivery::deliver(&document, &arguments.output, text::measurements)?;
    Ok(gate::judge(&review.findings, &history, arguments.fail_on))
}

/// The test that the options describe; `None` when the declared ones are meant.
fn scope(arguments: &AttackArguments, served: Option<&DeclaredTarget>) -> anyhow::Result<Option<TestScope>> {
    let (Some(inputs), Some(labels)) = (&arguments.inputs, &arguments.labels) else {
        if arguments.subject.path.is_file() {
            bail!(
                "`{}` is a model; give --inputs and --labels to attack it with",
                arguments.subject.path.display()
            );
        }
        return Ok(None);
    };
    Ok(Some(TestScope {
        model: match served {
            Some(target) => target.name.clone(),
            None => full(&arguments.subject.path)?,
        },
        served: served.map(|target| target.name.clone()).unwrap_or_default(),
        inputs: full(inputs)?,
        labels: full(labels)?,
        eps: arguments.eps,
        samples: arguments.samples,
        queries: arguments.queries,
        seed: arguments.numbers.seed,
        minimum_robust_accuracy: arguments.minimum_robust_accuracy,
        locator: Locator::file("command line"),
    }))
}

pub(super) fn full(path: &Path) -> anyhow::Result<String> {
    let full: PathBuf =
        std::path::absolute(path).with_context(|| format!("cannot find `{}`", path.display()))?;
    Ok(full.to_string_lossy().into_owned())
}
