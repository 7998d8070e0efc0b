//! Random numbers by position instead of by turn.
//!
//! Every draw has an address (stream, index) and a value that depends on nothing else, so the order of work and the
//! number of threads cannot change it, and two simulations that differ in one frequency see the same luck (common
//! random numbers). The mixing function is SplitMix64: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom
//! Number Generators", OOPSLA 2014; `value(i)` is the `i`-th output of that generator started at the stream's key.

use vauban_domain::Digest;

/// The golden ratio times 2^64, the increment of SplitMix64.
const INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;

/// An endless row of uniform numbers, addressed by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stream {
    key: u64,
}

impl Stream {
    /// The stream that belongs to `name` under `seed`. The key is a hash, so that neighbouring seeds share nothing.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let mut bytes = seed.to_le_bytes().to_vec();
        bytes.extend_from_slice(name.as_bytes());
        let digest = *Digest::of(&bytes).bytes();
        let mut key = [0; 8];
        key.copy_from_slice(&digest[..8]);
        Self { key: u64::from_le_bytes(key) }
    }

    /// Sixty-four random bits.
    #[inline(always)]
    pub(crate) const fn value(self, index: u64) -> u64 {
        let mut z = self.key.wrapping_add(index.wrapping_add(1).wrapping_mul(INCREMENT));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A uniform number strictly between 0 and 1: the middle of one of 2^53 equal cells.
    #[inline]
    pub(crate) fn uniform(self, index: u64) -> f64 {
        unit(self.value(index))
    }
}

/// The uniform number that 64 random bits make.
#[inline(always)]
pub(crate) fn unit(bits: u64) -> f64 {
    ((bits >> 11) as i64 as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_those_of_splitmix64() {
        // First outputs for the seed 1234567, as published with the reference implementation.
        let stream = Stream { key: 1_234_567 };
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([0, 1, 2].map(|index| stream.value(index)), expected);
    }

    #[test]
    fn streams_of_neighbouring_seeds_and_names_differ() {
        let base = Stream::new(1, "clinic/safety");
        assert_ne!(base, Stream::new(2, "clinic/safety"));
        assert_ne!(base, Stream::new(1, "clinic/integrity"));
        assert_eq!(base, Stream::new(1, "clinic/safety"));
    }

    #[test]
    fn uniforms_have_the_mean_and_variance_of_uniforms() {
        let stream = Stream::new(7, "moments");
        let n = 200_000_u32;
        let values: Vec<f64> = (0..n).map(|index| stream.uniform(u64::from(index))).collect();
        let mean = values.iter().sum::<f64>() / f64::from(n);
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / f64::from(n);
        // Four standard errors: sqrt(1/12/n) = 6.5e-4.
        assert!((mean - 0.5).abs() < 2.6e-3, "{mean}");
        assert!((variance - 1.0 / 12.0).abs() < 1e-3, "{variance}");
        assert!(values.iter().all(|value| *value > 0.0 && *value < 1.0));
    }
}
