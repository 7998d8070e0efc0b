//! Decides a property of a network that someone wrote down in VNNLIB.

use std::path::Path;

use anyhow::{Context, ensure};
use vauban_attacks::certify::vnnlib::{Verdict, decide};
use vauban_attacks::load;
use vauban_connect::Content;
use vauban_formats::{Budget, Input, Limits, onnx, vnnlib};

/// What is known about the property: `unsat` (no input of its box has it), `sat` with an input that has it, or `unknown`.
///
/// # Errors
/// When model or property cannot be read, or the property is about other numbers than the model's inputs and outputs.
pub fn decide_property(model: &Path, property: &Path, seed: u64) -> anyhow::Result<Verdict> {
    let open = |path: &Path| Content::open(path).with_context(|| format!("cannot read `{}`", path.display()));
    let bytes = open(model)?;
    let (facts, _) = onnx::parse(&bytes, &Limits::default());
    let target =
        load(&facts, &bytes).with_context(|| format!("`{}` cannot be decided about", model.display()))?;
    let text = open(property)?;
    let name = property.to_string_lossy();
    let budget = Budget::new(Limits::default());
    let (stated, defects) = vnnlib::read(&Input::new(&name, &text, &budget));
    let first = defects.first().map(|defect| defect.detail.clone()).unwrap_or_default();
    ensure!(defects.is_empty(), "`{name}` is no property that is understood: {first}");
    Ok(decide(&target, &stated, seed)?)
}
