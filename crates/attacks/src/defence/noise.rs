//! Noise on answers, with the privacy it buys stated.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use crate::evasion::normal;

/// Noise added to every answer (a row of probabilities), drawn anew for every query.
///
/// Two rows of probabilities differ by at most 2 in the sum of changes and by the root of 2 in Euclidean distance.
/// With these sensitivities one answer is `epsilon`-indistinguishable from any other answer; n answers cost n times
/// epsilon (Dwork and Roth, 2014, theorems 3.6, 3.14 and A.1). It says nothing about training data beyond that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OutputNoise {
    /// Laplace noise of scale `2 / epsilon`.
    Laplace {
        /// Privacy of one answer, above 0.
        epsilon: f64,
    },
    /// Gaussian noise of deviation `sqrt(2 ln(1.25 / delta)) * sqrt(2) / epsilon`, proven for epsilon below 1.
    Gaussian {
        /// Privacy of one answer, between 0 and 1.
        epsilon: f64,
        /// Chance that the promise fails, between 0 and 1.
        delta: f64,
    },
}

/// Why there is no such noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutputNoiseError {
    /// Epsilon or delta out of range.
    #[error(
        "the privacy of the noise is not defined: epsilon must be above 0 (and below 1 for gaussian noise), delta \
         between 0 and 1"
    )]
    Privacy,
}

impl OutputNoise {
    /// Whether the promise is proven for its numbers.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(self) -> Result<(), OutputNoiseError> {
        let holds = match self {
            Self::Laplace { epsilon } => epsilon > 0.0 && epsilon.is_finite(),
            Self::Gaussian { epsilon, delta } => epsilon > 0.0 && epsilon < 1.0 && delta > 0.0 && delta < 1.0,
        };
        holds.then_some(()).ok_or(OutputNoiseError::Privacy)
    }

    /// Its numbers, for the record.
    pub fn setting(self) -> String {
        match self {
            Self::Laplace { epsilon } => format!("laplace, epsilon {epsilon} per answer"),
            Self::Gaussian { epsilon, delta } => {
                format!("gaussian, epsilon {epsilon}, delta {delta} per answer")
            }
        }
    }

    /// Adds noise to a row of probabilities.
    pub(crate) fn apply(self, row: &mut [f32], random: &mut Pcg64) {
        for score in row {
            *score += match self {
                Self::Laplace { epsilon } => {
                    // The difference of two exponential numbers.
                    let exponential = |random: &mut Pcg64| -(1.0 - random.random::<f64>()).ln();
                    ((2.0 / epsilon) * (exponential(random) - exponential(random))) as f32
                }
                Self::Gaussian { epsilon, delta } => {
                    let deviation = (2.0 * (1.25 / delta).ln()).sqrt() * std::f64::consts::SQRT_2 / epsilon;
                    deviation as f32 * normal(random).0
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evasion::generator;

    #[test]
    fn laplace_noise_has_the_spread_it_states() {
        let mut row = vec![0.0; 20_000];
        OutputNoise::Laplace { epsilon: 4.0 }.apply(&mut row, &mut generator(1, "test", 0));
        // The mean size of Laplace noise is its scale, 2 / epsilon.
        let size = row.iter().map(|x| x.abs()).sum::<f32>() / row.len() as f32;
        assert!((size - 0.5).abs() < 0.02, "{size}");
        assert!(OutputNoise::Gaussian { epsilon: 2.0, delta: 1e-5 }.check().is_err());
        assert!(OutputNoise::Laplace { epsilon: f64::NAN }.check().is_err());
    }
}
