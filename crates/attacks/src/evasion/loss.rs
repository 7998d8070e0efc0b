//! Losses that attacks climb.

/// Gradient of the cross-entropy by the logits, divided by the probability of being wrong.
///
/// The division changes no direction, and keeps the gradient from vanishing in 32 bits when the model is sure.
pub(crate) fn cross_entropy(logits: &[f32], label: usize, gradient: &mut [f32]) {
    let others = || logits.iter().enumerate().filter(|(class, _)| *class != label).map(|(_, logit)| *logit);
    let top = others().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = others().map(|logit| (logit - top).exp()).sum();
    for (class, (logit, gradient)) in logits.iter().zip(gradient.iter_mut()).enumerate() {
        *gradient = if class == label { -1.0 } else { (logit - top).exp() / sum };
    }
}

/// Score of the label minus the best other score; negative when the model is wrong.
pub(crate) fn margin(scores: &[f32], label: usize) -> f32 {
    let best = scores.iter().enumerate().filter(|(class, _)| *class != label).map(|(_, score)| *score);
    scores[label] - best.fold(f32::NEG_INFINITY, f32::max)
}
