//! From a parsed ONNX graph to prepared steps.

use std::collections::{BTreeMap, BTreeSet};

use vauban_formats::onnx::{self, Dimension, Onnx, ValueType};

use super::kernel::{Context, Flow, Inputs, Kernel, KernelError, constant};
use super::operators;
use super::tensor::Value;

/// Why a model cannot be run here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Operators outside the closed set, sorted.
    #[error("the model uses operators that are not supported: {}", .0.join(", "))]
    Operators(Vec<String>),
    /// The graph is not one this crate can run.
    #[error("the model cannot be run: {0}")]
    Graph(String),
    /// A node's attributes or constants make no sense.
    #[error("the node `{node}` ({operator}) cannot be prepared: {source}")]
    Node {
        /// Name of the node, or of its first output.
        node: String,
        /// Its operator.
        operator: String,
        /// What is wrong.
        source: KernelError,
    },
}

/// One prepared node.
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) operator: &'static operators::Operator,
    pub(crate) kernel: Box<dyn Kernel>,
    pub(crate) inputs: Vec<Option<usize>>,
    pub(crate) outputs: Vec<Option<usize>>,
}

/// A graph ready to run.
pub struct Network {
    pub(crate) steps: Vec<Step>,
    /// Constants by value number; `None` for what is computed.
    pub(crate) constants: Vec<Option<Value>>,
    pub(crate) input: usize,
    pub(crate) outputs: Vec<usize>,
    /// Values that nothing needs after step `i`.
    pub(crate) released: Vec<Vec<usize>>,
    names: BTreeMap<String, usize>,
    input_name: String,
    output_names: Vec<String>,
    input_shape: Vec<Option<usize>>,
}

impl Network {
    /// Prepares the main graph; `bytes` are those of the file.
    ///
    /// # Errors
    /// [`LoadError`] names every operator outside the set, or the first node that makes no sense.
    pub fn load(onnx: &Onnx, bytes: &[u8]) -> Result<Self, LoadError> {
        let graph =
            onnx.graph.as_ref().ok_or_else(|| LoadError::Graph("the file holds no graph".to_owned()))?;
        let unknown: BTreeSet<String> = graph
            .nodes
            .iter()
            .filter(|node| operators::find(&node.domain, &node.op).is_none())
            .map(|node| {
                if node.domain.is_empty() { node.op.clone() } else { format!("{}.{}", node.domain, node.op) }
            })
            .collect();
        if !unknown.is_empty() {
            return Err(LoadError::Operators(unknown.into_iter().collect()));
        }
        if !graph.sparse_initialisers.is_empty() {
            return Err(LoadError::Graph("sparse initialisers are not supported".to_owned()));
        }

        let mut names = BTreeMap::new();
        let mut constants = Vec::new();
        for tensor in &graph.initialisers {
            let value = constant(tensor, bytes).map_err(|error| LoadError::Graph(error.0))?;
            names.insert(tensor.name.clone(), constants.len());
            constants.push(Some(value));
        }
        let mut free = graph.inputs.iter().filter(|input| !names.contains_key(&input.name));
        let (Some(input), None) = (free.next(), free.next()) else {
            return Err(LoadError::Graph("only models with exactly one input are supported".to_owned()));
        };
        let input_shape = extents(&input.value_type)
            .ok_or_else(|| LoadError::Graph(format!("the input `{}` states no tensor shape", input.name)))?;
        let input_number = constants.len();
        names.insert(input.name.clone(), input_number);
        constants.push(None);

        let mut network = Self {
            steps: Vec::new(),
            constants,
            input: input_number,
            outputs: Vec::new(),
            released: Vec::new(),
            names,
            input_name: input.name.clone(),
            output_names: graph.outputs.iter().map(|output| output.name.clone()).collect(),
            input_shape,
        };
        for node in &graph.nodes {
            network.add(node, graph, onnx, bytes)?;
        }
        network.outputs =
            network.output_names.iter().map(|name| network.number(name)).collect::<Result<_, _>>()?;
        network.find_released();
        Ok(network)
    }

    fn number(&self, name: &str) -> Result<usize, LoadError> {
        self.names
            .get(name)
            .copied()
            .ok_or_else(|| LoadError::Graph(format!("nothing makes the value `{name}`")))
    }

    /// Prepares one node, or folds it away when all it takes is constant.
    fn add(
        &mut self,
        node: &onnx::Node,
        graph: &onnx::Graph,
        onnx: &Onnx,
        bytes: &[u8],
    ) -> Result<(), LoadError> {
        let name = if node.name.is_empty() {
            node.outputs.first().cloned().unwrap_or_default()
        } else {
            node.name.clone()
        };
        let failed = |source| LoadError::Node { node: name.clone(), operator: node.op.clone(), source };
        let operator = operators::find(&node.domain, &node.op)
            .ok_or_else(|| LoadError::Operators(vec![node.op.clone()]))?;
        let opset = onnx.opset(&node.domain).unwrap_or(1);
        let context = Context { node, opset, bytes, initialisers: &graph.initialisers };
        let kernel = (operator.prepare)(&context).map_err(failed)?;
        let inputs: Vec<Option<usize>> = node
            .inputs
            .iter()
            .map(|name| if name.is_empty() { Ok(None) } else { self.number(name).map(Some) })
            .collect::<Result<_, _>>()?;

        let fixed: Option<Vec<Option<&Value>>> = inputs
            .iter()
            .map(|number| match number {
                Some(number) => self.constants[*number].as_ref().map(Some),
                None => Some(None),
            })
            .collect();
        let folded = fixed.map(|values| kernel.forward(&Inputs(&values))).transpose().map_err(failed)?;
        let mut folded = folded.map(Vec::into_iter);
        let is_constant = folded.is_some();

        let mut outputs = Vec::new();
        for output in &node.outputs {
            let value = folded.as_mut().and_then(Iterator::next);
            if output.is_empty() {
                outputs.push(None);
                continue;
            }
            let number = self.constants.len();
            if self.names.insert(output.clone(), number).is_some() {
                return Err(LoadError::Graph(format!("two nodes make the value `{output}`")));
            }
            self.constants.push(value);
            outputs.push(Some(number));
        }
        if !is_constant {
            self.steps.push(Step { name: name.clone(), operator, kernel, inputs, outputs });
        }
        Ok(())
    }

    fn find_released(&mut self) {
        let mut last = vec![None; self.constants.len()];
        for (index, step) in self.steps.iter().enumerate() {
            for number in step.inputs.iter().chain(&step.outputs).flatten() {
                last[*number] = Some(index);
            }
        }
        self.released = vec![Vec::new(); self.steps.len()];
        for (number, index) in last.into_iter().enumerate() {
            if let Some(index) = index
                && self.constants[number].is_none()
                && !self.outputs.contains(&number)
            {
                self.released[index].push(number);
            }
        }
    }

    /// Name of the input.
    pub fn input_name(&self) -> &str {
        &self.input_name
    }

    /// Stated extents of the input, `None` for open ones.
    pub fn input_shape(&self) -> &[Option<usize>] {
        &self.input_shape
    }

    /// Names of the outputs.
    pub fn output_names(&self) -> &[String] {
        &self.output_names
    }

    /// By value number: whether it depends on the values (not only the shapes) of `start`.
    pub(crate) fn depends_on(&self, start: &[usize]) -> Vec<bool> {
        let mut depends = vec![false; self.constants.len()];
        for number in start {
            depends[*number] = true;
        }
        for step in &self.steps {
            if step.kernel.flow() != Flow::ShapeOnly
                && step.inputs.iter().flatten().any(|number| depends[*number])
            {
                for number in step.outputs.iter().flatten() {
                    depends[*number] = true;
                }
            }
        }
        depends
    }

    /// Steps between the input and value `output` that have no gradient, as `Operator (node)`, and whether each has a
    /// smooth stand-in.
    pub(crate) fn gradient_breaks(&self, output: usize) -> Vec<(String, bool)> {
        let depends = self.depends_on(&[self.input]);
        let mut needed = vec![false; self.constants.len()];
        needed[output] = true;
        let mut breaks = Vec::new();
        for step in self.steps.iter().rev() {
            let on_path = step.kernel.flow() != Flow::ShapeOnly
                && step.outputs.iter().flatten().any(|number| needed[*number])
                && step.inputs.iter().flatten().any(|number| depends[*number]);
            if !on_path {
                continue;
            }
            if step.kernel.flow() == Flow::Broken {
                let name = format!("{} ({})", step.operator.name, step.name);
                breaks.push((name, step.kernel.straight_through()));
            }
            for number in step.inputs.iter().flatten() {
                needed[*number] |= depends[*number];
            }
        }
        breaks.reverse();
        breaks
    }

    /// The step that makes value `number`, if one does.
    pub(crate) fn maker(&self, number: usize) -> Option<&Step> {
        self.steps.iter().find(|step| step.outputs.contains(&Some(number)))
    }
}

fn extents(value_type: &ValueType) -> Option<Vec<Option<usize>>> {
    let ValueType::Tensor { shape: Some(shape), .. } = value_type else { return None };
    Some(
        shape
            .iter()
            .map(|dimension| match dimension {
                Dimension::Fixed(extent) => usize::try_from(*extent).ok().filter(|extent| *extent > 0),
                Dimension::Open(_) => None,
            })
            .collect(),
    )
}
