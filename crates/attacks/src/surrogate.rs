//! A small network trained on a model's answers: the copy of an extraction, the stand-in of a transfer attack.

use rand::seq::SliceRandom as _;
use rand_pcg::Pcg64;

use crate::evasion::{generator, normal};
use crate::network::{Matrix, multiply};
use crate::target::{
    Bounds, Cotangent, GradientTarget, Gradients, LabelTarget, ScoreTarget, TargetError, winner,
};

/// A dense layer with the running moments of its optimiser (Adam; Kingma and Ba, ICLR 2015).
struct Layer {
    inputs: usize,
    outputs: usize,
    /// Weights by output and input, then biases.
    values: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Layer {
    fn new(inputs: usize, outputs: usize, random: &mut Pcg64) -> Self {
        let scale = (2.0 / inputs.max(1) as f32).sqrt();
        let mut values: Vec<f32> = (0..inputs * outputs).map(|_| scale * normal(random).0).collect();
        values.resize((inputs + 1) * outputs, 0.0);
        let zeros = vec![0.0; values.len()];
        Self { inputs, outputs, values, first: zeros.clone(), second: zeros }
    }

    fn forward(&self, x: &[f32], rows: usize) -> Vec<f32> {
        let (weights, biases) = self.values.split_at(self.inputs * self.outputs);
        let mut y: Vec<f32> = biases.iter().copied().cycle().take(rows * self.outputs).collect();
        let weights = Matrix::new(weights, self.outputs, self.inputs).transposed();
        multiply(1.0, Matrix::new(x, rows, self.inputs), weights, 1.0, &mut y);
        y
    }

    /// The gradient by the input.
    fn below(&self, above: &[f32], rows: usize) -> Vec<f32> {
        let mut below = vec![0.0; rows * self.inputs];
        let gradient = Matrix::new(above, rows, self.outputs);
        multiply(1.0, gradient, Matrix::new(&self.values, self.outputs, self.inputs), 0.0, &mut below);
        below
    }

    /// Moves the weights against the gradient and returns the gradient by the input.
    fn backward(&mut self, x: &[f32], above: &[f32], rows: usize, step: i32) -> Vec<f32> {
        const RATE: f32 = 0.003;
        let count = self.inputs * self.outputs;
        let gradient = Matrix::new(above, rows, self.outputs);
        let below = self.below(above, rows);
        let mut slopes = vec![0.0; self.values.len()];
        multiply(1.0, gradient.transposed(), Matrix::new(x, rows, self.inputs), 0.0, &mut slopes[..count]);
        for row in above.chunks_exact(self.outputs) {
            slopes[count..].iter_mut().zip(row).for_each(|(sum, part)| *sum += part);
        }
        let (fix_first, fix_second) = (1.0 - 0.9_f32.powi(step), 1.0 - 0.999_f32.powi(step));
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((value, slope), (first, second)) in self.values.iter_mut().zip(slopes).zip(moments) {
            *first = 0.9 * *first + 0.1 * slope;
            *second = 0.999 * *second + 0.001 * slope * slope;
            *value -= RATE * (*first / fix_first) / ((*second / fix_second).sqrt() + 1e-8);
        }
        below
    }
}

/// Two hidden layers with ReLU over a row of elements.
pub struct Surrogate {
    layers: [Layer; 3],
    width: usize,
    classes: usize,
    bounds: Bounds,
}

/// How to train one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Training {
    /// Units of each of the two hidden layers.
    pub hidden: usize,
    /// Passes over the answers.
    pub epochs: usize,
    /// Seed.
    pub seed: u64,
}

impl Surrogate {
    /// Trains on rows of `width` inputs in `bounds` and rows of `classes` probabilities by cross-entropy, in minibatches
    /// of a fixed order for a seed.
    pub fn train(
        inputs: &[f32],
        answers: &[f32],
        (width, classes, bounds): (usize, usize, Bounds),
        training: &Training,
    ) -> Self {
        let mut random = generator(training.seed, "extraction-training", 0);
        let mut layers = [
            Layer::new(width, training.hidden, &mut random),
            Layer::new(training.hidden, training.hidden, &mut random),
            Layer::new(training.hidden, classes, &mut random),
        ];
        let mut order: Vec<usize> = (0..inputs.len() / width).collect();
        let mut step = 0;
        for _ in 0..training.epochs {
            order.shuffle(&mut random);
            for batch in order.chunks(32) {
                step += 1;
                let rows = batch.len();
                let gather = |data: &[f32], width: usize| -> Vec<f32> {
                    batch.iter().flat_map(|row| &data[row * width..(row + 1) * width]).copied().collect()
                };
                let (x, wanted) = (gather(inputs, width), gather(answers, classes));
                let mut first = layers[0].forward(&x, rows);
                rectify(&mut first);
                let mut second = layers[1].forward(&first, rows);
                rectify(&mut second);
                let mut above = layers[2].forward(&second, rows);
                for (row, wanted) in above.chunks_exact_mut(classes).zip(wanted.chunks_exact(classes)) {
                    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                    row.iter_mut().for_each(|logit| *logit = (*logit - top).exp());
                    let sum: f32 = row.iter().sum();
                    row.iter_mut().zip(wanted).for_each(|(p, wanted)| *p = (*p / sum - wanted) / rows as f32);
                }
                let mut above = layers[2].backward(&second, &above, rows, step);
                stop_where_flat(&mut above, &second);
                let mut above = layers[1].backward(&first, &above, rows, step);
                stop_where_flat(&mut above, &first);
                layers[0].backward(&x, &above, rows, step);
            }
        }
        Self { layers, width, classes, bounds }
    }

    /// Logits, one row of classes per row of inputs.
    pub fn logits(&self, inputs: &[f32]) -> Vec<f32> {
        let [.., logits] = self.pass(inputs);
        logits
    }

    /// What each layer gives; the first two after ReLU.
    fn pass(&self, inputs: &[f32]) -> [Vec<f32>; 3] {
        let rows = inputs.len() / self.width.max(1);
        let mut first = self.layers[0].forward(inputs, rows);
        rectify(&mut first);
        let mut second = self.layers[1].forward(&first, rows);
        rectify(&mut second);
        let logits = self.layers[2].forward(&second, rows);
        [first, second, logits]
    }
}

fn rectify(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = value.max(0.0));
}

/// The gradient of ReLU, given its output.
fn stop_where_flat(gradient: &mut [f32], output: &[f32]) {
    gradient.iter_mut().zip(output).filter(|(_, y)| **y <= 0.0).for_each(|(gradient, _)| *gradient = 0.0);
}

impl LabelTarget for Surrogate {
    fn width(&self) -> usize {
        self.width
    }

    fn classes(&self) -> usize {
        self.classes
    }

    fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        Ok(self.logits(inputs).chunks_exact(self.classes).map(winner).collect())
    }
}

impl ScoreTarget for Surrogate {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        Ok(self.logits(inputs))
    }
}

impl GradientTarget for Surrogate {
    fn gradients(&self, inputs: &[f32], cotangent: &Cotangent<'_>) -> Result<Gradients, TargetError> {
        let rows = inputs.len() / self.width.max(1);
        let [first, second, logits] = self.pass(inputs);
        let mut above = vec![0.0; logits.len()];
        let pairs = logits.chunks_exact(self.classes).zip(above.chunks_exact_mut(self.classes));
        pairs.enumerate().for_each(|(row, (logits, above))| cotangent(row, logits, above));
        let mut above = self.layers[2].below(&above, rows);
        stop_where_flat(&mut above, &second);
        let mut above = self.layers[1].below(&above, rows);
        stop_where_flat(&mut above, &first);
        Ok(Gradients { inputs: self.layers[0].below(&above, rows), logits })
    }
}
