//! What an operator is to the engine: prepared once from its node, then run forward and backward.

use vauban_formats::onnx::{self, AttributeValue, Node};

use super::tensor::{Array, Tensor, Value};

/// Why an operator cannot be prepared or run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KernelError(pub String);

/// Gradients by the inputs of a kernel; `None` where none was wanted.
pub type InputGradients = Vec<Option<Tensor>>;

/// A prepared operator.
pub trait Kernel: Send + Sync {
    /// Computes the outputs.
    ///
    /// # Errors
    /// When the inputs do not have the types and shapes the operator takes.
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError>;

    /// Turns gradients by the outputs into gradients by the inputs.
    ///
    /// # Errors
    /// When the operator has no gradient by a wanted input.
    fn backward(&self, pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        drop(pass);
        Err(KernelError("the operator has no gradient".to_owned()))
    }

    /// What becomes of a gradient here.
    fn flow(&self) -> Flow {
        Flow::Differentiable
    }

    /// Whether [`Kernel::backward`] of a [`Flow::Broken`] step stands in for it with its smooth counterpart: the backward
    /// pass differentiable approximation of Athalye, Carlini, Wagner, ICML 2018.
    fn straight_through(&self) -> bool {
        false
    }
}

/// What becomes of a gradient at an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// It passes on.
    Differentiable,
    /// The output depends on the input's shape only, so there is nothing to pass.
    ShapeOnly,
    /// It breaks: the output is a step function of the input, or the derivative is not implemented.
    Broken,
}

/// What [`Kernel::backward`] sees.
pub struct Backward<'a> {
    /// Inputs of the forward pass.
    pub inputs: Inputs<'a>,
    /// Outputs of the forward pass.
    pub outputs: Inputs<'a>,
    /// Gradient by each output; `None` where nothing depends on it.
    pub gradients: Vec<Option<Tensor>>,
    /// Which inputs need a gradient.
    pub wanted: &'a [bool],
}

impl Backward<'_> {
    /// Takes the gradient by the only output that matters.
    pub(crate) fn gradient(&mut self) -> Result<Tensor, KernelError> {
        self.gradients
            .first_mut()
            .and_then(Option::take)
            .ok_or_else(|| KernelError("no gradient came from above".to_owned()))
    }

    /// Whether input `index` needs a gradient.
    pub(crate) fn wants(&self, index: usize) -> bool {
        self.wanted.get(index).copied().unwrap_or(false)
    }

    /// Gradients for the first input only; an error if another one is wanted.
    pub(crate) fn only_first(&self, gradient: Tensor) -> Result<InputGradients, KernelError> {
        if self.wanted.iter().skip(1).any(|wanted| *wanted) {
            return Err(KernelError("no gradient by an input other than the first".to_owned()));
        }
        let mut gradients = vec![None; self.wanted.len()];
        if let Some(first) = gradients.first_mut() {
            *first = Some(gradient);
        }
        Ok(gradients)
    }
}

/// The inputs (or outputs) of a call; omitted optional ones are `None`.
#[derive(Clone, Copy)]
pub struct Inputs<'a>(pub &'a [Option<&'a Value>]);

impl<'a> Inputs<'a> {
    /// Input `index` if given.
    pub(crate) fn optional(&self, index: usize) -> Option<&'a Value> {
        self.0.get(index).copied().flatten()
    }

    /// Input `index`.
    pub(crate) fn value(&self, index: usize) -> Result<&'a Value, KernelError> {
        self.optional(index).ok_or_else(|| KernelError(format!("input {index} is missing")))
    }

    /// Input `index` as numbers.
    pub(crate) fn float(&self, index: usize) -> Result<&'a Tensor, KernelError> {
        match self.value(index)? {
            Value::Float(tensor) => Ok(tensor),
            Value::Int(_) => {
                Err(KernelError(format!("input {index} holds integers where floats are needed")))
            }
        }
    }

    /// Input `index` as numbers, if given.
    pub(crate) fn optional_float(&self, index: usize) -> Result<Option<&'a Tensor>, KernelError> {
        self.optional(index).map(|_| self.float(index)).transpose()
    }

    /// Input `index` as integers.
    pub(crate) fn int(&self, index: usize) -> Result<&'a Array<i64>, KernelError> {
        match self.value(index)? {
            Value::Int(array) => Ok(array),
            Value::Float(_) => {
                Err(KernelError(format!("input {index} holds floats where integers are needed")))
            }
        }
    }

    /// Input `index` as integers, if given.
    pub(crate) fn optional_ints(&self, index: usize) -> Result<Option<&'a [i64]>, KernelError> {
        Ok(self.optional(index).map(|_| self.int(index)).transpose()?.map(|array| array.data.as_slice()))
    }
}

/// The node an operator is prepared from.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The node.
    pub node: &'a Node,
    /// Version of the operator set it is written in.
    pub opset: i64,
    /// Bytes of the model file, for constant tensors.
    pub bytes: &'a [u8],
    /// The graph's initialisers, for what a value does not keep: its exact element type.
    pub initialisers: &'a [onnx::Tensor],
}

impl<'a> Context<'a> {
    /// Integer attribute, or `default`.
    pub(crate) fn int(&self, name: &str, default: i64) -> i64 {
        match self.node.attribute(name) {
            Some(AttributeValue::Int(value)) => *value,
            _ => default,
        }
    }

    /// Float attribute, or `default`.
    pub(crate) fn float(&self, name: &str, default: f32) -> f32 {
        match self.node.attribute(name) {
            Some(AttributeValue::Float(value)) => *value,
            _ => default,
        }
    }

    /// Text attribute, or `default`.
    pub(crate) fn text(&self, name: &str, default: &'a str) -> Result<&'a str, KernelError> {
        match self.node.attribute(name) {
            Some(AttributeValue::Text(value)) => std::str::from_utf8(value)
                .map_err(|_| KernelError(format!("the attribute `{name}` is not text"))),
            _ => Ok(default),
        }
    }

    /// List of integers, if present.
    pub(crate) fn ints(&self, name: &str) -> Option<&'a [i64]> {
        match self.node.attribute(name) {
            Some(AttributeValue::Ints(values)) => Some(values),
            _ => None,
        }
    }

    /// List of floats; empty if absent. Doubles in a tensor attribute (`…_as_tensor`) are read too.
    pub(crate) fn floats(&self, name: &str) -> Result<Vec<f32>, KernelError> {
        match self.node.attribute(name) {
            Some(AttributeValue::Floats(values)) => Ok(values.clone()),
            Some(AttributeValue::Tensor(tensor)) => {
                onnx::tensor::to_f32(tensor, self.bytes).map_err(|error| KernelError(error.to_string()))
            }
            _ => Ok(Vec::new()),
        }
    }

    /// List of texts; empty if absent.
    pub(crate) fn texts(&self, name: &str) -> &'a [Vec<u8>] {
        match self.node.attribute(name) {
            Some(AttributeValue::Texts(values)) => values,
            _ => &[],
        }
    }

    /// A tensor attribute as a value, if present.
    pub(crate) fn tensor(&self, name: &str) -> Result<Option<Value>, KernelError> {
        match self.node.attribute(name) {
            Some(AttributeValue::Tensor(tensor)) => constant(tensor, self.bytes).map(Some),
            _ => Ok(None),
        }
    }
}

/// A stored tensor as a value: floats of any width as 32-bit floats, integers and truth values as 64-bit integers.
pub(crate) fn constant(tensor: &onnx::Tensor, bytes: &[u8]) -> Result<Value, KernelError> {
    let shape: Option<Vec<usize>> = tensor.dims.iter().map(|extent| usize::try_from(*extent).ok()).collect();
    let shape =
        shape.ok_or_else(|| KernelError(format!("tensor `{}` has a negative extent", tensor.name)))?;
    let error = |error: onnx::tensor::DecodeError| KernelError(error.to_string());
    match tensor.dtype {
        onnx::DataType::FLOAT
        | onnx::DataType::DOUBLE
        | onnx::DataType::FLOAT16
        | onnx::DataType::BFLOAT16 => {
            Ok(Value::Float(Array::new(shape, onnx::tensor::to_f32(tensor, bytes).map_err(error)?)?))
        }
        _ => Ok(Value::Int(Array::new(shape, onnx::tensor::to_i64(tensor, bytes).map_err(error)?)?)),
    }
}
