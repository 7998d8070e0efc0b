//! Exact binomial bounds and the normal quantile, which certificates by sampling rest on.
//!
//! C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial"
//! (Biometrika 26, 1934).

/// Logarithm of the gamma function for `x > 0` (Lanczos, g = 7).
fn ln_gamma(x: f64) -> f64 {
    const G: f64 = 7.0;
    const C: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let series = C[0] + C[1..].iter().zip(1_u32..).map(|(c, at)| c / (x + f64::from(at))).sum::<f64>();
    let t = x + G + 0.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + series.ln()
}

/// Regularised incomplete beta function `I_x(a, b)` for `a, b > 0`; by its continued fraction (Lentz's method), within 1e-8
/// up to a million trials.
pub fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp() / a;
    let tiny = 1e-300;
    let away = |value: f64| if value.abs() < tiny { tiny } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..10_000_u32 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (front * fraction).clamp(0.0, 1.0)
}

/// One-sided lower confidence bound on a probability after `successes` of `trials`, wrong with probability `alpha` at
/// most.
pub fn clopper_pearson_lower(successes: u64, trials: u64, alpha: f64) -> f64 {
    if successes == 0 || successes > trials {
        return 0.0;
    }
    let (a, b) = (successes as f64, (trials - successes) as f64 + 1.0);
    let (mut low, mut high) = (0.0, 1.0);
    // The probability of as many successes or more rises with p. The lower end is kept, and alpha is lowered by more
    // than the beta function may be off: both err to the safe side.
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if incomplete_beta(a, b, middle) <= alpha * (1.0 - 1e-6) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Two-sided p-value of `successes` of `trials` under a fair coin.
pub fn fair_coin(successes: u64, trials: u64) -> f64 {
    let more = successes.max(trials.saturating_sub(successes));
    if trials == 0 || more * 2 == trials {
        return 1.0;
    }
    (2.0 * incomplete_beta(more as f64, (trials - more) as f64 + 1.0, 0.5)).min(1.0)
}

/// Quantile of the standard normal distribution, within 1e-8 of its size (P. J. Acklam's rational approximation).
pub fn normal_quantile(share: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let at = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    if share.is_nan() || share <= 0.0 {
        f64::NEG_INFINITY
    } else if share >= 1.0 {
        f64::INFINITY
    } else if share < 0.024_25 {
        let q = (-2.0 * share.ln()).sqrt();
        at(&C, q) / at(&D, q)
    } else if share > 1.0 - 0.024_25 {
        -normal_quantile(1.0 - share)
    } else {
        let q = share - 0.5;
        q * at(&A, q * q) / at(&B, q * q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From scipy 1.17: `beta.cdf`, `beta.ppf(alpha, k, n - k + 1)`, `norm.ppf`, `binomtest(k, n).pvalue`.
    #[test]
    fn values_are_those_of_scipy() {
        for (a, b, x, expected) in BETA {
            assert!((incomplete_beta(*a, *b, *x) - expected).abs() < 1e-8, "{a} {b} {x}");
        }
        for (k, n, alpha, expected) in LOWER {
            let lower = clopper_pearson_lower(*k, *n, *alpha);
            assert!(lower <= *expected && expected - lower < 1e-6, "{k} of {n}: {lower}");
        }
        for (share, expected) in NORMAL {
            assert!((normal_quantile(*share) - expected).abs() < 1e-8 * (1.0 + expected.abs()), "{share}");
        }
        for (k, n, expected) in COIN {
            assert!((fair_coin(*k, *n) - expected).abs() < 1e-10, "{k} of {n}");
        }
    }

    const BETA: &[(f64, f64, f64, f64)] = &[
        (2.0, 3.0, 0.3, 0.34829999999999994),
        (0.5, 0.5, 0.2, 0.2951672353008665),
        (99000.0, 1001.0, 0.985, 9.288334021256685e-44),
        (99000.0, 1001.0, 0.99, 0.5084094733514214),
        (50.0, 51.0, 0.5, 0.5397946186935889),
        (1.0, 100.0, 0.01, 0.6339676587267705),
        (1000.0, 1.0, 0.99, 4.3171247410657815e-05),
    ];

    const LOWER: &[(u64, u64, f64, f64)] = &[
        (100, 100, 0.001, 0.933254300796991),
        (99, 100, 0.001, 0.9113731112960424),
        (9900, 10000, 0.001, 0.9865311593238062),
        (500, 1000, 0.05, 0.47351773123569124),
        (1, 10, 0.05, 0.005116196891823701),
        (100000, 100000, 0.001, 0.9999309248330094),
    ];

    const NORMAL: &[(f64, f64)] = &[
        (0.5, 0.0),
        (0.6, 0.2533471031357997),
        (0.975, 1.959963984540054),
        (0.99, 2.3263478740408408),
        (0.999, 3.090232306167813),
        (0.9999, 3.719016485455709),
        (0.01, -2.3263478740408408),
        (1e-06, -4.753424308822899),
    ];

    const COIN: &[(u64, u64, f64)] = &[
        (60, 100, 0.05688793364098089),
        (50, 100, 1.0),
        (9, 10, 0.021484375),
        (90, 100, 3.0632901754379845e-17),
        (3, 10, 0.34375),
    ];
}
