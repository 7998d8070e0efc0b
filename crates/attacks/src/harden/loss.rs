//! Losses that training minimises, and their gradients by the logits.

/// Logarithm of the sum of exponentials.
pub(crate) fn log_sum_exp(logits: &[f32]) -> f32 {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    top + logits.iter().map(|logit| (logit - top).exp()).sum::<f32>().ln()
}

/// Cross-entropy of the row with class `label`; adds `scale` times its gradient.
pub(crate) fn cross_entropy(logits: &[f32], label: usize, scale: f32, gradient: &mut [f32]) -> f64 {
    let all = log_sum_exp(logits);
    for (class, (logit, gradient)) in logits.iter().zip(gradient.iter_mut()).enumerate() {
        *gradient += scale * ((logit - all).exp() - f32::from(u8::from(class == label)));
    }
    f64::from(all - logits.get(label).copied().unwrap_or(all))
}

/// Direction of the gradient of the cross-entropy: its scale is chosen so that it cannot vanish in 32 bits.
pub(crate) fn climb(logits: &[f32], label: usize, gradient: &mut [f32]) {
    let others = || logits.iter().enumerate().filter(|(class, _)| *class != label).map(|(_, logit)| *logit);
    let all = log_sum_exp(&others().collect::<Vec<f32>>());
    for (class, (logit, gradient)) in logits.iter().zip(gradient).enumerate() {
        *gradient = if class == label { -1.0 } else { (logit - all).exp() };
    }
}

/// Kullback-Leibler divergence of the softmax of `near` from that of `clean`; adds `scale` times its gradients.
pub(crate) fn divergence(
    clean: &[f32],
    near: &[f32],
    scale: f32,
    by_clean: &mut [f32],
    by_near: &mut [f32],
) -> f64 {
    let (all_clean, all_near) = (log_sum_exp(clean), log_sum_exp(near));
    let ratio = |class: usize| (clean[class] - all_clean) - (near[class] - all_near);
    let share = |class: usize| (clean[class] - all_clean).exp();
    let loss: f32 = (0..clean.len()).map(|class| share(class) * ratio(class)).sum();
    for class in 0..clean.len() {
        by_clean[class] += scale * share(class) * (ratio(class) - loss);
        by_near[class] += scale * ((near[class] - all_near).exp() - share(class));
    }
    f64::from(loss)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slope of `loss` along each logit, by differences.
    fn slopes(at: &[f32], loss: impl Fn(&[f32]) -> f64) -> Vec<f32> {
        (0..at.len())
            .map(|index| {
                let moved = |by: f32| {
                    let mut at = at.to_vec();
                    at[index] += by;
                    loss(&at)
                };
                ((moved(0.01) - moved(-0.01)) / 0.02) as f32
            })
            .collect()
    }

    fn close(a: &[f32], b: &[f32]) {
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3), "{a:?} {b:?}");
    }

    #[test]
    fn gradients_agree_with_differences() {
        let (a, b) = ([0.3, -1.0, 2.0], [0.5, 0.4, -0.2]);
        let mut gradient = [0.0; 3];
        cross_entropy(&a, 1, 1.0, &mut gradient);
        close(&gradient, &slopes(&a, |a| cross_entropy(a, 1, 1.0, &mut [0.0; 3])));
        let (mut by_a, mut by_b) = ([0.0; 3], [0.0; 3]);
        divergence(&a, &b, 1.0, &mut by_a, &mut by_b);
        close(&by_a, &slopes(&a, |a| divergence(a, &b, 1.0, &mut [0.0; 3], &mut [0.0; 3])));
        close(&by_b, &slopes(&b, |b| divergence(&a, b, 1.0, &mut [0.0; 3], &mut [0.0; 3])));
    }
}
