//! `SVMClassifier`: one-against-one support vector machines after libsvm.

use super::super::super::kernel::{Context, Flow, Inputs, Kernel, KernelError};
use super::super::super::tensor::Value;
use super::{Prepared, class_labels, classified, features};

#[derive(Clone, Copy)]
enum Similarity {
    Linear,
    Polynomial,
    Radial,
    Sigmoid,
}

struct Machine {
    similarity: Similarity,
    gamma: f32,
    coefficient: f32,
    degree: f32,
    vectors: Vec<f32>,
    /// Support vectors of each class.
    counts: Vec<usize>,
    /// `classes - 1` rows of one coefficient per support vector.
    coefficients: Vec<f32>,
    offsets: Vec<f32>,
    /// Platt's parameters, one pair per pair of classes; empty without probabilities.
    platt: Vec<(f32, f32)>,
    labels: Vec<i64>,
}

impl Machine {
    fn kernel(&self, x: &[f32], vector: &[f32]) -> f32 {
        let dot = || x.iter().zip(vector).map(|(a, b)| a * b).sum::<f32>();
        match self.similarity {
            Similarity::Linear => dot(),
            Similarity::Polynomial => (self.gamma * dot() + self.coefficient).powf(self.degree),
            Similarity::Sigmoid => (self.gamma * dot() + self.coefficient).tanh(),
            Similarity::Radial => {
                let distance: f32 = x.iter().zip(vector).map(|(a, b)| (a - b) * (a - b)).sum();
                (-self.gamma * distance).exp()
            }
        }
    }

    /// Decision value of every pair of classes, first against second.
    fn decisions(&self, x: &[f32]) -> Vec<f32> {
        let total: usize = self.counts.iter().sum();
        let near: Vec<f32> =
            self.vectors.chunks_exact(x.len().max(1)).map(|vector| self.kernel(x, vector)).collect();
        let starts: Vec<usize> =
            self.counts.iter().scan(0, |sum, count| Some(std::mem::replace(sum, *sum + count))).collect();
        let side = |row: usize, class: usize| -> f64 {
            (starts[class]..starts[class] + self.counts[class])
                .map(|index| f64::from(self.coefficients[row * total + index]) * f64::from(near[index]))
                .sum()
        };
        let classes = self.counts.len();
        let mut decisions = Vec::new();
        for first in 0..classes {
            for second in first + 1..classes {
                let sum = side(second - 1, first) + side(first, second);
                decisions.push((sum + f64::from(self.offsets[decisions.len()])) as f32);
            }
        }
        decisions
    }

    fn scores(&self, x: &[f32]) -> Vec<f32> {
        let classes = self.counts.len();
        let decisions = self.decisions(x);
        let mut pairs = (0..classes)
            .flat_map(|first| (first + 1..classes).map(move |second| (first, second)))
            .zip(&decisions);
        if self.platt.is_empty() {
            let mut votes = vec![0.0; classes];
            pairs.for_each(|((first, second), decision)| {
                votes[if *decision > 0.0 { first } else { second }] += 1.0
            });
            return votes;
        }
        let mut likely = vec![vec![0.0_f64; classes]; classes];
        for (((first, second), decision), (a, b)) in pairs.by_ref().zip(&self.platt) {
            let p = 1.0 / (1.0 + (f64::from(decision * a) + f64::from(*b)).exp());
            let p = p.clamp(1e-7, 1.0 - 1e-7);
            likely[first][second] = p;
            likely[second][first] = 1.0 - p;
        }
        couple(&likely)
    }
}

/// Class probabilities from pairwise ones: Wu, Lin and Weng, JMLR 5 (2004), second method.
fn couple(likely: &[Vec<f64>]) -> Vec<f32> {
    let classes = likely.len();
    let entry = |row: usize, column: usize| {
        if row == column {
            (0..classes).filter(|other| *other != row).map(|other| likely[other][row].powi(2)).sum()
        } else {
            -likely[column][row] * likely[row][column]
        }
    };
    let matrix: Vec<Vec<f64>> =
        (0..classes).map(|row| (0..classes).map(|column| entry(row, column)).collect()).collect();
    let mut p = vec![1.0 / classes as f64; classes];
    let tolerance = 0.005 / classes as f64;
    for _ in 0..classes.max(100) {
        let mut products: Vec<f64> =
            matrix.iter().map(|row| row.iter().zip(&p).map(|(a, b)| a * b).sum()).collect();
        let mut energy: f64 = p.iter().zip(&products).map(|(a, b)| a * b).sum();
        if products.iter().all(|product| (product - energy).abs() < tolerance) {
            break;
        }
        for class in 0..classes {
            let step = (energy - products[class]) / matrix[class][class];
            p[class] += step;
            energy = (energy + step * (step * matrix[class][class] + 2.0 * products[class]))
                / (1.0 + step).powi(2);
            for other in 0..classes {
                products[other] = (products[other] + step * matrix[class][other]) / (1.0 + step);
                p[other] /= 1.0 + step;
            }
        }
    }
    p.iter().map(|p| *p as f32).collect()
}

impl Kernel for Machine {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (x, rows, columns) = features(inputs)?;
        if self.counts.iter().sum::<usize>().checked_mul(columns) != Some(self.vectors.len()) {
            return Err(KernelError(format!("the support vectors do not have {columns} features")));
        }
        let scores: Vec<f32> = x.data.chunks_exact(columns.max(1)).flat_map(|row| self.scores(row)).collect();
        classified(&self.labels, scores, rows)
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }
}

pub(crate) fn classifier(context: &Context<'_>) -> Prepared {
    let similarity = match context.text("kernel_type", "LINEAR")? {
        "LINEAR" => Similarity::Linear,
        "POLY" => Similarity::Polynomial,
        "RBF" => Similarity::Radial,
        "SIGMOID" => Similarity::Sigmoid,
        other => return Err(KernelError(format!("the kernel `{other}` is not supported"))),
    };
    if context.text("post_transform", "NONE")? != "NONE" {
        return Err(KernelError("a post transform is not supported".to_owned()));
    }
    let labels = class_labels(context, "classlabels_ints", "classlabels_strings");
    let counts: Option<Vec<usize>> = context
        .ints("vectors_per_class")
        .unwrap_or_default()
        .iter()
        .map(|count| usize::try_from(*count).ok().filter(|count| *count < 1 << 24))
        .collect();
    let counts = counts.unwrap_or_default();
    let classes = counts.len();
    let (pairs, total) = (classes * classes.saturating_sub(1) / 2, counts.iter().sum::<usize>());
    let (coefficients, offsets) = (context.floats("coefficients")?, context.floats("rho")?);
    let (a, b, parameters) =
        (context.floats("prob_a")?, context.floats("prob_b")?, context.floats("kernel_params")?);
    if classes < 2
        || labels.len() != classes
        || Some(coefficients.len()) != total.checked_mul(classes - 1)
        || offsets.len() != pairs
        || a.len() != b.len()
        || !(a.is_empty() || a.len() == pairs)
    {
        return Err(KernelError(
            "only classifiers with whole one-against-one machines are supported".to_owned(),
        ));
    }
    let parameter = |index: usize, default: f32| parameters.get(index).copied().unwrap_or(default);
    Ok(Box::new(Machine {
        similarity,
        gamma: parameter(0, 1.0),
        coefficient: parameter(1, 0.0),
        degree: parameter(2, 3.0),
        vectors: context.floats("support_vectors")?,
        counts,
        coefficients,
        offsets,
        platt: a.into_iter().zip(b).collect(),
        labels,
    }))
}
