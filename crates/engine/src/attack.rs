//! Attacks the models that the owner permits, and nothing else.

use std::path::Path;

use anyhow::{Context, ensure};
use vauban_attacks::compare::{self, compare};
use vauban_attacks::evasion::Norm;
use vauban_attacks::rules::{Thresholds, findings};
use vauban_attacks::target::Access;
use vauban_attacks::{Proof, Samples, Scope, Suite, SuiteResult, evaluate};
use vauban_connect::Content;
use vauban_domain::{
    Asset, AssetId, AssetKind, Confidence, Declaration, Finding, Layer, Limit, Locator, Measurement, Outcome,
    SampleOutcome, TestScope, Verdict,
};

use crate::Progress;
use crate::beyond;
use crate::data::{self, Place};
use crate::discover::{Discovered, find};
use crate::model::Model;

/// A model that is loaded and may be attacked.
pub(crate) struct Ready {
    /// The model.
    pub(crate) asset: AssetId,
    /// The model itself.
    pub(crate) model: Model,
    /// What to attack it with.
    pub(crate) samples: Samples,
    /// What is permitted.
    pub(crate) scope: TestScope,
}

impl Ready {
    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            asset: &self.asset,
            target: self.model.access(),
            proof: self.model.proof(),
            samples: &self.samples,
            test: &self.scope,
        }
    }
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
    /// The model.
    pub asset: AssetId,
    /// Its path.
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
    for test in declaration.tests.iter().filter(|test| test.served.is_empty()) {
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
    // A wrong name must not cost the run that comes before the exercise.
    crate::exercise::attacks(test).map_err(anyhow::Error::msg)?;
    let samples = data::samples(root, Place::of(test), data::schema(root, &test.schema)?.as_ref())?;
    let model = Model::read(&test.model, &open(&test.model)?, &samples, suite(test).proves(&test.attacks))?;
    Ok(Ready { asset: asset.clone(), model, samples, scope: test.clone() })
}

/// What is attacked, and with what.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) asset: &'a AssetId,
    pub(crate) target: Access<'a>,
    /// How something can be proven about it, or why nothing can.
    pub(crate) proof: Result<Proof<'a>, &'a str>,
    pub(crate) samples: &'a Samples,
    pub(crate) test: &'a TestScope,
}

fn run(
    root: &Path,
    ready: Ready,
    previous: &[SampleOutcome],
    progress: &dyn Progress,
    attacked: &mut Attacked,
) -> anyhow::Result<Ready> {
    measure(root, &ready.subject(), previous, progress, attacked)?;
    Ok(ready)
}

/// Evaluates one target, in a file or served, and judges what is measured.
pub(crate) fn measure(
    root: &Path,
    subject: &Subject<'_>,
    previous: &[SampleOutcome],
    progress: &dyn Progress,
    attacked: &mut Attacked,
) -> anyhow::Result<()> {
    let test = subject.test;
    let scope = scope(root, test)?;
    let mut result = attempt(subject, &test.model, &scope, progress)?;
    if let Some(compared) = regression(root, subject, &scope, &result, previous, progress)? {
        result.measurements.push(compared);
    }
    result.measurements.extend(beyond::measure(root, subject, progress)?);
    let mut thresholds = Thresholds::new(test.minimum_robust_accuracy, Locator::file(&test.model));
    thresholds.fidelity = test.copy_fidelity;
    thresholds.membership = test.membership_area;
    let (found, looked) = findings(subject.asset, &result.measurements, &thresholds);
    attacked.findings.extend(found);
    attacked.outcomes.extend(looked);
    for (attack, why) in &result.skipped {
        attacked
            .limits
            .push(Limit { place: test.model.clone(), what: format!("{attack} was not run: {why}") });
    }
    attacked.examples.push(examples(subject, &result));
    attacked.measurements.extend(result.measurements);
    Ok(())
}

/// What the owner permits, as the attacks take it.
fn scope(root: &Path, test: &TestScope) -> anyhow::Result<Scope> {
    let groups = if test.groups.is_empty() { Vec::new() } else { data::groups(root, &test.groups)? };
    Ok(Scope {
        norm: norm(&test.norm),
        suite: suite(test),
        attacks: test.attacks.clone(),
        groups,
        reproduce: reproduce(test),
        ..Scope::quick(test.eps as f32, test.samples as usize, test.queries, test.seed)
    })
}

/// The suite that the owner names.
fn suite(test: &TestScope) -> Suite {
    Suite::named(&test.suite).unwrap_or_default()
}

/// The norm of this name, as the declaration spells it.
pub(crate) fn norm(name: &str) -> Norm {
    match name {
        "l2" => Norm::L2,
        "l1" => Norm::L1,
        _ => Norm::Linf,
    }
}

/// The command that does the same again.
pub(crate) fn reproduce(test: &TestScope) -> String {
    let quoted = |path: &str| {
        let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-:".contains(c));
        if plain { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
    };
    let mut command = format!("vauban attack {} --inputs {}", quoted(&test.model), quoted(&test.inputs));
    let paths = [
        ("labels", &test.labels),
        ("label-column", &test.label_column),
        ("groups", &test.groups),
        ("schema", &test.schema),
        ("train-inputs", &test.train_inputs),
        ("train-labels", &test.train_labels),
    ];
    for (option, value) in paths.into_iter().filter(|(_, value)| !value.is_empty()) {
        command.push_str(&format!(" --{option} {}", quoted(value)));
    }
    command.push_str(&format!(
        " --norm {} --eps {} --suite {} --samples {} --queries {} --seed {}",
        test.norm, test.eps, test.suite, test.samples, test.queries, test.seed,
    ));
    test.hidden_columns
        .iter()
        .for_each(|column| command.push_str(&format!(" --hidden-column {}", quoted(column))));
    if test.smoothing > 0.0 {
        command.push_str(&format!(" --smoothing {}", test.smoothing));
    }
    test.attacks.iter().for_each(|attack| command.push_str(&format!(" --attack {attack}")));
    command
}

fn attempt(
    subject: &Subject<'_>,
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
    Ok(evaluate(subject.asset, subject.target, subject.proof, subject.samples, scope, &report)?)
}

/// The new version against the last one: its saved samples, or the model attacked in the same way.
fn regression(
    root: &Path,
    subject: &Subject<'_>,
    scope: &Scope,
    now: &SuiteResult,
    previous: &[SampleOutcome],
    progress: &dyn Progress,
) -> anyhow::Result<Option<Measurement>> {
    let test = subject.test;
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
        let last = prepare(root, subject.asset, &last)?;
        let result = attempt(&last.subject(), &test.against, scope, progress)?;
        (worst(&result).map(|measured| measured.samples).unwrap_or_default(), test.against.as_str())
    };
    let compared = compare(&before, &new.samples);
    ensure!(
        compared.pairs > 0,
        "none of the {} samples attacked was attacked in the last version; give both the same inputs",
        new.samples.len()
    );
    Ok(Some(compare::measurement(subject.asset, &compared, against, &new)))
}

/// The examples inside the ball.
fn examples(subject: &Subject<'_>, result: &SuiteResult) -> Examples {
    let standing = &result.standing;
    let mut examples = Examples {
        asset: subject.asset.clone(),
        model: subject.test.model.clone(),
        shape: subject.samples.shape.iter().skip(1).copied().collect(),
        rows: Vec::new(),
        elements: Vec::new(),
        labels: Vec::new(),
    };
    for (row, broken) in standing.broken_by.iter().enumerate() {
        if let (Some(_), Some(example)) = (broken, &standing.closest[row]) {
            examples.rows.push(row);
            examples.elements.extend(&example.elements);
            examples.labels.push(subject.samples.labels[row]);
        }
    }
    examples
}
