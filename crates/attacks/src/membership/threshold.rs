//! Membership by one number of the model's answer, without shadow models (Yeom et al., CSF 2018; entropies after Song
//! and Mittal, USENIX Security 2021).

/// A number of an answer that is larger for members.
pub struct Signal {
    /// Name in measurements.
    pub name: &'static str,
    /// What it looks at, for people.
    pub title: &'static str,
    /// From a row of probabilities and the true class; probabilities are at least the smallest positive number used
    /// in logarithms, 1e-12.
    pub score: fn(&[f32], usize) -> f64,
}

/// Every signal, sorted by name.
pub const SIGNALS: &[Signal] = &[
    Signal { name: "confidence", title: "largest probability of the answer", score: confidence },
    Signal { name: "entropy", title: "negative entropy of the answer", score: entropy },
    Signal {
        name: "modified-entropy",
        title: "negative entropy that knows the true class",
        score: modified_entropy,
    },
    Signal { name: "yeom-loss", title: "negative cross-entropy loss", score: loss },
];

fn logarithm(probability: f64) -> f64 {
    probability.max(1e-12).ln()
}

fn confidence(row: &[f32], _: usize) -> f64 {
    f64::from(row.iter().copied().fold(0.0, f32::max))
}

fn entropy(row: &[f32], _: usize) -> f64 {
    row.iter().map(|p| f64::from(*p) * logarithm(f64::from(*p))).sum()
}

fn loss(row: &[f32], class: usize) -> f64 {
    logarithm(row.get(class).map_or(0.0, |p| f64::from(*p)))
}

fn modified_entropy(row: &[f32], class: usize) -> f64 {
    let part = |(index, p): (usize, &f32)| {
        let p = f64::from(*p);
        if index == class { (1.0 - p) * logarithm(p) } else { p * logarithm(1.0 - p) }
    };
    row.iter().enumerate().map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surer_and_righter_answer_never_scores_less() {
        assert!(SIGNALS.is_sorted_by_key(|signal| signal.name));
        for signal in SIGNALS {
            assert!((signal.score)(&[0.9, 0.1], 0) > (signal.score)(&[0.6, 0.4], 0), "{}", signal.name);
            assert!((signal.score)(&[1.0, 0.0], 1).is_finite(), "{}", signal.name);
        }
        // Only the two that know the class see that an answer is surely wrong.
        assert!(loss(&[0.9, 0.1], 1) < loss(&[0.6, 0.4], 1));
        assert!(modified_entropy(&[0.9, 0.1], 1) < modified_entropy(&[0.6, 0.4], 1));
    }
}
