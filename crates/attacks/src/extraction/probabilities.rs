//! Answers as probabilities, whatever scale and whatever part of them the model gives.

use crate::target::{Access, TargetError};

/// Logits in place of which probabilities are put.
pub(crate) fn softmax(row: &mut [f32]) {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter_mut().for_each(|score| *score = (*score - top).exp());
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|score| *score /= sum);
}

/// Rows of `classes` scores as probabilities. Rows whose scores all lie in \[0, 1\] and sum to no more than rounding
/// can explain are probabilities already; what a control withheld of them is spread over the classes that got nothing.
/// Anything else is taken for logits.
pub(crate) fn normalise(rows: &mut [f32], classes: usize) {
    for row in rows.chunks_exact_mut(classes.max(1)) {
        let sum: f32 = row.iter().sum();
        let within = row.iter().all(|score| (0.0..=1.0).contains(score));
        let silent = row.iter().filter(|score| **score == 0.0).count();
        if !within || sum <= 0.0 || sum > 1.0 + 0.05 * classes as f32 {
            softmax(row);
        } else if sum < 0.99 && silent > 0 {
            let each = (1.0 - sum) / silent as f32;
            row.iter_mut().filter(|score| **score == 0.0).for_each(|score| *score = each);
        } else if (sum - 1.0).abs() > 1e-6 {
            row.iter_mut().for_each(|score| *score /= sum);
        }
    }
}

/// Answers as rows of probabilities; a label is a certainty.
pub(crate) fn ask(target: Access<'_>, batch: &[f32]) -> Result<Vec<f32>, TargetError> {
    let classes = target.labels().classes().max(1);
    if let Some(scored) = target.scores() {
        let mut rows = scored.scores(batch)?;
        normalise(&mut rows, classes);
        return Ok(rows);
    }
    let mut rows = vec![0.0; batch.len() / target.labels().width().max(1) * classes];
    for (row, label) in rows.chunks_exact_mut(classes).zip(target.labels().labels(batch)?) {
        if let Some(entry) = row.get_mut(label as usize) {
            *entry = 1.0;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_and_withheld_parts_are_told_apart() {
        let see = |row: &[f32]| {
            let mut row = row.to_vec();
            normalise(&mut row, 3);
            row
        };
        assert!(see(&[0.6, 0.0, 0.0]).iter().zip([0.6, 0.2, 0.2]).all(|(a, b)| (a - b).abs() < 1e-6));
        assert_eq!(see(&[0.5, 0.25, 0.25]), [0.5, 0.25, 0.25]);
        assert!((see(&[0.4, 0.3, 0.4]).iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(see(&[3.0, -1.0, 0.0])[0] > 0.9);
    }
}
