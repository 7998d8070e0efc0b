//! Ways of guessing, with the model and without.

use super::baseline::{NaiveBayes, Table, log_probabilities, marginal, network, scale};
use super::evidence::Trial;
use super::{Known, Parameters};
use crate::samples::Samples;
use crate::target::{LabelTarget as _, winner};

/// How far the likelihoods of a record's values may lie apart as features of a network.
const APART: f32 = 5.0;

/// What guesses are made from.
pub(super) struct Knowledge<'a> {
    pub(super) known: &'a Samples,
    /// Value of each known record.
    pub(super) truth: &'a [usize],
    pub(super) evidence: &'a [Trial],
    /// Known records to train on.
    pub(super) rows: &'a [usize],
    pub(super) values: usize,
    pub(super) classes: usize,
    pub(super) parameters: &'a Parameters,
}

impl Knowledge<'_> {
    /// Without the model: `majority`, `naive-bayes`, `network`.
    pub(super) fn baselines(&self, samples: &Samples) -> Vec<(&'static str, Vec<usize>)> {
        let labels = self.parameters.known == Known::Label;
        let [own, asked] = self.tables(samples, labels, None);
        let bayes = NaiveBayes::fit(&own, self.truth, self.rows, self.values);
        let network = network(&own, self.truth, self.rows, self.values, &self.parameters.training);
        let most = best(&marginal(self.truth, self.rows, self.values));
        let records = 0..samples.len();
        vec![
            ("majority", vec![most; samples.len()]),
            ("naive-bayes", records.map(|row| best(&bayes.log_odds(asked.row(row)))).collect()),
            ("network", classes(&network.labels(&asked.values).unwrap_or_default())),
        ]
    }

    /// With the model, `evidence` on `samples`: `marginal` weighs the evidence by how common a value is, `confidence` takes
    /// the surest right answer (scores and true classes only), `imputed` weighs by what the other columns say, `learned` is
    /// the network of the baseline with the evidence as further features.
    pub(super) fn attacks(
        &self,
        samples: &Samples,
        evidence: &[Trial],
        by_scores: bool,
    ) -> Vec<(&'static str, Vec<usize>)> {
        let weighed = |prior: &[f32], trials: &[Trial]| {
            let both: Vec<f32> =
                prior.iter().zip(trials).map(|(log, trial)| log + trial.likelihood).collect();
            best(&both)
        };
        let records = || evidence.chunks_exact(self.values);
        let common = marginal(self.truth, self.rows, self.values);
        let mut guesses = vec![("marginal", records().map(|trials| weighed(&common, trials)).collect())];
        if by_scores && self.parameters.known == Known::Label {
            guesses.push(("confidence", records().map(surest).collect()));
        }
        let training = &self.parameters.training;
        // The evidence speaks of the class; a prior that knew it too would count it twice.
        let [own, asked] = self.tables(samples, false, None);
        let prior = network(&own, self.truth, self.rows, self.values, training);
        let prior = log_probabilities(&prior, &asked, self.values);
        let pairs = prior.chunks_exact(self.values).zip(records());
        guesses.push(("imputed", pairs.map(|(prior, trials)| weighed(prior, trials)).collect()));
        let labels = self.parameters.known == Known::Label;
        let [own, asked] = self.tables(samples, labels, Some(evidence));
        let learned = network(&own, self.truth, self.rows, self.values, training);
        guesses.push(("learned", classes(&learned.labels(&asked.values).unwrap_or_default())));
        guesses
    }

    /// Features of the known records and of `samples`: the other columns, the true class if asked for, and how likely
    /// each value is by the evidence on `samples` if given.
    fn tables(&self, samples: &Samples, labels: bool, evidence: Option<&[Trial]>) -> [Table; 2] {
        let table = |samples: &Samples, evidence: Option<&[Trial]>| {
            let mut values = Vec::new();
            for record in 0..samples.len() {
                let columns = samples.row(record).iter().enumerate();
                let others = columns.filter(|(column, _)| !self.parameters.columns.contains(column));
                // A value that is no number must not spoil the columns of every record.
                values.extend(others.map(|(_, x)| if x.is_finite() { *x } else { 0.0 }));
                if labels {
                    let label = samples.labels[record];
                    values.extend((0..self.classes).map(|class| f32::from(u8::from(class as i64 == label))));
                }
                let trials = evidence.map(|all| &all[record * self.values..(record + 1) * self.values]);
                let trials = trials.unwrap_or_default();
                let top = trials.iter().map(|trial| trial.likelihood).fold(f32::NEG_INFINITY, f32::max);
                values.extend(trials.iter().map(|trial| (trial.likelihood - top).max(-APART)));
            }
            Table { width: values.len() / samples.len().max(1), values }
        };
        let mut own = table(self.known, evidence.map(|_| self.evidence));
        let mut asked = table(samples, evidence);
        let scales = scale(&own, self.rows);
        for table in [&mut own, &mut asked] {
            for row in table.values.chunks_exact_mut(scales.len().max(1)) {
                row.iter_mut().zip(&scales).for_each(|(x, (mean, deviation))| *x = (*x - mean) / deviation);
            }
        }
        [own, asked]
    }
}

/// The surest of the values under which the model is right, or where it never is the one under which it is least sure
/// (Mehnaz et al., USENIX Security 2022, section 4.2).
fn surest(trials: &[Trial]) -> usize {
    let any = trials.iter().any(|trial| trial.right);
    let fits: Vec<f32> = trials
        .iter()
        .map(|trial| match (any, trial.right) {
            (true, true) => trial.confidence,
            (true, false) => f32::NEG_INFINITY,
            (false, _) => -trial.confidence,
        })
        .collect();
    best(&fits)
}

fn best(row: &[f32]) -> usize {
    winner(row) as usize
}

fn classes(labels: &[u32]) -> Vec<usize> {
    labels.iter().map(|label| *label as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_right_value_is_taken_and_else_the_least_sure() {
        let trial = |right, confidence| Trial { likelihood: 0.0, right, confidence };
        assert_eq!(surest(&[trial(false, 0.99), trial(true, 0.6), trial(true, 0.7)]), 2);
        assert_eq!(surest(&[trial(false, 0.9), trial(false, 0.6), trial(false, 0.7)]), 1);
    }
}
