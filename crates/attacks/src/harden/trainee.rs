//! A model under training: which of its weights move, and passes with their present values.

use std::collections::BTreeMap;

use vauban_formats::onnx::{DataType, Onnx, TensorData};

use super::HardenError;
use crate::network::{KernelError, Tape, Tensor, Value};
use crate::onnx_target::{OnnxTarget, load};
use crate::target::LabelTarget as _;

/// A float initialiser that stays as it is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Its name.
    pub name: String,
    /// What is in the way.
    pub why: String,
}

/// Present values of the trained weights, by value number.
pub(crate) type Weights = Vec<(usize, Value)>;

/// A model whose weights can be trained.
pub(crate) struct Trainee {
    pub(crate) target: OnnxTarget,
    /// Value numbers of the trained weights; initialiser `i` is value `i`.
    pub(crate) numbers: Vec<usize>,
    pub(crate) names: Vec<String>,
    pub(crate) frozen: Vec<Frozen>,
}

impl Trainee {
    /// Finds the weights: 32-bit floats of the file that stand where layers keep theirs and that a gradient reaches.
    ///
    /// Constants of pre-processing (means, scales, limits) are not touched.
    ///
    /// # Errors
    /// [`HardenError`] when the model cannot be run, differentiated or holds no such weights.
    pub(crate) fn new(onnx: &Onnx, bytes: &[u8]) -> Result<Self, HardenError> {
        let target = load(onnx, bytes)?;
        if !target.gradient_breaks().is_empty() {
            return Err(HardenError::Gradient(target.gradient_breaks().to_vec()));
        }
        let initialisers = onnx.graph.as_ref().map_or(&[][..], |graph| &graph.initialisers);
        let mut reached = vec![false; target.network.constants.len()];
        let mut used = reached.clone();
        for step in &target.network.steps {
            for (slot, number) in step.inputs.iter().enumerate() {
                let Some(number) = number else { continue };
                used[*number] = true;
                reached[*number] |= match step.operator.name {
                    "Gemm" | "Conv" | "LayerNormalization" | "BatchNormalization" => slot == 1 || slot == 2,
                    "MatMul" => true,
                    "PRelu" => slot == 1,
                    // The bias of a layer; any other addend is pre-processing.
                    "Add" => step.inputs.iter().flatten().any(|other| {
                        target
                            .network
                            .maker(*other)
                            .is_some_and(|maker| matches!(maker.operator.name, "MatMul" | "Gemm" | "Conv"))
                    }),
                    _ => false,
                };
            }
        }
        let (mut numbers, mut names, mut frozen) = (Vec::new(), Vec::new(), Vec::new());
        for (number, tensor) in initialisers.iter().enumerate() {
            let Some(Some(Value::Float(_))) = target.network.constants.get(number) else { continue };
            let why = if !used[number] {
                "it is folded into another constant, or used by nothing"
            } else if !reached[number] {
                "it is no weight of a layer (statistics and pre-processing stay as they are)"
            } else if tensor.dtype != DataType::FLOAT {
                "it does not hold 32-bit floats"
            } else if !matches!(tensor.data, TensorData::Raw(_) | TensorData::Typed { .. }) {
                "its values lie outside the file"
            } else {
                numbers.push(number);
                names.push(tensor.name.clone());
                continue;
            };
            frozen.push(Frozen { name: tensor.name.clone(), why: why.to_owned() });
        }
        let mut trainee = Self { target, numbers, names, frozen };
        trainee.drop_unreached()?;
        if trainee.numbers.is_empty() {
            return Err(HardenError::NoWeights(trainee.frozen));
        }
        Ok(trainee)
    }

    /// Freezes weights that no gradient reaches, as one backward pass shows.
    fn drop_unreached(&mut self) -> Result<(), HardenError> {
        let weights = self.weights();
        let rows = vec![0.5; self.target.width()];
        let tape = self.record(&weights, &rows)?;
        let above = self.above(&tape, vec![1.0; self.target.classes()])?;
        let found: Vec<bool> =
            tape.backward(self.target.logits, above, &self.numbers)?.iter().map(Option::is_some).collect();
        drop(tape);
        let all = std::mem::take(&mut self.numbers).into_iter().zip(std::mem::take(&mut self.names));
        for ((number, name), found) in all.zip(found) {
            if found {
                self.numbers.push(number);
                self.names.push(name);
            } else {
                self.frozen.push(Frozen { name, why: "no gradient reaches it".to_owned() });
            }
        }
        Ok(())
    }

    /// The weights of the file.
    pub(crate) fn weights(&self) -> Weights {
        let value = |number: &usize| Some((*number, self.target.network.constants[*number].clone()?));
        self.numbers.iter().filter_map(value).collect()
    }

    /// Values by name, as the writer takes them.
    pub(crate) fn named(&self, weights: &Weights) -> BTreeMap<String, Vec<f32>> {
        let values = |value: &Value| match value {
            Value::Float(tensor) => tensor.data.clone(),
            Value::Int(_) => Vec::new(),
        };
        self.names.iter().cloned().zip(weights.iter().map(|(_, value)| values(value))).collect()
    }

    /// Rows run together: those of a batch that the model insists on, else `most`.
    pub(crate) fn rows(&self, most: usize) -> usize {
        self.target.batch.unwrap_or(most)
    }

    /// A forward pass; rows missing in a fixed batch are zeros.
    pub(crate) fn record(&self, weights: &Weights, rows: &[f32]) -> Result<Tape<'_>, KernelError> {
        let mut data = rows.to_vec();
        let batch = self.rows(rows.len() / self.target.width().max(1));
        data.resize(batch * self.target.width(), 0.0);
        let input = Tensor { shape: [&[batch], &self.target.sample[..]].concat(), data };
        self.target.network.execute(input, Some(weights), false)
    }

    /// The logits of a pass, whatever their shape.
    pub(crate) fn logits<'t>(&self, tape: &'t Tape<'_>) -> Result<&'t Tensor, KernelError> {
        match tape.value(self.target.logits) {
            Some(Value::Float(logits)) if logits.data.len().is_multiple_of(self.target.classes()) => {
                Ok(logits)
            }
            _ => Err(KernelError("there are no logits".to_owned())),
        }
    }

    /// The gradient by the logits in their own shape; missing rows are zeros.
    fn above(&self, tape: &Tape<'_>, mut gradient: Vec<f32>) -> Result<Tensor, KernelError> {
        let logits = self.logits(tape)?;
        gradient.resize(logits.data.len(), 0.0);
        Ok(Tensor { shape: logits.shape.clone(), data: gradient })
    }

    /// The gradient by the input rows, given that by the logits.
    pub(crate) fn by_input(&self, tape: &Tape<'_>, above: Vec<f32>) -> Result<Vec<f32>, KernelError> {
        let count = above.len() / self.target.classes().max(1) * self.target.width();
        let above = self.above(tape, above)?;
        let found = tape.backward(self.target.logits, above, &[self.target.network.input])?;
        let mut data = found.into_iter().flatten().next().map_or_else(Vec::new, |found| found.data);
        data.resize(count, 0.0);
        Ok(data)
    }

    /// The gradients by the weights, given that by the logits.
    pub(crate) fn by_weights(&self, tape: &Tape<'_>, above: Vec<f32>) -> Result<Vec<Vec<f32>>, KernelError> {
        let above = self.above(tape, above)?;
        let found = tape.backward(self.target.logits, above, &self.numbers)?;
        Ok(found.into_iter().map(|found| found.map_or_else(Vec::new, |found| found.data)).collect())
    }
}
