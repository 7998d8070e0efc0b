//! Models in files, ready to be attacked: networks and ensembles of trees.

use anyhow::{Context, bail, ensure};
use vauban_attacks::certify::BoundedNetwork;
use vauban_attacks::target::{Access, Bounds};
use vauban_attacks::trees::{self, TreeTarget};
use vauban_attacks::{OnnxTarget, Proof, Samples, load};
use vauban_formats::{Budget, Input, Limits, lightgbm, onnx, sklearn_trees, xgboost};

/// A model in a file.
pub(crate) struct Model {
    target: Target,
    /// The same model in a form about which something can be proven, or why there is none.
    provable: Result<Provable, String>,
}

enum Target {
    Network(Box<OnnxTarget>),
    Trees(TreeTarget),
}

enum Provable {
    Network(Box<BoundedNetwork>),
    Trees(TreeTarget),
}

impl Model {
    /// The model in `bytes`, told by its content: ONNX, XGBoost as JSON, LightGBM as text or JSON, scikit-learn's trees as
    /// JSON. Inputs lie in the box of the samples.
    ///
    /// What can be proven is looked for only where it is `provable`: writing a network out as matrices costs more than
    /// loading it.
    pub(crate) fn read(name: &str, bytes: &[u8], samples: &Samples, provable: bool) -> anyhow::Result<Self> {
        let bounds = bounds(samples);
        let start = bytes.trim_ascii_start();
        if start.starts_with(b"{") || start.starts_with(b"tree") {
            let target = read_trees(name, bytes, start)?.with_width(samples.width()).with_bounds(bounds);
            return Ok(Self { provable: Ok(Provable::Trees(target.clone())), target: Target::Trees(target) });
        }
        let (facts, _) = onnx::parse(bytes, &Limits::default());
        let target = load(&facts, bytes)
            .with_context(|| format!("`{name}` cannot be attacked as it is"))?
            .with_bounds(bounds);
        if !provable {
            let provable = Err("it was not looked for".to_owned());
            return Ok(Self { target: Target::Network(Box::new(target)), provable });
        }
        let provable = match trees::from_onnx(&facts, bytes) {
            Ok(trees) => Ok(Provable::Trees(trees.with_width(samples.width()).with_bounds(bounds))),
            Err(no_trees) => match BoundedNetwork::new(&target) {
                Ok(network) => Ok(Provable::Network(Box::new(network))),
                Err(no_network) => Err(format!("{no_network}; {no_trees}")),
            },
        };
        Ok(Self { target: Target::Network(Box::new(target)), provable })
    }

    /// The model with the strongest access it allows.
    pub(crate) fn access(&self) -> Access<'_> {
        match &self.target {
            Target::Network(network) => network.access(),
            Target::Trees(trees) => Access::Scores(trees),
        }
    }

    /// What can be proven about it.
    ///
    /// # Errors
    /// Why nothing can.
    pub(crate) fn proof(&self) -> Result<Proof<'_>, &str> {
        match &self.provable {
            Ok(Provable::Network(network)) => Ok(Proof::Network(network)),
            Ok(Provable::Trees(trees)) => Ok(Proof::Trees(trees)),
            Err(why) => Err(why),
        }
    }
}

/// The box that inputs lie in: from 0 to 1 where all of them do, else what the data spans.
fn bounds(samples: &Samples) -> Bounds {
    let span = samples.inputs.iter().fold((0.0_f32, 1.0_f32), |(low, high), x| (low.min(*x), high.max(*x)));
    Bounds { low: span.0, high: span.1 }
}

/// An ensemble of trees from the format that the content shows.
fn read_trees(name: &str, bytes: &[u8], start: &[u8]) -> anyhow::Result<TreeTarget> {
    let budget = Budget::new(Limits::default());
    let input = Input::new(name, bytes, &budget);
    let holds = |word: &str| start.windows(word.len()).take(1 << 16).any(|window| window == word.as_bytes());
    // In UBJSON, as XGBoost writes it, no quote or space follows the brace. XGBoost writes a `tree_info`, too.
    let is_ubjson =
        start.first() == Some(&b'{') && start.get(1).is_some_and(|byte| !b" \t\r\n\"}".contains(byte));
    if is_ubjson || holds("\"learner\"") {
        let (model, defects) = xgboost::read_trees(&input);
        whole(name, &defects)?;
        return Ok(trees::from_xgboost(&model)?);
    }
    if start.starts_with(b"tree") || holds("\"tree_info\"") {
        let (model, defects) = lightgbm::read_trees(&input);
        whole(name, &defects)?;
        return Ok(trees::from_lightgbm(&model)?);
    }
    if holds("\"trees\"") {
        let (model, defects) = sklearn_trees::read_trees(&input);
        whole(name, &defects)?;
        return Ok(trees::from_sklearn(&model)?);
    }
    bail!("`{name}` is JSON or text, but no model of XGBoost, LightGBM or scikit-learn's trees");
}

/// A broken file must not be attacked as if it were whole.
fn whole(name: &str, defects: &[vauban_formats::Defect]) -> anyhow::Result<()> {
    let first = defects.first().map(|defect| defect.detail.clone()).unwrap_or_default();
    ensure!(defects.is_empty(), "`{name}` is not whole: {first}");
    Ok(())
}
