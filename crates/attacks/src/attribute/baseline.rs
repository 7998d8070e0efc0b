//! Guesses of a column from other columns alone: Gaussian naive Bayes and a small network.

use crate::extraction::probabilities;
use crate::surrogate::{Surrogate, Training};
use crate::target::Bounds;

/// Rows of features, brought to mean 0 and deviation 1 over the training rows.
pub(super) struct Table {
    pub(super) width: usize,
    pub(super) values: Vec<f32>,
}

impl Table {
    pub(super) fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.width..(index + 1) * self.width]
    }
}

/// Mean and deviation of each column over `rows`; a column that does not vary keeps the deviation 1.
pub(super) fn scale(table: &Table, rows: &[usize]) -> Vec<(f32, f32)> {
    let count = rows.len().max(1) as f64;
    (0..table.width)
        .map(|column| {
            let of = |row: &usize| f64::from(table.row(*row)[column]);
            let mean = rows.iter().map(of).sum::<f64>() / count;
            let spread = rows.iter().map(|row| (of(row) - mean).powi(2)).sum::<f64>() / count;
            (mean as f32, if spread > 1e-12 { spread.sqrt() as f32 } else { 1.0 })
        })
        .collect()
}

/// Logarithms of the shares of each of `values` among `truth` at `rows`, one added to each.
pub(super) fn marginal(truth: &[usize], rows: &[usize], values: usize) -> Vec<f32> {
    let mut counts = vec![1.0_f32; values];
    rows.iter().for_each(|row| counts[truth[*row]] += 1.0);
    let sum: f32 = counts.iter().sum();
    counts.iter().map(|count| (count / sum).ln()).collect()
}

/// Normal distributions of each feature under each value.
pub(super) struct NaiveBayes {
    prior: Vec<f32>,
    /// Mean and variance by value and feature.
    moments: Vec<(f32, f32)>,
    width: usize,
}

impl NaiveBayes {
    pub(super) fn fit(table: &Table, truth: &[usize], rows: &[usize], values: usize) -> Self {
        let mut moments = Vec::with_capacity(values * table.width);
        for value in 0..values {
            let own: Vec<usize> = rows.iter().copied().filter(|row| truth[*row] == value).collect();
            let count = own.len() as f32;
            for column in 0..table.width {
                let of = |row: &usize| table.row(*row)[column];
                // One row at the overall mean with the overall variance steadies values that are rare.
                let mean = own.iter().map(of).sum::<f32>() / (count + 1.0);
                let spread = own.iter().map(|row| (of(row) - mean).powi(2)).sum::<f32>();
                moments.push((mean, (spread + 1.0) / (count + 1.0)));
            }
        }
        Self { prior: marginal(truth, rows, values), moments, width: table.width }
    }

    /// Logarithm of the joint density with each value.
    pub(super) fn log_odds(&self, row: &[f32]) -> Vec<f32> {
        let under = |(prior, moments): (&f32, &[(f32, f32)])| {
            let parts = row.iter().zip(moments);
            prior - parts.map(|(x, (mean, var))| ((x - mean).powi(2) / var + var.ln()) / 2.0).sum::<f32>()
        };
        self.prior.iter().zip(self.moments.chunks_exact(self.width.max(1))).map(under).collect()
    }
}

/// A network from features to values.
pub(super) fn network(
    table: &Table,
    truth: &[usize],
    rows: &[usize],
    values: usize,
    training: &Training,
) -> Surrogate {
    let inputs: Vec<f32> = rows.iter().flat_map(|row| table.row(*row)).copied().collect();
    let mut answers = vec![0.0; rows.len() * values];
    rows.iter().enumerate().for_each(|(at, row)| answers[at * values + truth[*row]] = 1.0);
    Surrogate::train(&inputs, &answers, (table.width, values, Bounds::default()), training)
}

/// Logarithms of the network's probabilities, one row per record.
pub(super) fn log_probabilities(network: &Surrogate, table: &Table, values: usize) -> Vec<f32> {
    let mut logits = network.logits(&table.values);
    logits.chunks_exact_mut(values).for_each(probabilities::softmax);
    logits.iter_mut().for_each(|p| *p = p.max(1e-6).ln());
    logits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naive_bayes_follows_its_features_and_a_rare_value_stays_finite() {
        let table = Table { width: 1, values: vec![-1.0, -0.9, -1.1, 1.0, 0.9, 1.1] };
        let truth = [0, 0, 0, 1, 1, 1];
        let bayes = NaiveBayes::fit(&table, &truth, &[0, 1, 2, 3, 4, 5], 3);
        let at = |x: f32| bayes.log_odds(&[x]);
        assert!(at(-1.0)[0] > at(-1.0)[1] && at(1.0)[1] > at(1.0)[0]);
        assert!(at(0.0).iter().all(|log| log.is_finite()));
        let (mean, deviation) = scale(&table, &[0, 3])[0];
        assert!(mean.abs() < 1e-6 && (deviation - 1.0).abs() < 1e-6);
    }
}
