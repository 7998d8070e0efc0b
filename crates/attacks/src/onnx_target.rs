//! An ONNX model as a target.

use rayon::prelude::*;
use vauban_formats::onnx::Onnx;

use crate::network::{LoadError, Network, Tensor, Value};
use crate::target::{
    Access, Bounds, Cotangent, GradientTarget, Gradients, LabelTarget, ScoreTarget, TargetError, winner,
};

/// Rows run at once: enough to keep the matrix product busy, few enough to stay in the cache.
const ROWS: usize = 128;

/// A classifier in ONNX, run by this crate.
pub struct OnnxTarget {
    pub(crate) network: Network,
    /// Their position among the outputs.
    output: usize,
    /// The value before a final softmax, or the scores themselves.
    pub(crate) logits: usize,
    /// Extents of one sample, without the batch.
    pub(crate) sample: Vec<usize>,
    /// The batch the model insists on, if its first extent is fixed.
    pub(crate) batch: Option<usize>,
    width: usize,
    classes: usize,
    bounds: Bounds,
    gradient_breaks: Vec<String>,
    /// Whether every break has a smooth stand-in.
    straight_through: bool,
}

/// Prepares the model in `onnx`, parsed from `bytes`, as a target with inputs in \[0, 1\].
///
/// The scores are the last output whose rows hold at least two numbers.
///
/// # Errors
/// [`LoadError`] names what the model uses that is not supported, or why it is no classifier.
pub fn load(onnx: &Onnx, bytes: &[u8]) -> Result<OnnxTarget, LoadError> {
    let network = Network::load(onnx, bytes)?;
    let shape = network.input_shape().to_vec();
    let Some((batch, sample)) = shape.split_first() else {
        return Err(LoadError::Graph("the input has no batch axis".to_owned()));
    };
    let sample: Option<Vec<usize>> = sample.iter().copied().collect();
    let sample = sample.ok_or_else(|| {
        LoadError::Graph(
            "an input extent other than the batch is open; export the model with it fixed".to_owned(),
        )
    })?;
    let width = crate::network::size(&sample).map_err(|error| LoadError::Graph(error.0))?;
    let batch = batch.filter(|rows| *rows > 0);
    let rows = batch.unwrap_or(1);
    // A model's first run tells what its outputs are; stated shapes are often open or wrong.
    let input_shape = [&[rows], &sample[..]].concat();
    let probe = Tensor::filled(&input_shape, 0.5).map_err(|error| LoadError::Graph(error.0))?;
    let outputs = network.run(probe).map_err(|error| LoadError::Graph(error.0))?;
    let is_scores = |value: &Value| match value {
        Value::Float(scores) => scores.shape.first() == Some(&rows) && scores.data.len() / rows >= 2,
        Value::Int(_) => false,
    };
    let output = outputs.iter().rposition(is_scores).ok_or_else(|| {
        LoadError::Graph("no output holds a score for each of two or more classes".to_owned())
    })?;
    let classes = match &outputs[output] {
        Value::Float(scores) => scores.data.len() / rows,
        Value::Int(_) => 0,
    };
    let scores = network.outputs[output];
    let logits = before_softmax(&network, scores);
    let breaks = network.gradient_breaks(logits);
    let straight_through = breaks.iter().all(|(_, has_stand_in)| *has_stand_in);
    let gradient_breaks = breaks.into_iter().map(|(name, _)| name).collect();
    Ok(OnnxTarget {
        network,
        output,
        logits,
        sample,
        batch,
        width,
        classes,
        bounds: Bounds::default(),
        gradient_breaks,
        straight_through,
    })
}

/// The input of a final softmax, looked for behind operators that change nothing.
fn before_softmax(network: &Network, scores: usize) -> usize {
    let mut at = scores;
    while let Some(step) = network.maker(at) {
        match (step.operator.name, step.inputs.first()) {
            ("Identity", Some(Some(input))) => at = *input,
            ("Softmax" | "LogSoftmax", Some(Some(input))) => return *input,
            _ => break,
        }
    }
    scores
}

impl OnnxTarget {
    /// The same target with inputs in another box.
    #[must_use]
    pub fn with_bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// Extents of one sample.
    pub fn sample_shape(&self) -> &[usize] {
        &self.sample
    }

    /// The network, and which of its values holds the logits.
    pub(crate) fn parts(&self) -> (&Network, usize) {
        (&self.network, self.logits)
    }

    /// Whether the scores are a softmax of the logits.
    pub(crate) fn ends_in_softmax(&self) -> bool {
        self.logits != self.network.outputs[self.output]
    }

    /// The batch the model insists on, if any.
    pub(crate) fn batch(&self) -> Option<usize> {
        self.batch
    }

    /// The target with the strongest access the model allows.
    pub fn access(&self) -> Access<'_> {
        if self.gradient_breaks.is_empty() { Access::Gradients(self) } else { Access::Scores(self) }
    }

    fn failed(error: impl std::fmt::Display) -> TargetError {
        TargetError::Failed(error.to_string())
    }

    /// The rows as the model takes them; the last of a fixed batch is filled up with zeros.
    fn tensor(&self, rows: &[f32]) -> Tensor {
        let mut data = rows.to_vec();
        let count = rows.len() / self.width;
        let batch = self.batch.unwrap_or(count);
        data.resize(batch * self.width, 0.0);
        Tensor { shape: [&[batch], &self.sample[..]].concat(), data }
    }

    /// Runs `run` on each chunk of rows and joins the results in order.
    fn chunks<T: Send>(
        &self,
        inputs: &[f32],
        run: impl Fn(usize, &[f32]) -> Result<T, TargetError> + Sync,
    ) -> Result<Vec<T>, TargetError> {
        if self.width == 0 || !inputs.len().is_multiple_of(self.width) {
            let detail = format!("{} values are no rows of {}", inputs.len(), self.width);
            return Err(TargetError::Failed(detail));
        }
        let rows = self.batch.unwrap_or(ROWS);
        let chunk = rows * self.width;
        // The chunks are the same for any number of threads, so the bits are too.
        if inputs.len() <= chunk {
            return if inputs.is_empty() { Ok(Vec::new()) } else { Ok(vec![run(0, inputs)?]) };
        }
        inputs.par_chunks(chunk).enumerate().map(|(index, part)| run(index * rows, part)).collect()
    }

    fn chunk_scores(&self, part: &[f32]) -> Result<Vec<f32>, TargetError> {
        let mut outputs = self.network.run(self.tensor(part)).map_err(Self::failed)?;
        let count = part.len() / self.width * self.classes;
        match outputs.swap_remove(self.output) {
            Value::Float(mut scores) if scores.data.len() >= count => {
                scores.data.truncate(count);
                Ok(scores.data)
            }
            _ => Err(Self::failed("the scores changed their shape")),
        }
    }

    fn chunk_gradients(
        &self,
        first: usize,
        part: &[f32],
        cotangent: &Cotangent<'_>,
    ) -> Result<Gradients, TargetError> {
        let tape = self.network.record(self.tensor(part)).map_err(Self::failed)?;
        let Some(Value::Float(logits)) = tape.value(self.logits) else {
            return Err(Self::failed("there are no logits"));
        };
        let count = part.len() / self.width * self.classes;
        if logits.data.len() < count {
            return Err(Self::failed("the logits changed their shape"));
        }
        let mut above = Tensor { shape: logits.shape.clone(), data: vec![0.0; logits.data.len()] };
        let rows = logits.data[..count].chunks_exact(self.classes);
        for (index, (logits, above)) in rows.zip(above.data.chunks_exact_mut(self.classes)).enumerate() {
            cotangent(first + index, logits, above);
        }
        let kept = logits.data[..count].to_vec();
        let input = self.network.input;
        let mut gradients = tape.backward(self.logits, above, &[input]).map_err(Self::failed)?;
        let inputs = match gradients.pop().flatten() {
            Some(mut gradient) => {
                gradient.data.truncate(part.len());
                gradient.data
            }
            // Nothing depends on the input: a constant model.
            None => vec![0.0; part.len()],
        };
        Ok(Gradients { logits: kept, inputs })
    }
}

impl LabelTarget for OnnxTarget {
    fn width(&self) -> usize {
        self.width
    }

    fn classes(&self) -> usize {
        self.classes
    }

    fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn gradient_breaks(&self) -> &[String] {
        &self.gradient_breaks
    }

    fn straight_through(&self) -> Option<&dyn GradientTarget> {
        (!self.gradient_breaks.is_empty() && self.straight_through).then_some(self)
    }

    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        Ok(self.scores(inputs)?.chunks_exact(self.classes).map(winner).collect())
    }
}

impl ScoreTarget for OnnxTarget {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        Ok(self.chunks(inputs, |_, part| self.chunk_scores(part))?.concat())
    }
}

impl GradientTarget for OnnxTarget {
    fn gradients(&self, inputs: &[f32], cotangent: &Cotangent<'_>) -> Result<Gradients, TargetError> {
        if !self.gradient_breaks.is_empty() && !self.straight_through {
            return Err(Self::failed(format!("no gradient passes {}", self.gradient_breaks.join(", "))));
        }
        let parts = self.chunks(inputs, |first, part| self.chunk_gradients(first, part, cotangent))?;
        let mut whole = Gradients { logits: Vec::new(), inputs: Vec::new() };
        for part in parts {
            whole.logits.extend_from_slice(&part.logits);
            whole.inputs.extend_from_slice(&part.inputs);
        }
        Ok(whole)
    }
}
