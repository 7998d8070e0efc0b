//! Gamma distributed numbers: how far a frequency is not known.
//!
//! G. Marsaglia, W. Tsang, "A Simple Method for Generating Gamma Variables", ACM Transactions on Mathematical Software
//! 26 (2000); shapes below 1 by the power of a uniform number, as section 6 of the paper says.

use super::normal::quantile;

/// Uniform numbers that one draw may ask for; more than eight tries are as good as impossible, since each succeeds with
/// a probability above .95.
pub(super) const MOST_UNIFORMS: u64 = 32;

/// A number from the gamma distribution with `shape` and `rate`, both above 0; `uniform(k)` is its `k`-th uniform number,
/// `k` below [`MOST_UNIFORMS`]. Nought for a shape that is not above 0.
pub(super) fn gamma(shape: f64, rate: f64, uniform: impl Fn(u64) -> f64) -> f64 {
    if !(shape > 0.0 && shape.is_finite() && rate > 0.0) {
        return 0.0;
    }
    let (shape, boost) = if shape < 1.0 { (shape + 1.0, uniform(0).powf(1.0 / shape)) } else { (shape, 1.0) };
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    for attempt in 0..(MOST_UNIFORMS - 1) / 2 {
        let x = quantile(uniform(1 + 2 * attempt));
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && uniform(2 + 2 * attempt).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v * boost / rate;
        }
    }
    d * boost / rate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::random::Stream;

    #[test]
    fn drawn_moments_are_those_of_the_distribution() {
        for (shape, rate) in [(0.05, 2.0), (0.4, 2.0), (1.0, 1.0), (3.7, 4.9), (250.0, 12.0)] {
            let stream = Stream::new(5, "gamma");
            let n = 100_000_u64;
            let drawn: Vec<f64> = (0..n)
                .map(|index| gamma(shape, rate, |k| stream.uniform(index * MOST_UNIFORMS + k)))
                .collect();
            let mean = drawn.iter().sum::<f64>() / n as f64;
            let variance = drawn.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n as f64;
            let exact = shape / (rate * rate);
            assert!((mean - shape / rate).abs() < 4.5 * (exact / n as f64).sqrt(), "{shape}: {mean}");
            // Kurtosis 3 + 6 / shape: standard error of the variance.
            let error = exact * ((2.0 + 6.0 / shape) / n as f64).sqrt();
            assert!((variance - exact).abs() < 5.0 * error, "{shape}: {variance} against {exact}");
        }
    }

    #[test]
    fn nothing_stays_nothing() {
        assert_eq!(gamma(0.0, 2.0, |_| 0.5), 0.0);
        assert_eq!(gamma(f64::NAN, 2.0, |_| 0.5), 0.0);
        assert!(gamma(1e-9, 2.0, |_| 0.5) < 1e-300);
    }
}
