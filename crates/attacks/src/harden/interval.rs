//! Interval bounds of a network's values, with gradients by its weights.
//!
//! Boxes are pushed through: linear layers by centre and radius, `y = W c + b` and `|W| r`; operators that never fall
//! when an input rises, by their ends. Everything else is refused by name: a bound that is a guess is none.
//! Arithmetic is that of 32-bit floats without directed rounding, so bounds hold up to rounding (about 1e-6 of the
//! largest value), as those of the papers do.

use super::HardenError;
use super::trainee::{Trainee, Weights};
use crate::network::{Backward, Inputs, KernelError, Tensor, Value};
use crate::target::{Bounds, LabelTarget as _};

/// Operators that rise with each of their inputs, or only move elements.
const RISING: &[&str] = &[
    "AveragePool",
    "Dropout",
    "Flatten",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Identity",
    "LeakyRelu",
    "MaxPool",
    "Relu",
    "Reshape",
    "Sigmoid",
    "Squeeze",
    "Tanh",
    "Transpose",
    "Unsqueeze",
];

/// Operators that are linear in their first input, with constant weights.
const LINEAR: &[&str] = &["Conv", "Gemm", "MatMul"];

/// The lower and upper ends of a value inside the ball.
struct Ends {
    lower: Value,
    upper: Value,
}

/// One pass of boxes through the network.
pub(crate) struct Pass<'a> {
    trainee: &'a Trainee,
    values: Vec<Option<Ends>>,
    weights: &'a Weights,
}

/// Operators between input and logits that have no interval bounds here, as `Operator (node)`.
pub(crate) fn unknown(trainee: &Trainee) -> Vec<String> {
    let network = &trainee.target.network;
    let depends = network.depends_on(&[network.input]);
    let moves =
        |number: Option<&Option<usize>>| number.copied().flatten().is_some_and(|number| depends[number]);
    // What lies behind the logits needs no bound.
    let mut needed = vec![false; depends.len()];
    needed[trainee.target.logits] = true;
    let mut unknown = Vec::new();
    for step in network.steps.iter().rev() {
        if !step.outputs.iter().flatten().any(|number| needed[*number] && depends[*number]) {
            continue;
        }
        step.inputs.iter().flatten().for_each(|number| needed[*number] = true);
        let only_first = !step.inputs.iter().skip(1).any(|number| moves(Some(number)));
        let known = match step.operator.name {
            "Add" => true,
            "Sub" => only_first,
            name => only_first && (RISING.contains(&name) || LINEAR.contains(&name)),
        };
        if !known {
            unknown.push(format!("{} ({})", step.operator.name, step.name));
        }
    }
    unknown.reverse();
    unknown
}

fn zip(a: &Tensor, b: &Tensor, f: impl Fn(f32, f32) -> f32) -> Tensor {
    let data = a.data.iter().zip(&b.data).map(|(a, b)| f(*a, *b)).collect();
    Tensor { shape: a.shape.clone(), data }
}

fn map(a: &Tensor, f: impl Fn(f32) -> f32) -> Tensor {
    Tensor { shape: a.shape.clone(), data: a.data.iter().map(|a| f(*a)).collect() }
}

fn float(value: &Value) -> Result<&Tensor, KernelError> {
    match value {
        Value::Float(tensor) => Ok(tensor),
        Value::Int(_) => Err(KernelError("a box of integers".to_owned())),
    }
}

fn one(mut outputs: Vec<Value>) -> Result<Tensor, KernelError> {
    match outputs.is_empty() {
        false => match outputs.swap_remove(0) {
            Value::Float(tensor) => Ok(tensor),
            Value::Int(_) => Err(KernelError("an integer where a bound is needed".to_owned())),
        },
        true => Err(KernelError("an operator gave nothing".to_owned())),
    }
}

/// Centre and radius of a box.
fn middle(found: &Ends) -> Result<(Value, Value), KernelError> {
    let (lower, upper) = (float(&found.lower)?, float(&found.upper)?);
    Ok((
        Value::Float(zip(lower, upper, |a, b| 0.5 * (a + b))),
        Value::Float(zip(lower, upper, |a, b| 0.5 * (b - a))),
    ))
}

impl<'a> Pass<'a> {
    /// Pushes the boxes of size `eps` around `rows`, cut to `bounds`, through the network.
    pub(crate) fn new(
        trainee: &'a Trainee,
        weights: &'a Weights,
        rows: &[f32],
        eps: f32,
        bounds: Bounds,
    ) -> Result<Self, HardenError> {
        let network = &trainee.target.network;
        let batch = trainee.rows(rows.len() / trainee.target.width().max(1));
        let side = |shift: f32| {
            let mut data: Vec<f32> = rows.iter().map(|x| bounds.clamp(x + shift)).collect();
            data.resize(batch * trainee.target.width(), 0.0);
            Value::Float(Tensor { shape: [&[batch], &trainee.target.sample[..]].concat(), data })
        };
        let mut values: Vec<Option<Ends>> = network.constants.iter().map(|_| None).collect();
        values[network.input] = Some(Ends { lower: side(-eps), upper: side(eps) });
        let mut pass = Self { trainee, values, weights };
        for step in &network.steps {
            if !step.inputs.iter().flatten().any(|number| pass.values[*number].is_some()) {
                continue;
            }
            let known = ["Add", "Sub"].iter().chain(RISING).chain(LINEAR);
            if !known.copied().any(|known| known == step.operator.name) {
                // Only what lies behind the logits can be unknown here: `unknown` was asked before.
                continue;
            }
            let failed =
                |error: KernelError| KernelError(format!("{} ({}): {error}", step.operator.name, step.name));
            let found =
                if LINEAR.contains(&step.operator.name) { pass.linear(step) } else { pass.rising(step) };
            if let (Some(Some(number)), found) = (step.outputs.first(), found.map_err(failed)?) {
                pass.values[*number] = Some(found);
            }
        }
        Ok(pass)
    }

    fn constant(&self, number: usize) -> Option<&Value> {
        let replaced = self.weights.iter().find(|(own, _)| *own == number).map(|(_, value)| value);
        replaced.or(self.trainee.target.network.constants[number].as_ref())
    }

    /// The inputs of a step by the lower or upper ends.
    fn ends(&self, step: &crate::network::Step, upper: bool) -> Vec<Option<&Value>> {
        let end = |number: &Option<usize>| {
            number.and_then(|number| match &self.values[number] {
                Some(found) => Some(if upper { &found.upper } else { &found.lower }),
                None => self.constant(number),
            })
        };
        step.inputs.iter().map(end).collect()
    }

    fn rising(&self, step: &crate::network::Step) -> Result<Ends, KernelError> {
        let run = |upper| one(step.kernel.forward(&Inputs(&self.ends(step, upper)))?).map(Value::Float);
        Ok(Ends { lower: run(false)?, upper: run(true)? })
    }

    /// Centre, radius, and the size of the weights of a linear step.
    fn halves(&self, step: &crate::network::Step) -> Result<(Value, Value, Value), KernelError> {
        let number = |slot: usize| {
            step.inputs
                .get(slot)
                .copied()
                .flatten()
                .ok_or_else(|| KernelError(format!("input {slot} is missing")))
        };
        let first = number(0)?;
        let found = self.values[first]
            .as_ref()
            .ok_or_else(|| KernelError("the first input has no bound".to_owned()))?;
        let (centre, radius) = middle(found)?;
        let weight =
            self.constant(number(1)?).ok_or_else(|| KernelError("the weights are no constant".to_owned()))?;
        Ok((centre, radius, Value::Float(map(float(weight)?, f32::abs))))
    }

    fn linear(&self, step: &crate::network::Step) -> Result<Ends, KernelError> {
        let (centre, radius, size) = self.halves(step)?;
        let mut inputs = self.ends(step, false);
        inputs[0] = Some(&centre);
        let y = one(step.kernel.forward(&Inputs(&inputs))?)?;
        let r = one(step.kernel.forward(&Inputs(&[Some(&radius), Some(&size), None]))?)?;
        if r.data.iter().any(|r| *r < 0.0) {
            return Err(KernelError("a negative factor has no bound here".to_owned()));
        }
        Ok(Ends {
            lower: Value::Float(zip(&y, &r, |y, r| y - r)),
            upper: Value::Float(zip(&y, &r, |y, r| y + r)),
        })
    }

    /// Lower and upper ends of the logits.
    pub(crate) fn logits(&self) -> Result<(&[f32], &[f32]), KernelError> {
        let found = self.values[self.trainee.target.logits]
            .as_ref()
            .ok_or_else(|| KernelError("the logits have no bound".to_owned()))?;
        Ok((&float(&found.lower)?.data, &float(&found.upper)?.data))
    }

    /// Gradients by the trained weights, given those by the ends of the logits.
    pub(crate) fn by_weights(&self, lower: Vec<f32>, upper: Vec<f32>) -> Result<Vec<Vec<f32>>, KernelError> {
        let network = &self.trainee.target.network;
        let count = network.constants.len();
        let mut above: Vec<Option<(Tensor, Tensor)>> = vec![None; count];
        let mut weights: Vec<Option<Tensor>> = vec![None; count];
        let logits = self.trainee.target.logits;
        let shape = self.values[logits].as_ref().map_or_else(Vec::new, |found| found.lower.shape().to_vec());
        above[logits] = Some((Tensor { shape: shape.clone(), data: lower }, Tensor { shape, data: upper }));
        for step in network.steps.iter().rev() {
            let Some(Some(output)) = step.outputs.first() else { continue };
            let Some((lower, upper)) = above[*output].take() else { continue };
            let wanted: Vec<bool> = step
                .inputs
                .iter()
                .map(|number| {
                    number.is_some_and(|number| {
                        self.values[number].is_some() || self.trainee.numbers.contains(&number)
                    })
                })
                .collect();
            let found = if LINEAR.contains(&step.operator.name) {
                self.linear_back(step, &lower, &upper, &wanted)?
            } else {
                self.rising_back(step, lower, upper, &wanted)?
            };
            for (number, found) in step.inputs.iter().zip(found) {
                let (Some(number), Some((lower, upper))) = (number, found) else { continue };
                if self.values[*number].is_some() {
                    add(&mut above[*number], lower, upper);
                } else {
                    let sum = zip(&lower, &upper, |a, b| a + b);
                    match &mut weights[*number] {
                        Some(all) => all.data.iter_mut().zip(&sum.data).for_each(|(all, sum)| *all += sum),
                        empty => *empty = Some(sum),
                    }
                }
            }
        }
        let size = |number: &usize| {
            network.constants[*number].as_ref().map_or(0, |value| value.shape().iter().product())
        };
        Ok(self
            .trainee
            .numbers
            .iter()
            .map(|number| weights[*number].take().map_or_else(|| vec![0.0; size(number)], |found| found.data))
            .collect())
    }

    fn rising_back(
        &self,
        step: &crate::network::Step,
        lower: Tensor,
        upper: Tensor,
        wanted: &[bool],
    ) -> Result<Vec<Option<(Tensor, Tensor)>>, KernelError> {
        let run = |above: Tensor, is_upper: bool| {
            let inputs = self.ends(step, is_upper);
            let output = step.outputs.first().copied().flatten().and_then(|number| {
                self.values[number].as_ref().map(|found| if is_upper { &found.upper } else { &found.lower })
            });
            // Pooling keeps where its maxima were in further outputs, which are computed again.
            let pass = Backward {
                inputs: Inputs(&inputs),
                outputs: Inputs(&[output]),
                gradients: vec![Some(above)],
                wanted,
            };
            step.kernel.backward(pass)
        };
        let (lower, upper) = (run(lower, false)?, run(upper, true)?);
        Ok(lower.into_iter().zip(upper).map(|(lower, upper)| lower.zip(upper)).collect())
    }

    fn linear_back(
        &self,
        step: &crate::network::Step,
        lower: &Tensor,
        upper: &Tensor,
        wanted: &[bool],
    ) -> Result<Vec<Option<(Tensor, Tensor)>>, KernelError> {
        let (centre, radius, size) = self.halves(step)?;
        let mut inputs = self.ends(step, false);
        let weight = inputs.get(1).copied().flatten().map(float).transpose()?.cloned();
        inputs[0] = Some(&centre);
        let by_centre = step.kernel.backward(Backward {
            inputs: Inputs(&inputs),
            outputs: Inputs(&[]),
            gradients: vec![Some(zip(lower, upper, |lower, upper| lower + upper))],
            wanted,
        })?;
        let mut wanted_radius = wanted.to_vec();
        wanted_radius.iter_mut().skip(2).for_each(|wanted| *wanted = false);
        let mut radius_inputs = vec![Some(&radius), Some(&size)];
        radius_inputs.resize(inputs.len(), None);
        let by_radius = step.kernel.backward(Backward {
            inputs: Inputs(&radius_inputs),
            outputs: Inputs(&[]),
            gradients: vec![Some(zip(lower, upper, |lower, upper| upper - lower))],
            wanted: &wanted_radius,
        })?;
        let mut found = Vec::new();
        for (slot, (by_centre, by_radius)) in by_centre.into_iter().zip(by_radius).enumerate() {
            found.push(match (slot, by_centre, by_radius) {
                (0, Some(c), Some(r)) => {
                    Some((zip(&c, &r, |c, r| 0.5 * (c - r)), zip(&c, &r, |c, r| 0.5 * (c + r))))
                }
                (1, Some(c), Some(r)) => {
                    // |W| falls where W is negative, and stands still where it is 0.
                    let side = |w: f32| f32::from(i8::from(w > 0.0) - i8::from(w < 0.0));
                    let r = match &weight {
                        Some(weight) => zip(&r, weight, |r, w| r * side(w)),
                        None => r,
                    };
                    Some((c, r))
                }
                (_, Some(c), _) => {
                    let zeros = map(&c, |_| 0.0);
                    Some((c, zeros))
                }
                _ => None,
            });
        }
        Ok(found)
    }
}

fn add(slot: &mut Option<(Tensor, Tensor)>, lower: Tensor, upper: Tensor) {
    match slot {
        Some((a, b)) => {
            a.data.iter_mut().zip(&lower.data).for_each(|(sum, part)| *sum += part);
            b.data.iter_mut().zip(&upper.data).for_each(|(sum, part)| *sum += part);
        }
        empty => *empty = Some((lower, upper)),
    }
}

/// Rows that no change of at most `eps` inside `bounds` can make the model get wrong, as interval bounds prove; `None`
/// when the model has operators without bounds.
pub(crate) fn certified(
    trainee: &Trainee,
    weights: &Weights,
    rows: &[f32],
    labels: &[usize],
    eps: f32,
) -> Result<Vec<bool>, HardenError> {
    let (width, classes) = (trainee.target.width().max(1), trainee.target.classes());
    let size = trainee.rows(64);
    let mut proven = Vec::with_capacity(labels.len());
    for (rows, labels) in rows.chunks(size * width).zip(labels.chunks(size)) {
        let pass = Pass::new(trainee, weights, rows, eps, trainee.target.bounds())?;
        let (lower, upper) = pass.logits()?;
        for (row, label) in labels.iter().enumerate() {
            let (lower, upper) = (&lower[row * classes..][..classes], &upper[row * classes..][..classes]);
            let best = upper.iter().enumerate().filter(|(class, _)| class != label);
            // A margin of rounding keeps ties out.
            proven.push(
                best.fold(f32::NEG_INFINITY, |most, (_, upper)| most.max(*upper)) + 1e-4 < lower[*label],
            );
        }
    }
    Ok(proven)
}
