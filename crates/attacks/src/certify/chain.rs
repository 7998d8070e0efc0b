//! A network as a chain of affine maps, ReLUs and largest values of windows, with the maps written out.
//!
//! What an affine operator does is not written down twice: its matrix is read off its own backward pass, row by row,
//! and its bias off its forward pass at zero.

use super::windows::{Windows, windows};
use crate::OnnxTarget;
use crate::network::{Backward, Inputs, Network, Tensor, Value};

/// Why nothing can be certified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertifyError {
    /// Operators without a bound.
    #[error("no bound is known for {}", .0.join(", "))]
    Operators(Vec<String>),
    /// The network branches, or its matrices do not fit.
    #[error("the network cannot be bounded: {0}")]
    Network(String),
    /// The sample is not one of the model's inputs.
    #[error("the sample cannot be certified: {0}")]
    Sample(String),
}

/// Operators that are affine in their one input that is not constant.
const AFFINE: &[&str] = &[
    "Add",
    "AveragePool",
    "BatchNormalization",
    "Conv",
    "Div",
    "Dropout",
    "Flatten",
    "Gemm",
    "GlobalAveragePool",
    "Identity",
    "MatMul",
    "Mul",
    "Pad",
    "Reshape",
    "Squeeze",
    "Sub",
    "Transpose",
    "Unsqueeze",
];

/// Most elements that are not zero in all matrices.
pub(super) const MOST: usize = 1 << 26;
/// Rows of a matrix read off at once.
const ROWS: usize = 64;

/// `y = A x + b` with the rows of `A` kept sparse.
#[derive(Debug, Clone)]
pub(crate) struct Affine {
    pub(crate) width: usize,
    /// Where each row begins in the two lists, and where the last ends.
    pub(crate) starts: Vec<usize>,
    pub(crate) columns: Vec<u32>,
    pub(crate) values: Vec<f64>,
    pub(crate) bias: Vec<f64>,
    /// Share of the absolute sum that 32-bit arithmetic may be off by, in any order of additions.
    pub(crate) rounding: Vec<f64>,
}

impl Affine {
    pub(crate) fn row(&self, index: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.starts[index]..self.starts[index + 1];
        self.columns[range.clone()]
            .iter()
            .map(|column| *column as usize)
            .zip(self.values[range].iter().copied())
    }
}

/// One step of the chain.
#[derive(Debug, Clone)]
pub(crate) enum Layer {
    Affine(Affine),
    Relu,
    Max(Windows),
}

/// The chain from the input to the logits.
pub(crate) fn chain(target: &OnnxTarget) -> Result<Vec<Layer>, CertifyError> {
    let (network, logits) = target.parts();
    let depends = network.depends_on(&[network.input]);
    let needed = needed(network, logits);
    let unknown: Vec<String> = network
        .steps
        .iter()
        .filter(|step| {
            let here = step.outputs.iter().flatten().any(|value| needed[*value] && depends[*value]);
            here && !["MaxPool", "Relu"].contains(&step.operator.name)
                && !AFFINE.contains(&step.operator.name)
        })
        .map(|step| format!("{} ({})", step.operator.name, step.name))
        .collect();
    if !unknown.is_empty() {
        return Err(CertifyError::Operators(unknown));
    }
    let wrong = |what: String| CertifyError::Network(what);
    let rows = target.batch().unwrap_or(ROWS);
    let width: usize = target.sample_shape().iter().product();
    let shape = [&[rows], target.sample_shape()].concat();
    let input = Tensor::new(shape, vec![0.5; rows * width]).map_err(|error| wrong(error.0))?;
    let tape = network.record(input).map_err(|error| wrong(error.0))?;
    let mut at = network.input;
    let (mut layers, mut size) = (Vec::new(), 0_usize);
    for step in &network.steps {
        if !step.outputs.iter().flatten().any(|value| needed[*value] && depends[*value]) {
            continue;
        }
        let name = || format!("{} ({})", step.operator.name, step.name);
        let given: Vec<usize> =
            step.inputs.iter().flatten().copied().filter(|value| depends[*value]).collect();
        let first = step.inputs.first().copied().flatten();
        if given != [at] || (step.operator.name == "Div" && first != Some(at)) {
            return Err(wrong(format!("{} joins several values; only chains are bounded", name())));
        }
        let output = step.outputs.first().copied().flatten();
        let output = output.ok_or_else(|| wrong(format!("{} has no output", name())))?;
        if step.operator.name == "Relu" {
            layers.push(Layer::Relu);
        } else {
            let place = step.inputs.iter().position(|value| *value == Some(at)).unwrap_or(0);
            let values: Vec<Option<&Value>> =
                step.inputs.iter().map(|value| value.and_then(|value| tape.value(value))).collect();
            let result = tape.value(output);
            if step.operator.name == "MaxPool" {
                let windows = windows(step.kernel.as_ref(), &values, result, place, rows, &mut size);
                layers.push(Layer::Max(windows.map_err(|what| wrong(format!("{}: {what}", name())))?));
                at = output;
                continue;
            }
            let affine = read_off(step.kernel.as_ref(), &values, result, place, rows, &mut size);
            let affine = affine.map_err(|what| wrong(format!("{}: {what}", name())))?;
            // Reshaping moves nothing.
            if !is_identity(&affine) {
                layers.push(Layer::Affine(affine));
            }
        }
        at = output;
    }
    if at != logits {
        return Err(wrong("the logits are not at the end of the chain".to_owned()));
    }
    Ok(layers)
}

/// Values that the one numbered `output` is computed from.
fn needed(network: &Network, output: usize) -> Vec<bool> {
    let mut needed = vec![false; network.constants.len()];
    needed[output] = true;
    for step in network.steps.iter().rev() {
        if step.outputs.iter().flatten().any(|value| needed[*value]) {
            step.inputs.iter().flatten().for_each(|value| needed[*value] = true);
        }
    }
    needed
}

fn is_identity(affine: &Affine) -> bool {
    affine.width == affine.bias.len()
        && affine.bias.iter().all(|bias| *bias == 0.0)
        && (0..affine.width).all(|row| affine.row(row).eq([(row, 1.0)]))
}

/// What goes in at `place` and what comes out of an operator that keeps a batch of `rows` in front.
pub(super) fn through<'a>(
    values: &[Option<&'a Value>],
    result: Option<&'a Value>,
    place: usize,
    rows: usize,
) -> Result<(&'a Tensor, &'a Tensor), String> {
    let (Some(Some(Value::Float(input))), Some(Value::Float(output))) = (values.get(place).copied(), result)
    else {
        return Err("it takes or gives integers".to_owned());
    };
    if input.shape.first() != Some(&rows) || output.shape.first() != Some(&rows) {
        return Err("it does not keep the batch in front".to_owned());
    }
    Ok((input, output))
}

fn read_off(
    kernel: &dyn crate::network::Kernel,
    values: &[Option<&Value>],
    result: Option<&Value>,
    place: usize,
    rows: usize,
    size: &mut usize,
) -> Result<Affine, String> {
    let (input, output) = through(values, result, place, rows)?;
    let (width, height) = (input.data.len() / rows, output.data.len() / rows);
    let zeros = Value::Float(Tensor { shape: input.shape.clone(), data: vec![0.0; input.data.len()] });
    let mut at_zero = values.to_vec();
    at_zero[place] = Some(&zeros);
    let forward = kernel.forward(&Inputs(&at_zero)).map_err(|error| error.0)?;
    let Some(Value::Float(bias)) = forward.first() else { return Err("it gives no numbers".to_owned()) };
    let bias: Vec<f64> = bias.data[..height].iter().map(|value| f64::from(*value)).collect();

    let outputs = [Some(Value::Float(output.clone()))];
    let outputs: Vec<Option<&Value>> = outputs.iter().map(Option::as_ref).collect();
    let wanted: Vec<bool> = (0..values.len()).map(|at| at == place).collect();
    let mut affine = Affine {
        width,
        starts: vec![0],
        columns: Vec::new(),
        values: Vec::new(),
        bias,
        rounding: Vec::new(),
    };
    for first in (0..height).step_by(rows) {
        let mut above = Tensor { shape: output.shape.clone(), data: vec![0.0; output.data.len()] };
        for row in 0..rows.min(height - first) {
            above.data[row * height + first + row] = 1.0;
        }
        let pass = Backward {
            inputs: Inputs(values),
            outputs: Inputs(&outputs),
            gradients: vec![Some(above)],
            wanted: &wanted,
        };
        let mut below = kernel.backward(pass).map_err(|error| error.0)?;
        let gradient =
            below.get_mut(place).and_then(Option::take).ok_or("its backward pass gives nothing")?;
        for values in gradient.data.chunks_exact(width).take(height - first) {
            let begin = affine.values.len();
            for (column, value) in values.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                if !value.is_finite() {
                    return Err("a weight is not finite".to_owned());
                }
                affine.columns.push(column as u32);
                affine.values.push(f64::from(*value));
            }
            let count = affine.values.len() - begin;
            *size += count;
            if *size > MOST {
                return Err(format!("the matrices hold more than {MOST} numbers"));
            }
            affine.starts.push(affine.values.len());
            affine.rounding.push((count + 16) as f64 * f64::from(f32::EPSILON));
        }
    }
    if affine.bias.iter().any(|bias| !bias.is_finite()) {
        return Err("a bias is not finite".to_owned());
    }
    // What the matrix says about the recorded input must be what the operator did.
    for (row, expected) in output.data[..height].iter().enumerate() {
        let sum: f64 = affine.row(row).map(|(column, value)| value * f64::from(input.data[column])).sum();
        let near = affine.row(row).map(|(_, value)| value.abs()).sum::<f64>();
        let most = input.data[..width].iter().fold(0.0_f64, |most, x| most.max(f64::from(x.abs())));
        let room = 1e-4 * (near * most + affine.bias[row].abs() + 1e-3);
        if (sum + affine.bias[row] - f64::from(*expected)).abs() > room {
            return Err("it is not affine, or mixes samples of a batch".to_owned());
        }
    }
    Ok(affine)
}
