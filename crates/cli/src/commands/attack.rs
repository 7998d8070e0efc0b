//! `vauban attack`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use vauban_domain::{DeclaredTarget, History, Locator, SampleOutcome, TestScope};
use vauban_engine::{Examples, PropertyVerdict, Stages};
use vauban_export::v1::{Document, Part};
use vauban_formats::{dataset, npy, tabular_schema};

use crate::arguments::{AttackArguments, Common};
use crate::bars::Bars;
use crate::{Ended, delivery, gate, present, text};

/// Attacks the declared models, or one model given with its data.
pub(crate) fn run(common: &Common, arguments: &AttackArguments) -> anyhow::Result<Ended> {
    if arguments.list {
        delivery::print(text::attacks().as_bytes())?;
        return Ok(Ended::Clean);
    }
    if let Some(property) = &arguments.property {
        let verdict =
            vauban_engine::decide_property(&arguments.subject.path, property, arguments.numbers.seed)?;
        delivery::print(verdict.to_text().as_bytes())?;
        return match verdict {
            PropertyVerdict::Unsat => Ok(Ended::Clean),
            PropertyVerdict::Sat(_) => Ok(Ended::Gated),
            PropertyVerdict::Unknown => {
                bail!("the property was neither shown nor refuted; split it, or make its box smaller")
            }
        };
    }
    if let Some(data) = &arguments.draft_schema {
        delivery::print(draft(data, arguments.label_column.as_deref())?.as_bytes())?;
        return Ok(Ended::Clean);
    }
    delivery::check_format(&arguments.output.format)?;
    let bars = Bars::new(common.quiet);
    let mut request =
        super::request(&arguments.subject, Some(&arguments.numbers), Stages::ATTACK, present::now(common)?);
    super::serving::apply(common, arguments, &mut request)?;
    let (model, saved) = against(arguments)?;
    request.test = scope(arguments, request.served.as_ref(), model)?;
    request.previous = saved;
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
    if let Some(folder) = &arguments.save {
        save(folder, &reviewed.examples)?;
    }
    let parts = [Part::Assets, Part::Findings, Part::Measurements];
    let history = History::new();
    let document = Document::of(review, &parts, &history);
    delivery::deliver(&document, &arguments.output, text::measurements)?;
    let less_robust = review.findings.iter().any(|finding| finding.rule == "model-less-robust-than-before");
    if arguments.gate && less_robust {
        return Ok(Ended::Gated);
    }
    Ok(gate::judge(&review.findings, &history, arguments.fail_on))
}

/// The test that the options describe; `None` when the declared ones are meant.
fn scope(
    arguments: &AttackArguments,
    served: Option<&DeclaredTarget>,
    against: String,
) -> anyhow::Result<Option<TestScope>> {
    let Some(inputs) = &arguments.inputs else {
        if arguments.subject.path.is_file() {
            bail!(
                "`{}` is a model; give --inputs (and --labels) to attack it with",
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
        labels: path(arguments.labels.as_deref())?,
        endpoint: String::new(),
        label_column: arguments.label_column.clone().unwrap_or_default(),
        schema: path(arguments.schema.as_deref())?,
        train_inputs: path(arguments.train_inputs.as_deref())?,
        train_labels: path(arguments.train_labels.as_deref())?,
        hidden_columns: arguments.hidden_column.clone(),
        smoothing: arguments.smoothing,
        norm: arguments.norm.as_str().to_owned(),
        eps: arguments.eps,
        suite: arguments.suite.as_str().to_owned(),
        attacks: arguments.attack.clone(),
        exercise: Vec::new(),
        groups: path(arguments.groups.as_deref())?,
        against,
        samples: arguments.samples,
        queries: arguments.queries,
        seed: arguments.numbers.seed,
        minimum_robust_accuracy: arguments.minimum_robust_accuracy,
        copy_fidelity: 0.9,
        membership_area: 0.6,
        locator: Locator::file("command line"),
    }))
}

/// The full path of an option; empty when it is not given.
fn path(path: Option<&Path>) -> anyhow::Result<String> {
    Ok(path.map(full).transpose()?.unwrap_or_default())
}

pub(super) fn full(path: &Path) -> anyhow::Result<String> {
    let full: PathBuf =
        std::path::absolute(path).with_context(|| format!("cannot find `{}`", path.display()))?;
    Ok(full.to_string_lossy().into_owned())
}

/// The last version: a model to attack in the same way, or the samples of a saved result.
fn against(arguments: &AttackArguments) -> anyhow::Result<(String, Vec<SampleOutcome>)> {
    let Some(path) = &arguments.against else { return Ok((String::new(), Vec::new())) };
    if path.extension().is_none_or(|extension| extension != "json") {
        return Ok((full(path)?, Vec::new()));
    }
    // JSON is a saved result, or a tree model to attack.
    let Ok(document) = super::read_document(path) else { return Ok((full(path)?, Vec::new())) };
    let worst: Vec<_> = document.results().iter().filter(|result| result.attack == "worst-case").collect();
    let [worst] = worst[..] else {
        bail!(
            "`{}` holds {} evaluations, one is needed; save it with `vauban attack MODEL --inputs ... --format json`",
            path.display(),
            worst.len()
        );
    };
    let samples = worst.samples.iter().map(|sample| SampleOutcome {
        index: sample.index,
        hash: sample.hash.clone(),
        held: sample.held,
        broken_by: sample.broken_by.clone().into(),
        distance: sample.distance,
    });
    Ok((String::new(), samples.collect()))
}

/// A first schema of what is in a table.
#[expect(clippy::disallowed_methods, reason = "the user named the file")]
fn draft(data: &Path, label: Option<&str>) -> anyhow::Result<String> {
    let bytes = std::fs::read(data).with_context(|| format!("cannot read `{}`", data.display()))?;
    let table = dataset::samples(&bytes, None, label, None)
        .with_context(|| format!("`{}` is no table of numbers with a column of labels", data.display()))?;
    Ok(tabular_schema::render(&tabular_schema::infer(&table.columns, &table.inputs)))
}

/// Writes what the models misread: the inputs, the rows they were made from, and their true classes.
#[expect(clippy::disallowed_methods, reason = "the user named the folder")]
fn save(folder: &Path, examples: &[Examples]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    for found in examples {
        let stem = Path::new(&found.model)
            .file_stem()
            .map_or_else(|| "model".to_owned(), |stem| stem.to_string_lossy().into_owned());
        let count = found.rows.len();
        let rows: Vec<i64> = found.rows.iter().map(|row| *row as i64).collect();
        let files = [
            ("adversarial", npy::write_f32(&[&[count], &found.shape[..]].concat(), &found.elements)),
            ("rows", npy::write_i64(&[count], &rows)),
            ("labels", npy::write_i64(&[count], &found.labels)),
        ];
        for (what, bytes) in files {
            let path = folder.join(format!("{stem}-{what}.npy"));
            std::fs::write(&path, bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
    }
    Ok(())
}
