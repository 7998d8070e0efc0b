//! Attacks the models that the owner permits, and nothing else.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use vauban_attacks::rules::{Thresholds, findings};
use vauban_attacks::{OnnxTarget, Samples, Scope, load, suite};
use vauban_connect::Content;
use vauban_domain::{
    Asset, AssetId, AssetKind, Confidence, Declaration, Finding, Layer, Limit, Locator, Measurement, Outcome,
    TestScope, Verdict,
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
}

/// Runs the standard attacks on every model with a declared test, one after the other; each uses all cores.
///
/// A model that cannot be attacked leaves failed outcomes for every attack rule, and a limit that says why.
pub(crate) fn attack(
    root: &Path,
    discovered: &Discovered,
    declaration: &Declaration,
    progress: &dyn Progress,
) -> Attacked {
    let mut attacked = Attacked::default();
    for test in &declaration.tests {
        let asset = asset_of(discovered, test);
        let id = asset.id.clone();
        if find(&discovered.assets, &id).is_none() {
            attacked.assets.push(asset);
        }
        match prepare(root, &id, test).and_then(|ready| run(ready, progress, &mut attacked)) {
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
    let (inputs, labels) = (open(&test.inputs)?, open(&test.labels)?);
    let samples = samples(&inputs, &labels)
        .with_context(|| format!("`{}` and `{}` are no samples", test.inputs, test.labels))?;
    Ok(Ready { asset: asset.clone(), target, samples, scope: test.clone() })
}

/// Inputs and labels out of two NPY files.
pub(crate) fn samples(inputs: &[u8], labels: &[u8]) -> anyhow::Result<Samples> {
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

fn run(ready: Ready, progress: &dyn Progress, attacked: &mut Attacked) -> anyhow::Result<Ready> {
    let test = &ready.scope;
    let scope = Scope {
        eps: test.eps as f32,
        samples: test.samples as usize,
        queries: test.queries,
        seed: test.seed,
    };
    let report = |step: vauban_attacks::Progress| {
        progress.begin(&format!("attack {} {}/{} {}", test.model, step.done + 1, step.total, step.attack), 0);
    };
    let result = suite(&ready.asset, ready.target.access(), &ready.samples, &scope, &report)?;
    let thresholds = Thresholds::new(test.minimum_robust_accuracy, Locator::file(&test.model));
    let (found, looked) = findings(&ready.asset, &result.measurements, &thresholds);
    attacked.findings.extend(found);
    attacked.outcomes.extend(looked);
    for (attack, why) in &result.skipped {
        attacked
            .limits
            .push(Limit { place: test.model.clone(), what: format!("{attack} was not run: {why}") });
    }
    attacked.measurements.extend(result.measurements);
    Ok(ready)
}
