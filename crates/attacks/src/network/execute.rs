//! Running a network forward, and backward along the tape it left.

use super::kernel::{Backward, Inputs, KernelError};
use super::load::Network;
use super::tensor::{Tensor, Value};

/// All values of one forward pass.
pub struct Tape<'a> {
    network: &'a Network,
    values: Vec<Option<Value>>,
}

impl Network {
    /// Runs the graph and keeps every value, for [`Tape::backward`].
    ///
    /// # Errors
    /// When an operator refuses its inputs; the message names the node.
    pub fn record(&self, input: Tensor) -> Result<Tape<'_>, KernelError> {
        self.execute(input, None, false)
    }

    /// Runs the graph with some constants replaced: trainable weights, by value number.
    pub(crate) fn execute(
        &self,
        input: Tensor,
        replaced: Option<&[(usize, Value)]>,
        release: bool,
    ) -> Result<Tape<'_>, KernelError> {
        let mut tape = Tape { network: self, values: vec![None; self.constants.len()] };
        tape.values[self.input] = Some(Value::Float(input));
        for (number, value) in replaced.unwrap_or_default() {
            tape.values[*number] = Some(value.clone());
        }
        for (index, step) in self.steps.iter().enumerate() {
            let inputs: Vec<Option<&Value>> = tape.all(&step.inputs);
            let outputs = step
                .kernel
                .forward(&Inputs(&inputs))
                .map_err(|error| KernelError(format!("{} ({}): {error}", step.operator.name, step.name)))?;
            for (number, value) in step.outputs.iter().zip(outputs) {
                if let Some(number) = number {
                    tape.values[*number] = Some(value);
                }
            }
            if release {
                for number in &self.released[index] {
                    tape.values[*number] = None;
                }
            }
        }
        Ok(tape)
    }

    /// Runs the graph and returns the outputs only.
    ///
    /// # Errors
    /// As [`Network::record`].
    pub fn run(&self, input: Tensor) -> Result<Vec<Value>, KernelError> {
        let mut tape = self.execute(input, None, true)?;
        self.outputs
            .iter()
            .map(|number| {
                tape.values[*number]
                    .take()
                    .or_else(|| self.constants[*number].clone())
                    .ok_or_else(|| KernelError("an output was not computed".to_owned()))
            })
            .collect()
    }
}

impl Tape<'_> {
    /// The value with this number, computed or constant.
    pub(crate) fn value(&self, number: usize) -> Option<&Value> {
        self.values[number].as_ref().or(self.network.constants[number].as_ref())
    }

    fn all(&self, numbers: &[Option<usize>]) -> Vec<Option<&Value>> {
        numbers.iter().map(|number| number.and_then(|number| self.value(number))).collect()
    }

    /// Gradients by the values `wanted`, given the gradient by the value `output`.
    ///
    /// # Errors
    /// When an operator on the way has no gradient; the message names it.
    pub(crate) fn backward(
        &self,
        output: usize,
        gradient: Tensor,
        wanted: &[usize],
    ) -> Result<Vec<Option<Tensor>>, KernelError> {
        let depends = self.network.depends_on(wanted);
        let mut gradients: Vec<Option<Tensor>> = vec![None; self.values.len()];
        gradients[output] = Some(gradient);
        for step in self.network.steps.iter().rev() {
            let here = |number: &Option<usize>| number.is_some_and(|number| gradients[number].is_some());
            if !step.outputs.iter().any(here) || !step.inputs.iter().flatten().any(|number| depends[*number])
            {
                continue;
            }
            let above = step
                .outputs
                .iter()
                .map(|number| {
                    number.and_then(|number| {
                        if wanted.contains(&number) {
                            gradients[number].clone()
                        } else {
                            gradients[number].take()
                        }
                    })
                })
                .collect();
            let (inputs, outputs) = (self.all(&step.inputs), self.all(&step.outputs));
            let needed: Vec<bool> =
                step.inputs.iter().map(|number| number.is_some_and(|number| depends[number])).collect();
            let pass = Backward {
                inputs: Inputs(&inputs),
                outputs: Inputs(&outputs),
                gradients: above,
                wanted: &needed,
            };
            let below = step
                .kernel
                .backward(pass)
                .map_err(|error| KernelError(format!("{} ({}): {error}", step.operator.name, step.name)))?;
            for (number, gradient) in step.inputs.iter().zip(below) {
                let (Some(number), Some(gradient)) = (number, gradient) else { continue };
                match &mut gradients[*number] {
                    Some(sum) => sum.data.iter_mut().zip(&gradient.data).for_each(|(sum, part)| *sum += part),
                    empty => *empty = Some(gradient),
                }
            }
        }
        Ok(wanted.iter().map(|number| gradients[*number].take()).collect())
    }
}
