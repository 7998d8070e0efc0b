//! What the model says about every value that a hidden column may take.

use super::{Known, Parameters};
use crate::extraction::probabilities;
use crate::samples::Samples;
use crate::target::{Access, TargetError, winner};

/// Smallest probability that counts; rounded answers may be 0.
const FLOOR: f32 = 1e-6;
/// Smallest variance of answers to the same record: that of rounding in 32-bit floats.
const ROUNDING: f32 = 1e-12;
/// How likely a service is to answer another class to the same record.
const CHANGED: f32 = 1e-3;
/// Elements asked about at once.
const ELEMENTS: usize = 1 << 20;

/// One value in place of the hidden one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trial {
    /// Logarithm of how well the answer fits what is known.
    pub(super) likelihood: f32,
    /// Whether the class is the known one.
    pub(super) right: bool,
    /// Score of the winning class.
    pub(super) confidence: f32,
}

/// Trials of two sets of records, one row of values per record.
pub(super) struct Evidence {
    pub(super) tables: [Vec<Trial>; 2],
    pub(super) by_scores: bool,
    pub(super) queries: u64,
}

/// Asks for every record of `sets` with every one of `values`; `truth` holds the values of the second set.
pub(super) fn gather(
    target: Access<'_>,
    sets: [&Samples; 2],
    values: &[Vec<f32>],
    truth: &[Option<usize>],
    parameters: &Parameters,
) -> Result<Evidence, TargetError> {
    let by_scores = target.scores().is_some();
    let classes = target.labels().classes();
    let [hidden, known] = sets;
    let answers = [
        substituted(target, hidden, values, &parameters.columns)?,
        substituted(target, known, values, &parameters.columns)?,
    ];
    let mut queries = ((hidden.len() + known.len()) * values.len()) as u64;
    let observed = match parameters.known {
        Known::Label => None,
        Known::Answer => {
            queries += (hidden.len() + known.len()) as u64;
            Some([probabilities::ask(target, &hidden.inputs)?, probabilities::ask(target, &known.inputs)?])
        }
    };
    let confusion = confusion(&answers[1], truth, known, values.len(), classes);
    // How far answers to the same record lie apart is seen on the records that are known: noise widens it, rounding not.
    let mut variance = 0.0;
    if let Some([_, seen]) = &observed {
        for (record, value) in truth.iter().enumerate() {
            let Some(value) = value else { continue };
            let at = (record * values.len() + value) * classes;
            let seen = &seen[record * classes..(record + 1) * classes];
            variance += squared(seen, &answers[1][at..at + classes]);
        }
    }
    let variance = (variance / (truth.len() * classes).max(1) as f32).max(ROUNDING);
    let table = |set: usize| -> Vec<Trial> {
        let rows = answers[set].chunks_exact(classes).enumerate();
        rows.map(|(index, answer)| {
            let record = index / values.len();
            let label = sets[set].labels[record] as usize;
            let seen = observed.as_ref().map(|both| &both[set][record * classes..(record + 1) * classes]);
            let class = winner(answer) as usize;
            let likelihood = match seen {
                None if by_scores => answer[label].max(FLOOR).ln(),
                None => confusion[class * classes + label].ln(),
                Some(seen) if by_scores => -squared(seen, answer) / (2.0 * variance),
                Some(seen) if winner(seen) as usize == class => (1.0 - CHANGED).ln(),
                Some(_) => CHANGED.ln(),
            };
            let wanted = seen.map_or(label, |seen| winner(seen) as usize);
            Trial {
                likelihood: if likelihood.is_finite() { likelihood } else { f32::MIN / 4.0 },
                right: class == wanted,
                confidence: answer[class],
            }
        })
        .collect()
    };
    Ok(Evidence { tables: [table(0), table(1)], by_scores, queries })
}

fn squared(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Answers to every record with every value, values of a record one after the other.
fn substituted(
    target: Access<'_>,
    samples: &Samples,
    values: &[Vec<f32>],
    columns: &[usize],
) -> Result<Vec<f32>, TargetError> {
    let each = (ELEMENTS / (samples.width() * values.len())).max(1);
    let mut answers = Vec::new();
    for start in (0..samples.len()).step_by(each) {
        let mut batch = Vec::new();
        for record in start..(start + each).min(samples.len()) {
            for value in values {
                let from = batch.len();
                batch.extend_from_slice(samples.row(record));
                columns.iter().zip(value).for_each(|(column, value)| batch[from + column] = *value);
            }
        }
        answers.extend(probabilities::ask(target, &batch)?);
    }
    Ok(answers)
}

/// How likely each true class is where the model gives a class, by the known records with their own value; rows by the
/// class given, one record added to each.
fn confusion(
    answers: &[f32],
    truth: &[Option<usize>],
    known: &Samples,
    values: usize,
    classes: usize,
) -> Vec<f32> {
    let mut counts = vec![1.0_f32; classes * classes];
    for (record, value) in truth.iter().enumerate() {
        let Some(value) = value else { continue };
        let at = (record * values + value) * classes;
        let given = winner(&answers[at..at + classes]) as usize;
        counts[given * classes + known.labels[record] as usize] += 1.0;
    }
    for row in counts.chunks_exact_mut(classes) {
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|count| *count /= sum);
    }
    counts
}
