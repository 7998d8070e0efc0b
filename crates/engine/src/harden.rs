//! Hardens one model, or tries controls in front of it, and says what that gave.

mod json;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use sha2::{Digest as _, Sha256};
use vauban_attacks::defence::{ControlTrial, candidates, trial};
use vauban_attacks::evasion::Terms;
use vauban_attacks::harden::{Card, Method, Rated, Recipe, Version, evaluate};
use vauban_attacks::{Samples, load};
use vauban_connect::Content;
use vauban_formats::onnx::Onnx;
use vauban_formats::{Limits, onnx};

use crate::Progress;

/// What to harden, with what, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct HardenRequest {
    /// The model, ONNX.
    pub model: PathBuf,
    /// Inputs to train on (or to calibrate controls with): NPY, samples first.
    pub inputs: PathBuf,
    /// Their labels: NPY, integers.
    pub labels: PathBuf,
    /// Inputs to judge with, which the training does not see.
    pub eval_inputs: PathBuf,
    /// Their labels.
    pub eval_labels: PathBuf,
    /// `standard`, `pgd`, `trades`, `fast`, `noise` or `ibp`.
    pub method: String,
    /// Largest change of an element, in training and in judging; standard deviation for `noise`.
    pub eps: f32,
    /// Steps of `pgd` and `trades`.
    pub steps: u32,
    /// Weight of closeness in `trades`.
    pub beta: f32,
    /// Passes over the training data.
    pub epochs: u32,
    /// Rate at the start.
    pub rate: f32,
    /// Samples per step.
    pub batch: usize,
    /// Samples to judge with, at most.
    pub samples: usize,
    /// Queries per sample and attack.
    pub queries: u32,
    /// Seed.
    pub seed: u64,
}

/// A hardened model and its card.
#[derive(Debug, Clone, PartialEq)]
pub struct HardenedModel {
    /// The ONNX file.
    pub model: Vec<u8>,
    /// The card as JSON.
    pub json: String,
    /// The card as Markdown.
    pub markdown: String,
}

/// The files of a request, read.
struct Ready {
    bytes: Vec<u8>,
    onnx: Onnx,
    train: Samples,
    judged: Samples,
    training_data: String,
    judged_data: String,
    notes: Vec<String>,
}

fn method(request: &HardenRequest) -> anyhow::Result<Method> {
    let eps = request.eps;
    // A quarter of the ball per step crosses it in the usual seven, with some to spare.
    let (steps, step) = (request.steps, eps / 4.0);
    Ok(match request.method.as_str() {
        "standard" => Method::Standard,
        "pgd" => Method::Pgd { eps, steps, step },
        "trades" => Method::Trades { eps, steps, step, beta: request.beta },
        "fast" => Method::Fast { eps, step: 1.25 * eps },
        "noise" => Method::Noise { sigma: eps },
        "ibp" => Method::Ibp { eps },
        other => bail!("unknown method `{other}`; use standard, pgd, trades, fast, noise or ibp"),
    })
}

fn prepare(request: &HardenRequest) -> anyhow::Result<Ready> {
    let open =
        |path: &PathBuf| Content::open(path).with_context(|| format!("cannot read `{}`", path.display()));
    let bytes = open(&request.model)?.to_vec();
    let (onnx, _) = onnx::parse(&bytes, &Limits::default());
    let read = |inputs: &PathBuf, labels: &PathBuf| -> anyhow::Result<(Samples, String)> {
        let (x, y) = (open(inputs)?, open(labels)?);
        let samples = crate::data::read(&x, Some(&y), None, None)
            .with_context(|| format!("`{}` and `{}` are no samples", inputs.display(), labels.display()))?;
        Ok((samples, hex(&[&x, &y])))
    };
    let (train, training_data) = read(&request.inputs, &request.labels)?;
    let (judged, judged_data) = read(&request.eval_inputs, &request.eval_labels)?;
    ensure!(
        training_data != judged_data,
        "the samples to judge with are those to train with; give others with --eval-inputs and --eval-labels"
    );
    let judged = judged.first(request.samples.max(1));
    let mut notes = Vec::new();
    let bits = |row: &[f32]| row.iter().map(|value| value.to_bits()).collect::<Vec<u32>>();
    let known: HashSet<Vec<u32>> = (0..train.len()).map(|row| bits(train.row(row))).collect();
    let both = (0..judged.len()).filter(|row| known.contains(&bits(judged.row(*row)))).count();
    if both > 0 {
        notes.push(format!(
            "{both} of {} samples judged with were trained with too; the accuracy after is flattered",
            judged.len()
        ));
    }
    Ok(Ready { bytes, onnx, train, judged, training_data, judged_data, notes })
}

fn hex(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Trains the model of `request` and judges it before and after.
///
/// # Errors
/// When files cannot be read, do not go together, or the training fails; the message says what to do.
#[expect(clippy::disallowed_methods, reason = "the card states how long the training took")]
pub fn harden(request: &HardenRequest, progress: &dyn Progress) -> anyhow::Result<HardenedModel> {
    let method = method(request)?;
    let ready = prepare(request)?;
    let terms = Terms { eps: request.eps, queries: request.queries, seed: request.seed };
    progress.begin("judge the model as it is", 0);
    let before = evaluate(&ready.onnx, &ready.bytes, &ready.judged, &terms, method)?;

    let recipe = Recipe {
        rate: request.rate,
        batch: request.batch,
        ..Recipe::new(method, request.epochs, request.seed)
    };
    progress.begin("train", u64::from(request.epochs));
    let start = Instant::now();
    let made = vauban_attacks::harden::harden(&ready.onnx, &ready.bytes, &ready.train, &recipe, &mut |_| {
        progress.advance(1);
        true
    })?;
    let seconds = start.elapsed().as_secs_f64();

    progress.begin("judge the hardened model", 0);
    let (onnx, _) = onnx::parse(&made.model, &Limits::default());
    let after = evaluate(&onnx, &made.model, &ready.judged, &terms, method)?;
    let card = Card {
        recipe,
        training_data: ready.training_data,
        samples: made.samples,
        rated: Rated { eps: terms.eps, queries: terms.queries, data: ready.judged_data },
        before: Version { digest: hex(&[&ready.bytes]), evaluation: before },
        after: Version { digest: hex(&[&made.model]), evaluation: after },
        epochs: made.epochs,
        kept: made.kept,
        seconds,
        trained: made.trained,
        notes: [ready.notes, made.notes].concat(),
    };
    Ok(HardenedModel {
        model: made.model,
        json: format!("{:#}\n", json::card(&card)),
        markdown: card.markdown(),
    })
}

/// Tries the usual controls in front of the model of `request`: text for people, and JSON.
///
/// # Errors
/// When files cannot be read or do not go together, or the model fails.
pub fn try_controls(request: &HardenRequest, progress: &dyn Progress) -> anyhow::Result<(String, String)> {
    let ready = prepare(request)?;
    let target = load(&ready.onnx, &ready.bytes)?;
    let terms = Terms { eps: request.eps, queries: request.queries, seed: request.seed };
    let (width, classes) = {
        use vauban_attacks::target::LabelTarget as _;
        (target.width(), target.classes())
    };
    ready.train.check(width, classes)?;
    ready.judged.check(width, classes)?;
    let list = candidates(target.access(), &ready.train, request.queries)?;
    progress.begin("try controls", list.len() as u64);
    let mut trials = Vec::new();
    for defence in &list {
        trials.push(trial(target.access(), defence, &ready.judged, &terms)?);
        progress.advance(1);
    }
    Ok((table(&trials, &ready.notes), format!("{:#}\n", json::trials(&trials))))
}

fn table(trials: &[ControlTrial], notes: &[String]) -> String {
    let mut text = String::from(
        "| control | setting | attacks succeed | accuracy | refused | credit |\n|---|---|---|---|---|---|\n",
    );
    for trial in trials {
        text.push_str(&format!(
            "| {} | {} | {:.3} to {:.3} | {:.3} to {:.3} | {:.3} | {} |\n",
            trial.control,
            trial.setting,
            trial.success.0.value(),
            trial.success.1.value(),
            trial.utility.0.accuracy.value(),
            trial.utility.1.accuracy.value(),
            trial.utility.1.refused.value(),
            trial.credit.text(),
        ));
    }
    notes.iter().for_each(|note| text.push_str(&format!("- {note}\n")));
    text
}
