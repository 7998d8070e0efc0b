//! What a file is worth: accuracy, and accuracy under attacks, on samples the training did not see.

use vauban_domain::Interval;
use vauban_formats::onnx::Onnx;

use super::trainee::Trainee;
use super::{HardenError, Method, interval};
use crate::evasion::{ATTACKS, Modality, Norm, Terms};
use crate::onnx_target::load;
use crate::samples::Samples;
use crate::target::{Access, LabelTarget as _};

/// A share of samples with its interval at 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Samples counted.
    pub count: u64,
    /// Samples in all.
    pub trials: u64,
    /// Wilson's interval.
    pub interval: Interval,
}

impl Share {
    /// `count` of `trials`.
    pub fn of(count: usize, trials: usize) -> Self {
        let (count, trials) = (count as u64, trials as u64);
        Self { count, trials, interval: Interval::wilson(count, trials) }
    }

    /// The share itself, 0 of no trials.
    pub fn value(&self) -> f64 {
        self.count as f64 / self.trials.max(1) as f64
    }
}

/// What a model is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Accuracy on unchanged samples.
    pub clean: Share,
    /// Accuracy under each attack, and whether the training used attacks of its kind.
    pub attacks: Vec<(&'static str, bool, Share)>,
    /// Samples that hold under every attack.
    pub worst: Share,
    /// Samples that hold under every attack of a kind the training did not use.
    pub unseen: Share,
    /// Samples that interval bounds prove to hold; `None` when the model has operators without bounds.
    pub certified: Option<Share>,
}

/// Attacks `samples` with every attack of the list that works inside an L-infinity ball and that the model's access
/// allows. `method` is the training whose attacks are told apart.
///
/// # Errors
/// [`HardenError`] when model and samples do not fit, or the model fails.
pub fn evaluate(
    onnx: &Onnx,
    bytes: &[u8],
    samples: &Samples,
    terms: &Terms,
    method: Method,
) -> Result<Evaluation, HardenError> {
    let target = load(onnx, bytes)?;
    samples.check(target.width(), target.classes())?;
    let labels: Vec<usize> =
        samples.labels.iter().map(|label| usize::try_from(*label).unwrap_or(usize::MAX)).collect();
    let clean = target.labels(&samples.inputs)?;
    let right: Vec<bool> = clean.iter().zip(&labels).map(|(own, label)| *own as usize == *label).collect();
    let count = |holds: &[bool]| Share::of(holds.iter().filter(|holds| **holds).count(), holds.len());
    let (mut worst, mut unseen) = (right.clone(), right.clone());
    let mut attacks = Vec::new();
    for attack in ATTACKS {
        if attack.norm != Norm::Linf || attack.minimal || attack.modality != Modality::Any {
            continue;
        }
        let access: Access<'_> = target.access();
        let Some(results) = (attack.run)(access, samples, terms) else { continue };
        let holds: Vec<bool> = results?.iter().map(|result| !result.success).collect();
        let seen = method.attacks().contains(&attack.name);
        worst.iter_mut().zip(&holds).for_each(|(all, own)| *all &= own);
        if !seen {
            unseen.iter_mut().zip(&holds).for_each(|(all, own)| *all &= own);
        }
        attacks.push((attack.name, seen, count(&holds)));
    }
    let certified = match Trainee::new(onnx, bytes) {
        Ok(trainee) if interval::unknown(&trainee).is_empty() => {
            let weights = trainee.weights();
            let proven = interval::certified(&trainee, &weights, &samples.inputs, &labels, terms.eps)?;
            Some(count(&proven))
        }
        _ => None,
    };
    Ok(Evaluation { clean: count(&right), attacks, worst: count(&worst), unseen: count(&unseen), certified })
}
