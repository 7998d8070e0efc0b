//! Attacks the models that the owner permits, and nothing else.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use vauban_attacks::compare::{self, compare};
use vauban_attacks::evasion::Norm;
use vauban_attacks::rules::{Thresholds, findings};
use vauban_attacks::{OnnxTarget, Samples, Scope, Suite, SuiteResult, load, suite};
use vauban_connect::Content;
use vauban_domain::{
    Asset, AssetId, AssetKind, Confidence, Declaration, Finding, Layer, Limit, Locator, Measurement, Outcome,
    SampleOutcome, TestScope, Verdict,
};
use vauban_formats::{Limits, npy, onnx};

use crate::Progress;
use crate::discover::{Discovered, find};

/// A model that is loaded and may be attacked.
pub(crate) struct Ready {
    /// The model.
    pub(crate) asset: AssetId,
    /// Its operators, with derivatives where they have some.
    pub(crate) target: OnnxTarget,
    /// What to attack it with.
    pub(crate) samples: Samples,
    /// What is permitted.
    pub(crate) scope: TestScope,
}

/// What the attacks gave.
#[derive(Default)]
pub(crate) struct Attacked {
    pub(crate) ready: Vec<Ready>,
    pub(crate) measurements: Vec<Measurement>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) limits: Vec<Limit>,
    /// Models that were attacked and that discovery had not seen.
    pub(crate) assets: Vec<Asset>,
    /// The inputs that the models misread.
    pub(crate) examples: Vec<Examples>,
}

/// Inputs found by attacks inside the ball, that the model misreads.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// Path of the model.
    pub model: String,
    /// Extents of one example.
    pub shape: Vec<usize>,
    /// Row numbers of the samples they were made from.
    pub rows: Vec<usize>,
    /// Elements of all examples, in the order of the rows.
    pub elements: Vec<f32>,
    /// True class of each.
    pub labels: Vec<i64>,
}

/// Runs the standard attacks on every model with a declared test, one after the other; each uses all cores.
///
/// A model that cannot be attacked leaves failed outcomes for every attack rule, and a limit that says why.
pub(crate) fn attack(
    root: &Path,
    discovered: &Discovered,
    declaration: &Declaration,
    previous: &[SampleOutcome],
    progress: &dyn Progress,
) -> Attacked {
    let mut attacked = Attacked::default();
    for test in &declaration.tests {
        let asset = asset_of(discovered, test);
        let id = asset.id.clone();
        if find(&discovered.assets, &id).is_none() {
            attacked.assets.push(asset);
        }
        match prepare(root, &id, test).and_then(|ready| run(root, ready, previous, progress, &mut attacked)) {
            Ok(ready) => attacked.ready.push(ready),
            Err(error) => {
                let why = format!("{error:#}");
                for rule in vauban_attacks::rules::RULES {
                    let verdict = Verdict::Failed(why.clone());
                    attacked.outcomes.push(Outcome { rule: rule.id.clone(), asset: id.clone(), verdict });
                }
                attacked
                    .limits
                    .push(Limit { place: test.model.clone(), what: format!("was not attacked: {why}") });
            }
        }
    }
    attacked
}

/// The discovered asset of a test's model, or one made for a model outside the reviewed folder.
fn asset_of(discovered: &Discovered, test: &TestScope) -> Asset {
    let home = discovered.files.iter().find(|file| file.path == test.model).map(|file| &file.home);
    let known = home.and_then(|home| find(&discovered.assets, home));
    known.cloned().unwrap_or_else(|| {
        let name = Path::new(&test.model).file_name().map(|name| name.to_string_lossy().into_owned());
        Asset::new(
            AssetKind::Model,
            "model",
            Layer::FoundationModels,
            name.as_deref().unwrap_or(&test.model),
            Confidence::Verified,
            Locator::file(&test.model),
        )
    })
}

fn prepare(root: &Path, asset: &AssetId, test: &TestScope) -> anyhow::Result<Ready> {
    let open = |path: &str| Content::open(&root.join(path)).with_context(|| format!("cannot read `{path}`"));
    let bytes = open(&test.model)?;
    let (facts, _) = onnx::parse(&bytes, &Limits::default());
    let target =
        load(&facts, &bytes).with_context(|| format!("`{}` cannot be attacked as it is", test.model))?;
    // A wrong name must not cost the run that comes before the exercise.
    crate::exercise::attacks(test).map_err(anyhow::Error::msg)?;
    let (inputs, labels) = (open(&test.inputs)?, open(&test.labels)?);
    let samples = samples(&inputs, &labels)
        .with_context(|| format!("`{}` and `{}` are no samples", test.inputs, test.labels))?;
    Ok(Ready { asset: asset.clone(), target, samples, scope: test.clone() })
}

/// Inputs and labels out of two NPY files.
fn samples(inputs: &[u8], labels: &[u8]) -> anyhow::Result<Samples> {
    let (facts, _) = npy::read(inputs);
    if facts.fortran_order && facts.shape.len() > 1 {
        bail!("the inputs are stored column by column; save them with numpy.ascontiguousarray");
    }
    let shape: Vec<usize> =
        facts.shape.iter().map(|size| usize::try_from(*size)).collect::<Result<_, _>>()?;
    let inputs = npy::values_f32(&facts, inputs)?;
    ensure!(inputs.iter().all(|value| value.is_finite()), "the inputs hold values that are not finite");
    let (facts, _) = npy::read(labels);
    let labels = npy::values(&facts, labels)?.into_iter().map(|label| label as i64).collect();
    Ok(Samples { inputs, shape, labels })
}

fn run(
    root: &Path,
    ready: Ready,
    previous: &[SampleOutcome],
    progress: &dyn Progress,
    attacked: &mut Attacked,
) -> anyhow::Result<Ready> {
    let test = &ready.scope;
    let scope = scope(root, test)?;
    let mut result = evaluate(&ready, &test.model, &scope, progress)?;
    if let Some(compared) = regression(root, &ready, &scope, &result, previous, progress)? {
        result.measurements.push(compared);
    }
    let mut thresholds = Thresholds::new(test.minimum_robust_accuracy, Locator::file(&test.model));
    thresholds.fidelity = test.copy_fidelity;
    let (found, looked) = findings(&ready.asset, &result.measurements, &thresholds);
    attacked.findings.extend(found);
    attacked.outcomes.extend(looked);
    for (attack, why) in &result.skipped {
        attacked
            .limits
            .push(Limit { place: test.model.clone(), what: format!("{attack} was not run: {why}") });
    }
    attacked.examples.push(examples(&ready, &result));
    attacked.measurements.extend(result.measurements);
    Ok(ready)
}

/// What the owner permits, as the attacks take it.
fn scope(root: &Path, test: &TestScope) -> anyhow::Result<Scope> {
    let norm = match test.norm.as_str() {
        "l2" => Norm::L2,
        "l1" => Norm::L1,
        _ => Norm::Linf,
    };
    let groups = if test.groups.is_empty() {
        Vec::new()
    } else {
        let bytes = Content::open(&root.join(&test.groups))
            .with_context(|| format!("cannot read `{}`", test.groups))?;
        let (facts, _) = npy::read(&bytes);
        npy::values(&facts, &bytes)?.into_iter().map(|group| group.to_string()).collect()
    };
    Ok(Scope {
        norm,
        suite: Suite::named(&test.suite).unwrap_or_default(),
        attacks: test.attacks.clone(),
        groups,
        reproduce: reproduce(test),
        ..Scope::quick(test.eps as f32, test.samples as usize, test.queries, test.seed)
    })
}

/// The command that does the same again.
fn reproduce(test: &TestScope) -> String {
    let quoted = |path: &str| {
        let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-:".contains(c));
        if plain { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
    };
    let mut command = format!(
        "vauban attack {} --inputs {} --labels {} --norm {} --eps {} --suite {} --samples {} --queries {} --seed {}",
        quoted(&test.model),
        quoted(&test.inputs),
        quoted(&test.labels),
        test.norm,
        test.eps,
        test.suite,
        test.samples,
        test.queries,
        test.seed,
    );
    test.attacks.iter().for_each(|attack| command.push_str(&format!(" --attack {attack}")));
    command
}

fn evaluate(
    ready: &Ready,
    model: &str,
    scope: &Scope,
    progress: &dyn Progress,
) -> anyhow::Result<SuiteResult> {
    let report = |step: vauban_attacks::Progress| {
        let title = format!(
            "attack {model} {}/{} {}, {} samples hold",
            step.done + 1,
            step.total,
            step.attack,
            step.held
        );
        progress.begin(&title, 0);
    };
    Ok(suite(&ready.asset, ready.target.access(), &ready.samples, scope, &report)?)
}

/// The new version against the last one: its saved samples, or the model attacked in the same way.
fn regression(
    root: &Path,
    ready: &Ready,
    scope: &Scope,
    now: &SuiteResult,
    previous: &[SampleOutcome],
    progress: &dyn Progress,
) -> anyhow::Result<Option<Measurement>> {
    let test = &ready.scope;
    let worst = |result: &SuiteResult| {
        result.measurements.iter().find(|measured| measured.attack == "worst-case").cloned()
    };
    let Some(new) = worst(now) else { return Ok(None) };
    let (before, against) = if !previous.is_empty() {
        (previous.to_vec(), "saved result")
    } else if test.against.is_empty() {
        return Ok(None);
    } else {
        let last = TestScope { model: test.against.clone(), ..test.clone() };
        let last = prepare(root, &ready.asset, &last)?;
        let result = evaluate(&last, &test.against, scope, progress)?;
        (worst(&result).map(|measured| measured.samples).unwrap_or_default(), test.against.as_str())
    };
    let compared = compare(&before, &new.samples);
    ensure!(
        compared.pairs > 0,
        "none of the {} samples attacked was attacked in the last version; give both the same inputs",
        new.samples.len()
    );
    Ok(Some(compare::measurement(&ready.asset, &compared, against, &new)))
}

/// The examples inside the ball.
fn examples(ready: &Ready, result: &SuiteResult) -> Examples {
    let standing = &result.standing;
    let mut examples = Examples {
        model: ready.scope.model.clone(),
        shape: ready.samples.shape.iter().skip(1).copied().collect(),
        rows: Vec::new(),
        elements: Vec::new(),
        labels: Vec::new(),
    };
    for (row, broken) in standing.broken_by.iter().enumerate() {
        if let (Some(_), Some(example)) = (broken, &standing.closest[row]) {
            examples.rows.push(row);
            examples.elements.extend(&example.elements);
            examples.labels.push(ready.samples.labels[row]);
        }
    }
    examples
}
