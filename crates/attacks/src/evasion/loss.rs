//! Losses that attacks climb, by the logits of one row; larger is closer to success.

/// What is climbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Cross-entropy, as the logarithm of the odds of being wrong: the same order, but it does not run out of digits
    /// when the model is sure.
    CrossEntropy,
    /// Difference of logits ratio (Croce and Hein, ICML 2020): the margin over the distance of the first to the third
    /// logit; the plain margin for fewer than three classes.
    LogitsRatio,
    /// The same towards one wrong class; the plain margin for fewer than four classes.
    TargetedRatio,
}

impl Loss {
    /// The loss; `target` is the wrong class aimed at, which only [`Loss::TargetedRatio`] looks at.
    pub(crate) fn value(self, logits: &[f32], label: usize, target: usize) -> f32 {
        match self {
            Self::CrossEntropy => {
                let top = best_other(logits, label).map_or(f32::NEG_INFINITY, |class| logits[class]);
                let others = logits.iter().enumerate().filter(|(class, _)| *class != label);
                top + others.map(|(_, logit)| (logit - top).exp()).sum::<f32>().ln() - logits[label]
            }
            Self::LogitsRatio | Self::TargetedRatio => {
                let ratio = self.ratio(logits, label, target);
                (logits[ratio.to] - logits[label]) / ratio.scale
            }
        }
    }

    /// Writes the gradient of the loss by the logits, up to a positive factor.
    pub(crate) fn gradient(self, logits: &[f32], label: usize, target: usize, gradient: &mut [f32]) {
        if self == Self::CrossEntropy {
            return cross_entropy(logits, label, gradient);
        }
        let ratio = self.ratio(logits, label, target);
        gradient.fill(0.0);
        let value = (logits[ratio.to] - logits[label]) / ratio.scale;
        // Times the scale, so that a flat row of logits does not overflow.
        gradient[ratio.to] += 1.0;
        gradient[label] -= 1.0;
        for (class, weight) in ratio.weights {
            gradient[class] -= value * weight;
        }
    }

    fn ratio(self, logits: &[f32], label: usize, target: usize) -> Ratio {
        let other = best_other(logits, label).unwrap_or(label);
        let (first, third, fourth) = first_third_fourth(logits);
        let (to, scale, weights) = match (self, third, fourth) {
            (Self::TargetedRatio, Some(third), Some(fourth)) => (
                target,
                logits[first] - f32::midpoint(logits[third], logits[fourth]),
                [(first, 1.0), (third, -0.5), (fourth, -0.5)],
            ),
            (Self::LogitsRatio, Some(third), _) => {
                (other, logits[first] - logits[third], [(first, 1.0), (third, -1.0), (third, 0.0)])
            }
            _ => (if self == Self::TargetedRatio { target } else { other }, 0.0, [(first, 0.0); 3]),
        };
        // Equal logits, or too few classes: the margin.
        if scale > 1e-12 && scale.is_finite() {
            Ratio { to, scale, weights }
        } else {
            Ratio { to, scale: 1.0, weights: [(first, 0.0); 3] }
        }
    }
}

/// A margin towards class `to` over a scale, and what each class weighs in the scale.
struct Ratio {
    to: usize,
    scale: f32,
    weights: [(usize, f32); 3],
}

/// The classes of the largest, the third and the fourth largest logit, as far as there are so many.
fn first_third_fourth(logits: &[f32]) -> (usize, Option<usize>, Option<usize>) {
    let mut top: [usize; 4] = [usize::MAX; 4];
    let mut count = 0;
    for class in 0..logits.len() {
        let place = top[..count].iter().position(|other| logits[class] > logits[*other]).unwrap_or(count);
        if place < 4 {
            count = (count + 1).min(4);
            top.copy_within(place..count - 1, place + 1);
            top[place] = class;
        }
    }
    let at = |place: usize| (place < count).then_some(top[place]);
    (at(0).unwrap_or(0), at(2), at(3))
}

/// The likeliest class other than `label`.
pub(crate) fn best_other(logits: &[f32], label: usize) -> Option<usize> {
    let others = (0..logits.len()).filter(|class| *class != label);
    others.reduce(|best, class| if logits[class] > logits[best] { class } else { best })
}

/// At most `most` wrong classes, the likeliest first.
pub(crate) fn likeliest_wrong(scores: &[f32], label: usize, most: usize) -> Vec<usize> {
    let mut classes: Vec<usize> = (0..scores.len()).filter(|class| *class != label).collect();
    classes.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    classes.truncate(most);
    classes
}

/// Gradient of the cross-entropy by the logits, divided by the probability of being wrong.
///
/// The division changes no direction, and keeps the gradient from vanishing in 32 bits when the model is sure.
pub(crate) fn cross_entropy(logits: &[f32], label: usize, gradient: &mut [f32]) {
    let others = || logits.iter().enumerate().filter(|(class, _)| *class != label).map(|(_, logit)| *logit);
    let top = others().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (class, (logit, gradient)) in logits.iter().zip(gradient.iter_mut()).enumerate() {
        if class != label {
            *gradient = (logit - top).exp();
            sum += *gradient;
        }
    }
    gradient.iter_mut().for_each(|part| *part /= sum);
    gradient[label] = -1.0;
}

/// Score of the label minus the best other score; negative when the model is wrong.
pub(crate) fn margin(scores: &[f32], label: usize) -> f32 {
    let best = scores.iter().enumerate().filter(|(class, _)| *class != label).map(|(_, score)| *score);
    scores[label] - best.fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_agree_with_differences() {
        let logits = [1.2_f32, -0.4, 3.1, 0.7, 2.2];
        for loss in [Loss::CrossEntropy, Loss::LogitsRatio, Loss::TargetedRatio] {
            // The likeliest and the second; a third label makes the ratio constant, but is wrong already.
            for label in [2, 4] {
                let (target, mut gradient) = (1, [0.0; 5]);
                loss.gradient(&logits, label, target, &mut gradient);
                let slopes: Vec<f32> = (0..5)
                    .map(|class| {
                        let (mut up, mut down) = (logits, logits);
                        up[class] += 1e-2;
                        down[class] -= 1e-2;
                        loss.value(&up, label, target) - loss.value(&down, label, target)
                    })
                    .collect();
                let dot: f32 = slopes.iter().zip(&gradient).map(|(a, b)| a * b).sum();
                let length = |values: &[f32]| values.iter().map(|x| x * x).sum::<f32>().sqrt();
                assert!(
                    dot > 0.999 * length(&slopes) * length(&gradient),
                    "{loss:?} {slopes:?} {gradient:?}"
                );
            }
        }
    }

    #[test]
    fn a_sure_model_and_few_classes_still_give_a_direction() {
        for (logits, label) in [(vec![900.0, -900.0, 0.0, 1.0], 0), (vec![1.0, 2.0], 1), (vec![0.0; 5], 3)] {
            for loss in [Loss::CrossEntropy, Loss::LogitsRatio, Loss::TargetedRatio] {
                let mut gradient = vec![0.0; logits.len()];
                let target = best_other(&logits, label).unwrap();
                loss.gradient(&logits, label, target, &mut gradient);
                assert!(
                    gradient.iter().all(|x| x.is_finite()) && gradient[label] < 0.0,
                    "{loss:?} {gradient:?}"
                );
            }
        }
    }
}
