//! Properties in VNNLIB: the one of a sample written, and any of them decided by bounds, attack and splits of the input.
//!
//! Bunel et al., "Branch and Bound for Piecewise Linear Neural Network Verification" (JMLR 2020), with splits of the input
//! only; Brix et al., "First Three Years of the International Verification of Neural Networks Competition (VNN-COMP)"
//! (2023), for the formats of properties and results.

use std::fmt::Write as _;

use vauban_formats::vnnlib::{Atom, Variable, Vnnlib};

use super::chain::{Affine, CertifyError};
use super::network::BoundedNetwork;
use super::relax::Bounds;
use super::vnnlib_attack::{Start, attack};
use crate::OnnxTarget;
use crate::evasion::generator;
use crate::target::{self, LabelTarget as _};

/// Values that satisfy a property, as the model was run.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// `X_0`, `X_1` ...
    pub inputs: Vec<f32>,
    /// `Y_0`, `Y_1` ...
    pub outputs: Vec<f32>,
}

/// What was found out about a property.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// No input satisfies it.
    Unsat,
    /// These do; they were run through the model once more, alone, and every atom looked at.
    Sat(Counterexample),
    /// Neither was shown within the effort allowed.
    Unknown,
}

impl Verdict {
    /// The result file of VNN-COMP: the word, and for `sat` the values of all variables.
    pub fn to_text(&self) -> String {
        let example = match self {
            Self::Unsat => return "unsat\n".to_owned(),
            Self::Unknown => return "unknown\n".to_owned(),
            Self::Sat(example) => example,
        };
        // In 64 bits: the shortest text of a 32-bit number may read as one outside of the box.
        let named = |letter: char, values: &[f32]| -> Vec<String> {
            let name = |(at, value): (usize, &f32)| format!("({letter}_{at} {})", f64::from(*value));
            values.iter().enumerate().map(name).collect()
        };
        let values = [named('X', &example.inputs), named('Y', &example.outputs)].concat();
        format!("sat\n({})\n", values.join("\n"))
    }
}

/// How much is done about each case of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Boxes of inputs looked at.
    pub boxes: u32,
    /// Starts of the attack in the first box; one in each of the others.
    pub starts: u32,
    /// Steps from each start.
    pub steps: u32,
}

impl Default for Effort {
    fn default() -> Self {
        Self { boxes: 200, starts: 4, steps: 20 }
    }
}

/// The property that some input within `eps` of `sample` in every element, and inside `bounds`, gets another label than
/// `label`: what satisfies it is an adversarial example. A rival that draws level counts as another label.
///
/// # Errors
/// [`CertifyError::Sample`] when the label is no class, or a number is not finite.
pub fn property(
    sample: &[f32],
    label: usize,
    eps: f64,
    bounds: target::Bounds,
    classes: usize,
) -> Result<String, CertifyError> {
    if label >= classes {
        return Err(CertifyError::Sample(format!("the label {label} is not one of {classes} classes")));
    }
    let (low, high) = (f64::from(bounds.low), f64::from(bounds.high));
    let numbers = [eps, low, high];
    if eps < 0.0 || sample.iter().map(|x| f64::from(*x)).chain(numbers).any(|number| !number.is_finite()) {
        return Err(CertifyError::Sample(
            "sample, bounds and eps must be finite, eps not negative".to_owned(),
        ));
    }
    let mut text = format!("; satisfied by inputs within {eps} that get another label than {label}\n");
    // Writing to a string does not fail.
    for at in 0..sample.len() {
        let _ = writeln!(text, "(declare-const X_{at} Real)");
    }
    for at in 0..classes {
        let _ = writeln!(text, "(declare-const Y_{at} Real)");
    }
    for (at, value) in sample.iter().enumerate() {
        // The sample itself stays in, as in the certificates, even where it lies outside of the bounds.
        let value = f64::from(*value);
        let _ = writeln!(text, "(assert (<= X_{at} {}))", (value + eps).min(high).max(value));
        let _ = writeln!(text, "(assert (>= X_{at} {}))", (value - eps).max(low).min(value));
    }
    text.push_str("(assert (or");
    for rival in (0..classes).filter(|rival| *rival != label) {
        let _ = write!(text, "\n    (and (>= Y_{rival} Y_{label}))");
    }
    text.push_str("))\n");
    Ok(text)
}

/// Decides a property of the network's outputs, with the usual effort.
///
/// # Errors
/// As [`decide_within`].
pub fn decide(target: &OnnxTarget, property: &Vnnlib, seed: u64) -> Result<Verdict, CertifyError> {
    decide_within(target, property, &Effort::default(), seed)
}

/// Decides a property of the network's outputs by linear bounds, an attack, and splits of the box of inputs.
///
/// `Unsat` holds for 32-bit arithmetic as [`BoundedNetwork::margin`] does, whatever the inputs in the box. A network
/// without bounds, or whose numbers may outgrow 32 bits, is attacked only. Memory is at most [`Effort::boxes`] boxes.
///
/// # Errors
/// [`CertifyError`] when the property speaks of other sizes than the model's, leaves an input unbounded, ties inputs to each
/// other or to outputs, when the model ends in a softmax (which bounds do not see), or fails.
pub fn decide_within(
    target: &OnnxTarget,
    property: &Vnnlib,
    effort: &Effort,
    seed: u64,
) -> Result<Verdict, CertifyError> {
    let (inputs, outputs) = (property.inputs as usize, property.outputs as usize);
    if inputs != target.width() || outputs != target.classes() {
        return Err(CertifyError::Network(format!(
            "the property is about {inputs} inputs and {outputs} outputs, the model has {} and {}",
            target.width(),
            target.classes()
        )));
    }
    if target.ends_in_softmax() {
        let what = "the model ends in a softmax; export it with the logits as output";
        return Err(CertifyError::Network(what.to_owned()));
    }
    let bounded = match BoundedNetwork::new(target) {
        Ok(bounded) => Some(bounded),
        Err(CertifyError::Operators(_) | CertifyError::Network(_)) => None,
        Err(error) => return Err(error),
    };
    let mut unknown = false;
    for (at, case) in property.cases.iter().enumerate() {
        let atoms = || property.common.iter().chain(case);
        let (region, goals) = split(atoms(), inputs)?;
        match one(bounded.as_ref(), target, region, &goals, effort, (seed, at))? {
            Verdict::Unsat => {}
            Verdict::Unknown => unknown = true,
            Verdict::Sat(example) => {
                let outputs = target::ScoreTarget::scores(target, &example.inputs).map_err(failed)?;
                let example = Counterexample { inputs: example.inputs, outputs };
                if atoms().all(|atom| excess(atom, &example.inputs, &example.outputs) <= 0.0) {
                    return Ok(Verdict::Sat(example));
                }
                unknown = true;
            }
        }
    }
    Ok(if unknown { Verdict::Unknown } else { Verdict::Unsat })
}

pub(super) fn failed(error: target::TargetError) -> CertifyError {
    CertifyError::Network(error.to_string())
}

/// Left side of an atom less its right side.
pub(super) fn excess(atom: &Atom, inputs: &[f32], outputs: &[f32]) -> f64 {
    let value = |variable: &Variable| match variable {
        Variable::Input(at) => f64::from(inputs[*at as usize]),
        Variable::Output(at) => f64::from(outputs[*at as usize]),
    };
    atom.terms.iter().map(|(variable, factor)| factor * value(variable)).sum::<f64>() - atom.bound
}

/// Box of the inputs, and what is asked of the outputs.
fn split<'a>(
    atoms: impl Iterator<Item = &'a Atom>,
    inputs: usize,
) -> Result<(Bounds, Vec<&'a Atom>), CertifyError> {
    let most = f64::from(f32::MAX);
    let mut region = Bounds { low: vec![f64::NEG_INFINITY; inputs], high: vec![f64::INFINITY; inputs] };
    let mut goals = Vec::new();
    for atom in atoms {
        match atom.terms[..] {
            [(Variable::Input(at), factor)] if factor > 0.0 => {
                let high = &mut region.high[at as usize];
                // Where the quotient was rounded the box must not lose the edge.
                let end = atom.bound / factor;
                *high = high.min(if factor == 1.0 { end } else { end.next_up() });
            }
            [(Variable::Input(at), factor)] if factor < 0.0 => {
                let low = &mut region.low[at as usize];
                let end = atom.bound / factor;
                *low = low.max(if factor == -1.0 { end } else { end.next_down() });
            }
            _ if atom.terms.iter().all(|(variable, _)| matches!(variable, Variable::Output(_))) => {
                goals.push(atom);
            }
            _ => {
                let what = "the property ties inputs to each other or to outputs; only boxes are decided";
                return Err(CertifyError::Network(what.to_owned()));
            }
        }
    }
    match region.low.iter().chain(&region.high).position(|end| end.abs() > most) {
        Some(at) => {
            let what = format!("X_{} is not bounded on both sides within 32-bit numbers", at % inputs);
            Err(CertifyError::Network(what))
        }
        None => Ok((region, goals)),
    }
}

/// The atoms as a last map, whose rows are their excess.
fn last_map(goals: &[&Atom], outputs: usize) -> Affine {
    let mut affine = Affine {
        width: outputs,
        starts: vec![0],
        columns: Vec::new(),
        values: Vec::new(),
        bias: Vec::new(),
        rounding: Vec::new(),
    };
    for atom in goals {
        for (variable, factor) in &atom.terms {
            if let Variable::Output(at) = variable {
                affine.columns.push(*at);
                affine.values.push(*factor);
            }
        }
        affine.starts.push(affine.values.len());
        affine.bias.push(-atom.bound);
        // Sums are formed in 64 bits here and wherever a property is checked.
        affine.rounding.push((atom.terms.len() + 2) as f64 * f64::EPSILON);
    }
    affine
}

/// One case: boxes are proven empty, attacked, or split in two.
fn one(
    bounded: Option<&BoundedNetwork>,
    target: &OnnxTarget,
    region: Bounds,
    goals: &[&Atom],
    effort: &Effort,
    (seed, case): (u64, usize),
) -> Result<Verdict, CertifyError> {
    let goal = last_map(goals, target.classes());
    let mut random = generator(seed, "vnnlib", case);
    let mut open = vec![region];
    let mut starts = effort.starts.max(1);
    for _ in 0..effort.boxes {
        let Some(region) = open.pop() else { return Ok(Verdict::Unsat) };
        if region.low.iter().zip(&region.high).any(|(low, high)| low > high) {
            continue;
        }
        // One atom that holds nowhere is enough.
        if bounded.is_some_and(|bounded| bounded.lows(&region, &goal).iter().any(|low| *low > 0.0)) {
            continue;
        }
        let begin = Start { starts, steps: effort.steps };
        let slopes = match attack(target, &region, goals, begin, &mut random)? {
            Ok(example) => return Ok(Verdict::Sat(example)),
            Err(slopes) => slopes,
        };
        starts = 1;
        // Along the input that moves the worst atom most; along the widest where none moves it.
        let width = |at: usize| region.high[at] - region.low[at];
        let weight = |at: usize| (width(at) * f64::from(slopes[at].abs()), width(at));
        let order = |a: &usize, b: &usize| {
            let ((one, wide), (other, broad)) = (weight(*a), weight(*b));
            one.total_cmp(&other).then(wide.total_cmp(&broad)).then(b.cmp(a))
        };
        let Some(at) = (0..slopes.len()).max_by(order) else { return Ok(Verdict::Unknown) };
        let middle = f64::midpoint(region.low[at], region.high[at]);
        if middle <= region.low[at] || middle >= region.high[at] {
            return Ok(Verdict::Unknown);
        }
        let (mut below, mut above) = (region.clone(), region);
        below.high[at] = middle;
        above.low[at] = middle;
        open.extend([above, below]);
    }
    Ok(if open.is_empty() { Verdict::Unsat } else { Verdict::Unknown })
}
