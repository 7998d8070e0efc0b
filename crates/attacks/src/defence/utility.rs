//! What a control costs honest users.

use crate::defence::Defended;
use crate::harden::Share;
use crate::samples::Samples;
use crate::target::{LabelTarget as _, TargetError, winner};

/// How useful answers are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Utility {
    /// Clean samples answered rightly; a refused one is not.
    pub accuracy: Share,
    /// Clean samples refused.
    pub refused: Share,
    /// Expected calibration error over ten bins of equal width (Guo et al., ICML 2017) of the answered samples; `None`
    /// if there were none.
    pub calibration: Option<f64>,
}

impl Utility {
    /// Asks about every sample once.
    pub(crate) fn of(target: &Defended<'_>, samples: &Samples) -> Result<Self, TargetError> {
        let classes = target.classes().max(1);
        let (mut scores, admitted) = target.answers(&samples.inputs)?;
        if target.answers_logits() {
            as_probabilities(&mut scores, classes);
        }
        let mut bins = [(0.0_f64, 0_u32, 0_u32); 10];
        let (mut right, mut answered) = (0, 0_u32);
        for ((row, label), admitted) in scores.chunks_exact(classes).zip(&samples.labels).zip(&admitted) {
            if !admitted {
                continue;
            }
            let class = winner(row);
            let sure = f64::from(row[class as usize].clamp(0.0, 1.0));
            let is_right = i64::from(class) == *label;
            right += usize::from(is_right);
            answered += 1;
            let bin = &mut bins[((sure * 10.0) as usize).min(9)];
            *bin = (bin.0 + sure, bin.1 + u32::from(is_right), bin.2 + 1);
        }
        let error: f64 = bins.iter().map(|(sure, right, _)| (sure - f64::from(*right)).abs()).sum();
        Ok(Self {
            accuracy: Share::of(right, samples.len()),
            refused: Share::of(samples.len() - answered as usize, samples.len()),
            calibration: (answered > 0).then(|| error / f64::from(answered)),
        })
    }
}

/// Rows that are no probabilities are taken for logits.
pub(crate) fn as_probabilities(scores: &mut [f32], classes: usize) {
    for row in scores.chunks_exact_mut(classes) {
        let sum: f32 = row.iter().sum();
        if (sum - 1.0).abs() <= 0.01 && row.iter().all(|score| *score >= 0.0) {
            continue;
        }
        let all = crate::harden::log_sum_exp(row);
        row.iter_mut().for_each(|score| *score = (*score - all).exp());
    }
}
